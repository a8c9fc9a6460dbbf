#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "layers.h"
#include "look.h"
#include "spectacles.h"
#include "support.h"
#include "warp.h"

namespace {

using faces::Chart;
using faces::Mesh;
using faces::Openings;
using faces::Tone;

/// How much of what a frame shows is taken over from it, the rest from the frames before.
constexpr double newness = 0.3;
/// How far the scene's tone may be from the one that the face was coloured for.
constexpr double farthestTone = 0.5;
/// Grain is added where the scene has so much more of it.
constexpr double leastGrain = 0.6;

bool isSame(const cv::Mat &a, const cv::Mat &b) {
  if (a.size() != b.size() || a.type() != b.type()) return false;
  for (int line = 0; line < a.rows; ++line)
    if (std::memcmp(a.ptr(line), b.ptr(line), size_t(a.cols) * a.elemSize()) != 0) return false;
  return true;
}

/// The whole of one frame's work, kept for a next frame that is the same.
struct Past {
  Mesh mesh;
  cv::Rect region;
  cv::Mat before, after;
  FacesBox touched;
};

/// The part of a picture that holds a mesh, with room for what stands around it.
cv::Rect around(const std::array<cv::Point2f, faces::meshPoints> &points, int room, const cv::Size &size) {
  float left = 1e7f, right = -1e7f, upper = 1e7f, lower = -1e7f;
  for (const cv::Point2f &point : points) {
    left = std::min(left, point.x), right = std::max(right, point.x);
    upper = std::min(upper, point.y), lower = std::max(lower, point.y);
  }
  const int x = int(std::floor(left)) - room, y = int(std::floor(upper)) - room;
  return cv::Rect(x, y, int(std::ceil(right)) + room - x + 1, int(std::ceil(lower)) + room - y + 1) &
         cv::Rect({}, size);
}

std::array<cv::Point2f, faces::meshPoints> flat(const Mesh &mesh) {
  std::array<cv::Point2f, faces::meshPoints> result;
  for (size_t index = 0; index < result.size(); ++index)
    result[index] = {mesh.points[index].x, mesh.points[index].y};
  return result;
}

}  // namespace

struct FacesBlender {
  FacesBlender(const cv::Mat &face, const Mesh &mesh, bool isMoving)
      : isMoving_(isMoving), mesh_(mesh), chart_(mesh), face_(face),
        tells_(faces::skin(chart_.frame(), Chart::region())) {
    study();
  }

  /// Goes on with another picture of a face, which was made for the frame that comes next.
  void renew(const cv::Mat &face, const Mesh &mesh) {
    mesh_ = mesh;
    chart_ = Chart(mesh);
    face_ = face;
    isMade_ = true;
    sized_.release(), tuned_.release();
    study();
  }

  /// Whether the frame is the one before, which then gets the same pixels.
  bool repeat(cv::Mat whole, const Mesh &scene, FacesBox &touched) const {
    if (!past_ || scene.points != past_->mesh.points) return false;
    if ((past_->region & cv::Rect({}, whole.size())) != past_->region) return false;
    cv::Mat canvas = whole(past_->region);
    if (!isSame(canvas, past_->before)) return false;
    past_->after.copyTo(canvas);
    touched = past_->touched;
    return true;
  }

  /// What belongs to the face alone.
  void study() {
    Chart::View view = chart_.view(face_, mesh_);
    // What a network made of the scene wears the scene's glasses.
    const cv::Mat glasses = isMade_ ? cv::Mat() : faces::spectacles(view.pixels, chart_);
    if (!glasses.empty()) {
      takeOff(glasses);
      view = chart_.view(face_, mesh_);
    }
    const cv::Mat cover = faces::covered(view.pixels, chart_.shape(), chart_.frame(), Chart::region());
    own_ = faces::tone(view.pixels, tells_ & view.known);
    free_ = chart_.shape() & view.known & ~cover;
    facing_ = view.facing;
    look_ = faces::look(view.pixels, mesh_, chart_);
  }

  FacesBox blend(cv::Mat whole, const Mesh &scene, bool isFresh) {
    const Chart::View seen = chart_.view(whole, scene);
    const Openings openings = open(seen, scene);
    const auto target = faces::targets(mesh_, scene, chart_, openings);
    const cv::Rect region = around(target, 2, whole.size());
    if (region.width < 8 || region.height < 8)
      throw faces::EmptyMask("the face lies outside the scene");
    cv::Mat canvas = whole(region);
    FacesBox same;
    if (!isFresh && !isMade_ && repeat(whole, scene, same)) return same;
    if (isFresh) forget();
    const cv::Mat before = canvas.clone();

    follow(faces::tone(seen.pixels, tells_ & seen.known));
    const cv::Mat mask = maskOver(seen);
    color(scene);
    const cv::Mat fields = fieldsOver(seen, mask);

    const faces::Plan plan = faces::planned(target, scene, sizedPoints_, chart_, openings, region);
    cv::Mat field = spread(fields, plan.chart);
    leave(field, target, openings, region);
    keepGlasses(field, seen, scene, region);
    const cv::Mat light = faces::lightness(before);
    cv::Mat made = shown(plan);
    if (!isMatched_) {
      match(made, light, plan);
      made = shown(plan);
    }
    const FacesBox touched = compose(canvas, made, field, light, region);
    if (isMoving_) past_ = std::make_unique<Past>(Past{scene, region, before, canvas.clone(), touched});
    return touched;
  }

 private:
  /// Fills the frame of the new face's own glasses from the skin beside it: the scene wears its own or none.
  void takeOff(const cv::Mat &glasses) {
    const auto points = flat(mesh_);
    const cv::Rect whole({}, face_.size());
    const faces::Plan plan = faces::planned(points, mesh_, points, chart_, {true, true}, whole);
    cv::Mat frame, kept;
    cv::remap(glasses, frame, plan.chart, cv::noArray(), cv::INTER_LINEAR, cv::BORDER_CONSTANT, 0);
    frame = cv::min(frame * 1.6, 1.0);
    cv::Mat weights[] = {1 - frame, 1 - frame, 1 - frame};
    cv::merge(weights, 3, kept);
    cv::Mat real, sum, near;
    face_.convertTo(real, CV_32F);
    const double unit = faces::Frame(faces::eyes(mesh_)).unit();
    cv::Mat colors = cv::Mat::zeros(real.size(), CV_32FC3), shares = colors.clone();
    // Near skin first; a broad frame has none near.
    for (const double reach : {0.035, 0.1}) {
      const double share = reach < 0.05 ? 1 : 0.02;
      cv::GaussianBlur(real.mul(kept), near, {0, 0}, unit * reach);
      cv::GaussianBlur(kept, sum, {0, 0}, unit * reach);
      colors += near * share, shares += sum * share;
    }
    cv::Mat filled = colors / (shares + cv::Scalar::all(1e-4));
    filled = real.mul(kept) + filled.mul(cv::Scalar::all(1) - kept);
    filled.convertTo(face_, CV_8U);
  }

  void forget() {
    cover_.release(), gain_.release(), glasses_.release(), tuned_.release(), softened_.release();
    tone_ = {};
    isMatched_ = false;
    blur_ = grainShare_ = lessGrain_ = 0;
  }

  /// Eyes and mouth come from the new face where both look and speak alike.
  Openings open(const Chart::View &seen, const Mesh &scene) const {
    // A network saw the scene's own eyes and mouth.
    if (isMade_) return {true, true};
    if (isMoving_) return {};
    const faces::Look there = faces::look(seen.pixels, scene, chart_);
    return {faces::hasLikeEyes(look_, there), faces::hasLikeMouth(look_, there)};
  }

  cv::Mat shown(const faces::Plan &plan) const {
    cv::Mat made;
    // Cubic keeps an enlarged face sharp. Frames go by; a quarter of the time does for them.
    cv::remap(softened_.empty() ? tuned_ : softened_, made, plan.source, cv::noArray(),
              isMoving_ ? cv::INTER_LINEAR : cv::INTER_CUBIC, cv::BORDER_REPLICATE);
    return made;
  }

  void follow(const Tone &now) {
    if (!now.isKnown) return;
    if (!tone_.isKnown) {
      tone_ = now;
      return;
    }
    tone_.mean += (now.mean - tone_.mean) * newness;
    tone_.spread += (now.spread - tone_.spread) * newness;
  }

  /// What of the sized face lies within its points, and a few pixels beside them.
  cv::Mat outline() const {
    std::vector<cv::Point2f> hull;
    cv::convexHull(std::vector<cv::Point2f>(sizedPoints_.begin(), sizedPoints_.end()), hull);
    const std::vector<cv::Point> corners(hull.begin(), hull.end());
    cv::Mat shape = cv::Mat::zeros(sized_.size(), CV_8U);
    cv::fillConvexPoly(shape, corners, 255);
    cv::dilate(shape, shape, cv::getStructuringElement(cv::MORPH_RECT, {9, 9}));
    return shape;
  }

  /// The face in the scene's tone and about the scene's size, made anew only when one has changed.
  void color(const Mesh &scene) {
    const FacesEyes here = faces::eyes(mesh_), there = faces::eyes(scene);
    const double ratio = faces::Frame(there).unit() / faces::Frame(here).unit();
    const double wanted = std::min(1.0, 1.5 * ratio);
    const bool fits = !sized_.empty() && wanted > sizedScale_ * 0.8 && wanted < sizedScale_ * 1.25;
    if (!fits) {
      sized_ = face_;
      sizedScale_ = wanted;
      sizedPoints_ = flat(mesh_);
      if (wanted < 0.75) {
        // A strong reduction would alias in the warp: average first.
        const cv::Size size(std::max(1, int(std::lround(face_.cols * wanted))),
                            std::max(1, int(std::lround(face_.rows * wanted))));
        cv::resize(face_, sized_, size, 0, 0, cv::INTER_AREA);
        const float sx = float(size.width) / float(face_.cols), sy = float(size.height) / float(face_.rows);
        for (cv::Point2f &point : sizedPoints_)
          point = {(point.x + 0.5f) * sx - 0.5f, (point.y + 0.5f) * sy - 0.5f};
      }
      // What a network makes of the next frame is as sharp as what it made of this one.
      if (!isMade_) isMatched_ = false;
    }
    scale_ = ratio * face_.cols / sized_.cols;
    const bool isNear = cv::norm(tone_.mean - tunedFor_.mean) < farthestTone &&
                        cv::norm(tone_.spread - tunedFor_.spread) < farthestTone &&
                        tone_.isKnown == tunedFor_.isKnown;
    if (isNear && !tuned_.empty() && fits) return;
    tuned_ = faces::toned(sized_, outline(), own_, tone_);
    tunedFor_ = tone_;
    Mesh small = mesh_;
    for (size_t index = 0; index < small.points.size(); ++index)
      small.points[index].x = sizedPoints_[index].x, small.points[index].y = sizedPoints_[index].y;
    tunedView_ = chart_.view(tuned_, small).pixels;
    soften();
  }

  /// Where the new face goes: what covers the scene's face comes and goes slowly.
  cv::Mat maskOver(const Chart::View &seen) {
    cv::Mat now;
    faces::covered(seen.pixels, chart_.shape(), chart_.frame(), Chart::region())
        .convertTo(now, CV_32F, 1.0 / 255);
    if (cover_.empty())
      cover_ = now;
    else
      cv::addWeighted(cover_, 1 - newness, now, newness, 0, cover_);
    cv::Mat mask = free_ & seen.known & (cover_ < 0.5);
    faces::smooth(mask, chart_.frame());
    if (cv::countNonZero(mask) < 64)
      throw faces::EmptyMask("too little of the face can be replaced");
    return mask;
  }

  /// Over the chart: how much of the new face is taken, and by what its red, green and blue are multiplied.
  cv::Mat fieldsOver(const Chart::View &seen, const cv::Mat &mask) {
    cv::Mat known, alpha = faces::softened(mask, chart_.frame());
    alpha = alpha.mul(seen.facing).mul(facing_);
    cv::Mat(mask & chart_.skin()).convertTo(known, CV_32F, 1.0 / 255);
    known = known.mul(seen.facing).mul(facing_);
    const cv::Mat now = faces::lit(tunedView_, seen.pixels, known, chart_);
    if (gain_.empty())
      gain_ = now;
    else
      cv::addWeighted(gain_, 1 - newness, now, newness, 0, gain_);
    std::vector<cv::Mat> planes;
    cv::split(gain_, planes);
    planes.insert(planes.begin(), alpha);
    cv::Mat fields;
    cv::merge(planes, fields);
    return fields;
  }

  /// The fields for each pixel. They are smooth, so that for a large face every other one does.
  static cv::Mat spread(const cv::Mat &fields, const cv::Mat &chart) {
    const bool isLarge = chart.cols > 2 * Chart::width;
    cv::Mat places = chart, field;
    if (isLarge) cv::resize(chart, places, {chart.cols / 2, chart.rows / 2}, 0, 0, cv::INTER_NEAREST);
    cv::remap(fields, field, places, cv::noArray(), cv::INTER_LINEAR, cv::BORDER_CONSTANT,
              cv::Scalar(0, 1, 1, 1));
    if (isLarge) cv::resize(field, field, chart.size(), 0, 0, cv::INTER_LINEAR);
    return field;
  }

  /// Softens the edge of the openings that stay the scene's.
  void leave(cv::Mat &field, const std::array<cv::Point2f, faces::meshPoints> &target,
             const Openings &openings, const cv::Rect &region) const {
    const cv::Point2f across = target[263] - target[33];
    const double unit = std::hypot(across.x, across.y) * 0.7;
    // The lashes go with the eye: what is left of the new one's would frame the old one's.
    const auto cut = [&](const uint16_t *ring, size_t count, double wider) {
      std::vector<cv::Point> points;
      for (size_t index = 0; index < count; ++index)
        points.emplace_back((target[ring[index]] - cv::Point2f(region.tl())) * 16);
      cv::Rect box = cv::boundingRect(points);
      const int more = int(std::lround(unit * wider)), room = 4 + more;
      box = cv::Rect(box.x / 16 - room, box.y / 16 - room, box.width / 16 + 2 * room + 1,
                     box.height / 16 + 2 * room + 1) &
            cv::Rect({}, region.size());
      if (box.area() < 1) return;
      for (cv::Point &point : points) point -= box.tl() * 16;
      cv::Mat hole = cv::Mat::zeros(box.size(), CV_8U);
      cv::fillPoly(hole, std::vector<std::vector<cv::Point>>{points}, 255, cv::LINE_8, 4);
      if (more > 0)
        cv::dilate(hole, hole, cv::getStructuringElement(cv::MORPH_ELLIPSE, {2 * more + 1, 2 * more + 1}));
      cv::GaussianBlur(hole, hole, {0, 0}, 0.8 + more * 0.4);
      for (int row = 0; row < box.height; ++row)
        for (int column = 0; column < box.width; ++column)
          field.at<cv::Vec4f>(box.y + row, box.x + column)[0] *=
              1 - std::min(1.f, float(hole.at<uint8_t>(row, column)) / 200);
    };
    if (!openings.eyes)
      cut(faces::leftEye.data(), faces::leftEye.size(), 0.03),
          cut(faces::rightEye.data(), faces::rightEye.size(), 0.03);
    if (!openings.mouth) cut(faces::innerLips.data(), faces::innerLips.size(), 0);
  }

  /// Leaves the frame of the scene's glasses where it is.
  void keepGlasses(cv::Mat &field, const Chart::View &seen, const Mesh &scene, const cv::Rect &region) {
    cv::Mat now = faces::spectacles(seen.pixels, chart_);
    if (now.empty()) now = cv::Mat::zeros(Chart::height, Chart::width, CV_32F);
    if (glasses_.empty())
      glasses_ = now;
    else
      cv::addWeighted(glasses_, 1 - newness, now, newness, 0, glasses_);
    if (cv::countNonZero(glasses_ > 0.1) == 0) return;
    // The scene's own points say where they are; the new face's have moved.
    const auto points = flat(scene);
    const faces::Plan plan = faces::planned(points, scene, points, chart_, {true, true}, region);
    cv::Mat frame;
    cv::remap(glasses_, frame, plan.chart, cv::noArray(), cv::INTER_LINEAR, cv::BORDER_CONSTANT, 0);
    for (int row = 0; row < field.rows; ++row)
      for (int column = 0; column < field.cols; ++column)
        field.at<cv::Vec4f>(row, column)[0] *= 1 - frame.at<float>(row, column);
  }

  /// Brings focus and grain to the scene's, as they were when the face was seen first.
  void match(const cv::Mat &made, const cv::Mat &light, const faces::Plan &plan) {
    const auto there = [&](const cv::Mat &mask) {
      cv::Mat result;
      cv::remap(mask, result, plan.chart, cv::noArray(), cv::INTER_NEAREST, cv::BORDER_CONSTANT, 0);
      return result;
    };
    const cv::Mat inner = (facing_ > 0.5) & free_ & (cover_ < 0.5);
    const cv::Mat skin = there(chart_.skin() & inner), features = there(~chart_.skin() & inner);
    const cv::Mat own = faces::lightness(made);
    const faces::Texture wanted = faces::texture(light, skin, features);
    blur_ = faces::softening(own, skin, features, wanted);
    soften();
    cv::Mat now = own;
    if (blur_ > 0) cv::GaussianBlur(own, now, {0, 0}, blur_);
    const double grain = faces::texture(now, skin, features).grain;
    grain_ = wanted.grain;
    grainShare_ = wanted.grain > grain + leastGrain
                      ? std::sqrt(wanted.grain * wanted.grain - grain * grain) / wanted.grain
                      : 0;
    ownGrain_ = grain;
    lessGrain_ = grain > wanted.grain + leastGrain ? 1 - wanted.grain / grain : 0;
    if (lessGrain_ > 0) soften();
    isMatched_ = true;
  }

  void soften() {
    softened_.release();
    const double blur = blur_ / std::max(0.01, scale_);
    if (blur > 0.2) cv::GaussianBlur(tuned_, softened_, {0, 0}, blur);
    if (lessGrain_ > 0)
      softened_ = faces::smoothed(softened_.empty() ? tuned_ : softened_, ownGrain_, lessGrain_);
  }

  FacesBox compose(cv::Mat canvas, const cv::Mat &face, const cv::Mat &field, const cv::Mat &light,
                   const cv::Rect &region) const {
    int left = canvas.cols, right = -1, upper = canvas.rows, lower = -1;
    const int step = canvas.channels();
    const cv::Mat noise = grainShare_ > 0 ? faces::grain(light, grain_) : cv::Mat();
    const float share = float(grainShare_);
    for (int y = 0; y < canvas.rows; ++y) {
      uint8_t *pixel = canvas.ptr(y);
      const uint8_t *made = face.ptr(y);
      const cv::Vec4f *part = field.ptr<cv::Vec4f>(y);
      const int16_t *grain = noise.empty() ? nullptr : noise.ptr<int16_t>(y);
      for (int x = 0; x < canvas.cols; ++x, pixel += step) {
        const float amount = part[x][0];
        if (amount <= 0.002f) continue;
        left = std::min(left, x), right = std::max(right, x);
        upper = std::min(upper, y), lower = std::max(lower, y);
        const float extra = grain ? float(grain[x]) * share : 0;
        for (int k = 0; k < 3; ++k) {
          const float fresh = std::clamp(float(made[x * 3 + k]) * part[x][k + 1] + extra, 0.f, 255.f);
          pixel[k] = cv::saturate_cast<uint8_t>(pixel[k] + (fresh - pixel[k]) * amount);
        }
      }
    }
    if (right < left) return {region.x, region.y, 0, 0};
    return {region.x + left, region.y + upper, right - left + 1, lower - upper + 1};
  }

  const bool isMoving_;
  /// Whether the face's picture is made of the frame itself.
  bool isMade_ = false;
  Mesh mesh_;
  Chart chart_;
  cv::Mat face_;
  /// The skin that tells the colour.
  const cv::Mat tells_;
  Tone own_;
  /// Where nothing covers the face in its own picture, and how well that shows it.
  cv::Mat free_, facing_;
  faces::Look look_;

  cv::Mat sized_, tuned_, tunedView_, softened_;
  std::array<cv::Point2f, faces::meshPoints> sizedPoints_;
  /// From the sized face to the scene.
  double sizedScale_ = 0, scale_ = 1;
  Tone tunedFor_;
  double blur_ = 0, grain_ = 0, grainShare_ = 0, ownGrain_ = 0, lessGrain_ = 0;
  bool isMatched_ = false;

  Tone tone_;
  cv::Mat cover_, gain_, glasses_;
  std::unique_ptr<Past> past_;
};

FacesStatus faces_blender_create(FacesPicture face, const FacesMesh *mesh, bool moving,
                                 FacesBlender **blender, FacesMessage *message) {
  return faces::guarded(message, [&] {
    Mesh own(*mesh);
    const cv::Mat picture = faces::matrix(face);
    // The rest of the picture is none of the blender's work.
    const FacesEyes eyes = faces::eyes(own);
    faces::check(eyes);
    const cv::Rect part = around(flat(own), std::max(4, int(faces::Frame(eyes).unit() / 8)), picture.size());
    if (part.area() < 64) throw faces::EmptyMask("the face's picture shows nothing of the face");
    for (cv::Point3f &point : own.points) point.x -= float(part.x), point.y -= float(part.y);
    *blender = new FacesBlender(faces::colors(picture(part)), own, moving);
  });
}

void faces_blender_destroy(FacesBlender *blender) { delete blender; }

FacesStatus faces_blender_renew(FacesBlender *blender, FacesPicture face, const FacesMesh *mesh,
                                FacesMessage *message) {
  return faces::guarded(message, [&] {
    const Mesh own(*mesh);
    faces::check(faces::eyes(own));
    blender->renew(faces::colors(faces::matrix(face)), own);
  });
}

FacesStatus faces_blender_repeat(FacesBlender *blender, FacesCanvas scene, const FacesMesh *mesh, FacesBox *touched,
                                 bool *same, FacesMessage *message) {
  return faces::guarded(message, [&] { *same = blender->repeat(faces::matrix(scene), Mesh(*mesh), *touched); });
}

FacesStatus faces_blender_blend(FacesBlender *blender, FacesCanvas scene, const FacesMesh *mesh, bool fresh,
                                FacesBox *touched, FacesMessage *message) {
  return faces::guarded(message, [&] {
    const Mesh there(*mesh);
    faces::check(faces::eyes(there));
    *touched = blender->blend(faces::matrix(scene), there, fresh);
  });
}

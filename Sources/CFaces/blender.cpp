#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Weverything"
#include <opencv2/imgproc.hpp>
#pragma clang diagnostic pop

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "layers.h"
#include "support.h"

namespace {

using faces::Frame;
using faces::Tone;

/// Faces of all sizes are looked at in one size: whatever is smooth is worked out there.
constexpr int column = 144, row = 172;
const FacesEyes canonicalEyes = {40, 60, 104, 60};
const cv::Rect canonicalRegion(0, 0, column, row);

/// How much of what a frame shows is taken over from it, the rest from the frames before.
constexpr double newness = 0.3;
/// How far the scene's tone may be from the one that the face was coloured for.
constexpr double farthestTone = 0.5;

bool isSame(const FacesEyes &a, const FacesEyes &b) {
  return a.left_x == b.left_x && a.left_y == b.left_y && a.right_x == b.right_x &&
         a.right_y == b.right_y;
}

bool isSame(const cv::Mat &a, const cv::Mat &b) {
  if (a.size() != b.size() || a.type() != b.type()) return false;
  for (int line = 0; line < a.rows; ++line)
    if (std::memcmp(a.ptr(line), b.ptr(line), size_t(a.cols) * a.elemSize()) != 0) return false;
  return true;
}

/// The whole of one frame's work, kept for a next frame that is the same.
struct Past {
  FacesEyes eyes;
  cv::Rect region;
  cv::Mat before, after;
  FacesBox touched;
};

}  // namespace

struct FacesBlender {
  FacesBlender(const cv::Mat &face, const FacesEyes &eyes)
      : canonical_(canonicalEyes), skin_(faces::skin(canonical_, canonicalRegion)),
        shape_(faces::shape(canonical_, canonicalRegion)), face_(face), from_(eyes) {
    const faces::Warped seen = faces::warped(face_, from_, canonical_, canonicalRegion);
    own_ = faces::tone(seen.pixels, skin_ & seen.known);
    free_ = shape_ & seen.known &
            ~faces::covered(seen.pixels, shape_, canonical_, canonicalRegion);
  }

  FacesBox blend(cv::Mat whole, const FacesEyes &eyes, bool isFresh) {
    const Frame to(eyes);
    const cv::Rect region = faces::reach(to) & cv::Rect({}, whole.size());
    if (region.width < 8 || region.height < 8)
      throw faces::EmptyMask("the face lies outside the scene");
    cv::Mat canvas = whole(region);
    if (past_ && region == past_->region && isSame(eyes, past_->eyes) &&
        isSame(canvas, past_->before)) {
      past_->after.copyTo(canvas);
      return past_->touched;
    }
    if (isFresh) cover_.release(), membrane_.release(), tone_ = {};
    const cv::Mat before = canvas.clone();

    // What the frame says: its tone, what covers the face, how its light lies.
    const cv::Mat seen = canonicalView(before, to, region);
    follow(faces::tone(seen, skin_ & sceneKnown_));
    color(to);
    const cv::Mat mask = maskOver(seen);
    const cv::Mat light = membraneOver(seen, mask);
    const cv::Mat alpha = faces::softened(mask, canonical_);

    // The new face, at the frame's own size.
    cv::Mat face, share, shade;
    const cv::Matx23d fromFace = faces::mapping(Frame(sizedEyes_), to, region);
    cv::warpAffine(tuned_, face, fromFace, region.size(), cv::INTER_CUBIC | cv::WARP_INVERSE_MAP,
                   cv::BORDER_REPLICATE);
    const cv::Matx23d fromCanonical = faces::mapping(canonical_, to, region);
    const int linear = cv::INTER_LINEAR | cv::WARP_INVERSE_MAP;
    cv::warpAffine(alpha, share, fromCanonical, region.size(), linear, cv::BORDER_CONSTANT, 0);
    cv::warpAffine(light, shade, fromCanonical, region.size(), linear, cv::BORDER_REPLICATE);
    const FacesBox touched = compose(canvas, face, share, shade, region);
    past_ = std::make_unique<Past>(Past{eyes, region, before, canvas.clone(), touched});
    return touched;
  }

 private:
  /// The frame's face in the one size; remembers where the frame has pixels.
  cv::Mat canonicalView(const cv::Mat &before, const Frame &to, const cv::Rect &region) {
    cv::Mat colors = faces::colors(before);
    const cv::Point2d corner(region.x, region.y);
    Frame local = to;
    local.middle -= corner;
    // A strong reduction would alias in the warp: average first.
    const double scale = std::min(1.0, 1.5 * canonical_.unit() / to.unit());
    if (scale < 0.75) {
      const cv::Size size(std::max(1, int(std::lround(colors.cols * scale))),
                          std::max(1, int(std::lround(colors.rows * scale))));
      const double sx = double(size.width) / colors.cols, sy = double(size.height) / colors.rows;
      cv::resize(colors, colors, size, 0, 0, cv::INTER_AREA);
      local.middle = {(local.middle.x + 0.5) * sx - 0.5, (local.middle.y + 0.5) * sy - 0.5};
      local.across = {local.across.x * sx, local.across.y * sy};
    }
    const cv::Matx23d map = faces::mapping(local, canonical_, canonicalRegion);
    const cv::Size size(column, row);
    cv::Mat seen;
    cv::warpAffine(colors, seen, map, size, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                   cv::BORDER_REPLICATE);
    cv::warpAffine(cv::Mat(colors.size(), CV_8U, cv::Scalar(255)), sceneKnown_, map, size,
                   cv::INTER_NEAREST | cv::WARP_INVERSE_MAP, cv::BORDER_CONSTANT, 0);
    return seen;
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

  /// The face in the scene's tone and about the scene's size, made anew only when one has changed.
  void color(const Frame &to) {
    const double scale = std::min(1.0, 1.5 * to.unit() / from_.unit());
    const bool fits = !sized_.empty() && scale > sizedScale_ * 0.8 && scale < sizedScale_ * 1.25;
    if (!fits) {
      sized_ = face_;
      sizedScale_ = scale;
      double sx = 1, sy = 1;
      if (scale < 0.75) {
        const cv::Size size(std::max(1, int(std::lround(face_.cols * scale))),
                            std::max(1, int(std::lround(face_.rows * scale))));
        sx = double(size.width) / face_.cols, sy = double(size.height) / face_.rows;
        cv::resize(face_, sized_, size, 0, 0, cv::INTER_AREA);
      }
      const auto x = [&](double place) { return (place + 0.5) * sx - 0.5; };
      const auto y = [&](double place) { return (place + 0.5) * sy - 0.5; };
      const cv::Point2d left = from_.picture(-0.5, 0), right = from_.picture(0.5, 0);
      sizedEyes_ = {x(left.x), y(left.y), x(right.x), y(right.y)};
    }
    const bool isNear = cv::norm(tone_.mean - tunedFor_.mean) < farthestTone &&
                        cv::norm(tone_.spread - tunedFor_.spread) < farthestTone &&
                        tone_.isKnown == tunedFor_.isKnown;
    if (fits && isNear && !tuned_.empty()) return;
    tuned_ = faces::toned(sized_, own_, tone_);
    tunedFor_ = tone_;
    tunedView_ = faces::warped(tuned_, Frame(sizedEyes_), canonical_, canonicalRegion).pixels;
  }

  /// Where the new face goes: what covers the scene's face comes and goes slowly.
  cv::Mat maskOver(const cv::Mat &seen) {
    cv::Mat now;
    faces::covered(seen, shape_, canonical_, canonicalRegion).convertTo(now, CV_32F, 1.0 / 255);
    if (cover_.empty())
      cover_ = now;
    else
      cv::addWeighted(cover_, 1 - newness, now, newness, 0, cover_);
    cv::Mat mask = free_ & sceneKnown_ & (cover_ < 0.5);
    faces::smooth(mask, canonical_);
    cv::rectangle(mask, canonicalRegion, cv::Scalar(0), 5);
    if (cv::countNonZero(mask) < 64)
      throw faces::EmptyMask("too little of the face can be replaced");
    return mask;
  }

  /// What has to be added to the face so that its rim has the scene's light: Poisson blending's own
  /// correction, which is smooth, so that the small size does.
  cv::Mat membraneOver(const cv::Mat &seen, const cv::Mat &mask) {
    cv::Mat fresh, plain, now;
    faces::cloned(tunedView_, seen, mask).convertTo(fresh, CV_32F);
    tunedView_.convertTo(plain, CV_32F);
    now = fresh - plain;
    // Outside the mask stands the bare difference of two pictures; it must not bleed in.
    now.setTo(cv::Scalar::all(0), ~mask);
    cv::Mat weight, spread;
    mask.convertTo(weight, CV_32F, 1.0 / 255);
    cv::GaussianBlur(now, now, {5, 5}, 0);
    cv::GaussianBlur(weight, weight, {5, 5}, 0);
    cv::max(weight, 1e-3, weight);
    cv::merge(std::vector<cv::Mat>{weight, weight, weight}, spread);
    cv::divide(now, spread, now);
    if (membrane_.empty())
      membrane_ = now;
    else
      cv::addWeighted(membrane_, 0.5, now, 0.5, 0, membrane_);
    return membrane_;
  }

  static FacesBox compose(cv::Mat canvas, const cv::Mat &face, const cv::Mat &share,
                          const cv::Mat &shade, const cv::Rect &region) {
    int left = canvas.cols, right = -1, upper = canvas.rows, lower = -1;
    const int step = canvas.channels();
    for (int y = 0; y < canvas.rows; ++y) {
      uint8_t *pixel = canvas.ptr(y);
      const uint8_t *made = face.ptr(y);
      const float *part = share.ptr<float>(y), *light = shade.ptr<float>(y);
      for (int x = 0; x < canvas.cols; ++x, pixel += step) {
        const float amount = part[x];
        if (amount <= 0) continue;
        left = std::min(left, x), right = std::max(right, x);
        upper = std::min(upper, y), lower = std::max(lower, y);
        for (int k = 0; k < 3; ++k) {
          const float fresh = std::clamp(float(made[x * 3 + k]) + light[x * 3 + k], 0.f, 255.f);
          pixel[k] = cv::saturate_cast<uint8_t>(pixel[k] + (fresh - pixel[k]) * amount);
        }
      }
    }
    if (right < left) return {region.x, region.y, 0, 0};
    return {region.x + left, region.y + upper, right - left + 1, lower - upper + 1};
  }

  const Frame canonical_;
  const cv::Mat skin_, shape_;
  const cv::Mat face_;
  const Frame from_;
  Tone own_;
  /// Where nothing covers the face in its own picture.
  cv::Mat free_;

  cv::Mat sized_, tuned_, tunedView_;
  double sizedScale_ = 0;
  FacesEyes sizedEyes_ = {};
  Tone tunedFor_;

  Tone tone_;
  cv::Mat cover_, membrane_, sceneKnown_;
  std::unique_ptr<Past> past_;
};

FacesStatus faces_blender_create(FacesPicture face, FacesEyes eyes, FacesBlender **blender,
                                 FacesMessage *message) {
  return faces::guarded(message, [&] {
    faces::check(eyes);
    const cv::Mat picture = faces::matrix(face);
    // Hair and chin stand around the mask; the rest of the picture is none of the blender's work.
    const cv::Rect reach = faces::reach(Frame(eyes));
    const int room = std::max(8, reach.width / 4);
    const cv::Rect part =
        cv::Rect(reach.x - room, reach.y - room, reach.width + 2 * room, reach.height + 2 * room) &
        cv::Rect({}, picture.size());
    if (part.area() < 1) throw faces::EmptyMask("the face's picture shows nothing of the face");
    const FacesEyes own = {eyes.left_x - part.x, eyes.left_y - part.y, eyes.right_x - part.x,
                           eyes.right_y - part.y};
    *blender = new FacesBlender(faces::colors(picture(part)), own);
  });
}

void faces_blender_destroy(FacesBlender *blender) { delete blender; }

FacesStatus faces_blender_blend(FacesBlender *blender, FacesCanvas scene, FacesEyes eyes, bool fresh,
                                FacesBox *touched, FacesMessage *message) {
  return faces::guarded(message, [&] {
    faces::check(eyes);
    *touched = blender->blend(faces::matrix(scene), eyes, fresh);
  });
}

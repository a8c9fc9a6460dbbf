#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Weverything"
#include <opencv2/imgproc.hpp>
#include <opencv2/photo.hpp>
#pragma clang diagnostic pop

#include <algorithm>
#include <cmath>

#include "mask.h"
#include "support.h"

namespace {

/// How far a channel's spread may be pulled: more burns out the skin's lights.
constexpr double leastGain = 0.80, greatestGain = 1.25;
/// How far the tone curve may be bent, as an exponent.
constexpr double greatestBend = 2.4;
/// seamlessClone reads one pixel beyond the mask, so the mask keeps off the scene's edge.
constexpr int margin = 3;

struct Warped {
  cv::Mat pixels;
  /// 255 where the face's picture has pixels.
  cv::Mat known;
};

/// The face as the scene's `region` would see it: eyes on eyes, turned and scaled alike.
Warped warped(const cv::Mat &face, const faces::Frame &from, const faces::Frame &to,
              const cv::Rect &region) {
  // Only the part that the region can show is worth the work.
  cv::Rect need;
  for (const cv::Point corner : {region.tl(), cv::Point(region.br().x, region.y),
                                 cv::Point(region.x, region.br().y), region.br()}) {
    const cv::Point2d own = to.face(corner.x, corner.y);
    const cv::Point2d there = from.picture(own.x, own.y);
    // Two far corners of a huge region may lie beyond an int.
    const auto whole = [](double place) { return int(std::clamp(std::floor(place), -1e8, 1e8)); };
    const cv::Rect spot(whole(there.x) - 4, whole(there.y) - 4, 9, 9);
    need = need.empty() ? spot : need | spot;
  }
  need &= cv::Rect({}, face.size());
  if (need.area() < 1) throw faces::EmptyMask("the face's picture shows nothing of the face");

  // A strong reduction would alias in the warp: average first.
  const double scale = std::min(1.0, 1.5 * to.unit() / from.unit());
  cv::Mat part = face(need);
  double sx = 1, sy = 1;
  if (scale < 0.75) {
    const cv::Size size(std::max(1, int(std::lround(need.width * scale))),
                        std::max(1, int(std::lround(need.height * scale))));
    sx = double(size.width) / need.width;
    sy = double(size.height) / need.height;
    cv::Mat smaller;
    cv::resize(part, smaller, size, 0, 0, cv::INTER_AREA);
    part = smaller;
  }

  // From the region's pixels to the part's: WARP_INVERSE_MAP takes just that.
  const auto source = [&](int column, int row) {
    const cv::Point2d own = to.face(region.x + column, region.y + row);
    const cv::Point2d there = from.picture(own.x, own.y);
    return cv::Point2d((there.x - need.x + 0.5) * sx - 0.5, (there.y - need.y + 0.5) * sy - 0.5);
  };
  const cv::Point2d origin = source(0, 0), right = source(1, 0), down = source(0, 1);
  const cv::Matx23d map(right.x - origin.x, down.x - origin.x, origin.x, right.y - origin.y,
                        down.y - origin.y, origin.y);
  Warped result;
  const int flags = cv::INTER_CUBIC | cv::WARP_INVERSE_MAP;
  cv::warpAffine(part, result.pixels, map, region.size(), flags, cv::BORDER_REPLICATE);
  cv::warpAffine(cv::Mat(part.size(), CV_8U, cv::Scalar(255)), result.known, map, region.size(),
                 cv::INTER_NEAREST | cv::WARP_INVERSE_MAP, cv::BORDER_CONSTANT, cv::Scalar(0));
  return result;
}

/// Takes 0 to 0, 1 to 1 and one tone to another, unless that would bend it too far.
class Curve {
 public:
  Curve(double from, double to)
      : from_(std::clamp(from, 0.02, 0.98)), brightens_(to > from) {
    const double wanted = std::clamp(to, 0.02, 0.98);
    const double bend = brightens_ ? std::log(1 - wanted) / std::log(1 - from_)
                                   : std::log(wanted) / std::log(from_);
    bend_ = std::clamp(bend, 1.0, greatestBend);
  }

  double operator()(double tone) const {
    const double share = std::clamp(tone, 0.0, 1.0);
    return brightens_ ? 1 - std::pow(1 - share, bend_) : std::pow(share, bend_);
  }

  /// How steep it is at the tone that it was made for.
  double slope() const { return bend_ * std::pow(brightens_ ? 1 - from_ : from_, bend_ - 1); }

 private:
  double from_;
  bool brightens_;
  double bend_;
};

/// `face` with its colours moved to those of `scene`, both measured on the skin.
cv::Mat matched(const cv::Mat &face, const cv::Mat &scene, const cv::Mat &skin) {
  if (cv::countNonZero(skin) < 16) return face;
  cv::Mat real[2], lab[2];
  cv::Scalar mean[2], spread[2];
  const cv::Mat *pictures[2] = {&face, &scene};
  for (int k = 0; k < 2; ++k) {
    pictures[k]->convertTo(real[k], CV_32F, 1.0 / 255);
    cv::cvtColor(real[k], lab[k], cv::COLOR_RGB2Lab);
    cv::meanStdDev(lab[k], mean[k], spread[k], skin);
  }

  // Lightness follows a curve from black to black and white to white that takes skin to skin, as
  // flat at the dark end as can be: a plain shift would turn pupils and brows grey.
  const Curve curve(mean[0][0] / 100, mean[1][0] / 100);
  spread[0][0] *= curve.slope();
  cv::Vec3f gain;
  for (int k = 0; k < 3; ++k)
    gain[k] = spread[0][k] > 0.5
                  ? float(std::clamp(spread[1][k] / spread[0][k], leastGain, greatestGain))
                  : 1.f;
  const float target = float(mean[1][0]);
  for (int row = 0; row < lab[0].rows; ++row)
    for (int column = 0; column < lab[0].cols; ++column) {
      cv::Vec3f &pixel = lab[0].at<cv::Vec3f>(row, column);
      const float light = float(100 * curve(pixel[0] / 100));
      const float away = light - target;
      // Skin takes the scene's colour; what is much darker or lighter keeps its own.
      const float nearness = std::exp(-away * away / (2 * 22.f * 22.f));
      pixel[0] = light + away * (gain[0] - 1) * nearness;
      for (int k = 1; k < 3; ++k) {
        const float moved =
            (pixel[k] - float(mean[0][k])) * gain[k] + float(mean[1][k]);
        pixel[k] += (moved - pixel[k]) * nearness;
      }
    }
  cv::Mat rgb, result;
  cv::cvtColor(lab[0], rgb, cv::COLOR_Lab2RGB);
  rgb.convertTo(result, CV_8U, 255);
  return result;
}

/// The least part of a picture of `size` that holds `reach` with a margin and is solved quickly.
///
/// seamlessClone solves the mask's box by Fourier transforms of twice a side less two: where that
/// has a large prime factor, four times as slowly.
cv::Rect roomy(const cv::Rect &reach, const cv::Size &size) {
  const auto side = [](int start, int length, int limit) {
    const int least = length + 2 * margin;
    const int wanted = std::min(cv::getOptimalDFTSize(least - 3) + 3, limit);
    return std::pair(std::clamp(start - (wanted - length) / 2, 0, limit - wanted), wanted);
  };
  const auto [x, width] = side(reach.x, reach.width, size.width);
  const auto [y, height] = side(reach.y, reach.height, size.height);
  return {x, y, width, height};
}

/// `face` in the light of `scene` under `mask`, by Poisson blending.
cv::Mat cloned(const cv::Mat &face, const cv::Mat &scene, const cv::Mat &mask) {
  // The solver takes the box of the mask's pixels. Two lonely ones spread it over all but the edge,
  // which it ignores; it wears three pixels off every shape, so nothing is cloned there.
  const cv::Rect inner(1, 1, mask.cols - 2, mask.rows - 2);
  cv::Mat spread = mask.clone();
  spread.at<uint8_t>(inner.tl()) = 255;
  spread.at<uint8_t>(inner.br() - cv::Point(1, 1)) = 255;
  const cv::Point middle(inner.x + inner.width / 2, inner.y + inner.height / 2);
  cv::Mat result;
  cv::seamlessClone(face, scene, spread, middle, result, cv::NORMAL_CLONE);
  return result;
}

}  // namespace

FacesStatus faces_blend(FacesCanvas scene, FacesEyes scene_eyes, FacesPicture face,
                        FacesEyes face_eyes, FacesBox *touched, FacesMessage *message) {
  return faces::guarded(message, [&] {
    cv::Mat whole = faces::matrix(scene);
    const cv::Mat source = faces::matrix(face);
    faces::check(scene_eyes);
    faces::check(face_eyes);
    const faces::Frame to(scene_eyes), from(face_eyes);

    const cv::Rect region = roomy(faces::reach(to), whole.size());
    if (region.width <= 2 * margin || region.height <= 2 * margin)
      throw faces::EmptyMask("the face lies outside the scene");

    cv::Mat canvas = whole(region);
    const cv::Mat before = canvas.clone();
    const Warped moved = warped(source, from, to, region);
    const cv::Mat ideal = faces::shape(to, region);
    cv::Mat mask = ideal & moved.known;
    mask &= ~faces::covered(before, ideal, to, region);
    mask &= ~faces::covered(moved.pixels, ideal, to, region);
    // Rounds off what the covers left ragged, and drops slivers.
    const int radius = std::max(1, int(to.unit() * 0.06));
    cv::morphologyEx(mask, mask, cv::MORPH_OPEN,
                     cv::getStructuringElement(cv::MORPH_ELLIPSE, {2 * radius + 1, 2 * radius + 1}));
    cv::rectangle(mask, cv::Rect({}, mask.size()), cv::Scalar(0), 2 * margin - 1);
    const cv::Rect used = cv::boundingRect(mask);
    if (used.width < 8 || used.height < 8)
      throw faces::EmptyMask("less than 8 pixels of the face can be replaced");

    const cv::Mat tuned = matched(moved.pixels, before, faces::skin(to, region) & moved.known);
    const cv::Mat fresh = cloned(tuned, before, mask);
    const cv::Mat alpha = faces::softened(mask, to);
    for (int row = used.y; row < used.br().y; ++row)
      for (int column = used.x; column < used.br().x; ++column) {
        const float share = alpha.at<float>(row, column);
        if (share <= 0) continue;
        const cv::Vec3b &old = before.at<cv::Vec3b>(row, column);
        const cv::Vec3b &made = fresh.at<cv::Vec3b>(row, column);
        cv::Vec3b &pixel = canvas.at<cv::Vec3b>(row, column);
        for (int k = 0; k < 3; ++k)
          pixel[k] = cv::saturate_cast<uint8_t>(float(old[k]) + (float(made[k]) - float(old[k])) * share);
      }
    *touched = {region.x + used.x, region.y + used.y, used.width, used.height};
  });
}

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Weverything"
#include <opencv2/imgproc.hpp>
#pragma clang diagnostic pop

#include <algorithm>
#include <cmath>

#include "layers.h"
#include "support.h"

namespace faces {
namespace {

/// How far a channel's spread may be pulled: more burns out the skin's lights.
constexpr double leastGain = 0.80, greatestGain = 1.25;
/// How far the tone curve may be bent, as an exponent.
constexpr double greatestBend = 2.4;

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

}  // namespace

Tone tone(const cv::Mat &picture, const cv::Mat &skin) {
  if (cv::countNonZero(skin) < 16) return {};
  cv::Mat real, lab;
  picture.convertTo(real, CV_32F, 1.0 / 255);
  cv::cvtColor(real, lab, cv::COLOR_RGB2Lab);
  cv::Scalar mean, spread;
  cv::meanStdDev(lab, mean, spread, skin);
  return {{mean[0], mean[1], mean[2]}, {spread[0], spread[1], spread[2]}, true};
}

cv::Mat toned(const cv::Mat &face, const Tone &own, const Tone &wanted) {
  if (!own.isKnown || !wanted.isKnown) return face;
  cv::Mat real, lab;
  face.convertTo(real, CV_32F, 1.0 / 255);
  cv::cvtColor(real, lab, cv::COLOR_RGB2Lab);

  // Lightness follows a curve from black to black and white to white that takes skin to skin, as
  // flat at the dark end as can be: a plain shift would turn pupils and brows grey.
  const Curve curve(own.mean[0] / 100, wanted.mean[0] / 100);
  cv::Vec3d spread = own.spread;
  spread[0] *= curve.slope();
  cv::Vec3f gain;
  for (int k = 0; k < 3; ++k)
    gain[k] = spread[k] > 0.5
                  ? float(std::clamp(wanted.spread[k] / spread[k], leastGain, greatestGain))
                  : 1.f;
  const float target = float(wanted.mean[0]);
  for (int row = 0; row < lab.rows; ++row)
    for (int column = 0; column < lab.cols; ++column) {
      cv::Vec3f &pixel = lab.at<cv::Vec3f>(row, column);
      const float light = float(100 * curve(pixel[0] / 100));
      const float away = light - target;
      // Skin takes the scene's colour; what is much darker or lighter keeps its own.
      const float nearness = std::exp(-away * away / (2 * 22.f * 22.f));
      pixel[0] = light + away * (gain[0] - 1) * nearness;
      for (int k = 1; k < 3; ++k) {
        const float moved = (pixel[k] - float(own.mean[k])) * gain[k] + float(wanted.mean[k]);
        pixel[k] += (moved - pixel[k]) * nearness;
      }
    }
  cv::Mat rgb, result;
  cv::cvtColor(lab, rgb, cv::COLOR_Lab2RGB);
  rgb.convertTo(result, CV_8U, 255);
  return result;
}

}  // namespace faces

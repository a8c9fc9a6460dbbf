#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include "lab.h"
#include "layers.h"
#include "support.h"

namespace faces {
namespace {

/// How far a channel's spread may be pulled: more burns out the skin's lights.
constexpr double leastGain = 0.80, greatestGain = 1.25;
/// How far the tone curve may be bent, as an exponent.
constexpr double greatestBend = 2.4;
/// Skin that varies less in hue is black and white, or toned as a whole.
constexpr double leastColor = 0.7;
/// How much of its colour a shadow keeps at least.
constexpr double greatestFade = 0.35;
/// Lightness is looked up in so many steps.
constexpr int levels = 512;

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
  cv::Scalar mean, spread;
  cv::meanStdDev(labOf(picture), mean, spread, skin);
  return {{mean[0], mean[1], mean[2]}, {spread[0], spread[1], spread[2]}, true};
}

cv::Mat toned(const cv::Mat &face, const cv::Mat &within, const Tone &own, const Tone &wanted) {
  if (!own.isKnown || !wanted.isKnown) return face;
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
  const float target = std::max(1.f, float(wanted.mean[0]));
  // A picture without colours has none anywhere.
  const bool isColorless = std::max(wanted.spread[1], wanted.spread[2]) < leastColor;
  if (isColorless) gain[1] = gain[2] = 0;
  const float calm = float(std::clamp(1 / curve.slope(), 0.5, 1.0));
  // Both depend on lightness alone, and powers are slow.
  std::array<float, levels + 1> lights, colored, dark;
  for (int level = 0; level <= levels; ++level) {
    float light = float(100 * curve(double(level) / levels)), away = light - target;
    if (away > 0) {
      // Where the curve is steep, gloss must not glare; white stays white.
      const float white = std::clamp((float(level) / levels - 0.85f) / 0.15f, 0.f, 1.f);
      away *= calm + (1 - calm) * white * white * (3 - 2 * white);
      light = target + away;
    }
    const auto near = [&](float reach) { return std::exp(-away * away / (2 * reach * reach)); };
    lights[size_t(level)] = light + away * (gain[0] - 1) * near(22);
    // Skin takes the scene's colour, in its shadows too. What is much lighter keeps its own: the whites of
    // the eyes, teeth, gloss; and what is black has none to give.
    colored[size_t(level)] = away > 0 ? near(22) : near(38) * std::sqrt(light / target);
    if (isColorless) colored[size_t(level)] = 1;
    dark[size_t(level)] = away < 0 ? 0.5f * (1 - colored[size_t(level)]) : 0;
  }
  // In coloured light, or a picture that was graded, shadows have too much of what skin has too much of.
  cv::Vec3f excess(0, 0, 0);
  for (int k = 1; k < 3; ++k)
    if (std::abs(own.mean[k]) > 4)
      excess[k] = 1 - float(std::clamp(wanted.mean[k] / own.mean[k], greatestFade, 1.0));
  cv::Mat result = face.clone();
  for (int row = 0; row < face.rows; ++row) {
    // Only what lies within the mask is ever shown.
    const uint8_t *inside = within.ptr(row);
    const auto first = std::find(inside, inside + face.cols, 255);
    if (first == inside + face.cols) continue;
    int end = face.cols;
    while (inside[end - 1] != 255) --end;
    const cv::Rect span(int(first - inside), row, end - int(first - inside), 1);
    cv::Mat lab = labOf(face(span));
    for (int column = 0; column < lab.cols; ++column) {
      cv::Vec3f &pixel = lab.at<cv::Vec3f>(0, column);
      const float place = std::clamp(pixel[0] / 100, 0.f, 1.f) * levels;
      const size_t level = std::min(size_t(place), size_t(levels - 1));
      const float between = place - float(level);
      const float near = colored[level] + (colored[level + 1] - colored[level]) * between;
      pixel[0] = lights[level] + (lights[level + 1] - lights[level]) * between;
      for (int k = 1; k < 3; ++k) {
        pixel[k] -= pixel[k] * dark[level] * 2 * excess[k];
        const float moved = (pixel[k] - float(own.mean[k])) * gain[k] + float(wanted.mean[k]);
        // Black hair in warm light is warm too: half the way to shaded skin, where it has less colour.
        const float shaded = float(wanted.mean[k]) * pixel[0] / target;
        const float more = shaded > 0 ? std::max(0.f, shaded - pixel[k]) : std::min(0.f, shaded - pixel[k]);
        pixel[k] += (moved - pixel[k]) * near + dark[level] * more;
        // Shade has less colour than light; a face from coloured light has more in it than any skin.
        const float most = std::abs(shaded) * 1.25f + 5, over = std::abs(pixel[k]) - most;
        const float depth = std::clamp((target - pixel[0]) / 15, 0.f, 1.f);
        if (over > 0) pixel[k] -= std::copysign(over * 0.8f * depth, pixel[k]);
      }
    }
    rgbOf(lab).copyTo(result(span));
  }
  return result;
}

}  // namespace faces

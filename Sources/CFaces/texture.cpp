#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include "layers.h"

namespace faces {
namespace {

/// Detail may differ so much from face to face; what is beyond it is focus.
constexpr double tolerance = 1.4;

/// What a blur takes away.
cv::Mat fine(const cv::Mat &light) {
  cv::Mat soft, result;
  cv::GaussianBlur(light, soft, {5, 5}, 1.1);
  cv::subtract(light, soft, result, cv::noArray(), CV_16S);
  return result;
}

/// The median of magnitudes, which a few wrinkles do not move; as a normal distribution's deviation.
double deviation(const cv::Mat &fine, const cv::Mat &mask) {
  std::vector<int> counts(512, 0);
  int total = 0;
  for (int row = 0; row < fine.rows; ++row) {
    const int16_t *value = fine.ptr<int16_t>(row);
    const uint8_t *isIn = mask.ptr(row);
    for (int column = 0; column < fine.cols; ++column)
      if (isIn[column]) ++counts[size_t(std::min(511, std::abs(int(value[column]))))], ++total;
  }
  if (total < 64) return 0;
  int below = 0;
  for (size_t level = 0; level < counts.size(); ++level) {
    if (2 * (below + counts[level]) >= total) {
      // Whole numbers are coarse here: where in this one the half lies.
      const double part = (total / 2.0 - below) / std::max(1, counts[level]);
      return std::max(0.0, double(level) - 0.5 + part) / 0.6745;
    }
    below += counts[level];
  }
  return 0;
}

double energy(const cv::Mat &fine, const cv::Mat &mask) {
  cv::Scalar mean, spread;
  cv::meanStdDev(fine, mean, spread, mask);
  return spread[0] * spread[0];
}

}  // namespace

Texture texture(const cv::Mat &light, const cv::Mat &skin, const cv::Mat &features) {
  const cv::Mat high = fine(light);
  Texture result;
  result.grain = deviation(high, skin);
  result.detail = std::max(0.0, energy(high, features) - result.grain * result.grain);
  return result;
}

double softening(const cv::Mat &light, const cv::Mat &skin, const cv::Mat &features,
                 const Texture &wanted) {
  if (wanted.detail <= 0) return 0;
  const double most = wanted.detail * tolerance;
  if (texture(light, skin, features).detail <= most) return 0;
  double blur = 0;
  for (const double candidate : {0.5, 0.7, 0.9, 1.2, 1.6, 2.1, 2.8}) {
    blur = candidate;
    cv::Mat soft;
    cv::GaussianBlur(light, soft, {0, 0}, candidate);
    if (texture(soft, skin, features).detail <= most) break;
  }
  return blur;
}

cv::Mat smoothed(const cv::Mat &picture, double deviation, double share) {
  cv::Mat less, result;
  grain(picture, deviation).convertTo(less, CV_16S, share);
  cv::subtract(picture, less, result, cv::noArray(), CV_8U);
  return result;
}

cv::Mat grain(const cv::Mat &light, double deviation) {
  cv::Mat high = fine(light);
  const int most = int(std::ceil(deviation * 2));
  cv::min(high, cv::Scalar::all(most), high);
  cv::max(high, cv::Scalar::all(-most), high);
  return high;
}

}  // namespace faces

#include "look.h"

#include <algorithm>
#include <cmath>

#include "support.h"

namespace faces {
namespace {

/// Eyes that are shut further have no iris to speak of.
constexpr double leastLids = 0.14;
/// Gazes further apart are seen as two: widths of an eye.
constexpr double farthestGaze = 0.11;
/// Lips that stand apart less are shut, in eye distances.
constexpr double shut = 0.07;
/// How unlike two openings may be.
constexpr double leastLike = 0.6;
/// How unlike in breadth: a smile is no call.
constexpr double leastLikeBreadth = 0.82;

bool areLike(double a, double b, double least = leastLike) { return std::min(a, b) >= least * std::max(a, b); }

/// The middle of what is darker than most of the eye: iris and pupil.
cv::Point2d darkness(const cv::Mat &light, const cv::Mat &mask) {
  double highest = 0;
  cv::minMaxLoc(light, nullptr, &highest, nullptr, nullptr, mask);
  double sum = 0, x = 0, y = 0, count = 0, mx = 0, my = 0;
  for (int row = 0; row < light.rows; ++row)
    for (int column = 0; column < light.cols; ++column) {
      if (!mask.at<uint8_t>(row, column)) continue;
      const double dark = highest - light.at<uint8_t>(row, column), weight = dark * dark * dark;
      sum += weight, x += weight * column, y += weight * row;
      count += 1, mx += column, my += row;
    }
  if (sum <= 0 || count <= 0) return {0, 0};
  return {x / sum - mx / count, y / sum - my / count};
}

}  // namespace

Look look(const cv::Mat &view, const Mesh &mesh, const Chart &chart) {
  Look result;
  const cv::Mat light = lightness(view);
  const auto apart = [&](int a, int b) { return cv::norm(mesh.points[size_t(a)] - mesh.points[size_t(b)]); };
  const double left = apart(159, 145) / std::max(1e-6, apart(33, 133));
  const double right = apart(386, 374) / std::max(1e-6, apart(263, 362));
  result.lids = (left + right) / 2;
  result.lips = openness(mesh);
  result.breadth = apart(78, 308) / Frame(eyes(mesh)).unit();
  const auto width = [&](size_t a, size_t b) {
    const cv::Point2f across = chart.places()[a] - chart.places()[b];
    return std::max(1.0, double(std::hypot(across.x, across.y)));
  };
  result.gaze = (darkness(light, chart.filled(leftEye)) / width(33, 133) +
                 darkness(light, chart.filled(rightEye)) / width(263, 362)) / 2;
  return result;
}

bool hasLikeEyes(const Look &one, const Look &other) {
  const cv::Point2d apart = one.gaze - other.gaze;
  return std::min(one.lids, other.lids) >= leastLids && areLike(one.lids, other.lids) &&
         std::hypot(apart.x, apart.y) <= farthestGaze;
}

bool hasLikeMouth(const Look &one, const Look &other) {
  if (std::max(one.lips, other.lips) < shut) return true;
  return std::min(one.lips, other.lips) >= shut && areLike(one.lips, other.lips) &&
         areLike(one.breadth, other.breadth, leastLikeBreadth);
}

}  // namespace faces

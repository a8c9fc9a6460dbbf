#include "steady.h"

#include <algorithm>
#include <cmath>

namespace faces {
namespace {

/// What is new counts so much at least.
constexpr double calm = 0.25;
// Differences that are followed at once, in sizes of the face (the mean distance of its points from their
// middle, some half of its width) and radians.
constexpr double farMiddle = 0.03, farSize = 0.02, farAngle = 0.02, farPoint = 0.05;

double share(double apart, double far) { return std::min(1.0, calm + apart / far); }

}  // namespace

Steadier::Parts::Parts(const Mesh &mesh) {
  cv::Point2d left(0, 0), right(0, 0);
  double leftCount = 0, rightCount = 0;
  for (const cv::Point3f &point : mesh.points) middle += cv::Point2d(point.x, point.y);
  middle /= meshPoints;
  // Which half a point belongs to never changes: the line from eye to eye says it once a mesh.
  const cv::Point2d across = mesh.flat(263) - mesh.flat(33);
  double sum = 0;
  for (const cv::Point3f &point : mesh.points) {
    const cv::Point2d away = cv::Point2d(point.x, point.y) - middle;
    sum += away.dot(away);
    if (away.dot(across) < 0)
      left += away, leftCount += 1;
    else
      right += away, rightCount += 1;
  }
  size = std::max(1e-6, std::sqrt(sum / meshPoints));
  const cv::Point2d axis = right / std::max(1.0, rightCount) - left / std::max(1.0, leftCount);
  angle = std::atan2(axis.y, axis.x);
  const double c = std::cos(angle) / size, s = std::sin(angle) / size;
  for (size_t index = 0; index < shape.size(); ++index) {
    const cv::Point2d away = cv::Point2d(mesh.points[index].x, mesh.points[index].y) - middle;
    shape[index] = {away.x * c + away.y * s, away.y * c - away.x * s, mesh.points[index].z / size};
  }
}

Mesh Steadier::Parts::whole(double score) const {
  const double c = std::cos(angle) * size, s = std::sin(angle) * size;
  Mesh mesh;
  mesh.score = score;
  for (size_t index = 0; index < shape.size(); ++index) {
    const cv::Point3d &point = shape[index];
    mesh.points[index] = {float(middle.x + point.x * c - point.y * s),
                          float(middle.y + point.x * s + point.y * c), float(point.z * size)};
  }
  return mesh;
}

void Steadier::begin(const Mesh &mesh) { shown_ = Parts(mesh); }

Mesh Steadier::next(const Mesh &mesh) {
  const Parts now(mesh);
  const cv::Point2d step = now.middle - shown_.middle;
  shown_.middle += step * share(std::hypot(step.x, step.y) / shown_.size, farMiddle);
  const double growth = now.size / shown_.size - 1;
  shown_.size *= 1 + growth * share(std::abs(growth), farSize);
  const double turn = std::remainder(now.angle - shown_.angle, 2 * CV_PI);
  shown_.angle += turn * share(std::abs(turn), farAngle);
  for (size_t index = 0; index < now.shape.size(); ++index) {
    const cv::Point3d apart = now.shape[index] - shown_.shape[index];
    shown_.shape[index] += apart * share(cv::norm(apart), farPoint);
  }
  return shown_.whole(mesh.score);
}

}  // namespace faces

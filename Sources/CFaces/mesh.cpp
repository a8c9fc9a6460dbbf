#include "mesh.h"

#include <algorithm>
#include <cmath>

#include "support.h"

namespace faces {
namespace {

// Points of the mesh by name. Left and right are the picture's, of a face that looks at the camera.
constexpr int leftOuter = 33, leftInner = 133, rightInner = 362, rightOuter = 263;
constexpr int crown = 10, chin = 152, leftSide = 234, rightSide = 454;
constexpr int upperLip = 13, lowerLip = 14;
/// What the network's training showed around a face: half as much again as its box.
constexpr double roominess = 1.5;

cv::Point3d point(const Mesh &mesh, int index) { return mesh.points[size_t(index)]; }

}  // namespace

Mesh::Mesh(const FacesMesh &mesh) : score(mesh.score) {
  for (size_t index = 0; index < points.size(); ++index) {
    const float *place = mesh.places + 3 * index;
    if (!(std::abs(place[0]) <= farthest && std::abs(place[1]) <= farthest &&
          std::abs(place[2]) <= farthest))
      throw BadArgument("the mesh lies far off the picture");
    points[index] = {place[0], place[1], place[2]};
  }
}

FacesMesh Mesh::plain() const {
  FacesMesh mesh;
  mesh.score = score;
  for (size_t index = 0; index < points.size(); ++index) {
    mesh.places[3 * index] = points[index].x;
    mesh.places[3 * index + 1] = points[index].y;
    mesh.places[3 * index + 2] = points[index].z;
  }
  return mesh;
}

Window Window::around(const Mesh &mesh) {
  const cv::Point2d left = mesh.flat(leftOuter), right = mesh.flat(rightOuter);
  const double angle = std::atan2(right.y - left.y, right.x - left.x);
  const double c = std::cos(angle), s = std::sin(angle);
  double least[2] = {1e9, 1e9}, most[2] = {-1e9, -1e9};
  for (const cv::Point3f &one : mesh.points) {
    const double along[2] = {one.x * c + one.y * s, one.y * c - one.x * s};
    for (int k = 0; k < 2; ++k)
      least[k] = std::min(least[k], along[k]), most[k] = std::max(most[k], along[k]);
  }
  const double x = (least[0] + most[0]) / 2, y = (least[1] + most[1]) / 2;
  const double side = std::max(most[0] - least[0], most[1] - least[1]);
  return {{x * c - y * s, x * s + y * c}, side * roominess, angle};
}

Window Window::around(const cv::Rect2d &box, const cv::Point2d &left, const cv::Point2d &right) {
  const double angle = std::atan2(right.y - left.y, right.x - left.x);
  return {{box.x + box.width / 2, box.y + box.height / 2},
          std::max(box.width, box.height) * roominess, angle};
}

cv::Rect2d bounds(const Mesh &mesh) {
  float left = mesh.points[0].x, right = left, upper = mesh.points[0].y, lower = upper;
  for (const cv::Point3f &one : mesh.points) {
    left = std::min(left, one.x), right = std::max(right, one.x);
    upper = std::min(upper, one.y), lower = std::max(lower, one.y);
  }
  return {left, upper, double(right - left), double(lower - upper)};
}

Pose pose(const Mesh &mesh) {
  // Two pairs of places that lie alike on both halves of every face, far apart.
  const cv::Point3d across = point(mesh, rightOuter) - point(mesh, leftOuter) +
                             point(mesh, rightSide) - point(mesh, leftSide);
  const cv::Point3d down = point(mesh, chin) - point(mesh, crown);
  const cv::Point3d ahead = across.cross(down);
  const double degrees = 180 / CV_PI;
  const double level = std::hypot(across.x, across.y);
  const cv::Point2d roll(across.x / std::max(1e-9, level), across.y / std::max(1e-9, level));
  const double upright = ahead.y * roll.x - ahead.x * roll.y;
  return {std::atan2(across.z, level) * degrees, std::atan2(-upright, ahead.z) * degrees,
          std::atan2(across.y, across.x) * degrees};
}

FacesEyes eyes(const Mesh &mesh) {
  const cv::Point2d left = (mesh.flat(leftOuter) + mesh.flat(leftInner)) / 2;
  const cv::Point2d right = (mesh.flat(rightInner) + mesh.flat(rightOuter)) / 2;
  return {left.x, left.y, right.x, right.y};
}

double openness(const Mesh &mesh) {
  const FacesEyes found = eyes(mesh);
  const double unit = std::hypot(found.right_x - found.left_x, found.right_y - found.left_y);
  const cv::Point2d apart = mesh.flat(lowerLip) - mesh.flat(upperLip);
  return std::hypot(apart.x, apart.y) / std::max(1.0, unit);
}

}  // namespace faces

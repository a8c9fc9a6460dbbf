#pragma once

#include <opencv2/core.hpp>

#include <array>

#include "CFaces.h"

namespace faces {

/// How many points a mesh has.
constexpr int meshPoints = FacesMeshPoints;

/// The points of a face: x and y in the picture's pixels, z in the same unit, away from the camera.
struct Mesh {
  std::array<cv::Point3f, meshPoints> points;
  /// How sure the network is that there is a face, 0 to 1.
  double score = 0;

  Mesh() = default;
  explicit Mesh(const FacesMesh &mesh);
  FacesMesh plain() const;

  cv::Point2d flat(int index) const {
    return {points[size_t(index)].x, points[size_t(index)].y};
  }
};

/// A square of a picture, perhaps turned, that a network is shown.
struct Window {
  cv::Point2d middle;
  double side = 0;
  /// Clockwise, in radians.
  double angle = 0;

  /// The square around a mesh that its network wants to see.
  static Window around(const Mesh &mesh);
  /// The square around a face of which only the eyes and a box are known.
  static Window around(const cv::Rect2d &box, const cv::Point2d &left, const cv::Point2d &right);
};

/// The smallest box that holds every point.
cv::Rect2d bounds(const Mesh &mesh);

/// Where a head looks, in degrees: to the picture's right, downwards, and clockwise.
struct Pose {
  double yaw = 0, pitch = 0, roll = 0;
};

/// Measured on the mesh.
Pose pose(const Mesh &mesh);

/// The middles of the eyes, between their corners.
FacesEyes eyes(const Mesh &mesh);

/// How far the lips stand apart, as a share of the eyes' distance.
double openness(const Mesh &mesh);

}  // namespace faces

#pragma once

#include "chart.h"

namespace faces {

/// What a face's eyes and mouth do.
struct Look {
  /// Where the dark of the eyes lies, from their middles, in widths of an eye.
  cv::Point2d gaze;
  /// How far the lids stand apart, as a share of the eye's width.
  double lids = 0;
  /// How far the lips stand apart, as a share of the eyes' distance.
  double lips = 0;
  /// How broad the mouth is, as a share of the eyes' distance.
  double breadth = 0;
};

/// Measured on a face's view by the chart, and on its mesh.
Look look(const cv::Mat &view, const Mesh &mesh, const Chart &chart);

/// Whether the eyes of one face can take the place of the other's: both open, both looking the same way.
bool hasLikeEyes(const Look &one, const Look &other);

/// Whether the inside of one mouth can take the place of the other's: both shut, or both as open.
bool hasLikeMouth(const Look &one, const Look &other);

}  // namespace faces

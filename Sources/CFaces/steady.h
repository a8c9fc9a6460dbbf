#pragma once

#include "mesh.h"

namespace faces {

/// Steadies a mesh from frame to frame: place, size, turn and shape each follow what is new by the more the
/// further it is from what was shown. So noise is averaged, and movement is met without lag.
class Steadier {
 public:
  void begin(const Mesh &mesh);
  /// What to show of the next frame's mesh.
  Mesh next(const Mesh &mesh);

 private:
  /// A mesh as a place and a shape that is free of it.
  struct Parts {
    cv::Point2d middle;
    double size = 1, angle = 0;
    std::array<cv::Point3d, meshPoints> shape;

    Parts() = default;
    explicit Parts(const Mesh &mesh);
    Mesh whole(double score) const;
  };

  Parts shown_;
};

}  // namespace faces

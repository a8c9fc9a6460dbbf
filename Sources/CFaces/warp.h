#pragma once

#include <opencv2/core.hpp>

#include <array>

#include "chart.h"
#include "mesh.h"

namespace faces {

/// Which openings are taken from the new face; the others stay the scene's.
struct Openings {
  bool eyes = false;
  bool mouth = false;
};

/// `face` turned, scaled and moved as a rigid body onto `scene`, by the parts that no expression moves.
Mesh posed(const Mesh &face, const Mesh &scene);

/// Where the points of the new face go in the scene.
///
/// The scene's face is the target. Inside it the points move towards the new face's own, posed like the
/// scene's: by nothing at the oval, by three fifths in the middle, by half of that around eyes and mouth,
/// whose expression is the scene's.
std::array<cv::Point2f, meshPoints> targets(const Mesh &face, const Mesh &scene, const Chart &chart,
                                            const Openings &openings);

/// For each pixel of a region of the scene the place that it shows: in the new face's picture and on the
/// chart; far outside of both where it shows none.
struct Plan {
  cv::Mat source, chart;
};

/// `face` holds the points in the picture that is to be shown.
Plan planned(const std::array<cv::Point2f, meshPoints> &target, const Mesh &scene,
             const std::array<cv::Point2f, meshPoints> &face, const Chart &chart,
             const Openings &openings, const cv::Rect &region);

}  // namespace faces

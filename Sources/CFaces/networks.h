#pragma once

#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>

#include <vector>

#include "mesh.h"

namespace faces {

/// A face as the detector proposes it, in a picture's pixels.
struct Proposal {
  cv::Rect2d box;
  /// The middles of the eyes.
  cv::Point2d left, right;
  double score = 0;

  double area() const { return box.area(); }
};

/// What is left when proposals of one face, from several looks at a picture, are made one: their
/// mean by score.
std::vector<Proposal> merged(std::vector<Proposal> proposals);

/// MediaPipe's full-range BlazeFace detector: 192 x 192 pixels in, a grid of 48 x 48 proposals out.
class Detector {
 public:
  explicit Detector(const FacesBytes &bytes);
  /// The faces of `part` of a picture, which is brought to the network's size; in the picture's pixels.
  std::vector<Proposal> find(const cv::Mat &picture, const cv::Rect &part);

 private:
  cv::dnn::Net net_;
};

/// MediaPipe's face mesh: 192 x 192 pixels around a face in, 468 points of it out.
class Mesher {
 public:
  explicit Mesher(const FacesBytes &bytes);
  /// The mesh of the face that is seen through `window`.
  Mesh look(const cv::Mat &picture, const Window &window);

 private:
  cv::dnn::Net net_;
};

}  // namespace faces

#pragma once

#include <opencv2/core.hpp>

#include "CFaces.h"

namespace faces {

/// A face's own coordinates: the middle between the eyes is (0, 0), the right eye lies at (0.5, 0),
/// y grows towards the chin. One unit is the distance between the eyes.
struct Frame {
  cv::Point2d middle;
  /// From the left eye to the right one, in pixels.
  cv::Point2d across;

  explicit Frame(const FacesEyes &eyes)
      : middle((eyes.left_x + eyes.right_x) / 2, (eyes.left_y + eyes.right_y) / 2),
        across(eyes.right_x - eyes.left_x, eyes.right_y - eyes.left_y) {}

  /// The eyes' distance in pixels.
  double unit() const { return std::hypot(across.x, across.y); }
  /// Where a point of the face lies in the picture.
  cv::Point2d picture(double x, double y) const {
    return {middle.x + x * across.x - y * across.y, middle.y + x * across.y + y * across.x};
  }
  /// Where a point of the picture lies on the face.
  cv::Point2d face(double x, double y) const {
    const double dx = x - middle.x, dy = y - middle.y, square = across.dot(across);
    return {(dx * across.x + dy * across.y) / square, (dy * across.x - dx * across.y) / square};
  }
};

/// What of `mask` is covered in `picture` by something that is no skin and comes in from the
/// mask's edge: hair, a hat, a hand. `picture` and `mask` cover `region`.
cv::Mat covered(const cv::Mat &picture, const cv::Mat &mask, const Frame &frame,
                const cv::Rect &region);

/// How much of the new face each pixel takes, 0 to 1: nothing at the mask's edge, all of it a sixth
/// of the eyes' distance further in.
cv::Mat softened(const cv::Mat &mask, const Frame &frame);

/// The skin that tells the colour: cheeks and nose, without eyes and mouth, as 0 or 255.
cv::Mat skin(const Frame &frame, const cv::Rect &region);

}  // namespace faces

#pragma once

#include <opencv2/core.hpp>

namespace faces {

// CIE Lab under D65, of sRGB. OpenCV's own takes 110 ms of a process for its tables.

/// Three channels of 8 bits as lightness, 0 to 100, and two of colour, in single precision.
cv::Mat labOf(const cv::Mat &rgb);

/// And back.
cv::Mat rgbOf(const cv::Mat &lab);

}  // namespace faces

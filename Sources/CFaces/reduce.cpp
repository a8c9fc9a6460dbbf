#include "reduce.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace faces {

Reduced::Reduced(const cv::Mat &picture, cv::Rect part, double scale) : corner(part.tl()) {
  const double most = std::min(part.width, part.height);
  factor = int(std::clamp(std::floor(1 / std::max(scale, 1e-3)), 1.0, std::max(1.0, most)));
  if (factor == 1) {
    pixels = picture(part);
    return;
  }
  // What is left over at the right and at the bottom makes no whole square.
  part.width -= part.width % factor, part.height -= part.height % factor;
  cv::resize(picture(part), pixels, part.size() / factor, 0, 0, cv::INTER_AREA);
}

}  // namespace faces

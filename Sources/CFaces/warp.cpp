#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Weverything"
#include <opencv2/imgproc.hpp>
#pragma clang diagnostic pop

#include <algorithm>
#include <cmath>

#include "layers.h"
#include "support.h"

namespace faces {

cv::Matx23d mapping(const Frame &from, const Frame &to, const cv::Rect &region) {
  const auto source = [&](int column, int row) {
    const cv::Point2d own = to.face(region.x + column, region.y + row);
    return from.picture(own.x, own.y);
  };
  const cv::Point2d origin = source(0, 0), right = source(1, 0), down = source(0, 1);
  return {right.x - origin.x, down.x - origin.x, origin.x,
          right.y - origin.y, down.y - origin.y, origin.y};
}

Warped warped(const cv::Mat &face, const Frame &from, const Frame &to,
              const cv::Rect &region) {
  // Only the part that the region can show is worth the work.
  cv::Rect need;
  for (const cv::Point corner : {region.tl(), cv::Point(region.br().x, region.y),
                                 cv::Point(region.x, region.br().y), region.br()}) {
    const cv::Point2d own = to.face(corner.x, corner.y);
    const cv::Point2d there = from.picture(own.x, own.y);
    // Two far corners of a huge region may lie beyond an int.
    const auto whole = [](double place) { return int(std::clamp(std::floor(place), -1e8, 1e8)); };
    const cv::Rect spot(whole(there.x) - 4, whole(there.y) - 4, 9, 9);
    need = need.empty() ? spot : need | spot;
  }
  need &= cv::Rect({}, face.size());
  if (need.area() < 1) throw EmptyMask("the face's picture shows nothing of the face");

  // A strong reduction would alias in the warp: average first.
  const double scale = std::min(1.0, 1.5 * to.unit() / from.unit());
  cv::Mat part = face(need);
  double sx = 1, sy = 1;
  if (scale < 0.75) {
    const cv::Size size(std::max(1, int(std::lround(need.width * scale))),
                        std::max(1, int(std::lround(need.height * scale))));
    sx = double(size.width) / need.width;
    sy = double(size.height) / need.height;
    cv::Mat smaller;
    cv::resize(part, smaller, size, 0, 0, cv::INTER_AREA);
    part = smaller;
  }

  cv::Matx23d map = mapping(from, to, region);
  const cv::Matx23d onto = map;
  map(0, 0) = onto(0, 0) * sx, map(0, 1) = onto(0, 1) * sx;
  map(1, 0) = onto(1, 0) * sy, map(1, 1) = onto(1, 1) * sy;
  map(0, 2) = (onto(0, 2) - need.x + 0.5) * sx - 0.5;
  map(1, 2) = (onto(1, 2) - need.y + 0.5) * sy - 0.5;
  Warped result;
  const int flags = cv::INTER_CUBIC | cv::WARP_INVERSE_MAP;
  cv::warpAffine(part, result.pixels, map, region.size(), flags, cv::BORDER_REPLICATE);
  cv::warpAffine(cv::Mat(part.size(), CV_8U, cv::Scalar(255)), result.known, map, region.size(),
                 cv::INTER_NEAREST | cv::WARP_INVERSE_MAP, cv::BORDER_CONSTANT, cv::Scalar(0));
  return result;
}

}  // namespace faces

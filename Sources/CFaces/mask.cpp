#include "mask.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include "lab.h"
#include "layers.h"

namespace faces {
namespace {

/// What no hair is looked for in: brows, eyes, nose and mouth are no skin either.
bool isFeature(const cv::Point2d &point) {
  return std::abs(point.x) < 0.84 && point.y > -0.46 && point.y < 0.2
             ? true
             : std::abs(point.x) < 0.5 && point.y >= 0.2 && point.y < 1.25;
}

/// Whether a dark place is a fold beside mouth and chin, and no lock of hair: skin in shade keeps its hue.
bool isFold(const cv::Vec3f &color, const cv::Vec3f &tone, const cv::Point2d &point) {
  if (std::abs(point.x) > 0.75 || point.y < 0.5) return false;
  const float share = color[0] / std::max(1.f, tone[0]);
  return share > 0.4f && share <= 1 && std::abs(color[1] - tone[1] * share) < 13 &&
         std::abs(color[2] - tone[2] * share) < 13;
}

template <typename Test>
cv::Mat drawn(const Frame &frame, const cv::Rect &region, Test test) {
  cv::Mat mask(region.size(), CV_8U);
  for (int row = 0; row < mask.rows; ++row)
    for (int column = 0; column < mask.cols; ++column)
      mask.at<uint8_t>(row, column) =
          test(frame.face(region.x + column, region.y + row)) ? 255 : 0;
  return mask;
}

/// The value that half of `values` lie below.
float median(std::vector<float> &values) {
  const auto middle = values.begin() + ptrdiff_t(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

cv::Mat skin(const Frame &frame, const cv::Rect &region) {
  return drawn(frame, region, [](const cv::Point2d &point) {
    const bool cheek = std::abs(std::abs(point.x) - 0.5) < 0.2 && std::abs(point.y - 0.52) < 0.2;
    const bool bridge = std::abs(point.x) < 0.14 && std::abs(point.y - 0.3) < 0.25;
    return cheek || bridge;
  });
}

cv::Mat covered(const cv::Mat &picture, const cv::Mat &mask, const Frame &frame,
                const cv::Rect &region) {
  const cv::Mat lab = labOf(picture);
  const cv::Mat sample = skin(frame, region);
  std::vector<float> channel[3];
  for (int row = 0; row < lab.rows; ++row)
    for (int column = 0; column < lab.cols; ++column)
      if (sample.at<uint8_t>(row, column))
        for (int k = 0; k < 3; ++k) channel[k].push_back(lab.at<cv::Vec3f>(row, column)[k]);
  cv::Mat none = cv::Mat::zeros(mask.size(), CV_8U);
  if (channel[0].size() < 16) return none;
  const cv::Vec3f tone(median(channel[0]), median(channel[1]), median(channel[2]));
  std::vector<float> away;
  for (const float value : channel[0]) away.push_back(std::abs(value - tone[0]));
  // Shading varies lightness across one face far more than hue; dark skin leaves less room below.
  const float darkest = std::min(std::max(16.f, tone[0] * 0.42f), 16.f + 4 * median(away));

  // 255: not skin, and not where skin is not to be expected.
  cv::Mat foreign(mask.size(), CV_8U, cv::Scalar(0));
  for (int row = 0; row < lab.rows; ++row)
    for (int column = 0; column < lab.cols; ++column) {
      if (!mask.at<uint8_t>(row, column)) continue;
      const cv::Point2d own = frame.face(region.x + column, region.y + row);
      if (isFeature(own)) continue;
      const cv::Vec3f apart = lab.at<cv::Vec3f>(row, column) - tone;
      const bool isSkin = (apart[0] > -darkest && apart[0] < 34 && std::hypot(apart[1], apart[2]) < 22) ||
                          isFold(lab.at<cv::Vec3f>(row, column), tone, own);
      if (!isSkin) foreign.at<uint8_t>(row, column) = 255;
    }

  // Only what comes in from outside is a cover; a mole or a shadow inside stays part of the face.
  cv::Mat depth;
  cv::distanceTransform(mask, depth, cv::DIST_L2, cv::DIST_MASK_3);
  const cv::Mat rim = (depth > 0) & (depth < std::max(2.0, frame.unit() * 0.05));
  cv::Mat labels;
  const int count = cv::connectedComponents(foreign, labels, 8, CV_32S);
  std::vector<bool> enters(size_t(count), false);
  for (int row = 0; row < labels.rows; ++row)
    for (int column = 0; column < labels.cols; ++column)
      if (rim.at<uint8_t>(row, column)) enters[size_t(labels.at<int>(row, column))] = true;
  enters[0] = false;
  for (int row = 0; row < labels.rows; ++row)
    for (int column = 0; column < labels.cols; ++column)
      if (enters[size_t(labels.at<int>(row, column))]) none.at<uint8_t>(row, column) = 255;
  // Hair's soft edge is half skin: stay off it.
  cv::Mat apart;
  cv::distanceTransform(~none, apart, cv::DIST_L2, cv::DIST_MASK_3);
  return apart <= std::max(2.0, frame.unit() * 0.08);
}

cv::Mat softened(const cv::Mat &mask, const Frame &frame) {
  cv::Mat distance, alpha(mask.size(), CV_32F);
  cv::distanceTransform(mask, distance, cv::DIST_L2, cv::DIST_MASK_PRECISE);
  const float width = float(std::max(2.0, frame.unit() / 6));
  for (int row = 0; row < mask.rows; ++row)
    for (int column = 0; column < mask.cols; ++column) {
      const float share = std::clamp(distance.at<float>(row, column) / width, 0.f, 1.f);
      alpha.at<float>(row, column) = share * share * (3 - 2 * share);
    }
  return alpha;
}

void smooth(cv::Mat &mask, const Frame &frame) {
  const int radius = std::max(1, int(frame.unit() * 0.06));
  const cv::Size size(2 * radius + 1, 2 * radius + 1);
  cv::morphologyEx(mask, mask, cv::MORPH_OPEN, cv::getStructuringElement(cv::MORPH_ELLIPSE, size));
}

}  // namespace faces

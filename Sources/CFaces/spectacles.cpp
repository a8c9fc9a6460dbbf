#include "spectacles.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <vector>

#include "support.h"

namespace faces {
namespace {

/// The bridge of the nose, between the eyes, on the chart; and where rims and temples of glasses lie.
const cv::Rect bridge(64, 46, 17, 24), around(6, 40, 132, 50);
/// By such a share of the skin's lightness a line across the bridge differs from the skin beside it, on
/// average. Of eight photographs, a bare nose has 0.15 at most, thin glasses without rims 0.20.
constexpr double crossing = 0.17;
/// And the lines that are joined to it.
constexpr double contrast = 0.10;

/// What is thinner than some seven places, and lighter or darker than what lies above and below, or beside.
cv::Mat lines(const cv::Mat &light) {
  cv::Mat result = cv::Mat::zeros(light.size(), CV_8U), one;
  for (const cv::Size size : {cv::Size(1, 9), cv::Size(9, 1)})
    for (const int kind : {cv::MORPH_BLACKHAT, cv::MORPH_TOPHAT}) {
      cv::morphologyEx(light, one, kind, cv::getStructuringElement(cv::MORPH_RECT, size));
      cv::max(result, one, result);
    }
  return result;
}

/// The most marked way from left to right that rises or falls by two places a step at most, one row a
/// column; and its mean.
std::vector<int> path(const cv::Mat &strength, double &mean) {
  std::vector<std::vector<float>> sums(size_t(strength.cols),
                                       std::vector<float>(size_t(strength.rows), 0));
  std::vector<std::vector<int>> from(size_t(strength.cols), std::vector<int>(size_t(strength.rows), 0));
  for (int column = 0; column < strength.cols; ++column)
    for (int row = 0; row < strength.rows; ++row) {
      float best = 0;
      int origin = row;
      const int lowest = std::min(strength.rows - 1, row + 2);
      for (int before = std::max(0, row - 2); column > 0 && before <= lowest; ++before) {
        const float sum = sums[size_t(column - 1)][size_t(before)];
        if (sum > best) best = sum, origin = before;
      }
      sums[size_t(column)][size_t(row)] = best + float(strength.at<uint8_t>(row, column));
      from[size_t(column)][size_t(row)] = origin;
    }
  const std::vector<float> &last = sums.back();
  int row = int(std::max_element(last.begin(), last.end()) - last.begin());
  mean = double(last[size_t(row)]) / strength.cols;
  std::vector<int> rows(size_t(strength.cols), row);
  for (int column = strength.cols - 1; column > 0; --column)
    rows[size_t(column - 1)] = row = from[size_t(column)][size_t(row)];
  return rows;
}

}  // namespace

cv::Mat spectacles(const cv::Mat &view, const Chart &chart) {
  const cv::Mat light = lightness(view);
  const double skin = cv::mean(light, chart.skin())[0];
  cv::Mat dark, bright, upright;
  // Across the bridge only a line that lies counts: the nose's own edges stand.
  const cv::Mat tall = cv::getStructuringElement(cv::MORPH_RECT, {1, 9});
  cv::morphologyEx(light, dark, cv::MORPH_BLACKHAT, tall);
  cv::morphologyEx(light, bright, cv::MORPH_TOPHAT, tall);
  cv::max(dark, bright, upright);
  cv::GaussianBlur(upright, upright, {5, 1}, 1);
  double mean = 0;
  const std::vector<int> line = path(upright(bridge), mean);
  if (mean < skin * crossing) return {};

  cv::Mat strong = cv::Mat::zeros(light.size(), CV_8U), eyes;
  cv::Mat(lines(light)(around) > skin * contrast).copyTo(strong(around));
  // Lashes and irises are lines too.
  cv::dilate(chart.openEyes(), eyes, cv::getStructuringElement(cv::MORPH_ELLIPSE, {7, 7}));
  strong.setTo(0, eyes | chart.brows());
  for (int column = 0; column < bridge.width; ++column)
    strong.at<uint8_t>(bridge.y + line[size_t(column)], bridge.x + column) = 255;
  cv::Mat labels;
  // Rims are seen in pieces.
  cv::Mat joined;
  const cv::Mat dot = cv::getStructuringElement(cv::MORPH_ELLIPSE, {5, 5});
  cv::morphologyEx(strong, joined, cv::MORPH_CLOSE, dot);
  const int count = cv::connectedComponents(joined, labels, 8, CV_32S);
  std::vector<bool> isFrame(size_t(count), false);
  for (int column = 0; column < bridge.width; ++column)
    isFrame[size_t(labels.at<int>(bridge.y + line[size_t(column)], bridge.x + column))] = true;
  isFrame[0] = false;
  cv::Mat frame = cv::Mat::zeros(light.size(), CV_8U), soft;
  for (int row = 0; row < labels.rows; ++row)
    for (int column = 0; column < labels.cols; ++column)
      if (strong.at<uint8_t>(row, column) && isFrame[size_t(labels.at<int>(row, column))])
        frame.at<uint8_t>(row, column) = 255;
  const cv::Rect box = cv::boundingRect(frame);
  // The root of a nose may have a line; it has no rims beside it.
  if (box.width < chart.frame().unit() * 0.9) return {};
  cv::dilate(frame, frame, cv::getStructuringElement(cv::MORPH_ELLIPSE, {3, 3}));
  cv::GaussianBlur(frame, frame, {0, 0}, 0.8);
  frame.convertTo(soft, CV_32F, 1.0 / 255);
  return soft;
}

}  // namespace faces

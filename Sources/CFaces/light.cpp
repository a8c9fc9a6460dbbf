#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "layers.h"

namespace faces {
namespace {

/// How far the light of one place reaches, in eye distances.
constexpr double softness = 0.18;
/// How much brighter or darker a place may become than the whole face did.
constexpr float darkest = 0.55f, brightest = 1.7f;
/// How far colour may go beyond brightness: some 12 units of Lab on light skin. More bleeds at the edges of
/// pictures in coloured light.
constexpr float greatestTint = 1.13f;
/// How far lips go to the colour of the scene's.
constexpr float borrowed = 0.85f;
/// What a place without skin around it takes of the whole face's mean.
constexpr double trust = 0.04;

/// Three boxes in a row are as good as a bell.
void spread(cv::Mat &values, double deviation) {
  const int side = std::max(1, int(std::lround(deviation * 1.1))) * 2 + 1;
  for (int turn = 0; turn < 3; ++turn)
    cv::blur(values, values, {side, side}, {-1, -1}, cv::BORDER_CONSTANT);
}

float brightness(const cv::Vec3f &color) { return 0.3f * color[0] + 0.59f * color[1] + 0.11f * color[2]; }

/// The colours under `mask` alone, each as the mean of a small neighbourhood.
cv::Mat within(const cv::Mat &picture, const cv::Mat &mask) {
  cv::Mat share, shares, colors;
  mask.convertTo(share, CV_32F, 1.0 / 255);
  picture.convertTo(colors, CV_32F);
  cv::merge(std::vector<cv::Mat>{share, share, share}, shares);
  colors = colors.mul(shares);
  const cv::Scalar mean = cv::sum(colors) / std::max(1.0, cv::sum(share)[0]);
  spread(colors, 2.5), spread(shares, 2.5);
  return (colors + mean * 0.02) / (shares + cv::Scalar::all(0.02));
}

/// The mean of the brightest fifth under `mask`: the whites of the eyes.
cv::Vec3f whites(const cv::Mat &picture, const cv::Mat &mask) {
  std::vector<std::pair<float, cv::Vec3b>> pixels;
  for (int row = 0; row < picture.rows; ++row)
    for (int column = 0; column < picture.cols; ++column)
      if (mask.at<uint8_t>(row, column))
        pixels.emplace_back(brightness(picture.at<cv::Vec3b>(row, column)),
                            picture.at<cv::Vec3b>(row, column));
  const size_t count = std::max<size_t>(1, pixels.size() / 5);
  if (pixels.size() < 5) return {255, 255, 255};
  std::partial_sort(pixels.begin(), pixels.begin() + ptrdiff_t(count), pixels.end(),
                    [](const auto &a, const auto &b) { return a.first > b.first; });
  cv::Vec3f sum(0, 0, 0);
  for (size_t index = 0; index < count; ++index) sum += cv::Vec3f(pixels[index].second);
  return sum / float(count);
}

}  // namespace

cv::Mat lit(const cv::Mat &face, const cv::Mat &scene, const cv::Mat &known, const Chart &chart) {
  // Half the chart's size does: all of this is smooth.
  const cv::Size half(Chart::width / 2, Chart::height / 2);
  cv::Mat weight, a, b;
  cv::resize(known, weight, half, 0, 0, cv::INTER_AREA);
  const cv::Scalar total = cv::sum(weight);
  if (total[0] < 8) return cv::Mat(face.size(), CV_32FC3, cv::Scalar::all(1));
  cv::Mat full;
  cv::merge(std::vector<cv::Mat>{known, known, known}, full);
  const auto light = [&](const cv::Mat &picture) {
    // What is no skin must not bleed in where the picture is made smaller.
    cv::Mat small, real;
    cv::multiply(picture, full, real, 1, CV_32F);
    cv::resize(real, small, half, 0, 0, cv::INTER_AREA);
    return small;
  };
  a = light(face), b = light(scene);
  const cv::Scalar faceMean = cv::sum(a) / total[0], sceneMean = cv::sum(b) / total[0];
  const double reach = softness * chart.frame().unit() / 2;
  spread(a, reach), spread(b, reach);
  a += faceMean * trust, b += sceneMean * trust;
  cv::Vec3f whole;
  for (int k = 0; k < 3; ++k) whole[k] = float(sceneMean[k] / std::max(1.0, faceMean[k]));
  const float wholeBright = brightness(whole);
  cv::Mat gain(half, CV_32FC3);
  for (int row = 0; row < half.height; ++row)
    for (int column = 0; column < half.width; ++column) {
      const cv::Vec3f &from = a.at<cv::Vec3f>(row, column), &to = b.at<cv::Vec3f>(row, column);
      const float bright = std::clamp(brightness(to) / std::max(0.01f, brightness(from)),
                                      wholeBright * darkest, wholeBright * brightest);
      cv::Vec3f &made = gain.at<cv::Vec3f>(row, column);
      const float own = std::max(0.01f, brightness(to) / std::max(0.01f, brightness(from)));
      for (int k = 0; k < 3; ++k) {
        const float tint = to[k] / std::max(0.01f, from[k]) / own;
        made[k] = bright * std::clamp(tint, 1 / greatestTint, greatestTint);
      }
    }
  cv::Mat result;
  cv::resize(gain, result, face.size(), 0, 0, cv::INTER_LINEAR);

  const cv::Mat lips = chart.softLips(), eyes = chart.softEyes();
  const cv::Rect mouth = cv::boundingRect(lips > 0);
  const cv::Mat only = chart.lips()(mouth);
  const cv::Mat lipsThere = within(scene(mouth), only), lipsHere = within(face(mouth), only);
  const cv::Mat eyesOnly = chart.openEyes();
  const cv::Vec3f whitesThere = whites(scene, eyesOnly), whitesHere = whites(face, eyesOnly);
  const float shining = brightness(whitesThere) / std::max(1.f, brightness(whitesHere));
  cv::Vec3f shine;
  for (int k = 0; k < 3; ++k) {
    const float tint = whitesThere[k] / std::max(1.f, whitesHere[k]) / std::max(0.01f, shining);
    shine[k] = std::clamp(shining, 0.7f, 1.15f) * std::clamp(tint, 1 / greatestTint, greatestTint);
  }
  for (int row = 0; row < result.rows; ++row)
    for (int column = 0; column < result.cols; ++column) {
      cv::Vec3f &made = result.at<cv::Vec3f>(row, column);
      const float lip = lips.at<float>(row, column), eye = eyes.at<float>(row, column);
      if (lip > 0)
        for (int k = 0; k < 3; ++k) {
          const float rouge = lipsThere.at<cv::Vec3f>(row - mouth.y, column - mouth.x)[k] /
                              std::max(1.f, lipsHere.at<cv::Vec3f>(row - mouth.y, column - mouth.x)[k]);
          const float wanted = std::clamp(rouge, made[k] * 0.6f, made[k] * 1.3f);
          made[k] += (wanted - made[k]) * borrowed * lip;
        }
      if (eye > 0)
        for (int k = 0; k < 3; ++k) made[k] += (shine[k] - made[k]) * eye;
    }
  return result;
}

}  // namespace faces

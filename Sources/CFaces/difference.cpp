#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include "mesh.h"
#include "support.h"
#include "topology.h"

namespace {

using faces::Mesh;

/// A face is compared at so many squares across: finer than features, coarser than what encoding alters.
constexpr int across = 16;
/// Where no face is known the longer side is compared at so many squares.
constexpr int acrossWhole = 64;
/// Contrast below this counts as this much, or noise would be all that there is. 0 to 255.
constexpr double leastContrast = 10;
/// More samples than this say nothing new of how colours moved.
constexpr size_t mostSamples = 4096;

/// The means of the squares of a grid.
cv::Mat squares(const cv::Mat &picture, const cv::Size &grid) {
  cv::Mat small, result;
  cv::resize(picture, small, grid, 0, 0, cv::INTER_AREA);
  faces::colors(small).convertTo(result, CV_32F);
  return result;
}

/// What of a grid over `size` lies in the outline of a face, grown around its middle.
cv::Mat inside(const Mesh &mesh, double growth, const cv::Size &size, const cv::Size &grid) {
  cv::Point2d middle(0, 0);
  for (const uint16_t point : faces::oval) middle += mesh.flat(point);
  middle /= double(faces::oval.size());
  std::vector<cv::Point> outline;
  for (const uint16_t point : faces::oval) {
    const cv::Point2d place = (mesh.flat(point) - middle) * growth + middle;
    outline.emplace_back(int(std::lround(((place.x + 0.5) * grid.width / size.width - 0.5) * 16)),
                         int(std::lround(((place.y + 0.5) * grid.height / size.height - 0.5) * 16)));
  }
  cv::Mat mask = cv::Mat::zeros(grid, CV_8U);
  cv::fillPoly(mask, std::vector<std::vector<cv::Point>>{outline}, 255, cv::LINE_8, 4);
  return mask;
}

float median(std::vector<float> values) {
  if (values.empty()) return 0;
  std::nth_element(values.begin(), values.begin() + long(values.size() / 2), values.end());
  return values[values.size() / 2];
}

/// How the samples of one channel moved as a whole: brightness and contrast are no other face.
struct Shift {
  double gain = 1, offset = 0;

  /// Fitted to what most of the samples did: the rest may be the new face.
  Shift(const std::vector<float> &from, const std::vector<float> &to) {
    std::vector<float> apart(from.size());
    for (size_t k = 0; k < from.size(); ++k) apart[k] = to[k] - from[k];
    offset = median(apart);
    for (int turn = 0; turn < 4; ++turn) {
      std::vector<float> error(from.size());
      for (size_t k = 0; k < from.size(); ++k) error[k] = float(std::abs(to[k] - gain * from[k] - offset));
      const double most = std::max(1.0, 2.5 * 1.48 * median(error));
      double count = 0, x = 0, y = 0, xx = 0, xy = 0;
      for (size_t k = 0; k < from.size(); ++k) {
        if (error[k] >= most) continue;
        count += 1, x += from[k], y += to[k], xx += double(from[k]) * from[k], xy += double(from[k]) * to[k];
      }
      const double spread = count < 20 ? 0 : xx / count - (x / count) * (x / count);
      if (spread < 16) return;
      gain = (xy / count - x / count * y / count) / spread;
      offset = y / count - gain * x / count;
    }
  }
};

/// The squares' differences, without what moved all over the picture: told by the squares in `told`.
cv::Mat difference(const cv::Mat &scene, const cv::Mat &result, const cv::Mat &told) {
  std::vector<cv::Point> places;
  cv::findNonZero(told, places);
  const size_t step = std::max(size_t(1), places.size() / mostSamples);
  cv::Mat sum = cv::Mat::zeros(scene.size(), CV_32F);
  for (int k = 0; k < 3; ++k) {
    std::vector<float> from, to;
    for (size_t index = 0; index < places.size(); index += step) {
      from.push_back(scene.at<cv::Vec3f>(places[index])[k]);
      to.push_back(result.at<cv::Vec3f>(places[index])[k]);
    }
    const Shift shift(from, to);
    for (int y = 0; y < sum.rows; ++y)
      for (int x = 0; x < sum.cols; ++x) {
        const double apart = result.at<cv::Vec3f>(y, x)[k] - shift.gain * scene.at<cv::Vec3f>(y, x)[k] - shift.offset;
        sum.at<float>(y, x) += float(apart * apart / 3);
      }
  }
  return sum;
}

cv::Size grid(const cv::Size &size, double square) {
  return {std::max(4, int(std::lround(size.width / square))), std::max(4, int(std::lround(size.height / square)))};
}

/// How far `mesh`, one of `all`, differs, in its contrast.
double ofFace(const cv::Mat &scene, const cv::Mat &result, const Mesh &mesh, const std::vector<Mesh> &all) {
  const cv::Size size = scene.size(), cells = grid(size, std::max(1.5, faces::bounds(mesh).width / across));
  const cv::Mat before = squares(scene, cells), after = squares(result, cells);
  cv::Mat outside(cells, CV_8U, cv::Scalar(255));
  for (const Mesh &one : all) outside.setTo(0, inside(one, 1.5, size, cells));
  if (cv::countNonZero(outside) <= 60) outside.setTo(255);
  const cv::Mat face = inside(mesh, 0.9, size, cells);
  if (cv::countNonZero(face) < 8) throw faces::BadArgument("the face lies outside the picture");
  const double apart = std::sqrt(cv::mean(difference(before, after, outside), face)[0]);
  cv::Scalar mean, spread;
  cv::meanStdDev(before, mean, spread, face);
  return apart / ((spread[0] + spread[1] + spread[2]) / 3 + leastContrast);
}

/// How far any part differs, in levels of 255.
double ofParts(const cv::Mat &scene, const cv::Mat &result) {
  const cv::Size size = scene.size();
  const cv::Size cells = grid(size, std::max(1.0, double(std::max(size.width, size.height)) / acrossWhole));
  const cv::Mat all(cells, CV_8U, cv::Scalar(255));
  cv::Mat apart = difference(squares(scene, cells), squares(result, cells), all);
  cv::boxFilter(apart, apart, -1, {3, 3});
  double most = 0;
  cv::minMaxLoc(apart, nullptr, &most);
  return std::sqrt(most);
}

}  // namespace

FacesStatus faces_difference(FacesPicture scene, FacesPicture result, const FacesMesh *meshes, int32_t count,
                             double *differences, FacesMessage *message) {
  return faces::guarded(message, [&] {
    const cv::Mat before = faces::matrix(scene), after = faces::matrix(result);
    std::vector<Mesh> all;
    for (int32_t index = 0; index < count; ++index) all.emplace_back(meshes[index]);
    for (size_t index = 0; index < all.size(); ++index)
      differences[index] = ofFace(before, after, all[index], all);
  });
}

FacesStatus faces_difference_of_parts(FacesPicture scene, FacesPicture result, double *difference,
                                      FacesMessage *message) {
  return faces::guarded(message, [&] { *difference = ofParts(faces::matrix(scene), faces::matrix(result)); });
}

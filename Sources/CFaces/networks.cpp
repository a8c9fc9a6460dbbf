#include "networks.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "reduce.h"
#include "support.h"

namespace faces {
namespace {

/// Both networks look at squares of so many pixels.
constexpr int side = 192;
/// The detector's proposals stand four pixels apart.
constexpr int grid = side / 4;
/// A proposal has a middle, a size and six points; here the first two of these, the eyes, count.
constexpr int numbers = 16;
/// Low, because the mesh's network has the last word.
constexpr float leastScore = 0.3f;
/// Proposals that share so much are one face.
constexpr double overlap = 0.3;

cv::dnn::Net loaded(const FacesBytes &bytes) {
  try {
    cv::dnn::Net net = cv::dnn::readNetFromONNX(reinterpret_cast<const char *>(bytes.start), bytes.count);
    net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    net.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
    return net;
  } catch (const std::exception &) {
    throw BadNetwork("a network cannot be read");
  }
}

double certainty(float value) { return 1 / (1 + std::exp(-double(std::clamp(value, -80.f, 80.f)))); }

double shared(const cv::Rect2d &a, const cv::Rect2d &b) {
  const double both = (a & b).area();
  return both / std::max(1e-9, a.area() + b.area() - both);
}

/// The part of `picture` that `map` takes to a square of `side` pixels; a strong reduction is averaged
/// first, because it would alias.
cv::Mat seen(const cv::Mat &picture, const Window &window) {
  const double scale = side / window.side;
  const double c = std::cos(window.angle) / scale, s = std::sin(window.angle) / scale;
  const double half = (side - 1) / 2.0;
  cv::Matx23d map(c, -s, window.middle.x - c * half + s * half,  //
                  s, c, window.middle.y - s * half - c * half);
  cv::Mat part = picture;
  if (scale < 0.5) {
    const double reach = window.side * 0.75;
    const auto whole = [](double value) { return int(std::clamp(std::floor(value), -1e6, 1e6)); };
    const cv::Rect need = cv::Rect(whole(window.middle.x - reach), whole(window.middle.y - reach),
                                   whole(2 * reach) + 2, whole(2 * reach) + 2) &
                          cv::Rect({}, picture.size());
    if (need.area() > 0) {
      const Reduced reduced(picture, need, scale);
      part = reduced.pixels;
      for (int k = 0; k < 2; ++k) map(0, k) /= reduced.factor, map(1, k) /= reduced.factor;
      map(0, 2) = reduced.x(map(0, 2));
      map(1, 2) = reduced.y(map(1, 2));
    }
  }
  cv::Mat view;
  cv::warpAffine(part, view, map, {side, side}, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                 cv::BORDER_CONSTANT);
  return view;
}

}  // namespace

std::vector<Proposal> merged(std::vector<Proposal> proposals) {
  std::sort(proposals.begin(), proposals.end(), [](const Proposal &a, const Proposal &b) {
    return std::tie(b.score, a.box.x, a.box.y) < std::tie(a.score, b.box.x, b.box.y);
  });
  std::vector<Proposal> result;
  std::vector<bool> done(proposals.size(), false);
  for (size_t first = 0; first < proposals.size(); ++first) {
    if (done[first]) continue;
    Proposal mean = {{0, 0, 0, 0}, {0, 0}, {0, 0}, proposals[first].score};
    double weight = 0;
    for (size_t other = first; other < proposals.size(); ++other) {
      const Proposal &one = proposals[other];
      if (done[other] || shared(proposals[first].box, one.box) <= overlap) continue;
      done[other] = true;
      weight += one.score;
      mean.box.x += one.box.x * one.score, mean.box.y += one.box.y * one.score;
      mean.box.width += one.box.width * one.score, mean.box.height += one.box.height * one.score;
      mean.left += one.left * one.score, mean.right += one.right * one.score;
    }
    mean.box = {mean.box.x / weight, mean.box.y / weight, mean.box.width / weight,
                mean.box.height / weight};
    mean.left /= weight, mean.right /= weight;
    result.push_back(mean);
  }
  return result;
}

Detector::Detector(const FacesBytes &bytes) : net_(loaded(bytes)) {}

std::vector<Proposal> Detector::find(const cv::Mat &picture, const cv::Rect &part) {
  const double scale = double(side) / std::max(part.width, part.height);
  const cv::Size size(std::clamp(int(std::lround(part.width * scale)), 1, side),
                      std::clamp(int(std::lround(part.height * scale)), 1, side));
  const cv::Point corner((side - size.width) / 2, (side - size.height) / 2);
  cv::Mat sized;
  const cv::Mat near = Reduced(picture, part, scale).pixels;
  cv::resize(near, sized, size, 0, 0, scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
  cv::Mat view(side, side, CV_8UC3, cv::Scalar::all(0));
  colors(sized).copyTo(view(cv::Rect(corner, size)));
  net_.setInput(cv::dnn::blobFromImage(view, 1 / 127.5, {}, cv::Scalar::all(127.5)));
  std::vector<cv::Mat> answers;
  net_.forward(answers, std::vector<cv::String>{"output0", "output1"});
  const bool isInOrder = answers[0].total() > answers[1].total();
  const float *places = answers[isInOrder ? 0 : 1].ptr<float>();
  const float *scores = answers[isInOrder ? 1 : 0].ptr<float>();

  std::vector<Proposal> found;
  const double sx = double(part.width) / size.width, sy = double(part.height) / size.height;
  for (int index = 0; index < grid * grid; ++index) {
    const double score = certainty(scores[index]);
    if (score < leastScore) continue;
    const float *place = places + index * numbers;
    const double x = (index % grid + 0.5) * side / grid, y = (index / grid + 0.5) * side / grid;
    const auto at = [&](int k) {
      return cv::Point2d((x + place[k] - corner.x) * sx + part.x,
                         (y + place[k + 1] - corner.y) * sy + part.y);
    };
    const cv::Point2d middle = at(0);
    const double width = place[2] * sx, height = place[3] * sy;
    if (!(width > 0 && height > 0)) continue;
    found.push_back({{middle.x - width / 2, middle.y - height / 2, width, height}, at(4), at(6), score});
  }
  return merged(std::move(found));
}

Mesher::Mesher(const FacesBytes &bytes) : net_(loaded(bytes)) {}

Mesh Mesher::look(const cv::Mat &picture, const Window &window) {
  if (!(window.side >= 4 && window.side < farthest)) throw BadArgument("the face has no size");
  net_.setInput(cv::dnn::blobFromImage(colors(seen(picture, window)), 1 / 255.0));
  std::vector<cv::Mat> answers;
  net_.forward(answers, std::vector<cv::String>{"output0", "output1"});
  const bool isInOrder = answers[0].total() > answers[1].total();
  const float *places = answers[isInOrder ? 0 : 1].ptr<float>();
  const double scale = window.side / side, half = (side - 1) / 2.0;
  const double c = std::cos(window.angle) * scale, s = std::sin(window.angle) * scale;
  Mesh mesh;
  mesh.score = certainty(*answers[isInOrder ? 1 : 0].ptr<float>());
  for (cv::Point3f &point : mesh.points) {
    const double x = places[0] - half, y = places[1] - half;
    point = cv::Point3f(float(window.middle.x + x * c - y * s), float(window.middle.y + x * s + y * c),
                        float(places[2] * scale));
    places += 3;
  }
  return mesh;
}

}  // namespace faces

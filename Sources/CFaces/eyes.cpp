#include "finder.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Weverything"
#include <opencv2/imgproc.hpp>
#pragma clang diagnostic pop

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "support.h"

namespace {

// dlib's box runs from the brows to the chin. These are shares of its sides, averaged over upright
// faces: where the eyes lie, and how far a tilted head moves them.
constexpr double eyeX = 0.29, eyeY = 0.27;
constexpr double regionTop = -0.06, regionBottom = 0.62;
constexpr double leastDistance = 0.28, greatestDistance = 0.58;
constexpr double greatestSlope = 0.62;  // tan 32 degrees; dlib finds no face beyond that
/// The width that the box is brought to, so that the cascade always sees eyes of one size.
constexpr int searchedWidth = 220;

struct Candidate {
  cv::Point2d middle;
  double size;
};

/// The middle of the iris: the point that the edges around it point away from, dark itself.
///
/// After F. Timm and E. Barth, "Accurate eye centre localisation by means of gradients" (2011): lids
/// and brows are darker than many irises, but nothing else in an eye is round.
cv::Point2d pupil(const cv::Mat &gray, const cv::Point2d &about, double apart) {
  const cv::Rect eye = cv::Rect(int(about.x - 0.25 * apart), int(about.y - 0.17 * apart),
                                int(0.5 * apart), int(0.34 * apart)) & cv::Rect({}, gray.size());
  if (eye.width < 8 || eye.height < 8) return about;
  cv::Mat smooth, dx, dy;
  cv::GaussianBlur(gray(eye), smooth, {5, 5}, 1.0);
  cv::Sobel(smooth, dx, CV_32F, 1, 0);
  cv::Sobel(smooth, dy, CV_32F, 0, 1);

  struct Edge {
    float x, y, dx, dy;
  };
  std::vector<Edge> edges;
  double total = 0, squares = 0;
  for (int row = 0; row < smooth.rows; ++row)
    for (int column = 0; column < smooth.cols; ++column) {
      const float x = dx.at<float>(row, column), y = dy.at<float>(row, column);
      const float length = std::sqrt(x * x + y * y);
      total += length;
      squares += double(length) * length;
      if (length > 1) edges.push_back({float(column), float(row), x, y});
    }
  const double count = double(smooth.total()), mean = total / count;
  const double strong = mean + 0.5 * std::sqrt(std::max(0.0, squares / count - mean * mean));

  // An iris is 11.7 mm across and the eyes are some 63 mm apart: only edges at about that radius
  // vote, with room for drawn and for young faces, whose irises are larger.
  const float least = float(apart) * 0.075f, greatest = float(apart) * 0.135f;
  cv::Mat votes = cv::Mat::zeros(smooth.size(), CV_32F);
  for (const Edge &edge : edges) {
    const float length = std::sqrt(edge.dx * edge.dx + edge.dy * edge.dy);
    if (length < strong) continue;
    // From dark to bright the edge points outwards, so the middle lies against it.
    const float ux = edge.dx / length, uy = edge.dy / length;
    for (float step = least; step <= greatest; step += 0.5f) {
      const int column = int(std::lround(edge.x - ux * step));
      const int row = int(std::lround(edge.y - uy * step));
      if (column < 0 || row < 0 || column >= votes.cols || row >= votes.rows) continue;
      // Sideways edges weigh more: the lids cut the iris off above and below.
      votes.at<float>(row, column) += 0.35f + std::abs(ux);
    }
  }
  for (int row = 0; row < votes.rows; ++row)
    for (int column = 0; column < votes.cols; ++column)
      votes.at<float>(row, column) *= float(255 - smooth.at<uint8_t>(row, column));
  cv::Mat spread;
  cv::GaussianBlur(votes, spread, {0, 0}, apart * 0.022);
  double best;
  cv::Point place;
  cv::minMaxLoc(spread, nullptr, &best, nullptr, &place);
  if (best <= 0) return about;

  // Between the pixels: the votes' centre of gravity around the peak.
  double weight = 0, x = 0, y = 0;
  const int reach = std::max(1, int(apart / 45));
  for (int row = std::max(0, place.y - reach); row <= std::min(spread.rows - 1, place.y + reach); ++row)
    for (int column = std::max(0, place.x - reach);
         column <= std::min(spread.cols - 1, place.x + reach); ++column) {
      const double vote = spread.at<float>(row, column);
      weight += vote;
      x += vote * column;
      y += vote * row;
    }
  return {eye.x + x / weight, eye.y + y / weight};
}

/// The most credible pair: level within reason, as far apart as eyes are, of like size.
std::optional<std::pair<Candidate, Candidate>> pair(const std::vector<Candidate> &candidates,
                                                    const cv::Size &box) {
  std::optional<std::pair<Candidate, Candidate>> best;
  double lowest = 1e9;
  for (const Candidate &a : candidates)
    for (const Candidate &b : candidates) {
      const double across = b.middle.x - a.middle.x, down = b.middle.y - a.middle.y;
      const double distance = std::hypot(across, down) / box.width;
      if (across <= 0 || std::abs(down) > across * greatestSlope) continue;
      if (distance < leastDistance || distance > greatestDistance) continue;
      if (std::max(a.size, b.size) > 1.7 * std::min(a.size, b.size)) continue;
      const double x = (a.middle.x + b.middle.x) / 2 / box.width;
      const double y = (a.middle.y + b.middle.y) / 2 / box.height;
      if (std::abs(x - 0.5) > 0.2 || std::abs(y - eyeY) > 0.2) continue;
      const double cost = std::abs(x - 0.5) + 1.5 * std::abs(y - eyeY) +
                          std::abs(distance - (1 - 2 * eyeX)) +
                          0.3 * std::abs(std::log(a.size / b.size));
      if (cost < lowest) {
        lowest = cost;
        best = {a, b};
      }
    }
  return best;
}

}  // namespace

FacesStatus faces_eyes(FacesFinder *finder, FacesPicture picture, FacesBox box, FacesEyes *eyes,
                       FacesMessage *message) {
  return faces::guarded(message, [&] {
    const cv::Mat pixels = faces::matrix(picture);
    faces::check(box);
    if (box.width < 1 || box.height < 1) throw faces::BadArgument("the box has no pixels");
    *eyes = {box.x + eyeX * box.width, box.y + eyeY * box.height,
             box.x + (1 - eyeX) * box.width, box.y + eyeY * box.height, false};

    const FacesBox upper = {box.x - box.width / 12, box.y + int32_t(box.height * regionTop),
                            box.width + box.width / 6,
                            int32_t(box.height * (regionBottom - regionTop))};
    const cv::Rect region = faces::within(upper, pixels.size());
    const double scale = double(searchedWidth) / box.width;
    cv::Mat sized;
    const cv::Mat gray = faces::lightness(pixels(region));
    cv::resize(gray, sized, {}, scale, scale, scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
    cv::Mat even;
    cv::equalizeHist(sized, even);

    std::vector<cv::Rect> found;
    finder->cascade.detectMultiScale(even, found, 1.08, 4, 0, {34, 34}, {90, 90});
    std::vector<Candidate> candidates;
    const cv::Point2d offset((box.x - region.x) * scale, (box.y - region.y) * scale);
    for (const cv::Rect &eye : found)
      candidates.push_back({cv::Point2d(eye.x + (eye.width - 1) / 2.0,
                                        eye.y + (eye.height - 1) * 0.53) - offset,
                            double(eye.width)});
    const cv::Size searched(searchedWidth, int(std::lround(box.height * scale)));
    if (const auto best = pair(candidates, searched)) {
      const cv::Point2d between = best->second.middle - best->first.middle;
      const double apart = std::hypot(between.x, between.y);
      const cv::Point2d left = pupil(sized, best->first.middle + offset, apart) - offset;
      const cv::Point2d right = pupil(sized, best->second.middle + offset, apart) - offset;
      // A pixel's middle is a whole number in both pictures, hence the halves.
      const auto back = [&](double value) { return (value + 0.5) / scale - 0.5; };
      *eyes = {box.x + back(left.x), box.y + back(left.y), box.x + back(right.x),
               box.y + back(right.y), true};
    }
  });
}

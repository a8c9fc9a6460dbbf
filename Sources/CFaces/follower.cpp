#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "finder.h"
#include "mask.h"
#include "reduce.h"
#include "steady.h"
#include "support.h"

namespace {

using faces::Mesh;
using faces::Window;

/// Below this the network sees no face where one was.
constexpr double leastCertainty = 0.5;
/// From one frame to the next a face grows or shrinks by less.
constexpr double mostGrowth = 1.6;
/// A face that moved further, in widths, is looked at once more from where it went.
constexpr double farMove = 0.08;
/// Less alike than this it has become another one, or a hand.
constexpr double leastLikeness = 0.3;
/// What a face looks like is learned anew so fast.
constexpr double learning = 0.1;
/// A face's likeness is taken at so few pixels.
constexpr int signatureSide = 24;

bool isSame(const cv::Mat &a, const cv::Mat &b) {
  if (a.size() != b.size() || a.type() != b.type()) return false;
  for (int line = 0; line < a.rows; ++line)
    if (std::memcmp(a.ptr(line), b.ptr(line), size_t(a.cols) * a.elemSize()) != 0) return false;
  return true;
}

/// What a face looks like: light and dark from brows to chin, without brightness and contrast.
cv::Mat signature(const cv::Mat &picture, const Mesh &mesh) {
  const faces::Frame frame(faces::eyes(mesh));
  const auto place = [&](double column, double row) {
    return frame.picture(2 * column / signatureSide - 1, 2 * row / signatureSide - 0.6);
  };
  const cv::Point2d origin = place(0, 0), right = place(1, 0), down = place(0, 1);
  const int room = int(std::ceil(frame.unit() * 1.8));
  const auto whole = [](double value) { return int(std::clamp(std::floor(value), -1e6, 1e6)); };
  const cv::Point corner(whole(frame.middle.x) - room, whole(frame.middle.y) - room);
  const cv::Rect part = cv::Rect(corner, cv::Size(2 * room, 2 * room)) & cv::Rect({}, picture.size());
  if (part.area() < 1) return cv::Mat::zeros(signatureSide, signatureSide, CV_32F);
  // Averaged over about a pixel of the result.
  cv::Mat light, result;
  const faces::Reduced small(picture, part, signatureSide / (2 * frame.unit()));
  const double scale = 1.0 / small.factor;
  const cv::Matx23d map((right.x - origin.x) * scale, (down.x - origin.x) * scale, small.x(origin.x),
                        (right.y - origin.y) * scale, (down.y - origin.y) * scale, small.y(origin.y));
  cv::warpAffine(faces::lightness(small.pixels), light, map, {signatureSide, signatureSide},
                 cv::INTER_LINEAR | cv::WARP_INVERSE_MAP, cv::BORDER_REPLICATE);
  light.convertTo(result, CV_32F);
  result -= cv::mean(result);
  const double norm = cv::norm(result);
  if (norm > 0) result /= norm;
  return result;
}

}  // namespace

struct FacesFollower {
  FacesFollower(const cv::Mat &picture, const Mesh &mesh) : signature_(signature(picture, mesh)) {
    resume(picture, mesh);
  }

  void resume(const cv::Mat &picture, const Mesh &mesh) {
    raw_ = shown_ = mesh;
    steadier_.begin(mesh);
    remember(picture);
  }

  bool follow(faces::Mesher &mesher, const cv::Mat &picture, Mesh &shown) {
    const cv::Rect part = reach(picture.size());
    // The same bytes are the same face: nothing trembles in a still scene.
    if (part == part_ && part.area() > 0 && isSame(picture(part), before_)) {
      shown = shown_;
      return true;
    }
    const cv::Rect2d old = faces::bounds(raw_);
    Mesh mesh = mesher.look(picture, Window::around(raw_));
    cv::Rect2d box = faces::bounds(mesh);
    if (mesh.score >= leastCertainty && cv::norm(middle(box) - middle(old)) > farMove * old.width) {
      mesh = mesher.look(picture, Window::around(mesh));
      box = faces::bounds(mesh);
    }
    const double growth = box.width / std::max(1.0, old.width);
    if (mesh.score < leastCertainty || growth > mostGrowth || growth < 1 / mostGrowth) return false;
    const cv::Mat now = signature(picture, mesh);
    if (now.dot(signature_) < leastLikeness) return false;
    signature_ = signature_ * (1 - learning) + now * learning;
    signature_ /= std::max(1e-6, cv::norm(signature_));
    raw_ = mesh;
    shown = shown_ = steadier_.next(mesh);
    remember(picture);
    return true;
  }

  double likeness(const cv::Mat &picture, const Mesh &mesh) const {
    return signature(picture, mesh).dot(signature_);
  }

 private:
  static cv::Point2d middle(const cv::Rect2d &box) { return (box.tl() + box.br()) / 2; }

  /// What the network is shown of a picture.
  cv::Rect reach(const cv::Size &size) const {
    const Window window = Window::around(raw_);
    const int half = int(std::min(1e6, std::ceil(window.side * 0.71)));
    const int x = int(std::clamp(window.middle.x, -1e6, 1e6));
    const int y = int(std::clamp(window.middle.y, -1e6, 1e6));
    return cv::Rect(x - half, y - half, 2 * half, 2 * half) & cv::Rect({}, size);
  }

  void remember(const cv::Mat &picture) {
    part_ = reach(picture.size());
    before_ = part_.area() > 0 ? picture(part_).clone() : cv::Mat();
  }

  Mesh raw_, shown_;
  faces::Steadier steadier_;
  cv::Mat signature_, before_;
  cv::Rect part_;
};

FacesStatus faces_follower_create(FacesPicture picture, const FacesMesh *mesh, FacesFollower **follower,
                                  FacesMessage *message) {
  return faces::guarded(message, [&] {
    *follower = new FacesFollower(faces::matrix(picture), Mesh(*mesh));
  });
}

void faces_follower_destroy(FacesFollower *follower) { delete follower; }

FacesStatus faces_follower_follow(FacesFollower *follower, FacesFinder *finder, FacesPicture picture,
                                  FacesMesh *mesh, bool *found, FacesMessage *message) {
  *found = false;
  return faces::guarded(message, [&] {
    Mesh shown;
    *found = follower->follow(finder->mesher, faces::matrix(picture), shown);
    *mesh = shown.plain();
  });
}

FacesStatus faces_follower_likeness(FacesFollower *follower, FacesPicture picture, const FacesMesh *mesh,
                                    double *likeness, FacesMessage *message) {
  return faces::guarded(message, [&] {
    *likeness = follower->likeness(faces::matrix(picture), Mesh(*mesh));
  });
}

FacesStatus faces_follower_resume(FacesFollower *follower, FacesPicture picture, const FacesMesh *mesh,
                                  FacesMessage *message) {
  return faces::guarded(message, [&] { follower->resume(faces::matrix(picture), Mesh(*mesh)); });
}

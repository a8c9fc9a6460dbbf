#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Weverything"
#include <opencv2/imgproc.hpp>
#pragma clang diagnostic pop

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <vector>

#include "mask.h"
#include "support.h"

namespace {

using Complex = std::complex<double>;

// The part of a face that moves as one: brows to upper lip, in eye distances.
constexpr double left = -0.9, right = 0.9, upper = -0.5, lower = 0.95;
/// How much around the face's middle is looked at.
constexpr double sight = 2.2;
/// Pixels of an eye distance, from coarse to fine.
constexpr std::array<int, 2> densities = {16, 32};
constexpr int coarse = 8;

/// A face's place: the middle between its eyes and the way from the left to the right one.
struct Place {
  Complex middle, across;

  explicit Place(const FacesEyes &eyes)
      : middle((eyes.left_x + eyes.right_x) / 2, (eyes.left_y + eyes.right_y) / 2),
        across(eyes.right_x - eyes.left_x, eyes.right_y - eyes.left_y) {}

  FacesEyes eyes() const {
    const Complex a = middle - across / 2.0, b = middle + across / 2.0;
    return {a.real(), a.imag(), b.real(), b.imag()};
  }
};

/// A frame's surroundings of a face in grey, at some pixels an eye distance.
struct View {
  cv::Mat gray;
  /// From the frame's pixels to the view's: (place - corner) * scale.
  Complex corner;
  double scale;

  View(const cv::Mat &picture, const Place &place, int density) {
    const double unit = std::abs(place.across);
    const int reach = std::max(8, int(std::ceil(sight * unit)));
    const cv::Rect wanted(int(std::floor(place.middle.real())) - reach,
                          int(std::floor(place.middle.imag())) - reach, 2 * reach, 2 * reach);
    const cv::Rect part = wanted & cv::Rect({}, picture.size());
    if (part.area() < 16) throw faces::BadArgument("the face has left the picture");
    cv::Mat whole;
    cv::copyMakeBorder(faces::lightness(picture(part)), whole, part.y - wanted.y,
                       wanted.br().y - part.br().y, part.x - wanted.x,
                       wanted.br().x - part.br().x, cv::BORDER_REPLICATE);
    const int side = std::max(8, int(std::lround(2 * reach * density / unit)));
    scale = double(side) / (2 * reach);
    cv::Mat sized;
    cv::resize(whole, sized, {side, side}, 0, 0, scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
    sized.convertTo(gray, CV_32F);
    corner = Complex(wanted.x, wanted.y);
  }

  Complex inside(const Complex &place) const {
    return (place - corner + Complex(0.5, 0.5)) * scale - Complex(0.5, 0.5);
  }

  /// The face at `place`, `density` pixels an eye distance.
  cv::Mat patch(const Place &place, int density) const {
    const cv::Size size(int((right - left) * density) + 1, int((lower - upper) * density) + 1);
    const Complex step = place.across * scale / double(density);
    const Complex origin = inside(place.middle + Complex(left, upper) * place.across);
    const cv::Matx23d map(step.real(), -step.imag(), origin.real(), step.imag(), step.real(),
                          origin.imag());
    cv::Mat result;
    cv::warpAffine(gray, result, map, size, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                   cv::BORDER_REPLICATE);
    return result;
  }
};

/// Light and contrast taken out: a mean of zero and a spread of one.
cv::Mat plain(const cv::Mat &patch) {
  cv::Scalar mean, spread;
  cv::meanStdDev(patch, mean, spread);
  return (patch - mean[0]) / std::max(1.0, spread[0]);
}

/// How a face looks at one density, and which way its look changes when it moves.
///
/// Inverse compositional alignment after S. Baker and I. Matthews, "Lucas-Kanade 20 years on" (2004).
struct Model {
  int density;
  cv::Mat look;
  /// The change with a move to the right, down, a growth and a turn.
  std::array<cv::Mat, 4> slopes;
  cv::Matx44d inverse;

  Model(const View &view, const Place &place, int density)
      : density(density), look(plain(view.patch(place, density))) {
    cv::Mat dx, dy;
    cv::Sobel(look, dx, CV_32F, 1, 0, 3, density / 8.0);
    cv::Sobel(look, dy, CV_32F, 0, 1, 3, density / 8.0);
    for (cv::Mat &slope : slopes) slope = cv::Mat(look.size(), CV_32F);
    for (int row = 0; row < look.rows; ++row)
      for (int column = 0; column < look.cols; ++column) {
        const float x = float(left + double(column) / density);
        const float y = float(upper + double(row) / density);
        const float gx = dx.at<float>(row, column), gy = dy.at<float>(row, column);
        slopes[0].at<float>(row, column) = gx;
        slopes[1].at<float>(row, column) = gy;
        slopes[2].at<float>(row, column) = gx * x + gy * y;
        slopes[3].at<float>(row, column) = gy * x - gx * y;
      }
    cv::Matx44d square;
    for (int a = 0; a < 4; ++a)
      for (int b = 0; b < 4; ++b) square(a, b) = slopes[size_t(a)].dot(slopes[size_t(b)]);
    // A flat face says nothing of where it is: then nothing moves.
    for (int k = 0; k < 4; ++k) square(k, k) += 1e-3 * square(k, k) + 1e-6;
    inverse = square.inv();
  }

  /// Moves `place` to where the view looks most like the model; how like it is there.
  double align(const View &view, Place &place) const {
    for (int round = 0; round < 12; ++round) {
      const cv::Mat apart = plain(view.patch(place, density)) - look;
      cv::Vec4d sums;
      for (int k = 0; k < 4; ++k) sums[k] = slopes[size_t(k)].dot(apart);
      const cv::Vec4d step = inverse * sums;
      const Complex move(std::clamp(step[0], -0.3, 0.3), std::clamp(step[1], -0.3, 0.3));
      const Complex turn(1 + std::clamp(step[2], -0.2, 0.2), std::clamp(step[3], -0.2, 0.2));
      place.middle -= place.across * move / turn;
      place.across /= turn;
      if (cv::norm(step) < 2e-4) break;
    }
    return likeness(view, place);
  }

  double likeness(const View &view, const Place &place) const {
    return plain(view.patch(place, density)).dot(look) / double(look.total());
  }
};

}  // namespace

struct FacesTracker {
  FacesTracker(const cv::Mat &picture, const FacesEyes &eyes) : place(eyes) {
    for (const int density : densities)
      models.emplace_back(View(picture, place, density), place, density);
    small = plain(View(picture, place, coarse).patch(place, coarse));
  }

  double follow(const cv::Mat &picture) {
    Place next = place;
    jump(picture, next);
    double like = 0;
    for (const Model &model : models) {
      const View view(picture, next, model.density);
      like = model.align(view, next);
    }
    const double growth = std::abs(next.across) / std::abs(place.across);
    if (!(growth > 0.7 && growth < 1.4) || !(std::abs(next.across) >= 4)) return 0;
    place = next;
    return like;
  }

  /// Moves `next` by whole steps when that looks much more like the face than staying does.
  void jump(const cv::Mat &picture, Place &next) const {
    const View view(picture, next, coarse);
    cv::Mat turned, scores;
    // Upright on the face's own axes, so that the pattern fits wherever it lies.
    const int reach = int((sight - 1.3) * coarse);
    const cv::Size size(small.cols + 2 * reach, small.rows + 2 * reach);
    const Complex step = next.across * view.scale / double(coarse);
    const Complex origin = view.inside(next.middle + Complex(left, upper) * next.across) -
                           step * Complex(reach, reach);
    const cv::Matx23d map(step.real(), -step.imag(), origin.real(), step.imag(), step.real(),
                          origin.imag());
    cv::warpAffine(view.gray, turned, map, size, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                   cv::BORDER_REPLICATE);
    cv::matchTemplate(turned, small, scores, cv::TM_CCOEFF_NORMED);
    double best = 0;
    cv::Point peak;
    cv::minMaxLoc(scores, nullptr, &best, nullptr, &peak);
    if (best < scores.at<float>(reach, reach) + 0.05) return;
    next.middle += next.across * Complex(peak.x - reach, peak.y - reach) / double(coarse);
  }

  Place place;
  std::vector<Model> models;
  cv::Mat small;
};

FacesStatus faces_tracker_create(FacesPicture picture, FacesEyes eyes, FacesTracker **tracker,
                                 FacesMessage *message) {
  return faces::guarded(message, [&] {
    faces::check(eyes);
    *tracker = new FacesTracker(faces::matrix(picture), eyes);
  });
}

void faces_tracker_destroy(FacesTracker *tracker) { delete tracker; }

FacesStatus faces_tracker_follow(FacesTracker *tracker, FacesPicture picture, FacesEyes *eyes,
                                 double *likeness, FacesMessage *message) {
  *likeness = 0;
  return faces::guarded(message, [&] {
    *likeness = tracker->follow(faces::matrix(picture));
    *eyes = tracker->place.eyes();
  });
}

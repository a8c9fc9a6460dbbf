#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Weverything"
#include <opencv2/imgproc.hpp>
#include <opencv2/photo.hpp>
#pragma clang diagnostic pop

#include <algorithm>
#include <cmath>

#include "layers.h"
#include "support.h"

namespace {

/// seamlessClone reads one pixel beyond the mask, so the mask keeps off the scene's edge.
constexpr int margin = 3;

/// The least part of a picture of `size` that holds `reach` with a margin and is solved quickly.
///
/// seamlessClone solves the mask's box by Fourier transforms of twice a side less two: where that
/// has a large prime factor, four times as slowly.
cv::Rect roomy(const cv::Rect &reach, const cv::Size &size) {
  const auto side = [](int start, int length, int limit) {
    const int least = length + 2 * margin;
    const int wanted = std::min(cv::getOptimalDFTSize(least - 3) + 3, limit);
    return std::pair(std::clamp(start - (wanted - length) / 2, 0, limit - wanted), wanted);
  };
  const auto [x, width] = side(reach.x, reach.width, size.width);
  const auto [y, height] = side(reach.y, reach.height, size.height);
  return {x, y, width, height};
}

}  // namespace

namespace faces {

cv::Mat cloned(const cv::Mat &face, const cv::Mat &scene, const cv::Mat &mask) {
  // The solver takes the box of the mask's pixels. Two lonely ones spread it over all but the edge,
  // which it ignores; it wears three pixels off every shape, so nothing is cloned there.
  const cv::Rect inner(1, 1, mask.cols - 2, mask.rows - 2);
  cv::Mat spread = mask.clone();
  spread.at<uint8_t>(inner.tl()) = 255;
  spread.at<uint8_t>(inner.br() - cv::Point(1, 1)) = 255;
  const cv::Point middle(inner.x + inner.width / 2, inner.y + inner.height / 2);
  cv::Mat result;
  cv::seamlessClone(face, scene, spread, middle, result, cv::NORMAL_CLONE);
  return result;
}

void smooth(cv::Mat &mask, const Frame &frame) {
  const int radius = std::max(1, int(frame.unit() * 0.06));
  const cv::Size size(2 * radius + 1, 2 * radius + 1);
  cv::morphologyEx(mask, mask, cv::MORPH_OPEN, cv::getStructuringElement(cv::MORPH_ELLIPSE, size));
}

}  // namespace faces

FacesStatus faces_blend(FacesCanvas scene, FacesEyes scene_eyes, FacesPicture face,
                        FacesEyes face_eyes, FacesBox *touched, FacesMessage *message) {
  return faces::guarded(message, [&] {
    cv::Mat whole = faces::matrix(scene);
    const cv::Mat source = faces::matrix(face);
    if (whole.channels() != 3 || source.channels() != 3)
      throw faces::BadArgument("stills are blended without an opacity");
    faces::check(scene_eyes);
    faces::check(face_eyes);
    const faces::Frame to(scene_eyes), from(face_eyes);

    const cv::Rect region = roomy(faces::reach(to), whole.size());
    if (region.width <= 2 * margin || region.height <= 2 * margin)
      throw faces::EmptyMask("the face lies outside the scene");

    cv::Mat canvas = whole(region);
    const cv::Mat before = canvas.clone();
    const faces::Warped moved = faces::warped(source, from, to, region);
    const cv::Mat ideal = faces::shape(to, region);
    cv::Mat mask = ideal & moved.known;
    mask &= ~faces::covered(before, ideal, to, region);
    mask &= ~faces::covered(moved.pixels, ideal, to, region);
    faces::smooth(mask, to);
    cv::rectangle(mask, cv::Rect({}, mask.size()), cv::Scalar(0), 2 * margin - 1);
    const cv::Rect used = cv::boundingRect(mask);
    if (used.width < 8 || used.height < 8)
      throw faces::EmptyMask("less than 8 pixels of the face can be replaced");

    const cv::Mat skin = faces::skin(to, region) & moved.known;
    const cv::Mat tuned =
        faces::toned(moved.pixels, faces::tone(moved.pixels, skin), faces::tone(before, skin));
    const cv::Mat fresh = faces::cloned(tuned, before, mask);
    const cv::Mat alpha = faces::softened(mask, to);
    for (int row = used.y; row < used.br().y; ++row)
      for (int column = used.x; column < used.br().x; ++column) {
        const float share = alpha.at<float>(row, column);
        if (share <= 0) continue;
        const cv::Vec3b &old = before.at<cv::Vec3b>(row, column);
        const cv::Vec3b &made = fresh.at<cv::Vec3b>(row, column);
        cv::Vec3b &pixel = canvas.at<cv::Vec3b>(row, column);
        for (int k = 0; k < 3; ++k)
          pixel[k] = cv::saturate_cast<uint8_t>(float(old[k]) + (float(made[k]) - float(old[k])) * share);
      }
    *touched = {region.x + used.x, region.y + used.y, used.width, used.height};
  });
}

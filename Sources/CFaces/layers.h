#pragma once

#include "mask.h"

namespace faces {

/// How dark and how coloured skin is, and how much both vary: CIE Lab, lightness 0 to 100.
struct Tone {
  cv::Vec3d mean;
  cv::Vec3d spread;
  bool isKnown = false;
};

/// A picture that was moved, and where it has pixels.
struct Warped {
  cv::Mat pixels;
  /// 255 where the picture has pixels.
  cv::Mat known;
};

/// From the pixels of `region`, in which a face stands by `to`, to those of a picture in which it
/// stands by `from`: what WARP_INVERSE_MAP takes.
cv::Matx23d mapping(const Frame &from, const Frame &to, const cv::Rect &region);

/// The face as the scene's `region` would see it: eyes on eyes, turned and scaled alike.
Warped warped(const cv::Mat &face, const Frame &from, const Frame &to, const cv::Rect &region);

/// The tone of `picture` where `skin` is not zero; not known for less than 16 pixels.
Tone tone(const cv::Mat &picture, const cv::Mat &skin);

/// `face`, whose skin has the tone `own`, with its colours moved to those of `wanted`.
cv::Mat toned(const cv::Mat &face, const Tone &own, const Tone &wanted);

/// `face` in the light of `scene` under `mask`, by Poisson blending. The mask keeps three pixels off
/// the edge.
cv::Mat cloned(const cv::Mat &face, const cv::Mat &scene, const cv::Mat &mask);

/// Rounds off what covers left ragged of `mask`, and drops slivers.
void smooth(cv::Mat &mask, const Frame &frame);

}  // namespace faces

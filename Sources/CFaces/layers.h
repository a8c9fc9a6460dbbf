#pragma once

#include "chart.h"
#include "mask.h"

namespace faces {

/// How dark and how coloured skin is, and how much both vary: CIE Lab, lightness 0 to 100.
struct Tone {
  cv::Vec3d mean;
  cv::Vec3d spread;
  bool isKnown = false;
};

/// The tone of `picture` where `skin` is not zero; not known for less than 16 pixels.
Tone tone(const cv::Mat &picture, const cv::Mat &skin);

/// `face`, whose skin has the tone `own`, with its colours moved to those of `wanted` where `within`, a convex
/// shape, is 255; beside it as it was.
cv::Mat toned(const cv::Mat &face, const cv::Mat &within, const Tone &own, const Tone &wanted);

/// By what each channel of `face` is to be multiplied to lie in the light of `scene`, smoothly over the
/// chart: both are its views, and `known` says how much a place counts, 0 to 1. Lips go more than half
/// the way to the scene's; eyes by their whites.
cv::Mat lit(const cv::Mat &face, const cv::Mat &scene, const cv::Mat &known, const Chart &chart);

/// What a sharp face in a soft picture, or a smooth one in a grainy one, gives away.
struct Texture {
  /// The standard deviation of the grain on bare skin, 0 to 255.
  double grain = 0;
  /// The mean square of fine detail around eyes, brows and mouth, without the grain's.
  double detail = 0;
};

/// The texture of `light` (8 bits) where `skin` and `features` are not zero.
Texture texture(const cv::Mat &light, const cv::Mat &skin, const cv::Mat &features);

/// How far `light` has to be blurred, as a Gaussian's deviation in pixels, to have no more detail than
/// `wanted`; 0 where it has not.
double softening(const cv::Mat &light, const cv::Mat &skin, const cv::Mat &features,
                 const Texture &wanted);

/// The grain of `light`, without what is more than grain.
cv::Mat grain(const cv::Mat &light, double deviation);

/// `picture` without a share of its grain.
cv::Mat smoothed(const cv::Mat &picture, double deviation, double share);

/// Rounds off what covers left ragged of `mask`, and drops slivers.
void smooth(cv::Mat &mask, const Frame &frame);

}  // namespace faces

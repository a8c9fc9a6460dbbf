#include "lab.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace faces {
namespace {

constexpr int steps = 4096;
/// Where Lab's cube root becomes a line.
constexpr double bend = 216.0 / 24389, slope = 24389.0 / 27 / 116;
constexpr float whiteX = 0.950456f, whiteZ = 1.088754f;

/// A function over 0 to 1, read between its steps.
struct Table {
  std::array<float, steps + 2> values;

  template <typename Function>
  explicit Table(Function function) {
    for (int step = 0; step < steps + 2; ++step)
      values[size_t(step)] = float(function(double(step) / steps));
  }

  float operator()(float place) const {
    const float at = std::clamp(place, 0.f, 1.f) * steps;
    const int step = int(at);
    const float *value = values.data() + step;
    return value[0] + (value[1] - value[0]) * (at - float(step));
  }
};

struct Tables {
  std::array<float, 256> linear;
  Table root, encoded;

  Tables()
      : root([](double t) { return t > bend ? std::cbrt(t) : slope * t + 16.0 / 116; }),
        encoded([](double t) {
          return 255 * (t > 0.0031308 ? 1.055 * std::pow(t, 1 / 2.4) - 0.055 : 12.92 * t);
        }) {
    for (int level = 0; level < 256; ++level) {
      const double share = level / 255.0;
      linear[size_t(level)] =
          float(share > 0.04045 ? std::pow((share + 0.055) / 1.055, 2.4) : share / 12.92);
    }
  }
};

const Tables &tables() {
  static const Tables made;
  return made;
}

float unrooted(float value) {
  return value > 6.f / 29 ? value * value * value : (value - 16.f / 116) / float(slope);
}

}  // namespace

cv::Mat labOf(const cv::Mat &rgb) {
  const Tables &table = tables();
  cv::Mat lab(rgb.size(), CV_32FC3);
  for (int row = 0; row < rgb.rows; ++row) {
    const uint8_t *from = rgb.ptr(row);
    float *to = lab.ptr<float>(row);
    for (int column = 0; column < rgb.cols; ++column, from += 3, to += 3) {
      const float r = table.linear[from[0]], g = table.linear[from[1]], b = table.linear[from[2]];
      const float x = table.root((0.412453f * r + 0.357580f * g + 0.180423f * b) / whiteX);
      const float y = table.root(0.212671f * r + 0.715160f * g + 0.072169f * b);
      const float z = table.root((0.019334f * r + 0.119193f * g + 0.950227f * b) / whiteZ);
      to[0] = 116 * y - 16, to[1] = 500 * (x - y), to[2] = 200 * (y - z);
    }
  }
  return lab;
}

cv::Mat rgbOf(const cv::Mat &lab) {
  const Tables &table = tables();
  cv::Mat rgb(lab.size(), CV_8UC3);
  for (int row = 0; row < lab.rows; ++row) {
    const float *from = lab.ptr<float>(row);
    uint8_t *to = rgb.ptr(row);
    for (int column = 0; column < lab.cols; ++column, from += 3, to += 3) {
      const float high = (from[0] + 16) / 116;
      const float x = unrooted(high + from[1] / 500) * whiteX, y = unrooted(high);
      const float z = unrooted(high - from[2] / 200) * whiteZ;
      to[0] = uint8_t(table.encoded(3.240479f * x - 1.537150f * y - 0.498535f * z) + 0.5f);
      to[1] = uint8_t(table.encoded(-0.969256f * x + 1.875991f * y + 0.041556f * z) + 0.5f);
      to[2] = uint8_t(table.encoded(0.055648f * x - 0.204043f * y + 1.057311f * z) + 0.5f);
    }
  }
  return rgb;
}

}  // namespace faces

#pragma once

#include <opencv2/core.hpp>

#include <array>
#include <vector>

#include "mask.h"
#include "mesh.h"
#include "topology.h"

namespace faces {

/// The triangles that close an opening: an eye, or the mouth.
std::vector<uint16_t> lid(const uint16_t *ring, size_t count);

/// A face spread out flat, as it looks at the camera, in one small size for faces of all sizes: a place on
/// it is the same place of any face. Whatever is smooth is worked out there.
class Chart {
 public:
  static constexpr int width = 144, height = 172;
  /// The middles of the eyes.
  static constexpr FacesEyes eyes = {40, 60, 104, 60};

  /// Laid out by one face.
  explicit Chart(const Mesh &face);

  /// A picture that was spread out by its face's mesh.
  struct View {
    cv::Mat pixels;
    /// 255 where the picture has pixels.
    cv::Mat known;
    /// How much of each place the camera sees, 0 to 1: nothing where the face turns away, or where its own
    /// nose hides it.
    cv::Mat facing;
  };
  View view(const cv::Mat &picture, const Mesh &mesh) const;

  /// The points on the chart.
  const std::array<cv::Point2f, meshPoints> &places() const { return places_; }
  /// How far inside the face each point lies: 0 at the oval, 1 in the middle.
  const std::array<float, meshPoints> &depths() const { return depths_; }
  /// A polygon of points as 255.
  template <size_t count>
  cv::Mat filled(const std::array<uint16_t, count> &ring) const {
    return filled(ring.data(), count);
  }
  /// Places by the eyes' distance.
  Frame frame() const { return Frame(eyes); }
  static cv::Rect region() { return {0, 0, width, height}; }
  /// Where the face is, below the hairline.
  const cv::Mat &shape() const { return shape_; }
  /// Bare skin: without eyes, brows, lips.
  const cv::Mat &skin() const { return skin_; }
  const cv::Mat &lips() const { return lips_; }
  const cv::Mat &openEyes() const { return eyes_; }
  const cv::Mat &brows() const { return brows_; }
  /// The same two with soft edges, 0 to 1.
  const cv::Mat &softLips() const { return softLips_; }
  const cv::Mat &softEyes() const { return softEyes_; }

 private:
  /// A place of the chart between three points.
  struct Spot {
    uint16_t point[3];
    float share[3];
    int at;
  };

  cv::Mat filled(const uint16_t *ring, size_t count) const;
  void lay(const Mesh &face);
  void sow();

  std::array<cv::Point2f, meshPoints> places_;
  std::array<float, meshPoints> depths_;
  std::vector<Spot> spots_;
  cv::Mat shape_, skin_, lips_, eyes_, brows_, softLips_, softEyes_;
};

/// How squarely each point faces the camera, -1 to 1: the mean of its triangles.
std::array<float, meshPoints> facing(const Mesh &mesh);

}  // namespace faces

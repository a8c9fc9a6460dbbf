#include "warp.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "support.h"

namespace faces {
namespace {

/// How far the middle of the face moves towards the new one's shape.
constexpr float identity = 0.6f;
/// No point moves further, in eye distances: an odd mesh must not tear the face.
constexpr float furthest = 0.14f;
/// The mouth and the jaw follow the expression: they say little of the pose.
constexpr double expressive = 0.15;

/// How far lips may be shaped otherwise, in eye distances, before that is another expression.
constexpr double likeLips = 0.045;

/// How much of two mouths' difference is the face's and not its expression's: 0 to 1.
float sameExpression(const Mesh &own, const Mesh &scene, double unit) {
  cv::Vec2d mean(0, 0);
  std::array<cv::Vec2d, innerLips.size()> steps;
  for (size_t index = 0; index < innerLips.size(); ++index) {
    const cv::Point3f step = own.points[innerLips[index]] - scene.points[innerLips[index]];
    steps[index] = {step.x, step.y};
    mean += steps[index] / double(innerLips.size());
  }
  double sum = 0;
  for (const cv::Vec2d &step : steps) sum += (step - mean).dot(step - mean);
  const double apart = std::sqrt(sum / double(innerLips.size())) / unit;
  return float(std::exp(-apart * apart / (2 * likeLips * likeLips)));
}

void weigh(std::array<float, meshPoints> &weights, const uint16_t *ring, size_t count, float factor) {
  for (size_t index = 0; index < count; ++index) weights[ring[index]] *= factor;
}

/// Four numbers that change evenly over a triangle.
struct Ramp {
  cv::Vec4f origin, right, down;

  cv::Vec4f at(float x, float y) const { return origin + right * x + down * y; }
};

class Painter {
 public:
  Painter(Plan &plan, const cv::Rect &region) : plan_(plan), region_(region) {}

  void paint(const cv::Point2f p[3], const cv::Vec4f value[3]) {
    const cv::Point2f corner(float(region_.x), float(region_.y));
    const cv::Point2f a = p[0] - corner, b = p[1] - corner, c = p[2] - corner;
    const float area = (b - a).cross(c - a);
    if (area < 1e-3f) return;
    Ramp ramp;
    const cv::Vec4f first = value[1] - value[0], second = value[2] - value[0];
    ramp.right = (first * (c.y - a.y) - second * (b.y - a.y)) / area;
    ramp.down = (second * (b.x - a.x) - first * (c.x - a.x)) / area;
    ramp.origin = value[0] - ramp.right * a.x - ramp.down * a.y;
    // A sliver changes by many pixels within the slack beside it: nothing lies further than its corners.
    cv::Vec4f least, most;
    for (int k = 0; k < 4; ++k) {
      least[k] = std::min({value[0][k], value[1][k], value[2][k]});
      most[k] = std::max({value[0][k], value[1][k], value[2][k]});
    }
    const int upper = std::max(0, int(std::ceil(std::min({a.y, b.y, c.y}) - slack)));
    const int lower = std::min(region_.height - 1, int(std::floor(std::max({a.y, b.y, c.y}) + slack)));
    for (int y = upper; y <= lower; ++y) {
      float left = 1e9f, right = -1e9f;
      const float line = float(y);
      cross(a, b, line, left, right), cross(b, c, line, left, right), cross(c, a, line, left, right);
      const int start = std::max(0, int(std::ceil(left - slack)));
      const int end = std::min(region_.width - 1, int(std::floor(right + slack)));
      if (end < start) continue;
      cv::Vec2f *source = plan_.source.ptr<cv::Vec2f>(y) + start;
      cv::Vec2f *chart = plan_.chart.ptr<cv::Vec2f>(y) + start;
      cv::Vec4f place = ramp.at(float(start), line);
      for (int x = start; x <= end; ++x, ++source, ++chart, place += ramp.right) {
        const auto bound = [&](int k) { return std::clamp(place[k], least[k], most[k]); };
        *source = {bound(0), bound(1)};
        *chart = {bound(2), bound(3)};
      }
    }
  }

 private:
  /// Pixels on an edge belong to both sides, so that none is left out.
  static constexpr float slack = 1e-3f;

  static void cross(const cv::Point2f &a, const cv::Point2f &b, float line, float &left, float &right) {
    const float upper = std::min(a.y, b.y), lower = std::max(a.y, b.y);
    if (line < upper - slack || line > lower + slack) return;
    const float share = lower - upper < 1e-6f ? 0 : std::clamp((line - a.y) / (b.y - a.y), 0.f, 1.f);
    const float x = a.x + (b.x - a.x) * share;
    left = std::min(left, x), right = std::max(right, x);
    if (lower - upper < 1e-6f) left = std::min(left, b.x), right = std::max(right, b.x);
  }

  Plan &plan_;
  const cv::Rect region_;
};

}  // namespace

Mesh posed(const Mesh &face, const Mesh &scene) {
  std::array<double, meshPoints> weights;
  weights.fill(1);
  const FacesEyes found = eyes(face);
  const Frame frame(found);
  double sum = 0;
  cv::Vec3d from(0, 0, 0), to(0, 0, 0);
  const auto vector = [](const cv::Point3f &point) { return cv::Vec3d(point.x, point.y, point.z); };
  for (size_t index = 0; index < weights.size(); ++index) {
    const cv::Point2d own = frame.face(face.points[index].x, face.points[index].y);
    if (own.y > 0.75) weights[index] = expressive;
    sum += weights[index];
    from += vector(face.points[index]) * weights[index], to += vector(scene.points[index]) * weights[index];
  }
  from /= sum, to /= sum;
  // Kabsch's way: the rotation that brings two centred clouds together with the least squares.
  cv::Matx33d mixed = cv::Matx33d::zeros();
  double spread = 0;
  for (size_t index = 0; index < weights.size(); ++index) {
    const cv::Vec3d a = vector(face.points[index]) - from, b = vector(scene.points[index]) - to;
    mixed += weights[index] * (b * a.t());
    spread += weights[index] * a.dot(a);
  }
  cv::Matx31d values;
  cv::Matx33d left, right;
  cv::SVD::compute(mixed, values, left, right);
  cv::Matx33d flip = cv::Matx33d::eye();
  flip(2, 2) = cv::determinant(left * right) < 0 ? -1 : 1;
  const cv::Matx33d turn = left * flip * right;
  const double scale = (values(0) + values(1) + values(2) * flip(2, 2)) / std::max(1e-9, spread);
  Mesh result = face;
  for (size_t index = 0; index < weights.size(); ++index) {
    const cv::Vec3d place = turn * (vector(face.points[index]) - from) * scale + to;
    result.points[index] = {float(place[0]), float(place[1]), float(place[2])};
  }
  return result;
}

std::array<cv::Point2f, meshPoints> targets(const Mesh &face, const Mesh &scene, const Chart &chart,
                                            const Openings &openings) {
  const Mesh own = posed(face, scene);
  std::array<float, meshPoints> weights = chart.depths();
  for (float &weight : weights) weight *= identity;
  // The scene's own eye or mouth must fit into the opening that is left for it.
  const float lids = openings.eyes ? 0.5f : 0, lips = openings.mouth ? 0.5f : 0;
  weigh(weights, leftEye.data(), leftEye.size(), lids);
  weigh(weights, rightEye.data(), rightEye.size(), lids);
  weigh(weights, innerLips.data(), innerLips.size(), lips);
  weigh(weights, outerLips.data(), outerLips.size(), 0.5f);
  const FacesEyes found = eyes(scene);
  const Frame frame(found);
  const float most = furthest * float(frame.unit());
  // An open mouth's jaw hangs, and a smile is broad: neither says how the face is built.
  const float same = sameExpression(own, scene, frame.unit());
  for (size_t index = 0; index < weights.size(); ++index) {
    const double low = frame.face(scene.points[index].x, scene.points[index].y).y;
    const float mouth = float(std::clamp((low - 0.55) / 0.25, 0.0, 1.0));
    weights[index] *= 1 - mouth * (1 - same);
  }
  std::array<cv::Point2f, meshPoints> result;
  for (size_t index = 0; index < weights.size(); ++index) {
    const cv::Point2f here(scene.points[index].x, scene.points[index].y);
    cv::Point2f step = (cv::Point2f(own.points[index].x, own.points[index].y) - here) * weights[index];
    const float length = std::hypot(step.x, step.y);
    if (length > most) step *= most / length;
    result[index] = here + step;
  }
  return result;
}

Plan planned(const std::array<cv::Point2f, meshPoints> &target, const Mesh &scene,
             const std::array<cv::Point2f, meshPoints> &face, const Chart &chart,
             const Openings &openings, const cv::Rect &region) {
  std::vector<uint16_t> points(trianglePoints.begin(), trianglePoints.end());
  const auto close = [&](const uint16_t *ring, size_t count) {
    const std::vector<uint16_t> more = lid(ring, count);
    // The lids' own order of points is that of the ring, which may run either way on the picture.
    for (size_t index = 0; index < more.size(); index += 3) {
      const cv::Point2f a = chart.places()[more[index]], b = chart.places()[more[index + 1]],
                        c = chart.places()[more[index + 2]];
      const bool isTurned = (b - a).cross(c - a) < 0;
      const size_t second = isTurned ? 2 : 1, third = isTurned ? 1 : 2;
      points.insert(points.end(), {more[index], more[index + second], more[index + third]});
    }
  };
  if (openings.eyes) close(leftEye.data(), leftEye.size()), close(rightEye.data(), rightEye.size());
  if (openings.mouth) close(innerLips.data(), innerLips.size());

  struct Triangle {
    float depth;
    size_t first;
  };
  std::vector<Triangle> order;
  for (size_t first = 0; first < points.size(); first += 3) {
    float depth = 0;
    for (size_t k = 0; k < 3; ++k) depth += scene.points[points[first + k]].z;
    order.push_back({depth, first});
  }
  // The nose of a turned head lies before its cheek.
  std::sort(order.begin(), order.end(), [](const Triangle &a, const Triangle &b) {
    return a.depth != b.depth ? a.depth > b.depth : a.first < b.first;
  });
  Plan plan = {cv::Mat(region.size(), CV_32FC2, cv::Scalar::all(-1e4)),
               cv::Mat(region.size(), CV_32FC2, cv::Scalar::all(-1e4))};
  Painter painter(plan, region);
  for (const Triangle &one : order) {
    cv::Point2f corners[3];
    cv::Vec4f values[3];
    for (size_t k = 0; k < 3; ++k) {
      const uint16_t point = points[one.first + k];
      corners[k] = target[point];
      values[k] = {face[point].x, face[point].y, chart.places()[point].x, chart.places()[point].y};
    }
    painter.paint(corners, values);
  }
  return plan;
}

}  // namespace faces

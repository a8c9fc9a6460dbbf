#include "chart.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

#include "reduce.h"
#include "support.h"

namespace faces {
namespace {

/// Above the brows the mask keeps off the hairline, in eye distances above the eyes.
constexpr double highest = 0.76;
/// From where on a surface is seen too much from the side, and from where on it is seen well: cosines.
constexpr float hidden = 0.10f, plain = 0.40f;

cv::Vec3d unit(const cv::Vec3d &vector) { return vector / std::max(1e-9, cv::norm(vector)); }

cv::Vec3d at(const Mesh &mesh, int index) {
  const cv::Point3f &point = mesh.points[size_t(index)];
  return {point.x, point.y, point.z};
}

/// What of a face lies before what: a nose before the cheek behind it.
class Cover {
 public:
  Cover(const cv::Rect2d &box, double unit)
      : corner_(box.tl()), cell_(float(std::max(1e-3, unit / 24))), depth_(float(unit * 0.14)),
        columns_(int(std::min(512.0, box.width / cell_)) + 2),
        rows_(int(std::min(512.0, box.height / cell_)) + 2),
        nearest_(size_t(columns_) * size_t(rows_), 1e9f) {}

  void add(const cv::Point3f &point) {
    float &nearest = nearest_[place(point)];
    nearest = std::min(nearest, point.z);
  }

  bool hides(const cv::Point3f &point) const { return point.z > nearest_[place(point)] + depth_; }

 private:
  size_t place(const cv::Point3f &point) const {
    const int column = std::clamp(int((point.x - float(corner_.x)) / cell_), 0, columns_ - 1);
    const int row = std::clamp(int((point.y - float(corner_.y)) / cell_), 0, rows_ - 1);
    return size_t(row) * size_t(columns_) + size_t(column);
  }

  cv::Point2d corner_;
  float cell_, depth_;
  int columns_, rows_;
  std::vector<float> nearest_;
};

cv::Mat feathered(const cv::Mat &mask) {
  cv::Mat wide, soft;
  cv::dilate(mask, wide, cv::getStructuringElement(cv::MORPH_ELLIPSE, {3, 3}));
  cv::GaussianBlur(wide, wide, {0, 0}, 2);
  wide.convertTo(soft, CV_32F, 1.0 / 255);
  return soft;
}

}  // namespace

std::vector<uint16_t> lid(const uint16_t *ring, size_t count) {
  std::vector<uint16_t> triangles;
  const auto add = [&](size_t a, size_t b, size_t c) {
    for (const size_t one : {a, b, c}) triangles.push_back(ring[one % count]);
  };
  // From one corner to the other, between the lower and the upper edge.
  for (size_t step = 0; step < count / 2; ++step) {
    const size_t low = step, lower = step + 1, high = count - step, higher = count - step - 1;
    if (step > 0) add(low, lower, high);
    if (lower != higher % count) add(lower, higher, high);
  }
  return triangles;
}

std::array<float, meshPoints> facing(const Mesh &mesh) {
  std::array<cv::Vec3d, meshPoints> normals;
  normals.fill({0, 0, 0});
  for (size_t index = 0; index < trianglePoints.size(); index += 3) {
    const uint16_t *corner = trianglePoints.data() + index;
    const cv::Vec3d a = at(mesh, corner[0]);
    const cv::Vec3d normal = (at(mesh, corner[1]) - a).cross(at(mesh, corner[2]) - a);
    for (int k = 0; k < 3; ++k) normals[corner[k]] += normal;
  }
  std::array<float, meshPoints> result;
  for (size_t index = 0; index < normals.size(); ++index)
    result[index] = float(unit(normals[index])[2]);
  return result;
}

Chart::Chart(const Mesh &face) {
  lay(face);
  sow();
}

/// Turns the head to the camera, upright, and brings the eyes to their places.
void Chart::lay(const Mesh &face) {
  const cv::Vec3d across = unit(at(face, 263) - at(face, 33) + at(face, 454) - at(face, 234));
  const cv::Vec3d along = at(face, 152) - at(face, 10);
  const cv::Vec3d down = unit(along - across * across.dot(along));
  for (int index = 0; index < meshPoints; ++index) {
    const cv::Vec3d point = at(face, index);
    places_[size_t(index)] = {float(across.dot(point)), float(down.dot(point))};
  }
  const auto middle = [&](size_t a, size_t b) { return (places_[a] + places_[b]) / 2; };
  const cv::Point2f left = middle(33, 133), right = middle(362, 263);
  const Frame from(FacesEyes{left.x, left.y, right.x, right.y}), to = frame();
  for (cv::Point2f &place : places_) {
    const cv::Point2d own = from.face(place.x, place.y);
    place = to.picture(own.x, own.y);
  }
}

void Chart::sow() {
  const cv::Mat whole = filled(oval);
  std::vector<cv::Point2f> ring;
  for (const uint16_t index : oval) ring.push_back(places_[index]);
  float deepest = 1;
  for (size_t index = 0; index < places_.size(); ++index) {
    depths_[index] = std::max(0.f, float(cv::pointPolygonTest(ring, places_[index], true)));
    deepest = std::max(deepest, depths_[index]);
  }
  for (float &depth : depths_) depth = std::min(1.f, depth / (deepest * 0.5f));

  const Frame own = frame();
  shape_ = whole.clone();
  const int top = int(own.middle.y - highest * own.unit());
  shape_.rowRange(0, std::clamp(top, 0, height)).setTo(0);
  lips_ = filled(outerLips);
  eyes_ = filled(leftEye) | filled(rightEye);
  softLips_ = feathered(lips_), softEyes_ = feathered(eyes_);
  brows_ = cv::Mat::zeros(height, width, CV_8U);
  for (const auto &brow : {leftBrow, rightBrow}) {
    std::vector<cv::Point> points, hull;
    for (const uint16_t index : brow) points.push_back(places_[index]);
    cv::convexHull(points, hull);
    cv::fillConvexPoly(brows_, hull, 255);
  }
  cv::Mat features = lips_ | eyes_ | brows_;
  cv::dilate(features, features, cv::getStructuringElement(cv::MORPH_ELLIPSE, {9, 7}));
  cv::erode(whole & ~features, skin_, cv::getStructuringElement(cv::MORPH_ELLIPSE, {5, 5}));

  std::vector<uint16_t> triangles(trianglePoints.begin(), trianglePoints.end());
  for (const auto &more : {lid(leftEye.data(), leftEye.size()), lid(rightEye.data(), rightEye.size()),
                           lid(innerLips.data(), innerLips.size())})
    triangles.insert(triangles.end(), more.begin(), more.end());
  std::vector<bool> done(size_t(width) * height, false);
  for (size_t index = 0; index < triangles.size(); index += 3) {
    Spot spot;
    cv::Point2f p[3];
    for (size_t k = 0; k < 3; ++k) spot.point[k] = triangles[index + k], p[k] = places_[spot.point[k]];
    const float area = (p[1] - p[0]).cross(p[2] - p[0]);
    if (std::abs(area) < 1e-3f) continue;
    const auto least = [&](float a, float b, float c) { return int(std::floor(std::min({a, b, c}))); };
    const auto most = [&](float a, float b, float c) { return int(std::ceil(std::max({a, b, c}))); };
    const cv::Point first(std::max(0, least(p[0].x, p[1].x, p[2].x)),
                          std::max(0, least(p[0].y, p[1].y, p[2].y)));
    const cv::Point last(std::min(width - 1, most(p[0].x, p[1].x, p[2].x)),
                         std::min(height - 1, most(p[0].y, p[1].y, p[2].y)));
    for (int y = first.y; y <= last.y; ++y)
      for (int x = first.x; x <= last.x; ++x) {
        const cv::Point2f place{float(x), float(y)};
        spot.share[1] = (place - p[0]).cross(p[2] - p[0]) / area;
        spot.share[2] = (p[1] - p[0]).cross(place - p[0]) / area;
        spot.share[0] = 1 - spot.share[1] - spot.share[2];
        spot.at = y * width + x;
        const float least = std::min({spot.share[0], spot.share[1], spot.share[2]});
        if (least < -1e-4f || done[size_t(spot.at)]) continue;
        done[size_t(spot.at)] = true;
        spots_.push_back(spot);
      }
  }
}

cv::Mat Chart::filled(const uint16_t *ring, size_t count) const {
  std::vector<cv::Point> points;
  for (size_t index = 0; index < count; ++index)
    points.emplace_back(cv::Point2f(places_[ring[index]]) * 16);
  cv::Mat mask = cv::Mat::zeros(height, width, CV_8U);
  cv::fillPoly(mask, std::vector<std::vector<cv::Point>>{points}, 255, cv::LINE_8, 4);
  return mask;
}

Chart::View Chart::view(const cv::Mat &picture, const Mesh &mesh) const {
  // A strong reduction would alias: the face's part of the picture is averaged first.
  const cv::Rect2d box = bounds(mesh);
  const auto whole = [](double value) { return int(std::clamp(std::floor(value), -1e6, 1e6)); };
  const cv::Rect part = cv::Rect(whole(box.x) - 4, whole(box.y) - 4, whole(box.width) + 10,
                                 whole(box.height) + 10) &
                        cv::Rect({}, picture.size());
  if (part.area() < 1) throw EmptyMask("the face lies outside the picture");
  const FacesEyes own = faces::eyes(mesh);
  const Reduced reduced(picture, part, frame().unit() / std::max(1.0, Frame(own).unit()));
  const cv::Mat source = colors(reduced.pixels);
  const std::array<float, meshPoints> cosines = faces::facing(mesh);
  View view;
  view.facing = cv::Mat::zeros(height, width, CV_32F);
  view.known = cv::Mat::zeros(height, width, CV_8U);
  cv::Mat map(height, width, CV_32FC2, cv::Scalar::all(-1));
  Cover cover(box, Frame(own).unit());
  std::vector<cv::Point3f> points;
  points.reserve(spots_.size());
  for (const Spot &spot : spots_) {
    float x = 0, y = 0, z = 0, cosine = 0;
    for (int k = 0; k < 3; ++k) {
      const cv::Point3f &point = mesh.points[spot.point[k]];
      x += point.x * spot.share[k], y += point.y * spot.share[k], z += point.z * spot.share[k];
      cosine += cosines[spot.point[k]] * spot.share[k];
    }
    const float column = float(reduced.x(x)), row = float(reduced.y(y));
    map.ptr<cv::Vec2f>()[spot.at] = {column, row};
    const bool isIn = column >= -0.5f && row >= -0.5f && column <= float(source.cols) - 0.5f &&
                      row <= float(source.rows) - 0.5f;
    view.known.ptr()[spot.at] = isIn ? 255 : 0;
    const float share = std::clamp((cosine - hidden) / (plain - hidden), 0.f, 1.f);
    view.facing.ptr<float>()[spot.at] = share * share * (3 - 2 * share);
    points.emplace_back(x, y, z);
    cover.add(points.back());
  }
  for (size_t index = 0; index < spots_.size(); ++index)
    if (cover.hides(points[index])) view.facing.ptr<float>()[spots_[index].at] = 0;
  // A strip beside the nose, or where the lips meet, is not worth a gap: the old face would look through.
  cv::morphologyEx(view.facing, view.facing, cv::MORPH_CLOSE,
                   cv::getStructuringElement(cv::MORPH_ELLIPSE, {19, 19}));
  cv::blur(view.facing, view.facing, {5, 5});
  cv::remap(source, view.pixels, map, cv::noArray(), cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  return view;
}

}  // namespace faces

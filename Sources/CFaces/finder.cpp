#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "finder.h"
#include "support.h"

namespace {

using faces::Mesh;
using faces::Window;

/// What the mesh's network says of no face stays below, of faces above.
constexpr double leastCertainty = 0.7;
/// In fewer pixels the networks see faces in anything.
constexpr double leastWidth = 20;
/// A picture with a longer side is looked at in parts too: of what it is shown, the detector finds
/// faces from a twentieth on.
constexpr int largestWhole = 640;
/// Parts overlap by a fifth, so that a face that is too small for the whole lies in one of them.
constexpr double partOverlap = 0.2;

/// Sets OpenCV up for this process; its settings are global.
void prepare() {
  static const bool once = [] {
    // The callers own the threads: a pool per core inside each of them would only fight.
    cv::setNumThreads(1);
    // Failures are told by the status: a library writes nothing to its caller's terminal.
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    cv::redirectError([](int, const char *, const char *, const char *, int, void *) { return 0; });
    return true;
  }();
  static_cast<void>(once);
}

/// The squares in which a large picture is looked at, besides as a whole.
std::vector<cv::Rect> parts(const cv::Size &size) {
  const int longest = std::max(size.width, size.height), shortest = std::min(size.width, size.height);
  std::vector<cv::Rect> result;
  if (longest <= largestWhole) return result;
  // An oblong picture is two or more squares of its shorter side; a squarish one is four of less.
  const int side = shortest <= longest * 0.75 ? shortest : int(std::lround(longest * 0.6));
  const auto starts = [side](int length) {
    const double lap = side * partOverlap;
    const int count = std::max(1, int(std::ceil((length - lap) / (side - lap))));
    std::vector<int> places;
    for (int turn = 0; turn < count; ++turn)
      places.push_back(count == 1 ? 0 : int(int64_t(length - side) * turn / (count - 1)));
    return places;
  };
  for (const int y : starts(size.height))
    for (const int x : starts(size.width)) result.emplace_back(x, y, side, side);
  return result;
}

/// The mesh is looked for twice: the second window stands better than the detector's box does.
Mesh settled(faces::Mesher &mesher, const cv::Mat &picture, const Window &window) {
  const Mesh first = mesher.look(picture, window);
  if (first.score < leastCertainty / 2) return first;
  return mesher.look(picture, Window::around(first));
}

/// Whether two meshes lie on one face.
bool isSame(const cv::Rect2d &a, const cv::Rect2d &b) {
  const cv::Point2d apart = (a.tl() + a.br() - b.tl() - b.br()) / 2;
  return (a & b).area() > 0.4 * std::min(a.area(), b.area()) ||
         std::hypot(apart.x, apart.y) < 0.6 * std::max(a.width, b.width);
}

/// Whether one of the faces that the whole shows is surely the largest: no part shows a larger one.
bool hasLargest(const std::vector<cv::Rect2d> &boxes, const cv::Size &size) {
  double first = 0, second = 0, width = 0;
  for (const cv::Rect2d &box : boxes) {
    second = std::max(second, std::min(first, box.area()));
    if (box.area() > first) first = box.area(), width = box.width;
  }
  return first > 1.3 * second && width * 10 >= std::max(size.width, size.height);
}

FacesFound told(const Mesh &mesh, double score) {
  const cv::Rect2d box = faces::bounds(mesh);
  const int x = int(std::lround(box.x)), y = int(std::lround(box.y));
  FacesFound found;
  found.box = {x, y, int(std::lround(box.x + box.width)) - x, int(std::lround(box.y + box.height)) - y};
  found.score = score;
  found.mesh = mesh.plain();
  return found;
}

}  // namespace

FacesStatus faces_finder_create(FacesBytes detector, FacesBytes mesh, FacesFinder **finder,
                                FacesMessage *message) {
  return faces::guarded(message, [&] {
    prepare();
    *finder = new FacesFinder{faces::Detector(detector), faces::Mesher(mesh)};
  });
}

void faces_finder_destroy(FacesFinder *finder) { delete finder; }

FacesStatus faces_find(FacesFinder *finder, FacesPicture picture, bool largest, FacesFound *found,
                       int32_t capacity, int32_t *count, FacesMessage *message) {
  *count = 0;
  return faces::guarded(message, [&] {
    const cv::Mat pixels = faces::matrix(picture);
    std::vector<FacesFound> faces;
    std::vector<cv::Rect2d> boxes;
    const auto isKnown = [&](const cv::Rect2d &box) {
      return std::any_of(boxes.begin(), boxes.end(), [&](const cv::Rect2d &other) { return isSame(box, other); });
    };
    const auto confirm = [&](std::vector<faces::Proposal> proposals) {
      for (const faces::Proposal &one : faces::merged(std::move(proposals))) {
        if (isKnown(one.box)) continue;
        const Mesh mesh = settled(finder->mesher, pixels, Window::around(one.box, one.left, one.right));
        const cv::Rect2d box = faces::bounds(mesh);
        if (mesh.score < leastCertainty || box.width < leastWidth || isKnown(box)) continue;
        boxes.push_back(box);
        faces.push_back(told(mesh, std::min(one.score, mesh.score)));
      }
    };
    // A face that the whole shows is the same one, to the pixel, whether the parts are looked at or not.
    confirm(finder->detector.find(pixels, cv::Rect({}, pixels.size())));
    if (!largest || !hasLargest(boxes, pixels.size())) {
      std::vector<faces::Proposal> proposals;
      for (const cv::Rect &part : parts(pixels.size()))
        for (const faces::Proposal &one : finder->detector.find(pixels, part)) proposals.push_back(one);
      confirm(std::move(proposals));
    }
    // The whole order is fixed, so that an index means the same face on every run.
    std::sort(faces.begin(), faces.end(), [](const FacesFound &a, const FacesFound &b) {
      const int64_t left = int64_t(a.box.width) * a.box.height;
      const int64_t right = int64_t(b.box.width) * b.box.height;
      if (left != right) return left > right;
      if (a.box.x != b.box.x) return a.box.x < b.box.x;
      return a.box.y < b.box.y;
    });
    *count = int32_t(faces.size());
    std::copy_n(faces.begin(), std::min(faces.size(), size_t(std::max(0, capacity))), found);
  });
}

FacesStatus faces_look(FacesFinder *finder, FacesPicture picture, const FacesMesh *near,
                       FacesFound *found, FacesMessage *message) {
  return faces::guarded(message, [&] {
    const cv::Mat pixels = faces::matrix(picture);
    const Mesh mesh = finder->mesher.look(pixels, Window::around(Mesh(*near)));
    *found = told(mesh, mesh.score);
  });
}

void faces_mesh_measure(const FacesMesh *mesh, FacesMeasures *measures) {
  faces::Mesh whole;
  for (size_t index = 0; index < whole.points.size(); ++index)
    whole.points[index] = {mesh->places[3 * index], mesh->places[3 * index + 1],
                           mesh->places[3 * index + 2]};
  const faces::Pose pose = faces::pose(whole);
  *measures = {faces::eyes(whole), pose.yaw, pose.pitch, pose.roll, faces::openness(whole)};
}

FacesStatus faces_sharpness(FacesPicture picture, FacesBox box, double *sharpness,
                            FacesMessage *message) {
  return faces::guarded(message, [&] {
    const cv::Mat pixels = faces::matrix(picture);
    const cv::Mat part = pixels(faces::within(box, pixels.size()));
    cv::Mat sized, edges;
    const cv::Mat gray = faces::lightness(part);
    const double scale = 160.0 / gray.cols;
    cv::resize(gray, sized, cv::Size(160, std::max(1, int(std::lround(gray.rows * scale)))), 0, 0,
               scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
    cv::Laplacian(sized, edges, CV_32F);
    cv::Scalar mean, deviation;
    cv::meanStdDev(edges, mean, deviation);
    *sharpness = deviation[0] * deviation[0];
  });
}

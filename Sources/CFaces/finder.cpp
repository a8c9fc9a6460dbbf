#include "finder.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Weverything"
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgproc.hpp>
#pragma clang diagnostic pop

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "support.h"

namespace {

/// The lightness of `picture` at `scale`, in dlib's own kind of image.
dlib::array2d<unsigned char> searched(const cv::Mat &picture, double scale) {
  cv::Mat sized;
  const cv::Size size(std::max(1, int(std::lround(picture.cols * scale))),
                      std::max(1, int(std::lround(picture.rows * scale))));
  cv::resize(picture, sized, size, 0, 0, scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
  const cv::Mat gray = faces::lightness(sized);
  dlib::array2d<unsigned char> image(gray.rows, gray.cols);
  for (int row = 0; row < gray.rows; ++row)
    std::copy_n(gray.ptr(row), gray.cols, &image[row][0]);
  return image;
}

/// dlib's trained detector. Unpacking it costs some 350 ms, a copy of it hardly anything.
const dlib::frontal_face_detector &trained() {
  static const dlib::frontal_face_detector detector = dlib::get_frontal_face_detector();
  return detector;
}

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

int32_t unscaled(long value, double scale) { return int32_t(std::lround(double(value) / scale)); }

}  // namespace

FacesStatus faces_finder_create(const char *cascade, FacesFinder **finder, FacesMessage *message) {
  return faces::guarded(message, [&] {
    prepare();
    auto made = std::make_unique<FacesFinder>();
    bool loaded = false;
    try {
      loaded = made->cascade.load(cascade);
    } catch (const cv::Exception &) {
      // A damaged file throws where an absent one gives false.
    }
    if (!loaded) throw faces::BadCascade("the eye cascade cannot be read");
    made->detector = trained();
    *finder = made.release();
  });
}

void faces_finder_destroy(FacesFinder *finder) { delete finder; }

FacesStatus faces_find(FacesFinder *finder, FacesPicture picture, int32_t side, FacesFound *found,
                       int32_t capacity, int32_t *count, FacesMessage *message) {
  *count = 0;
  return faces::guarded(message, [&] {
    if (side < 1) throw faces::BadArgument("the searched side is less than a pixel");
    const cv::Mat pixels = faces::matrix(picture);
    const double scale = std::min(2.0, double(side) / std::max(pixels.cols, pixels.rows));
    std::vector<dlib::rect_detection> detections;
    finder->detector(searched(pixels, scale), detections);

    std::vector<FacesFound> faces;
    for (const auto &detection : detections) {
      const dlib::rectangle &box = detection.rect;
      faces.push_back({{unscaled(box.left(), scale), unscaled(box.top(), scale),
                        unscaled(long(box.width()), scale), unscaled(long(box.height()), scale)},
                       FacesView(detection.weight_index),
                       detection.detection_confidence});
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

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <memory>

#include "mesh.h"
#include "reduce.h"
#include "runtime.h"
#include "support.h"
#include "topology.h"

namespace {

using faces::BadModel;
using faces::Mesh;
using faces::Port;
using faces::Session;
using faces::Tensor;

/// Where networks of this kind expect the eyes, the tip of the nose and the corners of the mouth, in a picture
/// of 112 pixels: the template that came with ArcFace.
constexpr int templateSide = 112;
constexpr double templatePoints[5][2] = {
    {38.2946, 51.6963}, {73.5318, 51.5014}, {56.0252, 71.7366}, {41.5493, 92.3655}, {70.7299, 92.2041}};
constexpr int noseTip = 1, leftCorner = 61, rightCorner = 291;

cv::Point2d middle(const Mesh &mesh, const std::array<uint16_t, 16> &ring) {
  cv::Point2d sum(0, 0);
  for (const uint16_t point : ring) sum += mesh.flat(point);
  return sum / double(ring.size());
}

/// The similarity that takes a face to the template of a picture of `side` pixels. `isWide` takes the form with
/// room beside the face: the template in 128 pixels, moved to the right by 8.
cv::Matx23d alignment(const Mesh &mesh, int side, bool isWide) {
  const cv::Point2d from[5] = {middle(mesh, faces::leftEye), middle(mesh, faces::rightEye), mesh.flat(noseTip),
                               mesh.flat(leftCorner), mesh.flat(rightCorner)};
  const double scale = double(side) / (isWide ? 128 : templateSide), shift = isWide ? 8 : 0;
  cv::Point2d to[5], fromMiddle(0, 0), toMiddle(0, 0);
  for (int k = 0; k < 5; ++k) {
    to[k] = {(templatePoints[k][0] + shift) * scale, templatePoints[k][1] * scale};
    fromMiddle += from[k] / 5, toMiddle += to[k] / 5;
  }
  // The turn and scale with the least squares, in complex numbers.
  double real = 0, imaginary = 0, square = 0;
  for (int k = 0; k < 5; ++k) {
    const cv::Point2d a = from[k] - fromMiddle, b = to[k] - toMiddle;
    real += a.dot(b), imaginary += a.cross(b), square += a.dot(a);
  }
  if (!(square > 1)) throw faces::BadArgument("the face has no size");
  const double c = real / square, s = imaginary / square;
  return {c, -s, toMiddle.x - c * fromMiddle.x + s * fromMiddle.y,
          s, c, toMiddle.y - s * fromMiddle.x - c * fromMiddle.y};
}

/// The face as its network sees it.
cv::Mat aligned(const cv::Mat &picture, const cv::Matx23d &map, int side) {
  const double scale = std::hypot(map(0, 0), map(1, 0));
  cv::Matx23d move = map;
  cv::Mat part = picture, view;
  if (scale < 0.5) {
    const faces::Reduced reduced(picture, cv::Rect({}, picture.size()), scale);
    part = reduced.pixels;
    // A place p of the small picture is (p + 1/2) * factor - 1/2 of the large one.
    const double f = reduced.factor, shift = (f - 1) / 2;
    for (int row = 0; row < 2; ++row) {
      move(row, 2) = map(row, 0) * shift + map(row, 1) * shift + map(row, 2);
      move(row, 0) = map(row, 0) * f, move(row, 1) = map(row, 1) * f;
    }
  }
  cv::warpAffine(part, view, move, {side, side}, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  return faces::colors(view);
}

/// Red, green and blue plane by plane, `(sample - offset) * factor`.
Tensor planes(const cv::Mat &view, double offset, double factor) {
  Tensor tensor;
  tensor.shape = {1, 3, view.rows, view.cols};
  tensor.values.resize(size_t(view.rows) * size_t(view.cols) * 3);
  const size_t plane = size_t(view.rows) * size_t(view.cols);
  for (int y = 0; y < view.rows; ++y)
    for (int x = 0; x < view.cols; ++x)
      for (size_t k = 0; k < 3; ++k)
        tensor.values[k * plane + size_t(y * view.cols + x)] =
            float((view.at<cv::Vec3b>(y, x)[int(k)] - offset) * factor);
  return tensor;
}

std::string text(const std::vector<int64_t> &shape) {
  std::string result;
  for (const int64_t side : shape) result += (result.empty() ? "" : "x") + (side < 0 ? "?" : std::to_string(side));
  return result.empty() ? "a single number" : result;
}

std::string text(const std::vector<Port> &ports) {
  std::string result;
  for (const Port &port : ports) result += (result.empty() ? "" : ", ") + port.name + " " + text(port.shape);
  return result;
}

bool isPicture(const Port &port) {
  return port.isFloat && port.shape.size() == 4 && port.shape[0] <= 1 && port.shape[1] == 3 && port.shape[2] > 0 &&
         port.shape[2] == port.shape[3];
}

bool isVector(const Port &port) {
  return port.isFloat && port.shape.size() == 2 && port.shape[0] <= 1 && port.shape[1] > 0;
}

/// Where the only port of a kind stands; refuses none and several.
template <typename Kind>
size_t only(const std::vector<Port> &ports, Kind kind, const char *wanted) {
  const auto place = std::find_if(ports.begin(), ports.end(), kind);
  if (place == ports.end() || std::find_if(place + 1, ports.end(), kind) != ports.end())
    throw BadModel(std::string(wanted) + "; it has: " + text(ports));
  return size_t(place - ports.begin());
}

void checkNumbers(const Tensor &tensor) {
  for (const float value : tensor.values)
    if (!std::isfinite(value)) throw BadModel("the network gave numbers that are none (NaN or infinite)");
}

void normalize(std::vector<float> &vector) {
  double square = 0;
  for (const float value : vector) square += double(value) * value;
  if (!(square > 0)) throw BadModel("the embedder gave a vector without a length");
  for (float &value : vector) value = float(value / std::sqrt(square));
}

}  // namespace

struct FacesEmbedder {
  FacesEmbedder(const faces::Runtime &runtime, const FacesBytes &bytes) : session(runtime, bytes) {
    if (session.inputs().size() != 1)
      throw BadModel("an embedder takes one picture; this takes: " + text(session.inputs()));
    only(session.inputs(), isPicture, "an embedder takes one picture of 1x3xNxN in single precision");
    output = only(session.outputs(), isVector, "an embedder gives one vector of 1xN in single precision");
    side = int(session.inputs()[0].shape[2]);
    length = session.outputs()[output].shape[1];
  }

  std::vector<float> embed(const Tensor &view) const {
    Tensor vector = session.run({view}, output);
    checkNumbers(vector);
    normalize(vector.values);
    return vector.values;
  }

  Session session;
  size_t output = 0;
  int side = 0;
  int64_t length = 0;
};

struct FacesSwapper {
  FacesSwapper(const faces::Runtime &runtime, const FacesBytes &bytes) : session(runtime, bytes) {
    if (session.inputs().size() != 2)
      throw BadModel("a swap network takes a picture and a vector; this takes: " + text(session.inputs()));
    picture = only(session.inputs(), isPicture,
                   "a swap network takes one picture of 1x3xNxN in single precision");
    vector = only(session.inputs(), isVector, "a swap network takes one vector of 1xN in single precision");
    side = int(session.inputs()[picture].shape[2]);
    length = session.inputs()[vector].shape[1];
    const auto isResult = [this](const Port &port) {
      return port.isFloat && port.shape.size() == 4 && (port.shape[1] == 3 || port.shape[1] < 0) &&
             (port.shape[2] == side || port.shape[2] < 0);
    };
    output = only(session.outputs(), isResult, "a swap network gives one picture of the size of the one it takes");
    if (side < 64 || side > 1024)
      throw BadModel("a swap network works on pictures of 64 to 1024 pixels; this on " + std::to_string(side));
  }

  Tensor run(Tensor view, Tensor identity) const {
    std::vector<Tensor> inputs(2);
    inputs[picture] = std::move(view);
    inputs[vector] = std::move(identity);
    Tensor made = session.run(inputs, output);
    if (made.shape != std::vector<int64_t>{1, 3, side, side})
      throw BadModel("the network gave a picture of " + text(made.shape) + " where 1x3x" + std::to_string(side) +
                     "x" + std::to_string(side) + " was expected");
    checkNumbers(made);
    return made;
  }

  Session session;
  size_t picture = 0, vector = 0, output = 0;
  int side = 0;
  int64_t length = 0;
};

FacesStatus faces_embedder_create(FacesRuntime *runtime, FacesBytes model, FacesEmbedder **embedder,
                                  int32_t *side, int32_t *length, FacesMessage *message) {
  return faces::guarded(message, [&] {
    auto made = std::make_unique<FacesEmbedder>(runtime->runtime, model);
    *side = made->side, *length = int32_t(made->length);
    *embedder = made.release();
  });
}

void faces_embedder_destroy(FacesEmbedder *embedder) { delete embedder; }

FacesStatus faces_embedder_embed(FacesEmbedder *embedder, FacesPicture picture, const FacesMesh *mesh,
                                 float *vector, FacesMessage *message) {
  return faces::guarded(message, [&] {
    const cv::Mat pixels = faces::matrix(picture);
    const cv::Mat view = aligned(pixels, alignment(Mesh(*mesh), embedder->side, embedder->side % 112 != 0),
                                 embedder->side);
    const std::vector<float> made = embedder->embed(planes(view, 127.5, 1 / 127.5));
    std::copy(made.begin(), made.end(), vector);
  });
}

FacesStatus faces_embedder_run(FacesEmbedder *embedder, const float *picture, float *vector,
                               FacesMessage *message) {
  return faces::guarded(message, [&] {
    const size_t side = size_t(embedder->side);
    const Tensor view = {{1, 3, embedder->side, embedder->side}, {picture, picture + 3 * side * side}};
    const std::vector<float> made = embedder->embed(view);
    std::copy(made.begin(), made.end(), vector);
  });
}

FacesStatus faces_swapper_create(FacesRuntime *runtime, FacesBytes model, FacesSwapper **swapper, int32_t *side,
                                 int32_t *length, FacesMessage *message) {
  return faces::guarded(message, [&] {
    auto made = std::make_unique<FacesSwapper>(runtime->runtime, model);
    *side = made->side, *length = int32_t(made->length);
    *swapper = made.release();
  });
}

void faces_swapper_destroy(FacesSwapper *swapper) { delete swapper; }

FacesStatus faces_swapper_swap(FacesSwapper *swapper, FacesPicture scene, const FacesMesh *mesh,
                               const float *identity, FacesSwapForm form, uint8_t *samples, FacesMesh *there,
                               FacesMessage *message) {
  return faces::guarded(message, [&] {
    const Mesh whole(*mesh);
    const int side = swapper->side;
    const cv::Matx23d map = alignment(whole, side, form.wide);
    const cv::Mat view = aligned(faces::matrix(scene), map, side);
    const double offset = form.is_signed ? 127.5 : 0, factor = form.is_signed ? 1 / 127.5 : 1 / 255.0;
    const Tensor made = swapper->run(planes(view, offset, factor),
                                     {{1, swapper->length}, {identity, identity + swapper->length}});
    const size_t plane = size_t(side) * size_t(side);
    for (size_t at = 0; at < plane; ++at)
      for (size_t k = 0; k < 3; ++k)
        samples[at * 3 + k] = cv::saturate_cast<uint8_t>(made.values[k * plane + at] / factor + offset);
    // The scene's own points, where the network's picture has them.
    Mesh moved = whole;
    const double scale = std::hypot(map(0, 0), map(1, 0));
    for (cv::Point3f &point : moved.points)
      point = {float(map(0, 0) * point.x + map(0, 1) * point.y + map(0, 2)),
               float(map(1, 0) * point.x + map(1, 1) * point.y + map(1, 2)), float(point.z * scale)};
    *there = moved.plain();
  });
}

FacesStatus faces_swapper_run(FacesSwapper *swapper, const float *picture, const float *identity, float *result,
                              FacesMessage *message) {
  return faces::guarded(message, [&] {
    const size_t count = 3 * size_t(swapper->side) * size_t(swapper->side);
    const Tensor made = swapper->run({{1, 3, swapper->side, swapper->side}, {picture, picture + count}},
                                     {{1, swapper->length}, {identity, identity + swapper->length}});
    std::copy(made.values.begin(), made.values.end(), result);
  });
}

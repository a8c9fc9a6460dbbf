#pragma once

// OpenCV's own headers are not held to this package's warnings.
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include <cmath>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>

#include "CFaces.h"

namespace faces {

/// An argument that makes no sense.
struct BadArgument : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A network that cannot be read.
struct BadNetwork : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A network that the user brought cannot be used.
struct BadModel : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A mask without a pixel.
struct EmptyMask : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void write(FacesMessage *message, const char *text) {
  std::strncpy(message->text, text, sizeof message->text - 1);
  message->text[sizeof message->text - 1] = 0;
}

/// Whether OpenCV says that it got no memory. Its exception is known by its text: naming its type would load
/// the library at the program's start.
inline bool isShortOfMemory(const char *text) {
  return std::strstr(text, ("(" + std::to_string(cv::Error::StsNoMem) + ":").c_str()) != nullptr;
}

/// Runs `body` and turns whatever it throws into a status: nothing may pass into Swift's frames.
template <typename Body>
FacesStatus guarded(FacesMessage *message, Body body) noexcept {
  message->text[0] = 0;
  try {
    body();
    return FacesStatusOK;
  } catch (const BadArgument &error) {
    write(message, error.what());
    return FacesStatusArgument;
  } catch (const BadNetwork &error) {
    write(message, error.what());
    return FacesStatusNetwork;
  } catch (const BadModel &error) {
    write(message, error.what());
    return FacesStatusModel;
  } catch (const EmptyMask &error) {
    write(message, error.what());
    return FacesStatusNothingToBlend;
  } catch (const std::bad_alloc &) {
    write(message, "not enough memory");
    return FacesStatusMemory;
  } catch (const std::exception &error) {
    write(message, error.what());
    return isShortOfMemory(error.what()) ? FacesStatusMemory : FacesStatusInternal;
  } catch (...) {
    write(message, "an exception without a message");
    return FacesStatusInternal;
  }
}

/// The kind of matrix that a picture is.
inline int type(int32_t width, int32_t height, int32_t channels, ptrdiff_t stride) {
  if (width < 1 || height < 1) throw BadArgument("the picture has no pixels");
  if (channels != 3 && channels != 4) throw BadArgument("the picture has neither 3 nor 4 channels");
  if (stride < ptrdiff_t(width) * channels)
    throw BadArgument("the picture's stride is less than a row");
  return channels == 3 ? CV_8UC3 : CV_8UC4;
}

/// The picture as a matrix over the same bytes. Only to be read: OpenCV has no constant matrix
/// over foreign memory.
inline const cv::Mat matrix(const FacesPicture &picture) {
  const int kind = type(picture.width, picture.height, picture.channels, picture.stride);
  return cv::Mat(picture.height, picture.width, kind, const_cast<uint8_t *>(picture.samples),
                 size_t(picture.stride));
}

inline cv::Mat matrix(const FacesCanvas &canvas) {
  const int kind = type(canvas.width, canvas.height, canvas.channels, canvas.stride);
  return cv::Mat(canvas.height, canvas.width, kind, canvas.samples, size_t(canvas.stride));
}

/// The lightness of a picture of three or four channels.
inline cv::Mat lightness(const cv::Mat &picture) {
  cv::Mat gray;
  cv::cvtColor(picture, gray, picture.channels() == 4 ? cv::COLOR_RGBA2GRAY : cv::COLOR_RGB2GRAY);
  return gray;
}

/// A copy of a picture of three or four channels without its opacity.
inline cv::Mat colors(const cv::Mat &picture) {
  if (picture.channels() == 3) return picture.clone();
  cv::Mat three;
  cv::cvtColor(picture, three, cv::COLOR_RGBA2RGB);
  return three;
}

/// Far beyond every picture, and far from where whole numbers end.
constexpr double farthest = 1e6;

/// Refuses places that no face can have, so that all further arithmetic stays within an `int`.
inline void check(const FacesBox &box) {
  for (const int32_t value : {box.x, box.y, box.width, box.height})
    if (std::abs(double(value)) > farthest) throw BadArgument("the box lies far off the picture");
}

inline void check(const FacesEyes &eyes) {
  for (const double value : {eyes.left_x, eyes.left_y, eyes.right_x, eyes.right_y})
    if (!(std::abs(value) <= farthest)) throw BadArgument("the eyes lie far off the picture");
  if (!(std::hypot(eyes.right_x - eyes.left_x, eyes.right_y - eyes.left_y) >= 1))
    throw BadArgument("the eyes lie on one another");
}

/// The part of `box` that lies within `size`.
inline cv::Rect within(const FacesBox &box, const cv::Size &size) {
  check(box);
  const cv::Rect part = cv::Rect(box.x, box.y, box.width, box.height) & cv::Rect({}, size);
  if (part.area() < 1) throw BadArgument("the box lies outside the picture");
  return part;
}

}  // namespace faces

#pragma once

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Weverything"
#include <dlib/image_processing/frontal_face_detector.h>
#include <opencv2/objdetect.hpp>
#pragma clang diagnostic pop

#include "CFaces.h"

struct FacesFinder {
  dlib::frontal_face_detector detector;
  cv::CascadeClassifier cascade;
};

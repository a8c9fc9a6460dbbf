#include <dlib/image_processing/frontal_face_detector.h>
#include <opencv2/core.hpp>
#include "CFaces.h"

#pragma once

#include "networks.h"

struct FacesFinder {
  faces::Detector detector;
  faces::Mesher mesher;
};

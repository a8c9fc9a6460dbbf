#pragma once

#include "chart.h"

namespace faces {

/// The frame of glasses on a face's view, as 0 to 1; empty where it wears none.
///
/// Glasses are what crosses the bare bridge of the nose as a thin line, dark or glossy, with all that is
/// joined to it around the eyes.
cv::Mat spectacles(const cv::Mat &view, const Chart &chart);

}  // namespace faces

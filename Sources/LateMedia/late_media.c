// What reads and changes media in the worker: each file needs one or two of these.
#include "late_binding.h"

#ifdef SWAPLINE_BINDS_LATE
#include <libavformat/version.h>
#include <libswscale/version.h>
#include <opencv2/core/version.hpp>

// Debian names OpenCV's libraries by the major version and two digits of the minor one.
#if CV_VERSION_MINOR < 10
#define CV_NUMBER SWAPLINE_TEXT(CV_VERSION_MAJOR) "0" SWAPLINE_TEXT(CV_VERSION_MINOR)
#else
#define CV_NUMBER SWAPLINE_TEXT(CV_VERSION_MAJOR) SWAPLINE_TEXT(CV_VERSION_MINOR)
#endif

static struct swapline_library vips = {"libvips.so.42"};
static struct swapline_library avformat = {"libavformat.so." SWAPLINE_TEXT(LIBAVFORMAT_VERSION_MAJOR)};
static struct swapline_library swscale = {"libswscale.so." SWAPLINE_TEXT(LIBSWSCALE_VERSION_MAJOR)};
static struct swapline_library opencv = {"libopencv_dnn.so." CV_NUMBER};

#include "symbols.inc"
#endif

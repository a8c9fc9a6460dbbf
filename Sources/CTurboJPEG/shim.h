#ifndef SWAPLINE_CTURBOJPEG_SHIM_H
#define SWAPLINE_CTURBOJPEG_SHIM_H

#include <turbojpeg.h>

#endif

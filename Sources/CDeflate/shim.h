#ifndef SWAPLINE_CDEFLATE_SHIM_H
#define SWAPLINE_CDEFLATE_SHIM_H

#include <libdeflate.h>

#endif

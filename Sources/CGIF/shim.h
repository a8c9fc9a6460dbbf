#ifndef SWAPLINE_CGIF_SHIM_H
#define SWAPLINE_CGIF_SHIM_H

// giflib's header uses size_t without including what declares it.
#include <stddef.h>

#include <gif_lib.h>

#endif

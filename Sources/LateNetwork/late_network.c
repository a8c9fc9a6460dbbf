// What the command needs for the network: a run over local files needs none of these.
#include "late_binding.h"

#ifdef SWAPLINE_BINDS_LATE
static struct swapline_library curl = {"libcurl.so.4"};
static struct swapline_library microhttpd = {"libmicrohttpd.so.12"};
static struct swapline_library pq = {"libpq.so.5"};

#include "symbols.inc"
#endif

#ifndef SWAPLINE_CAV_SHIM_H
#define SWAPLINE_CAV_SHIM_H

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/audio_fifo.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

#pragma clang assume_nonnull begin

// Macros with casts and expressions, which Swift does not import.
static inline int64_t swapline_av_no_time(void) { return AV_NOPTS_VALUE; }
static inline int swapline_av_end(void) { return AVERROR_EOF; }
static inline int swapline_av_again(void) { return AVERROR(EAGAIN); }
static inline int swapline_av_stopped(void) { return AVERROR_EXIT; }
static inline int swapline_av_no_memory(void) { return AVERROR(ENOMEM); }
static inline int swapline_av_invalid(void) { return AVERROR_INVALIDDATA; }

// A context needs its interruption before the file is opened, and the structure's function pointer
// cannot be set from Swift without knowing its C type.
static inline void swapline_av_watch(
    AVFormatContext *context, int (*stops)(void *_Nullable), void *data) {
  context->interrupt_callback.callback = stops;
  context->interrupt_callback.opaque = data;
}

// avformat_alloc_output_context2 with what never changes.
static inline AVFormatContext *_Nullable swapline_av_output(
    const char *format, const char *address) {
  AVFormatContext *context = NULL;
  return avformat_alloc_output_context2(&context, NULL, format, address) < 0 ? NULL : context;
}

// The channel layout is a structure with an anonymous union, which Swift does not import.
static inline void swapline_av_channels(AVChannelLayout *layout, int count) {
  av_channel_layout_uninit(layout);
  av_channel_layout_default(layout, count);
}

// A tag of four characters, as containers store it.
static inline unsigned swapline_av_tag(char a, char b, char c, char d) {
  return MKTAG(a, b, c, d);
}

// The flag is an enumerator inside the structure's header, in a place that Swift does not see.
static inline int swapline_av_wants_header_apart(const AVFormatContext *context) {
  return (context->oformat->flags & AVFMT_GLOBALHEADER) != 0;
}

#pragma clang assume_nonnull end

#endif

#ifndef SWAPLINE_CZIMG_SHIM_H
#define SWAPLINE_CZIMG_SHIM_H

#include <stddef.h>
#include <zimg.h>

#pragma clang assume_nonnull begin

// Structures with fixed arrays and defaults that are set by macros, which Swift does not import.
static inline zimg_filter_graph *_Nullable swapline_zimg_lanczos(
    unsigned width, unsigned height, unsigned to_width, unsigned to_height, int is_gray) {
  zimg_image_format from, to;
  zimg_graph_builder_params params;
  zimg_image_format_default(&from, ZIMG_API_VERSION);
  from.width = width;
  from.height = height;
  from.pixel_type = ZIMG_PIXEL_BYTE;
  from.color_family = is_gray ? ZIMG_COLOR_GREY : ZIMG_COLOR_RGB;
  from.matrix_coefficients = is_gray ? ZIMG_MATRIX_UNSPECIFIED : ZIMG_MATRIX_RGB;
  from.pixel_range = ZIMG_RANGE_FULL;
  to = from;
  to.width = to_width;
  to.height = to_height;
  zimg_graph_builder_params_default(&params, ZIMG_API_VERSION);
  params.resample_filter = ZIMG_RESIZE_LANCZOS;
  params.filter_param_a = 3;
  params.cpu_type = ZIMG_CPU_AUTO_64B;
  return zimg_filter_graph_build(&from, &to, &params);
}

static inline size_t swapline_zimg_scratch(const zimg_filter_graph *graph) {
  size_t size = 0;
  return zimg_filter_graph_get_tmp_size(graph, &size) == ZIMG_ERROR_SUCCESS ? size : 0;
}

// Planes of one size behind each other, each row `stride` bytes.
static inline int swapline_zimg_run(
    const zimg_filter_graph *graph, const unsigned char *from, ptrdiff_t from_stride,
    ptrdiff_t from_plane, unsigned char *to, ptrdiff_t to_stride, ptrdiff_t to_plane,
    int planes, void *_Nullable scratch) {
  zimg_image_buffer_const in = {ZIMG_API_VERSION};
  zimg_image_buffer out = {ZIMG_API_VERSION};
  for (int i = 0; i < planes; i++) {
    in.plane[i].data = from + i * from_plane;
    in.plane[i].stride = from_stride;
    in.plane[i].mask = ZIMG_BUFFER_MAX;
    out.plane[i].data = to + i * to_plane;
    out.plane[i].stride = to_stride;
    out.plane[i].mask = ZIMG_BUFFER_MAX;
  }
  return zimg_filter_graph_process(graph, &in, &out, scratch, 0, 0, 0, 0) == ZIMG_ERROR_SUCCESS;
}

#pragma clang assume_nonnull end

#endif

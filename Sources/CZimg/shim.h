#ifndef SWAPLINE_CZIMG_SHIM_H
#define SWAPLINE_CZIMG_SHIM_H

#include <stddef.h>
#include <zimg.h>

#pragma clang assume_nonnull begin

// Structures with fixed arrays and defaults that are set by macros, which Swift does not import.

// A picture of 8-bit samples.
static inline zimg_image_format swapline_zimg_format(unsigned width, unsigned height) {
  zimg_image_format format;
  zimg_image_format_default(&format, ZIMG_API_VERSION);
  format.width = width;
  format.height = height;
  format.pixel_type = ZIMG_PIXEL_BYTE;
  return format;
}

// From one size to another with one curve for all planes.
static inline zimg_filter_graph *_Nullable swapline_zimg_scaling(
    const zimg_image_format *from, unsigned to_width, unsigned to_height, zimg_resample_filter_e filter,
    double a, double b) {
  zimg_image_format to = *from;
  to.width = to_width;
  to.height = to_height;
  zimg_graph_builder_params params;
  zimg_graph_builder_params_default(&params, ZIMG_API_VERSION);
  params.resample_filter = params.resample_filter_uv = filter;
  params.filter_param_a = params.filter_param_a_uv = a;
  params.filter_param_b = params.filter_param_b_uv = b;
  params.cpu_type = ZIMG_CPU_AUTO_64B;
  return zimg_filter_graph_build(from, &to, &params);
}

static inline zimg_filter_graph *_Nullable swapline_zimg_lanczos(
    unsigned width, unsigned height, unsigned to_width, unsigned to_height, int is_gray) {
  zimg_image_format from = swapline_zimg_format(width, height);
  from.color_family = is_gray ? ZIMG_COLOR_GREY : ZIMG_COLOR_RGB;
  from.matrix_coefficients = is_gray ? ZIMG_MATRIX_UNSPECIFIED : ZIMG_MATRIX_RGB;
  from.pixel_range = ZIMG_RANGE_FULL;
  return swapline_zimg_scaling(&from, to_width, to_height, ZIMG_RESIZE_LANCZOS, 3, 0);
}

// Luma and chroma as videos have them, chroma at half the sides, with the curve that libswscale's bicubic has.
static inline zimg_filter_graph *_Nullable swapline_zimg_bicubic(
    unsigned width, unsigned height, unsigned to_width, unsigned to_height) {
  zimg_image_format from = swapline_zimg_format(width, height);
  from.color_family = ZIMG_COLOR_YUV;
  from.subsample_w = 1;
  from.subsample_h = 1;
  from.matrix_coefficients = ZIMG_MATRIX_BT709;
  from.pixel_range = ZIMG_RANGE_LIMITED;
  // Where libswscale takes it to be, so that both ways show the same.
  from.chroma_location = ZIMG_CHROMA_CENTER;
  return swapline_zimg_scaling(&from, to_width, to_height, ZIMG_RESIZE_BICUBIC, 0, 0.6);
}

// Whole planes, each with its own stride in bytes.
static inline int swapline_zimg_planes(
    const zimg_filter_graph *graph, const unsigned char *_Nonnull const *_Nonnull from,
    const ptrdiff_t *from_strides, unsigned char *_Nonnull const *_Nonnull to, const ptrdiff_t *to_strides,
    void *_Nullable scratch) {
  zimg_image_buffer_const in = {ZIMG_API_VERSION};
  zimg_image_buffer out = {ZIMG_API_VERSION};
  for (int i = 0; i < 3; i++) {
    in.plane[i].data = from[i];
    in.plane[i].stride = from_strides[i];
    in.plane[i].mask = ZIMG_BUFFER_MAX;
    out.plane[i].data = to[i];
    out.plane[i].stride = to_strides[i];
    out.plane[i].mask = ZIMG_BUFFER_MAX;
  }
  return zimg_filter_graph_process(graph, &in, &out, scratch, NULL, NULL, NULL, NULL) == ZIMG_ERROR_SUCCESS;
}

static inline size_t swapline_zimg_scratch(const zimg_filter_graph *graph) {
  size_t size = 0;
  return zimg_filter_graph_get_tmp_size(graph, &size) == ZIMG_ERROR_SUCCESS ? size : 0;
}

// What the functions below take a picture's rows from or put them into: `bands` interleaved samples a pixel,
// rows without gaps, and a ring of a few planar rows that zimg works on.
typedef struct swapline_zimg_rows {
  unsigned char *pixels;
  size_t width;
  int bands;
  unsigned char *ring[3];
  ptrdiff_t stride;
  unsigned mask;
} swapline_zimg_rows;

// Callbacks, which Swift could only make of closures that cost a call a row more.
static inline int swapline_zimg_unpack(void *user, unsigned y, unsigned left, unsigned right) {
  const swapline_zimg_rows *rows = (const swapline_zimg_rows *)user;
  const unsigned char *from = rows->pixels + ((size_t)y * rows->width + left) * rows->bands;
  ptrdiff_t at = (ptrdiff_t)(y & rows->mask) * rows->stride;
  if (rows->bands == 1) {
    for (unsigned x = left; x < right; x++) rows->ring[0][at + x] = *from++;
    return 0;
  }
  unsigned char *red = rows->ring[0] + at, *green = rows->ring[1] + at, *blue = rows->ring[2] + at;
  for (unsigned x = left; x < right; x++, from += rows->bands) {
    red[x] = from[0];
    green[x] = from[1];
    blue[x] = from[2];
  }
  return 0;
}

static inline int swapline_zimg_pack(void *user, unsigned y, unsigned left, unsigned right) {
  const swapline_zimg_rows *rows = (const swapline_zimg_rows *)user;
  unsigned char *to = rows->pixels + ((size_t)y * rows->width + left) * rows->bands;
  ptrdiff_t at = (ptrdiff_t)(y & rows->mask) * rows->stride;
  if (rows->bands == 1) {
    for (unsigned x = left; x < right; x++) *to++ = rows->ring[0][at + x];
    return 0;
  }
  const unsigned char *red = rows->ring[0] + at, *green = rows->ring[1] + at, *blue = rows->ring[2] + at;
  for (unsigned x = left; x < right; x++, to += rows->bands) {
    to[0] = red[x];
    to[1] = green[x];
    to[2] = blue[x];
    if (rows->bands == 4) to[3] = 255;
  }
  return 0;
}

// How many rows of a picture a ring needs, a power of two or all of them.
static inline unsigned swapline_zimg_ring(const zimg_filter_graph *graph, int is_input, unsigned height) {
  unsigned count = 0;
  zimg_error_code_e status = is_input ? zimg_filter_graph_get_input_buffering(graph, &count)
                                      : zimg_filter_graph_get_output_buffering(graph, &count);
  unsigned mask = status == ZIMG_ERROR_SUCCESS ? zimg_select_buffer_mask(count) : ZIMG_BUFFER_MAX;
  return mask == ZIMG_BUFFER_MAX || mask >= height ? height : mask + 1;
}

// `from_ring` and `to_ring` have room for three planes of as many rows as swapline_zimg_ring says, one behind
// the other.
static inline int swapline_zimg_run(
    const zimg_filter_graph *graph, const unsigned char *from, size_t from_width, unsigned char *from_ring,
    ptrdiff_t from_stride, unsigned from_rows, unsigned char *to, size_t to_width, unsigned char *to_ring,
    ptrdiff_t to_stride, unsigned to_rows, unsigned from_height, unsigned to_height, int bands,
    void *_Nullable scratch) {
  swapline_zimg_rows source = {(unsigned char *)from, from_width, bands, {0}, from_stride, 0};
  swapline_zimg_rows target = {to, to_width, bands, {0}, to_stride, 0};
  source.mask = from_rows == from_height ? ZIMG_BUFFER_MAX : from_rows - 1;
  target.mask = to_rows == to_height ? ZIMG_BUFFER_MAX : to_rows - 1;
  zimg_image_buffer_const in = {ZIMG_API_VERSION};
  zimg_image_buffer out = {ZIMG_API_VERSION};
  for (int i = 0; i < (bands == 1 ? 1 : 3); i++) {
    in.plane[i].data = source.ring[i] = from_ring + i * from_stride * (ptrdiff_t)from_rows;
    in.plane[i].stride = from_stride;
    in.plane[i].mask = source.mask;
    out.plane[i].data = target.ring[i] = to_ring + i * to_stride * (ptrdiff_t)to_rows;
    out.plane[i].stride = to_stride;
    out.plane[i].mask = target.mask;
  }
  return zimg_filter_graph_process(
             graph, &in, &out, scratch, swapline_zimg_unpack, &source, swapline_zimg_pack, &target) ==
         ZIMG_ERROR_SUCCESS;
}

#pragma clang assume_nonnull end

#endif

#ifndef SWAPLINE_CVIPS_SHIM_H
#define SWAPLINE_CVIPS_SHIM_H

#include <gmodule.h>
#include <stdio.h>
#include <vips/vips.h>

#pragma clang assume_nonnull begin

static inline void swapline_vips_free_samples(VipsImage *image, void *samples) { free(samples); }

// A callback of C's own. The image takes over samples from malloc, which are freed in any case.
static inline VipsImage *_Nullable swapline_vips_adopt(
    void *samples, size_t size, int width, int height, int bands) {
  VipsImage *image =
      vips_image_new_from_memory(samples, size, width, height, bands, VIPS_FORMAT_UCHAR);
  if (!image) {
    free(samples);
    return NULL;
  }
  g_signal_connect(image, "close", G_CALLBACK(swapline_vips_free_samples), samples);
  return image;
}

// Most operations of libvips are variadic, which Swift does not import. Each function below fixes
// one list of arguments. Those that make an image return NULL on failure.

// Variadic. One explicit loader, so that libvips never guesses a format by itself.
static inline VipsImage *_Nullable swapline_vips_load(
    const char *loader, const char *file, VipsAccess access, VipsFailOn fail_on) {
  VipsImage *out = NULL;
  int status = vips_call(loader, file, &out, "access", access, "fail_on", fail_on, NULL);
  return status == 0 ? out : NULL;
}

// Variadic. A PNG that lies in memory.
static inline VipsImage *_Nullable swapline_vips_load_png_bytes(
    const void *bytes, size_t count, VipsAccess access, VipsFailOn fail_on) {
  VipsImage *out = NULL;
  int status = vips_pngload_buffer(
      (void *)bytes, count, &out, "access", access, "fail_on", fail_on, NULL);
  return status == 0 ? out : NULL;
}

// Variadic. The upper eight bits of every sample, opacity included.
static inline VipsImage *_Nullable swapline_vips_upper_bits(VipsImage *in) {
  VipsImage *out = NULL;
  return vips_msb(in, &out, NULL) == 0 ? out : NULL;
}

// Variadic. Only the JPEG loader halves while it decodes; shrink is 1, 2, 4 or 8.
static inline VipsImage *_Nullable swapline_vips_load_shrunk_jpeg(
    const char *file, VipsAccess access, VipsFailOn fail_on, int shrink) {
  VipsImage *out = NULL;
  int status = vips_jpegload(
      file, &out, "access", access, "fail_on", fail_on, "shrink", shrink, NULL);
  return status == 0 ? out : NULL;
}

// Variadic. The bytes are copied into the picture, because pixels are read from them long after this
// call.
static inline VipsImage *_Nullable swapline_vips_load_jpeg_bytes(
    const void *bytes, size_t size, VipsAccess access, VipsFailOn fail_on, int shrink) {
  VipsImage *out = NULL;
  VipsBlob *blob = vips_blob_copy(bytes, size);
  int status = vips_call("jpegload_buffer", blob, &out, "access", access, "fail_on", fail_on,
                         "shrink", shrink, NULL);
  vips_area_unref(VIPS_AREA(blob));
  return status == 0 ? out : NULL;
}

// Variadic. The suffix carries the options and names the saver: ".jpg[Q=80]".
static inline int swapline_vips_save(
    VipsImage *in, const char *suffix, void *_Nullable *_Nonnull buffer, size_t *size) {
  return vips_image_write_to_buffer(in, suffix, buffer, size, NULL);
}

// Variadic.
static inline VipsImage *_Nullable swapline_vips_autorotate(VipsImage *in) {
  VipsImage *out = NULL;
  return vips_autorot(in, &out, NULL) == 0 ? out : NULL;
}

// Variadic. The input profile is the fallback for a picture without an embedded one.
static inline VipsImage *_Nullable swapline_vips_to_srgb_by_profile(
    VipsImage *in, gboolean embedded, const char *_Nullable fallback) {
  VipsImage *out = NULL;
  int status =
      fallback
          ? vips_icc_transform(in, &out, "srgb", "embedded", embedded, "input_profile", fallback,
                               "intent", VIPS_INTENT_RELATIVE, "black_point_compensation", TRUE,
                               "depth", 8, NULL)
          : vips_icc_transform(in, &out, "srgb", "embedded", embedded, "intent",
                               VIPS_INTENT_RELATIVE, "black_point_compensation", TRUE, "depth", 8,
                               NULL);
  return status == 0 ? out : NULL;
}

// Variadic.
static inline VipsImage *_Nullable swapline_vips_to_space(
    VipsImage *in, VipsInterpretation space) {
  VipsImage *out = NULL;
  return vips_colourspace(in, &out, space, NULL) == 0 ? out : NULL;
}

// Variadic.
static inline VipsImage *_Nullable swapline_vips_cast(VipsImage *in, VipsBandFormat format) {
  VipsImage *out = NULL;
  return vips_cast(in, &out, format, NULL) == 0 ? out : NULL;
}

// Variadic, and the background is a boxed array of doubles.
static inline VipsImage *_Nullable swapline_vips_flatten(
    VipsImage *in, double red, double green, double blue) {
  double samples[3] = {red, green, blue};
  VipsArrayDouble *background = vips_array_double_new(samples, in->Bands == 2 ? 1 : 3);
  VipsImage *out = NULL;
  int status = vips_flatten(in, &out, "background", background, NULL);
  vips_area_unref(VIPS_AREA(background));
  return status == 0 ? out : NULL;
}

// Variadic.
static inline VipsImage *_Nullable swapline_vips_premultiply(VipsImage *in) {
  VipsImage *out = NULL;
  return vips_premultiply(in, &out, NULL) == 0 ? out : NULL;
}

// Variadic.
static inline VipsImage *_Nullable swapline_vips_unpremultiply(VipsImage *in) {
  VipsImage *out = NULL;
  return vips_unpremultiply(in, &out, NULL) == 0 ? out : NULL;
}

// Variadic. Both scales, because rounding to whole pixels makes them differ a little.
static inline VipsImage *_Nullable swapline_vips_resize(
    VipsImage *in, double horizontal, double vertical) {
  VipsImage *out = NULL;
  return vips_resize(in, &out, horizontal, "vscale", vertical, NULL) == 0 ? out : NULL;
}

// Variadic.
static inline VipsImage *_Nullable swapline_vips_crop(
    VipsImage *in, int left, int top, int width, int height) {
  VipsImage *out = NULL;
  return vips_extract_area(in, &out, left, top, width, height, NULL) == 0 ? out : NULL;
}

// Variadic, and the background is a boxed array of doubles.
static inline VipsImage *_Nullable swapline_vips_pad(
    VipsImage *in, int width, int height, double red, double green, double blue) {
  double samples[4] = {red, green, blue, 255};
  VipsArrayDouble *background = vips_array_double_new(samples, in->Bands < 3 ? 1 : in->Bands);
  VipsImage *out = NULL;
  int status = vips_gravity(in, &out, VIPS_COMPASS_DIRECTION_CENTRE, width, height, "extend",
                            VIPS_EXTEND_BACKGROUND, "background", background, NULL);
  vips_area_unref(VIPS_AREA(background));
  return status == 0 ? out : NULL;
}

// Variadic.
static inline VipsImage *_Nullable swapline_vips_attention(VipsImage *in, int width, int height) {
  VipsImage *out = NULL;
  int status = vips_smartcrop(
      in, &out, width, height, "interesting", VIPS_INTERESTING_ATTENTION, NULL);
  return status == 0 ? out : NULL;
}

// The name of an operation's first argument that is an image and has `flags`; NULL where there is none.
static inline const char *_Nullable swapline_vips_image_argument(
    VipsOperation *operation, VipsArgumentFlags flags) {
  const char **names = NULL;
  int *kinds = NULL;
  int count = 0;
  if (vips_object_get_args(VIPS_OBJECT(operation), &names, &kinds, &count) != 0) return NULL;
  for (int i = 0; i < count; i++) {
    GParamSpec *facts = g_object_class_find_property(G_OBJECT_GET_CLASS(operation), names[i]);
    if (facts != NULL && (kinds[i] & flags) == (int)flags &&
        g_type_is_a(G_PARAM_SPEC_VALUE_TYPE(facts), VIPS_TYPE_IMAGE))
      return names[i];
  }
  return NULL;
}

// Whether text for the argument would be taken for the name of a file, and that file opened.
static inline int swapline_vips_names_file(VipsOperation *operation, const char *name) {
  GParamSpec *facts = g_object_class_find_property(G_OBJECT_GET_CLASS(operation), name);
  if (facts == NULL) return 0;
  GType type = G_PARAM_SPEC_VALUE_TYPE(facts);
  return g_type_is_a(type, VIPS_TYPE_IMAGE) || g_type_is_a(type, VIPS_TYPE_ARRAY_IMAGE) ||
      g_type_is_a(type, VIPS_TYPE_SOURCE) || g_type_is_a(type, VIPS_TYPE_TARGET) ||
      g_str_has_suffix(name, "profile") || strcmp(name, "filename") == 0;
}

// One operation by its name, with its other arguments as text: libvips' own functions fix both. Those
// that read or write files are none of these.
static inline VipsImage *_Nullable swapline_vips_operate(
    VipsImage *in, const char *name, const char *const _Nonnull *_Nonnull keys,
    const char *const _Nonnull *_Nonnull values, int count) {
  VipsOperation *operation = vips_operation_new(name);
  if (operation == NULL) return NULL;
  VipsImage *out = NULL;
  const char *from = swapline_vips_image_argument(
      operation, (VipsArgumentFlags)(VIPS_ARGUMENT_REQUIRED | VIPS_ARGUMENT_INPUT));
  const char *to = swapline_vips_image_argument(operation, VIPS_ARGUMENT_OUTPUT);
  int failed = from == NULL || to == NULL || VIPS_IS_FOREIGN(operation);
  if (failed) {
    vips_error(name, "makes no picture of a picture");
  } else {
    g_object_set(operation, from, in, NULL);
    for (int i = 0; i < count && !failed; i++) {
      failed = swapline_vips_names_file(operation, keys[i]);
      if (failed)
        vips_error(name, "the argument '%s' names a file", keys[i]);
      else
        failed = vips_object_set_argument_from_string(VIPS_OBJECT(operation), keys[i], values[i]);
    }
    if (!failed) failed = vips_cache_operation_buildp(&operation);
    if (!failed) g_object_get(operation, to, &out, NULL);
    vips_object_unref_outputs(VIPS_OBJECT(operation));
  }
  g_object_unref(operation);
  return out;
}

// Variadic.
static inline VipsImage *_Nullable swapline_vips_add_alpha(VipsImage *in) {
  VipsImage *out = NULL;
  return vips_addalpha(in, &out, NULL) == 0 ? out : NULL;
}

// Variadic.
static inline VipsImage *_Nullable swapline_vips_bands(VipsImage *in, int first, int count) {
  VipsImage *out = NULL;
  return vips_extract_band(in, &out, first, "n", count, NULL) == 0 ? out : NULL;
}

// Variadic.
static inline VipsImage *_Nullable swapline_vips_join(VipsImage *first, VipsImage *second) {
  VipsImage *out = NULL;
  return vips_bandjoin2(first, second, &out, NULL) == 0 ? out : NULL;
}

// Variadic. A copy shares the pixels and has metadata of its own, which may then be changed.
static inline VipsImage *_Nullable swapline_vips_copy(
    VipsImage *in, VipsInterpretation interpretation) {
  VipsImage *out = NULL;
  return vips_copy(in, &out, "interpretation", interpretation, NULL) == 0 ? out : NULL;
}

// Variadic. The same bytes, understood in another way: the size of a pixel has to stay.
static inline VipsImage *_Nullable swapline_vips_reinterpret(
    VipsImage *in, int bands, VipsBandFormat format, VipsInterpretation interpretation) {
  VipsImage *out = NULL;
  int status = vips_copy(in, &out, "coding", VIPS_CODING_NONE, "bands", bands, "format", format,
                         "interpretation", interpretation, NULL);
  return status == 0 ? out : NULL;
}

// Variadic. Every sample of band n times factors[n] plus offsets[n], as 32-bit floating point or,
// clipped, as 8 bits.
static inline VipsImage *_Nullable swapline_vips_linear(
    VipsImage *in, const double *factors, const double *offsets, int count, gboolean eight_bit) {
  VipsImage *out = NULL;
  int status = vips_linear(in, &out, factors, offsets, count, "uchar", eight_bit, NULL);
  return status == 0 ? out : NULL;
}

// Variadic. Three samples a pixel, multiplied by a matrix of three rows.
static inline VipsImage *_Nullable swapline_vips_recombine(VipsImage *in, const double *matrix) {
  VipsImage *out = NULL;
  VipsImage *rows = vips_image_new_matrix_from_array(3, 3, matrix, 9);
  if (!rows) return NULL;
  int status = vips_recomb(in, &out, rows, NULL);
  g_object_unref(rows);
  return status == 0 ? out : NULL;
}

// Variadic. The largest sample of a picture.
static inline int swapline_vips_maximum(VipsImage *in, double *maximum) {
  return vips_max(in, maximum, NULL);
}

// Variadic. The smallest sample of a picture.
static inline int swapline_vips_minimum(VipsImage *in, double *minimum) {
  return vips_min(in, minimum, NULL);
}

// Lets a loader or saver through that libvips calls untrusted, with all of its forms (file, buffer, stream); nothing
// happens where the installed libvips has none of that name.
static inline void swapline_vips_allow(const char *name) {
  GType type = vips_type_find("VipsForeign", name);
  if (type == 0) return;
  GType parent = g_type_parent(type);
  const char *above = g_type_name(parent);
  int is_kind = !strcmp(above, "VipsForeignLoad") || !strcmp(above, "VipsForeignSave");
  vips_operation_block_set(is_kind ? g_type_name(type) : above, FALSE);
}

// Loads the module `vips-NAME`, which stands beside the libvips that this process has mapped; it stays loaded.
static inline gboolean swapline_vips_load_module(const char *name) {
  FILE *maps = fopen("/proc/self/maps", "re");
  char line[4096];
  char *library = NULL;
  while (maps != NULL && library == NULL && fgets(line, sizeof line, maps) != NULL)
    if (strstr(line, "/libvips.so.") != NULL) library = strchr(line, '/');
  if (maps != NULL) fclose(maps);
  if (library == NULL) return FALSE;
  char *folder = g_path_get_dirname(library);
  char *file = g_strdup_printf("%s/vips-modules-%d.%d/vips-%s.so", folder, vips_version(0), vips_version(1), name);
  GModule *module = g_module_open(file, G_MODULE_BIND_LAZY);
  if (module != NULL) g_module_make_resident(module);
  g_free(file);
  g_free(folder);
  return module != NULL;
}

// Class macros of GObject are not imported: whether an operation is there and not blocked.
static inline gboolean swapline_vips_has_operation(const char *name) {
  GType type = vips_type_find("VipsOperation", name);
  if (type == 0) return FALSE;
  VipsOperationClass *class = VIPS_OPERATION_CLASS(g_type_class_ref(type));
  gboolean blocked = (class->flags & VIPS_OPERATION_BLOCKED) != 0;
  g_type_class_unref(class);
  return !blocked;
}

// GCallback casts are macros. Calls `changed` while pixels of `image` or of what is made from it
// are computed; `release` once, when the image goes.
static inline void swapline_vips_watch(
    VipsImage *image, void (*changed)(VipsImage *, VipsProgress *, void *), void *data,
    void (*release)(void *, GClosure *_Nullable)) {
  vips_image_set_progress(image, TRUE);
  g_signal_connect_data(
      image, "eval", G_CALLBACK(changed), data, release, (GConnectFlags)0);
}

static inline void swapline_vips_drop_message(
    const gchar *_Nullable domain, GLogLevelFlags level, const gchar *_Nullable message,
    gpointer _Nullable data) {}

// Flag constants of GLib are macros. Warnings of libvips would go to standard error.
static inline void swapline_vips_silence(void) {
  g_log_set_handler(
      "VIPS", (GLogLevelFlags)(G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE | G_LOG_LEVEL_INFO),
      swapline_vips_drop_message, NULL);
}

#pragma clang assume_nonnull end

#endif

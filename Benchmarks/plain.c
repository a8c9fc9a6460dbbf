// The plain floor for stills: libvips' own API and nothing around it. Two worker threads with one libvips
// thread each, one decode a picture, no cache of operations.
//
//   cc -O2 plain.c -o plain $(pkg-config --cflags --libs vips)
//   plain large|result|small OUTPUT-FOLDER FILE…
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vips/vips.h>

static char **files, *folder, *job;
static int count;
static atomic_int next;

static void fail(void) {
  fprintf(stderr, "%s", vips_error_buffer());
  exit(1);
}

static VipsImage *fitted(VipsImage *in, int side) {
  int width = vips_image_get_width(in), height = vips_image_get_height(in);
  double scale = (double)side / (width > height ? width : height);
  VipsImage *out = NULL;
  if (scale >= 1) {
    g_object_ref(in);
    return in;
  }
  if (vips_resize(in, &out, scale, NULL)) fail();
  return out;
}

static void webp(VipsImage *in, int side, const char *name) {
  char path[4096];
  VipsImage *small = fitted(in, side);
  snprintf(path, sizeof path, "%s/%s-%d.webp", folder, name, side);
  if (vips_webpsave(small, path, "Q", 80, "strip", TRUE, NULL)) fail();
  g_object_unref(small);
}

static void jpeg(VipsImage *in, int side, const char *name) {
  char path[4096];
  VipsImage *small = fitted(in, side);
  snprintf(path, sizeof path, "%s/%s-%d.jpg", folder, name, side);
  if (vips_jpegsave(small, path, "Q", 85, "strip", TRUE, NULL)) fail();
  g_object_unref(small);
}

static void one(const char *file) {
  char name[256], path[4096];
  const char *slash = strrchr(file, '/');
  snprintf(name, sizeof name, "%s", slash ? slash + 1 : file);
  *strrchr(name, '.') = 0;
  if (!strcmp(job, "large")) {
    VipsImage *thumb = NULL;
    if (vips_thumbnail(file, &thumb, 2048, "height", 2048, "size", VIPS_SIZE_DOWN, NULL)) fail();
    snprintf(path, sizeof path, "%s/%s.jpg", folder, name);
    if (vips_jpegsave(thumb, path, "Q", 85, "strip", TRUE, NULL)) fail();
    g_object_unref(thumb);
    return;
  }
  VipsImage *in = vips_image_new_from_file(file, NULL), *memory;
  if (!in) fail();
  memory = vips_image_copy_memory(in);
  if (!memory) fail();
  if (!strcmp(job, "result")) {
    snprintf(path, sizeof path, "%s/%s.png", folder, name);
    if (vips_pngsave(memory, path, "strip", TRUE, NULL)) fail();
    jpeg(memory, 1600, name);
    int sides[] = {1024, 512, 256, 128};
    for (int i = 0; i < 4; i++) webp(memory, sides[i], name);
  } else {
    webp(memory, 400, name);
    webp(memory, 200, name);
    jpeg(memory, 600, name);
  }
  g_object_unref(memory);
  g_object_unref(in);
}

static void *work(void *unused) {
  int index;
  while ((index = atomic_fetch_add(&next, 1)) < count) one(files[index]);
  vips_thread_shutdown();
  return unused;
}

int main(int argc, char **argv) {
  if (argc < 4 || VIPS_INIT(argv[0])) return 1;
  vips_concurrency_set(1);
  vips_cache_set_max(0);
  job = argv[1];
  folder = argv[2];
  files = argv + 3;
  count = argc - 3;
  pthread_t threads[2];
  for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, work, NULL);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  vips_shutdown();
  return 0;
}

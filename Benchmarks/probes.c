// The floor for measuring files: libvips' and libavformat's headers in one process, nothing else.
//
//   cc -O2 probes.c -o probes $(pkg-config --cflags --libs vips libavformat libavutil)
//   probes FILE…
#include <libavformat/avformat.h>
#include <string.h>
#include <vips/vips.h>

int main(int argc, char **argv) {
  if (VIPS_INIT(argv[0])) return 1;
  av_log_set_level(AV_LOG_QUIET);
  long pixels = 0;
  for (int i = 1; i < argc; i++) {
    const char *dot = strrchr(argv[i], '.');
    if (dot && (!strcmp(dot, ".mp4") || !strcmp(dot, ".mov") || !strcmp(dot, ".mkv") || !strcmp(dot, ".webm"))) {
      AVFormatContext *video = NULL;
      if (avformat_open_input(&video, argv[i], NULL, NULL) < 0) continue;
      avformat_find_stream_info(video, NULL);
      pixels += video->streams[0]->codecpar->width;
      avformat_close_input(&video);
    } else {
      VipsImage *image = vips_image_new_from_file(argv[i], NULL);
      if (!image) { vips_error_clear(); continue; }
      pixels += vips_image_get_width(image);
      g_object_unref(image);
    }
  }
  printf("%ld\n", pixels);
  return 0;
}

#include <cstring>

#include "support.h"

namespace {

/// Mixes 64 bits; its constants are those of the 64-bit golden ratio and of MurmurHash3's finaliser.
uint64_t mixed(uint64_t value) {
  value ^= value >> 33;
  value *= 0xff51afd7ed558ccdULL;
  value ^= value >> 33;
  value *= 0xc4ceb9fe1a85ec53ULL;
  return value ^ value >> 33;
}

}  // namespace

void faces_fingerprint(FacesPicture picture, uint64_t fingerprint[2]) {
  // Four lanes, so that one multiplication need not wait for the other.
  uint64_t lanes[4] = {0x9e3779b97f4a7c15ULL, 0x3c6ef372fe94f82aULL, 0xdaa66d2c7ddf743fULL,
                       0x78dde6e5fd29f054ULL};
  const size_t length = size_t(picture.width) * size_t(picture.channels);
  for (int32_t row = 0; row < picture.height; ++row) {
    const uint8_t *bytes = picture.samples + row * picture.stride;
    size_t at = 0;
    for (; at + 32 <= length; at += 32)
      for (size_t lane = 0; lane < 4; ++lane) {
        uint64_t word;
        std::memcpy(&word, bytes + at + 8 * lane, 8);
        lanes[lane] = (lanes[lane] ^ word) * 0x9e3779b97f4a7c15ULL;
        lanes[lane] ^= lanes[lane] >> 29;
      }
    for (; at < length; ++at) lanes[0] = mixed(lanes[0] ^ bytes[at]);
  }
  fingerprint[0] = mixed(lanes[0] ^ mixed(lanes[1]) ^ uint64_t(picture.width));
  fingerprint[1] = mixed(lanes[2] ^ mixed(lanes[3]) ^ uint64_t(picture.height));
}

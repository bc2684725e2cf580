#pragma once
#include <zlib.h>

// deflateInit2 and inflateInit2 are macros, which Swift does not see.
static inline int fil_deflate_init(z_streamp z, int level) {
  return deflateInit2(z, level, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY);
}
static inline int fil_inflate_init(z_streamp z) { return inflateInit2(z, -15); }

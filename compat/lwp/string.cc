// SPDX-License-Identifier: MIT
//
// strlcpy and strlcat, for C libraries that lack them (glibc before 2.38).

#include <cstring>

#include "api/entry.h"

namespace {

// Copies what fits with a NUL; the length of `from`.
size_t Copy(char* to, const char* from, size_t room) {
  const size_t length = std::strlen(from);
  if (room != 0) {
    const size_t copied = length < room ? length : room - 1;
    std::memcpy(to, from, copied);
    to[copied] = '\0';
  }
  return length;
}

}  // namespace

LT_EXPORT_WEAK size_t strlcpy(char* to, const char* from, size_t bytes) {
  return Copy(to, from, bytes);
}

LT_EXPORT_WEAK size_t strlcat(char* to, const char* from, size_t bytes) {
  const size_t length = strnlen(to, bytes);
  return length + Copy(to + length, from, bytes - length);
}

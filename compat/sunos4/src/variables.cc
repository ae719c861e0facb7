// SPDX-License-Identifier: MIT
//
// Variables of the library, and what is said of errors.

#include "variables.h"

#include <sys/time.h>

#include <cerrno>
#include <cstdio>

#include "pod.h"

namespace lwp4 {
namespace {

timeval g_no_time = {0, 0};

char g_texts[][40] = {
    "No error",           "No such object",
    "Timed out",          "In use",
    "Invalid argument",   "No room",
    "Monitor not owned",  "Illegal priority",
    "Pattern used again", "Not waiting",
};
constexpr int kTexts = sizeof g_texts / sizeof *g_texts;
static_assert(kTexts == kNoWait + 1);

char* g_vector[kTexts + 1] = {g_texts[0], g_texts[1], g_texts[2], g_texts[3],
                              g_texts[4], g_texts[5], g_texts[6], g_texts[7],
                              g_texts[8], g_texts[9], nullptr};

}  // namespace
}  // namespace lwp4

timeval* __Poll = &lwp4::g_no_time;
lwp4::Handle __ThreadNull = {nullptr, 0};

LWP4_EXPORT int lwp_geterr() {
  return lwp4::t_error;
}

LWP4_EXPORT char** lwp_errstr() {
  return lwp4::g_vector;
}

LWP4_EXPORT void lwp_perror(const char* what) {
  const int saved_errno = errno;
  const char* text = lwp4::g_vector[lwp4::t_error];
  if (what != nullptr && *what != '\0') {
    std::fprintf(stderr, "%s: %s\n", what, text);
  } else {
    std::fprintf(stderr, "%s\n", text);
  }
  errno = saved_errno;
}

// SPDX-License-Identifier: MIT
//
// What sanitizers must be told.

#ifndef LIBTHREAD_BASE_SANITIZER_H_
#define LIBTHREAD_BASE_SANITIZER_H_

#if defined(__SANITIZE_ADDRESS__)
extern "C" void __asan_handle_no_return();
#endif

// For what a sanitizer calls before it can bear its own instructions.
#define LT_UNINSTRUMENTED \
  __attribute__((no_sanitize_address, no_sanitize_thread))

namespace lt {

// The caller's frames are about to be unwound, most of them with nothing to
// tidy up: what is remembered of their variables would be taken for that of
// later frames.
inline void ForgetFrames() {
#if defined(__SANITIZE_ADDRESS__)
  __asan_handle_no_return();
#endif
}

}  // namespace lt

#endif  // LIBTHREAD_BASE_SANITIZER_H_

// SPDX-License-Identifier: MIT
//
// What AddressSanitizer must be told.

#ifndef LIBTHREAD_BASE_SANITIZER_H_
#define LIBTHREAD_BASE_SANITIZER_H_

#if defined(__SANITIZE_ADDRESS__)
extern "C" void __asan_handle_no_return();
#endif

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

// SPDX-License-Identifier: MIT
//
// The library's own use of functions that it also interposes (src/interpose).
//
// The kernel threads that it makes for itself are none of the program's, so its
// own pthread_create must not be taken for one of the program.  It is called by
// its name all the same, and marked: whatever else stands between a program and
// its C library (a sanitizer, for one) must see those threads too.

#ifndef LIBTHREAD_BASE_OWN_CALL_H_
#define LIBTHREAD_BASE_OWN_CALL_H_

#include <pthread.h>

#include <type_traits>

namespace lt {

// Set from the call to the interposed function, which takes it.
extern __thread bool t_own_call __attribute__((tls_model("initial-exec")));

template <typename R, typename... Params>
R OwnCall(R (*function)(Params...), std::type_identity_t<Params>... args) {
  t_own_call = true;
  R result = function(args...);
  t_own_call = false;
  return result;
}

// pthread_exit, which does not return.
[[noreturn]] inline void OwnExit(void* status) {
  t_own_call = true;
  pthread_exit(status);
}

// The first thing that an interposed function asks: is the library calling?
inline bool TakeOwnCall() {
  const bool own = t_own_call;
  t_own_call = false;
  return own;
}

}  // namespace lt

#endif  // LIBTHREAD_BASE_OWN_CALL_H_

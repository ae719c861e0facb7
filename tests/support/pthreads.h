// SPDX-License-Identifier: MIT
//
// Pthreads for the tests, made by the program's own calls.

#ifndef LIBTHREAD_TESTS_SUPPORT_PTHREADS_H_
#define LIBTHREAD_TESTS_SUPPORT_PTHREADS_H_

#include <gtest/gtest.h>
#include <pthread.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>

#include "support/fixture.h"

namespace lt {

inline void* AsPointer(intptr_t value) {
  return reinterpret_cast<void*>(value);
}

// A thread_t where a pthread_t is asked for.
inline pthread_t AsHandle(thread_t id) {
  return static_cast<pthread_t>(id);
}

// Pthreads of this run are unbound threads.
inline bool UnboundPthreads() {
  const char* value = std::getenv("LIBTHREAD_PTHREADS");
  return value != nullptr && std::strcmp(value, "unbound") == 0 &&
         ModelName() != "one-to-one";
}

// A sanitizer keeps the program's pthreads to itself: the library meets them at
// their first calls only.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kPthreadsAreKnown = false;
#else
inline constexpr bool kPthreadsAreKnown = true;
#endif

// Skips a test that needs to know them.  First statement of the test.
#define LT_NEEDS_KNOWN_PTHREADS()                           \
  if (!::lt::kPthreadsAreKnown) {                           \
    GTEST_SKIP() << "a sanitizer keeps pthreads to itself"; \
  }                                                         \
  static_assert(true, "")

class Attributes {
 public:
  Attributes() { EXPECT_EQ(pthread_attr_init(&attr_), 0); }
  ~Attributes() { pthread_attr_destroy(&attr_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  pthread_attr_t* get() { return &attr_; }

 private:
  pthread_attr_t attr_;
};

inline pthread_t MustCreatePthread(void* (*start)(void*), void* arg,
                                   const pthread_attr_t* attr = nullptr) {
  pthread_t thread = 0;
  EXPECT_EQ(pthread_create(&thread, attr, start, arg), 0);
  return thread;
}

inline void* RunPthreadBody(void* arg) {
  const std::unique_ptr<std::function<void()>> body(
      static_cast<std::function<void()>*>(arg));
  (*body)();
  return nullptr;
}

// A pthread that runs `body`, for the caller to join.
inline pthread_t SpawnPthread(std::function<void()> body,
                              const pthread_attr_t* attr = nullptr) {
  return MustCreatePthread(RunPthreadBody,
                           new std::function<void()>(std::move(body)), attr);
}

}  // namespace lt

#endif  // LIBTHREAD_TESTS_SUPPORT_PTHREADS_H_

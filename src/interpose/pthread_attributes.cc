// SPDX-License-Identifier: MIT
//
// What pthreads can ask of a thread and tell it: where its stack is, its name,
// its processors, its scheduling, its clock.
//
// Of kernel threads the C library answers.  An unbound thread has no kernel
// thread: processors and clock are those of the LWP that it is on, for the
// thread itself, and of no meaning for others; it has the policy SCHED_OTHER
// with the priority of thr_setprio.

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "api/entry.h"
#include "arch/stack.h"
#include "interpose/pthread_target.h"
#include "interpose/real.h"
#include "thread/concurrency.h"
#include "thread/properties.h"

namespace lt {
namespace {

constexpr size_t kKernelName = 16;  // terminator included

// Of pthread_setconcurrency: another variable than thr_setconcurrency's.
std::atomic<int> g_concurrency{0};

// The C library answers.  One that has not begun to run has no handle yet.
bool IsLibcs(const Target& target) {
  return !target.known || (target.error == 0 && !target.view.unbound);
}

// An errno-style result as an error number; errno stays what it was.
int ToError(int result, int saved_errno) {
  const int error = result == 0 ? 0 : errno;
  errno = saved_errno;
  return error;
}

}  // namespace
}  // namespace lt

#if !defined(__SANITIZE_THREAD__)
// ThreadSanitizer asks for the stack of a thread before that can bear its
// instructions; with it all threads are kernel threads, which libc knows.
namespace lt {
namespace {

int SetStackOf(const ThreadView& view, pthread_attr_t* attr) {
  return pthread_attr_setstack(attr, view.stack_low,
                               view.stack_high - view.stack_low);
}

int DescribeUnbound(const ThreadView& view, pthread_attr_t* attr) {
  if (const int error = pthread_attr_init(attr)) return error;
  pthread_attr_setguardsize(attr, kPage);
  pthread_attr_setscope(attr, PTHREAD_SCOPE_PROCESS);
  return SetStackOf(view, attr);
}

}  // namespace
}  // namespace lt

LT_EXPORT int pthread_getattr_np(pthread_t handle, pthread_attr_t* attr) {
  // A kernel thread that the library has not met is not adopted for asking
  // about itself: it may be one of the library's own.
  if (lt::Current() == nullptr && handle == pthread_self()) {
    return LT_REAL(pthread_getattr_np)(handle, attr);
  }
  const lt::Target target = lt::Resolve(handle);
  if (!target.known) return LT_REAL(pthread_getattr_np)(handle, attr);
  if (target.error != 0) return target.error;
  // The stack of main is the C library's to know, whatever main is.
  const bool has_stack = target.view.stack_high != nullptr;
  int error = 0;
  if (target.view.unbound && has_stack) {
    error = lt::DescribeUnbound(target.view, attr);
  } else {
    error = LT_REAL(pthread_getattr_np)(
        target.view.unbound ? target.view.pthread : target.kernel, attr);
    if (error == 0 && has_stack) error = lt::SetStackOf(target.view, attr);
  }
  if (error != 0 || target.view.adopted) return error;
  return pthread_attr_setdetachstate(attr, target.view.detached
                                               ? PTHREAD_CREATE_DETACHED
                                               : PTHREAD_CREATE_JOINABLE);
}
#endif

LT_EXPORT int pthread_setname_np(pthread_t handle, const char* name) {
  const lt::Target target = lt::Resolve(handle);
  if (!target.known) return LT_REAL(pthread_setname_np)(handle, name);
  if (target.error != 0) return target.error;
  if (strnlen(name, lt::kKernelName) == lt::kKernelName) return ERANGE;
  if (const int error = lt::SetName(target.id, name)) return error;
  return lt::IsLibcs(target) ? LT_REAL(pthread_setname_np)(target.kernel, name)
                             : 0;
}

LT_EXPORT int pthread_getname_np(pthread_t handle, char* buffer, size_t bytes) {
  const lt::Target target = lt::Resolve(handle);
  if (!target.known) return LT_REAL(pthread_getname_np)(handle, buffer, bytes);
  if (target.error != 0) return target.error;
  if (bytes < lt::kKernelName) return ERANGE;
  char name[lt::kNameMax];
  if (const int error = lt::GetName(target.id, name, sizeof name)) return error;
  if (name[0] == '\0' && lt::IsLibcs(target)) {
    return LT_REAL(pthread_getname_np)(target.kernel, buffer, bytes);
  }
  const size_t length = strnlen(name, bytes - 1);
  std::memcpy(buffer, name, length);
  buffer[length] = '\0';
  return 0;
}

LT_EXPORT int pthread_setaffinity_np(pthread_t handle, size_t bytes,
                                     const cpu_set_t* set) {
  const lt::Target target = lt::Resolve(handle);
  if (lt::IsLibcs(target))
    return LT_REAL(pthread_setaffinity_np)(target.kernel, bytes, set);
  if (target.error != 0) return target.error;
  if (!target.self) return ENOTSUP;
  const int saved = errno;
  return lt::ToError(sched_setaffinity(0, bytes, set), saved);
}

LT_EXPORT int pthread_getaffinity_np(pthread_t handle, size_t bytes,
                                     cpu_set_t* set) {
  const lt::Target target = lt::Resolve(handle);
  if (lt::IsLibcs(target))
    return LT_REAL(pthread_getaffinity_np)(target.kernel, bytes, set);
  if (target.error != 0) return target.error;
  if (!target.self) return ENOTSUP;
  const int saved = errno;
  return lt::ToError(sched_getaffinity(0, bytes, set), saved);
}

LT_EXPORT int pthread_getcpuclockid(pthread_t handle, clockid_t* clock) {
  const lt::Target target = lt::Resolve(handle);
  if (lt::IsLibcs(target))
    return LT_REAL(pthread_getcpuclockid)(target.kernel, clock);
  if (target.error != 0) return target.error;
  if (!target.self) return ENOENT;
  *clock = CLOCK_THREAD_CPUTIME_ID;
  return 0;
}

LT_EXPORT int pthread_setschedparam(pthread_t handle, int policy,
                                    const sched_param* param) {
  const lt::Target target = lt::Resolve(handle);
  if (lt::IsLibcs(target)) {
    return LT_REAL(pthread_setschedparam)(target.kernel, policy, param);
  }
  if (target.error != 0) return target.error;
  switch (policy) {
    case SCHED_OTHER:
      return lt::SetPriority(target.id, param->sched_priority);
    case SCHED_FIFO:
    case SCHED_RR:
    case SCHED_BATCH:
    case SCHED_IDLE:
      return ENOTSUP;
    default:
      return EINVAL;
  }
}

LT_EXPORT int pthread_getschedparam(pthread_t handle, int* policy,
                                    sched_param* param) {
  const lt::Target target = lt::Resolve(handle);
  if (lt::IsLibcs(target)) {
    return LT_REAL(pthread_getschedparam)(target.kernel, policy, param);
  }
  if (target.error != 0) return target.error;
  *policy = SCHED_OTHER;
  return lt::GetPriority(target.id, param->sched_priority);
}

LT_EXPORT int pthread_setschedprio(pthread_t handle, int priority) {
  const lt::Target target = lt::Resolve(handle);
  if (lt::IsLibcs(target))
    return LT_REAL(pthread_setschedprio)(target.kernel, priority);
  if (target.error != 0) return target.error;
  return lt::SetPriority(target.id, priority);
}

LT_EXPORT int pthread_setconcurrency(int level) {
  if (level < 0) return EINVAL;
  if (level > lt::kMostConcurrency) return EAGAIN;
  // Relaxed: a number of its own.
  lt::g_concurrency.store(level, std::memory_order_relaxed);
  return 0;
}

LT_EXPORT int pthread_getconcurrency(void) {
  return lt::g_concurrency.load(std::memory_order_relaxed);
}

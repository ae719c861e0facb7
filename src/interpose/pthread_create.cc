// SPDX-License-Identifier: MIT
//
// pthread_create and the scope of attributes.
//
// LIBTHREAD_PTHREADS=bound: each pthread is a kernel thread that the C library
// makes after all its attributes; the library knows it from the start.
//
// LIBTHREAD_PTHREADS=unbound: pthreads are unbound threads.  Honoured are the
// size or place of the stack and whether it is detached.  An attribute that
// only a kernel thread can have (a scheduling policy set explicitly,
// processors, a signal mask, the scope PTHREAD_SCOPE_SYSTEM set by
// pthread_attr_setscope) makes a kernel thread, as with `bound`.  So does the
// one-to-one model.
//
// The C library knows PTHREAD_SCOPE_SYSTEM only, which is also its default:
// what was set explicitly is kept in the last bytes of the attribute object,
// which it clears in pthread_attr_init and does not use.

#include <pthread.h>
#include <sched.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "api/entry.h"
#include "base/config.h"
#include "base/own_call.h"
#include "interpose/real.h"
#include "thread/foreign.h"
#include "thread/life.h"
#include "thread/runtime.h"

namespace lt {
namespace {

enum class Scope : uint32_t {
  kUnset = 0,
  kSystem = 0x5c0be001,  // improbable in foreign hands
  kProcess = 0x5c0be002,
};

char* ScopePlace(pthread_attr_t* attr) {
  return reinterpret_cast<char*>(attr) + sizeof *attr - sizeof(Scope);
}

Scope ScopeOf(const pthread_attr_t* attr) {
  Scope scope;
  std::memcpy(&scope, ScopePlace(const_cast<pthread_attr_t*>(attr)),
              sizeof scope);
  return scope;
}

// The attribute names processors.  One that does not reads as all of them.
bool NamesProcessors(const pthread_attr_t* attr) {
  cpu_set_t set;
  if (pthread_attr_getaffinity_np(attr, sizeof set, &set) != 0) return true;
  return CPU_COUNT(&set) != CPU_SETSIZE;
}

bool NeedsKernelThread(const pthread_attr_t* attr) {
  if (ScopeOf(attr) == Scope::kSystem) return true;
  int inherit;
  int policy;
  sigset_t mask;
  pthread_attr_getinheritsched(attr, &inherit);
  pthread_attr_getschedpolicy(attr, &policy);
  return (inherit == PTHREAD_EXPLICIT_SCHED && policy != SCHED_OTHER) ||
         pthread_attr_getsigmask_np(attr, &mask) == 0 || NamesProcessors(attr);
}

// The stack that the attribute asks for.
void PlaceStack(const pthread_attr_t* attr, Birth& birth) {
  void* low;
  size_t bytes;
  pthread_attr_getstack(attr, &low, &bytes);
  // One without an address reads as a stack that ends at 0.
  if (reinterpret_cast<uintptr_t>(low) + bytes != 0) {
    birth.stack_low = static_cast<char*>(low);
    birth.stack_bytes = bytes;
  } else {
    pthread_attr_getstacksize(attr, &birth.stack_bytes);
  }
}

int CreateUnbound(Thread& self, Birth& birth, const pthread_attr_t* attr) {
  pthread_attr_t standard;
  if (attr == nullptr) pthread_attr_init(&standard);
  PlaceStack(attr == nullptr ? &standard : attr, birth);
  if (attr == nullptr) pthread_attr_destroy(&standard);
  const int error = CreateThread(self, birth, nullptr);
  return error == ENOMEM ? EAGAIN : error;
}

}  // namespace
}  // namespace lt

LT_EXPORT int pthread_create(pthread_t* handle, const pthread_attr_t* attr,
                             void* (*start)(void*), void* arg) {
  if (lt::TakeOwnCall() || lt::SanitizerAtWork()) {
    return LT_REAL(pthread_create)(handle, attr, start, arg);
  }
  lt::Thread& self = lt::Self();
  lt::Birth birth;
  birth.start = start;
  birth.arg = arg;
  birth.handle = handle;
  if (attr != nullptr) {
    int state;
    pthread_attr_getdetachstate(attr, &state);
    birth.detached = state == PTHREAD_CREATE_DETACHED;
  }
  if (lt::g_config.pthreads_unbound &&
      (attr == nullptr || !lt::NeedsKernelThread(attr))) {
    if (const int error = lt::EnsureRunning(self)) {
      return error == ENOMEM ? EAGAIN : error;
    }
    // Only a started library knows which model runs.
    if (lt::g_config.model != lt::Model::kOneToOne) {
      return lt::CreateUnbound(self, birth, attr);
    }
  }
  return lt::CreateForeign(self, birth, attr, handle);
}

LT_EXPORT int pthread_attr_setscope(pthread_attr_t* attr, int scope) {
  if (scope != PTHREAD_SCOPE_SYSTEM && scope != PTHREAD_SCOPE_PROCESS) {
    return EINVAL;
  }
  const lt::Scope mark =
      scope == PTHREAD_SCOPE_SYSTEM ? lt::Scope::kSystem : lt::Scope::kProcess;
  std::memcpy(lt::ScopePlace(attr), &mark, sizeof mark);
  return 0;
}

LT_EXPORT int pthread_attr_getscope(const pthread_attr_t* attr, int* scope) {
  *scope = lt::ScopeOf(attr) == lt::Scope::kProcess ? PTHREAD_SCOPE_PROCESS
                                                    : PTHREAD_SCOPE_SYSTEM;
  return 0;
}

// SPDX-License-Identifier: MIT
//
// Whom a pthread function is about, and who answers it.

#ifndef LIBTHREAD_INTERPOSE_PTHREAD_TARGET_H_
#define LIBTHREAD_INTERPOSE_PTHREAD_TARGET_H_

#include <pthread.h>

#include <cstdint>

#include "thread/handle.h"
#include "thread/runtime.h"

namespace lt {

struct Target {
  bool known = true;  // false: the C library's business, `kernel` is for it
  int error = 0;      // ESRCH: there is no such thread
  bool self = false;  // the caller
  uint32_t id = 0;
  ThreadView view = {};
  // Its life is the C library's business too.
  bool LibcsLife() const { return !known || (error == 0 && view.adopted); }

  pthread_t kernel = {};  // what the C library calls it, if not unbound
};

// Takes a pthread_t, or a thread_t in its place.
inline Target Resolve(pthread_t handle) {
  Thread& self = Self();
  Target target;
  target.kernel = handle;
  target.known = FindId(handle, target.id);
  if (!target.known) return target;
  target.self = target.id == self.id;
  target.error = LookAt(target.id, target.view);
  // An adopted one may just have ended: its block forgets the thread first.
  if (target.error != 0 && !FindId(handle, target.id)) {
    target.known = false;
    target.error = 0;
  }
  if (target.error == 0 && handle <= UINT32_MAX) {
    target.kernel = target.view.pthread;
  }
  return target;
}

}  // namespace lt

#endif  // LIBTHREAD_INTERPOSE_PTHREAD_TARGET_H_

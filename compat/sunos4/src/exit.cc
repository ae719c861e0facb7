// SPDX-License-Identifier: MIT
//
// exit(3) ends the calling thread of a pod, and keeps the status for the end of
// the pod.  Elsewhere it is libc's.

#include <dlfcn.h>
#include <unistd.h>

#include "client.h"
#include "life.h"
#include "pod.h"

namespace lwp4 {
namespace {

using Exit = void(int);

Exit* FindExit() {
  return reinterpret_cast<Exit*>(dlsym(RTLD_NEXT, "exit"));
}

Exit* g_exit = nullptr;
__attribute__((constructor)) void Load() {
  g_exit = FindExit();
}

bool HasPod() {
  return t_self != nullptr && !pod.ended.load(std::memory_order_relaxed);
}

}  // namespace

void SetClientHooks(void (*main_ended)(int), void (*stopped)(void*, int)) {
  _thr_client(main_ended, stopped);
}

void RealExit(int status) {
  if (g_exit == nullptr) g_exit = FindExit();
  if (g_exit != nullptr) g_exit(status);
  _exit(status);
}

}  // namespace lwp4

LWP4_EXPORT __attribute__((noreturn)) void exit(int status) {
  if (!lwp4::HasPod()) lwp4::RealExit(status);
  lwp4::Primitive primitive;
  // The handler of a signal in the library, or in a thread that waits, ends the
  // process: what it has interrupted cannot end.
  if (!primitive) lwp4::EndProcess(status);
  lwp4::pod.exit_status = status;
  lwp4::Die(primitive.self());
}

LWP4_EXPORT void pod_exit(int status) {
  lwp4::EndProcess(status);
}

LWP4_EXPORT void pod_setexit(int status) {
  lwp4::Primitive primitive;
  if (primitive) lwp4::pod.exit_status = status;
}

// The argument is in the old synopsis, and means nothing.
LWP4_EXPORT int pod_getexit(int) {
  lwp4::Primitive primitive;
  return primitive ? lwp4::pod.exit_status : -1;
}

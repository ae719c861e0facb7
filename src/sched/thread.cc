// SPDX-License-Identifier: MIT

#include "sched/thread.h"

#include <sys/mman.h>

#include <new>

#include "base/syscall.h"

namespace lt {

__thread Thread* t_self __attribute__((tls_model("initial-exec")));

namespace {
// `t_self` has the same distance from the thread pointer in every block.
Thread** SelfAt(uintptr_t tp) {
  const ptrdiff_t offset = reinterpret_cast<char*>(&t_self) -
                           reinterpret_cast<char*>(ReadThreadPointer());
  return reinterpret_cast<Thread**>(tp + offset);
}
}  // namespace

void SetSelf(uintptr_t tp, Thread* thread) {
  *SelfAt(tp) = thread;
}

Thread* ThreadOf(uintptr_t tp) {
  return *SelfAt(tp);
}

uintptr_t ThreadPointerOf(pthread_t handle) {
  // And so has a handle from the thread pointer.
  return static_cast<uintptr_t>(handle) +
         (ReadThreadPointer() - static_cast<uintptr_t>(pthread_self()));
}

namespace {
constexpr size_t kChunkBytes = 256 * 1024;
SpinLock g_chunk_lock;
char* g_chunk_next ABSL_GUARDED_BY(g_chunk_lock) = nullptr;
char* g_chunk_end ABSL_GUARDED_BY(g_chunk_lock) = nullptr;
std::atomic<Thread*> g_all{nullptr};
constexpr size_t kObjectBytes = (sizeof(Thread) + 63) / 64 * 64;
}  // namespace

Thread* AllThreads() {
  return g_all.load(std::memory_order_acquire);
}

void AddToAllThreads(Thread& thread) {
  Thread* first = g_all.load(std::memory_order_relaxed);
  do {
    thread.all_next = first;
    // Release: who goes through the list sees the object.
  } while (!g_all.compare_exchange_weak(
      first, &thread, std::memory_order_release, std::memory_order_relaxed));
}

void ForgetOtherThreads(Thread& self) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  new (&g_chunk_lock) SpinLock();
  g_chunk_next = g_chunk_end = nullptr;
  g_all.store(nullptr, std::memory_order_relaxed);
  AddToAllThreads(self);
}

Thread* AllocateThread() {
  for (;;) {
    char* memory = nullptr;
    {
      SpinLockHolder hold(g_chunk_lock);
      if (g_chunk_next != g_chunk_end) {
        memory = g_chunk_next;
        g_chunk_next += kObjectBytes;
      }
    }
    if (memory != nullptr) {
      auto* thread = new (memory) Thread();
      AddToAllThreads(*thread);
      return thread;
    }
    const long chunk =
        RawSyscall(SYS_mmap, 0, kChunkBytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (chunk < 0 && chunk > -4096) return nullptr;
    SpinLockHolder hold(g_chunk_lock);
    g_chunk_next = reinterpret_cast<char*>(chunk);
    g_chunk_end = g_chunk_next + kChunkBytes / kObjectBytes * kObjectBytes;
  }
}

}  // namespace lt

// SPDX-License-Identifier: MIT

#include "sched/thread.h"

#include <sys/mman.h>

#include <new>

#include "base/syscall.h"

namespace lt {

__thread Thread* t_self __attribute__((tls_model("initial-exec")));

void SetSelf(uintptr_t tp, Thread* thread) {
  // The same distance from the thread pointer in every block.
  const ptrdiff_t offset = reinterpret_cast<char*>(&t_self) -
                           reinterpret_cast<char*>(ReadThreadPointer());
  *reinterpret_cast<Thread**>(tp + offset) = thread;
}

namespace {
constexpr size_t kChunkBytes = 256 * 1024;
SpinLock g_chunk_lock;
char* g_chunk_next ABSL_GUARDED_BY(g_chunk_lock) = nullptr;
char* g_chunk_end ABSL_GUARDED_BY(g_chunk_lock) = nullptr;
constexpr size_t kObjectBytes = (sizeof(Thread) + 63) / 64 * 64;
}  // namespace

Thread* AllocateThread() {
  for (;;) {
    {
      SpinLockHolder hold(g_chunk_lock);
      if (g_chunk_next != g_chunk_end) {
        char* memory = g_chunk_next;
        g_chunk_next += kObjectBytes;
        return new (memory) Thread();
      }
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

// SPDX-License-Identifier: MIT
//
// What the library knows of glibc's thread control block, found out at run
// time and checked: nothing here is assumed without a look at a real thread.

#ifndef LIBTHREAD_ARCH_TLS_GLIBC_H_
#define LIBTHREAD_ARCH_TLS_GLIBC_H_

#include <cstddef>
#include <cstdint>

namespace lt {

inline constexpr size_t kMaxTcbBytes = 4096;
inline constexpr size_t kMaxLibcTls = 1024;
inline constexpr int kMaxModules = 64;

// One module's TLS image in the static block.
struct ModuleTls {
  ptrdiff_t offset;  // from the thread pointer
  const char* image;
  size_t image_bytes;
  size_t bytes;
};

// An element of the dynamic thread vector.
struct DtvEntry {
  uintptr_t value;  // address, or all ones when not allocated
  void* to_free;    // what malloc returned, or null for static TLS
};

struct Glibc {
  // Each returns null, or why the C library is not one we know.
  const char* FindNames();
  const char* Inspect(uintptr_t tp);   // on the template thread
  const char* FindKeys(uintptr_t tp);  // on the template thread
  void FindRseq();
  void FindDestructors(uintptr_t tp);  // on the template thread
  // Bytes of static TLS and control block; 0 when the C library does not say.
  static size_t StaticInfo();

  uintptr_t PlaceTp(char* top) const;
  void SetStack(char* tcb, char* low, size_t bytes) const;
  void MarkRseqUnregistered(uintptr_t tp) const;
  void UnregisterRseq(uintptr_t tp) const;
  void RunKeyDestructors(char* tcb) const;
  // For the calling thread; true also when that cannot be known.
  bool HasDestructors(uintptr_t tp) const;
  bool HasKeyValues(char* tcb) const;
  void ResetModules(uintptr_t tp) const;

  void* (*allocate_tls)(void*) = nullptr;
  void (*call_tls_dtors)() = nullptr;
  size_t static_bytes = 0;  // whole block: TLS of all modules and the TCB
  size_t static_align = 64;
  size_t tcb_bytes = 0;      // struct pthread
  ptrdiff_t tcb_offset = 0;  // of struct pthread from the thread pointer
  size_t tid_offset = 0;
  size_t stack_offset = 0;        // of stackblock; its size is the next word
  size_t keys_offset = 0;         // of the first block of pthread key values
  size_t robust_offset = 0;       // of the RobustHead; 0: there is none
  ptrdiff_t libc_tls_offset = 0;  // from the thread pointer
  size_t libc_tls_bytes = 0;
  // Of the list of thread_local destructors, from the thread pointer; 0: not
  // found.
  ptrdiff_t destructors_offset = 0;
  ptrdiff_t rseq_offset = 0;
  bool has_rseq = false;
  int modules = 0;
  ModuleTls module[kMaxModules];
};

// Which robust mutexes a thread holds, as the kernel wants to know it.
struct RobustHead {
  uintptr_t first;  // of a circle of links that ends here
  ptrdiff_t futex_offset;
  uintptr_t pending;
};

void** DtvSlot(uintptr_t tp);

}  // namespace lt

#endif  // LIBTHREAD_ARCH_TLS_GLIBC_H_

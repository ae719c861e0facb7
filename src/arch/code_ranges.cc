// SPDX-License-Identifier: MIT
//
// What is loaded at the start is noted once.  Of what comes later the dynamic
// linker tells, without a lock, to which module an address belongs
// (_dl_find_object, glibc 2.35); asking it for all modules could wait for a
// thread that is in dlopen(3).

#include "arch/code_ranges.h"

#include <dlfcn.h>
#include <link.h>

#include <cstring>
#include <initializer_list>

// In the archive all code of the library lies in two sections, whose ends the
// linker knows; in the shared object the module's code is the library's.
extern "C" {
extern const char __start_lt_text[] __attribute__((weak, visibility("hidden")));
extern const char __stop_lt_text[] __attribute__((weak, visibility("hidden")));
extern const char __start_lt_unlocking[]
    __attribute__((weak, visibility("hidden")));
extern const char __stop_lt_unlocking[]
    __attribute__((weak, visibility("hidden")));
}

namespace lt {
namespace {

constexpr int kMost = 64;

struct Range {
  uintptr_t low;
  uintptr_t high;
};

Range g_ranges[kMost];
int g_count = 0;
Range g_own;
#if defined(DLFO_STRUCT_HAS_EH_DBASE)
int (*g_find_object)(void*, dl_find_object*) = nullptr;
#endif

bool Holds(const Range& range, uintptr_t pc) {
  return pc >= range.low && pc < range.high;
}

void Add(const Range& range) {
  if (g_count < kMost) g_ranges[g_count++] = range;
}

// By the name of the file; that of the program is empty.  The mathematical
// library is among them because the dynamic linker calls its resolvers with a
// lock held.
bool HasGuardedName(const char* path) {
  const char* slash = std::strrchr(path, '/');
  const char* name = slash == nullptr ? path : slash + 1;
  for (const char* start : {"libc.so", "libc-2", "ld-linux", "ld-2", "ld.so",
                            "libm.so", "libstdc++.so", "libgcc_s", "libpthread",
                            "libdl", "libc++", "libunwind"}) {
    if (std::strncmp(name, start, std::strlen(start)) == 0) return true;
  }
  return false;
}

// Addresses in the code of the allocator and of this library.
struct Landmarks {
  uintptr_t allocator;
  uintptr_t self;
};

int NoteModule(dl_phdr_info* info, size_t, void* arg) {
  const auto& landmarks = *static_cast<const Landmarks*>(arg);
  if (info->dlpi_name == nullptr || *info->dlpi_name == '\0') return 0;
  const bool by_name = HasGuardedName(info->dlpi_name);
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& part = info->dlpi_phdr[i];
    if (part.p_type != PT_LOAD || (part.p_flags & PF_X) == 0) continue;
    const uintptr_t low = info->dlpi_addr + part.p_vaddr;
    const Range range{low, low + part.p_memsz};
    if (Holds(range, landmarks.self)) g_own = range;
    if (by_name || Holds(range, landmarks.allocator) ||
        Holds(range, landmarks.self)) {
      Add(range);
    }
  }
  return 0;
}

Range Between(const char* start, const char* stop) {
  return {reinterpret_cast<uintptr_t>(start),
          reinterpret_cast<uintptr_t>(stop)};
}

}  // namespace

void ScanCodeRanges() {
  if (__start_lt_text != nullptr) {
    g_own = Between(__start_lt_text, __stop_lt_text);
    Add(g_own);
    Add(Between(__start_lt_unlocking, __stop_lt_unlocking));
  }
  Landmarks landmarks{
      reinterpret_cast<uintptr_t>(dlsym(RTLD_DEFAULT, "malloc")),
      reinterpret_cast<uintptr_t>(&ScanCodeRanges)};
  dl_iterate_phdr(NoteModule, &landmarks);
#if defined(DLFO_STRUCT_HAS_EH_DBASE)
  g_find_object = reinterpret_cast<int (*)(void*, dl_find_object*)>(
      dlsym(RTLD_DEFAULT, "_dl_find_object"));
#endif
}

bool InGuardedCode(uintptr_t pc) {
  for (int i = 0; i < g_count; ++i) {
    if (Holds(g_ranges[i], pc)) return true;
  }
#if defined(DLFO_STRUCT_HAS_EH_DBASE)
  dl_find_object found;
  if (g_find_object != nullptr &&
      g_find_object(reinterpret_cast<void*>(pc), &found) == 0) {
    return HasGuardedName(found.dlfo_link_map->l_name);
  }
#endif
  return false;
}

bool InThisLibrary(uintptr_t pc) {
  return Holds(g_own, pc);
}

}  // namespace lt

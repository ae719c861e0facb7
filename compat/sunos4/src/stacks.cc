// SPDX-License-Identifier: MIT
//
// Stacks are made several at a time: one mapping, in which a guard page lies
// below each.  The mappings are never given back.

#include "stacks.h"

#include <sys/auxv.h>
#include <sys/mman.h>

#include <climits>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "pod.h"

namespace lwp4 {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kLeastBytes = 65536;  // what printf and a signal's frame need
constexpr size_t kAlignment = 16;

struct Slab {
  char* low = nullptr;
  int count = 0;
  Slab* next = nullptr;
  // Of each stack: handed out, and to be taken back once.
  bool* out = nullptr;
};

// In a free stack, at its top.
struct Free {
  Free* next;
};

size_t g_bytes = 0;  // of a stack, without its guard; 0: there is no cache
int g_per_slab = 0;
Slab* g_slabs = nullptr;
Free* g_free = nullptr;

size_t PageUp(size_t bytes) {
  return (bytes + kPage - 1) & ~(kPage - 1);
}

size_t Stride() {
  return g_bytes + kPage;
}

char* TopOf(const Slab& slab, size_t index) {
  return slab.low + (index + 1) * Stride();
}

Slab* SlabOf(const char* address) {
  // A top is the address behind its stack.
  const char* inside = address - 1;
  Slab* slab = g_slabs;
  while (slab != nullptr &&
         (inside < slab->low || inside >= slab->low + slab->count * Stride())) {
    slab = slab->next;
  }
  return slab;
}

size_t IndexIn(const Slab& slab, const char* address) {
  return (address - 1 - slab.low) / Stride();
}

void Keep(Slab& slab, size_t index) {
  slab.out[index] = false;
  auto* free = reinterpret_cast<Free*>(TopOf(slab, index)) - 1;
  free->next = g_free;
  g_free = free;
}

bool MakeSlab(int count) {
  auto* slab = static_cast<Slab*>(std::calloc(1, sizeof(Slab)));
  auto* out = static_cast<bool*>(std::calloc(count, sizeof(bool)));
  void* low = MAP_FAILED;
  if (slab != nullptr && out != nullptr) {
    low = mmap(nullptr, count * Stride(), PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  }
  bool made = low != MAP_FAILED;
  for (int i = 0; made && i < count; ++i) {
    made =
        mprotect(static_cast<char*>(low) + i * Stride(), kPage, PROT_NONE) == 0;
  }
  if (!made) {
    if (low != MAP_FAILED) munmap(low, count * Stride());
    std::free(out);
    std::free(slab);
    return false;
  }
  *slab = {static_cast<char*>(low), count, g_slabs, out};
  g_slabs = slab;
  // The lowest address is used first.
  for (int i = count; i-- > 0;) Keep(*slab, i);
  return true;
}

// The top of a stack; null: no memory, or no cache.
char* TakeStack() {
  if (g_bytes == 0) {
    Fail(kInvalidArg);
    return nullptr;
  }
  // One at least, when there is not room for all.
  if (g_free == nullptr && !MakeSlab(g_per_slab) && !MakeSlab(1)) {
    Fail(kNoRoom);
    return nullptr;
  }
  Free* free = g_free;
  g_free = free->next;
  char* top = reinterpret_cast<char*>(free + 1);
  Slab* slab = SlabOf(top);
  slab->out[IndexIn(*slab, top)] = true;
  return top;
}

// A signal's frame, and the library's own, come on top of what was asked for.
size_t Overhead() {
#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51
#endif
  return 2 * getauxval(AT_MINSIGSTKSZ) + 2 * kPage;
}

}  // namespace

bool IsCachedStack(const char* top) {
  Slab* slab = SlabOf(top);
  return slab != nullptr && slab->out[IndexIn(*slab, top)];
}

void ReturnStack(const char* top) {
  Slab* slab = SlabOf(top);
  if (slab == nullptr) return;
  const size_t index = IndexIn(*slab, top);
  if (slab->out[index]) Keep(*slab, index);
}

}  // namespace lwp4

LWP4_EXPORT int lwp_setstkcache(int least_bytes, int count) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  if (least_bytes < 0 || count <= 0) return lwp4::Fail(lwp4::kInvalidArg);
  if (lwp4::g_bytes != 0) return lwp4::Fail(lwp4::kInUse);
  size_t bytes = lwp4::PageUp(least_bytes + lwp4::Overhead());
  if (bytes < lwp4::kLeastBytes) bytes = lwp4::kLeastBytes;
  if (bytes > INT_MAX) return lwp4::Fail(lwp4::kNoRoom);
  lwp4::g_bytes = bytes;
  lwp4::g_per_slab = count;
  if (!lwp4::MakeSlab(count)) {
    lwp4::g_bytes = 0;
    return lwp4::Fail(lwp4::kNoRoom);
  }
  return static_cast<int>(bytes);
}

LWP4_EXPORT void* lwp_newstk() {
  lwp4::Primitive primitive;
  return primitive ? lwp4::TakeStack() : nullptr;
}

LWP4_EXPORT void* lwp_datastk(char* data, int bytes, char** address) {
  lwp4::Primitive primitive;
  if (!primitive) return nullptr;
  constexpr size_t kAlign = lwp4::kAlignment;
  // As much as was asked for is left to the thread, or half at least.
  if (bytes < 0 || (data == nullptr && bytes > 0) ||
      (lwp4::g_bytes != 0 && static_cast<size_t>(bytes) > lwp4::g_bytes / 2)) {
    lwp4::Fail(lwp4::kInvalidArg);
    return nullptr;
  }
  char* top = lwp4::TakeStack();
  if (top == nullptr) return nullptr;
  top -= (bytes + kAlign - 1) & ~(kAlign - 1);
  if (bytes > 0) std::memcpy(top, data, bytes);
  if (address != nullptr) *address = top;
  return top;
}

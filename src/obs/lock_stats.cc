// SPDX-License-Identifier: MIT
//
// Open addressing; a row belongs to its key from the compare-exchange that
// claims it to the end of the process, so that counting is an addition to a row
// that stays where it is.  An object that finds no free row near its place is
// counted as left out, and the table says so.
//
// Relaxed throughout: each number is right by itself, and who prints while
// others count prints what there is.

#include "obs/lock_stats.h"

#include <dlfcn.h>
#include <sys/mman.h>

#include <atomic>
#include <cinttypes>
#include <cstdio>
#include <cstring>

#include "base/panic.h"
#include "base/syscall.h"

namespace lt {
namespace {

constexpr int kRowsLog = 15;
constexpr uint32_t kRows = 1u << kRowsLog;
constexpr uint32_t kMostSteps = 64;
constexpr int kPrinted = 50;
constexpr int kUseBits = 3;

struct Row {
  std::atomic<uint64_t> key;  // address and use; 0: free
  std::atomic<uint64_t> taken;
  std::atomic<uint64_t> waits;
  std::atomic<int64_t> wait_ns;
  std::atomic<int64_t> longest_wait_ns;
  std::atomic<int64_t> held_ns;
  std::atomic<int64_t> longest_held_ns;
  std::atomic<const void*> caller;  // of the first wait
};

Row* g_rows = nullptr;
std::atomic<uint64_t> g_left_out{0};  // calls that found no row

// The row of an object, claimed if it is new; null when there is no room.
Row* Find(LockUse use, const void* object) {
  constexpr uint64_t kGolden = 0x9e3779b97f4a7c15;
  if (g_rows == nullptr) return nullptr;
  const uint64_t key =
      static_cast<uint64_t>(reinterpret_cast<uintptr_t>(object)) << kUseBits |
      static_cast<uint64_t>(use);
  uint32_t at = static_cast<uint32_t>((key * kGolden) >> (64 - kRowsLog));
  for (uint32_t step = 0; step < kMostSteps; ++step, ++at) {
    Row& row = g_rows[at % kRows];
    uint64_t found = row.key.load(std::memory_order_relaxed);
    if (found == 0 && row.key.compare_exchange_strong(
                          found, key, std::memory_order_relaxed)) {
      return &row;
    }
    if (found == key) return &row;
  }
  g_left_out.fetch_add(1, std::memory_order_relaxed);
  return nullptr;
}

void Raise(std::atomic<int64_t>& longest, int64_t ns) {
  int64_t known = longest.load(std::memory_order_relaxed);
  while (known < ns &&
         !longest.compare_exchange_weak(known, ns, std::memory_order_relaxed)) {
  }
}

const void* ObjectOf(uint64_t key) {
  return reinterpret_cast<const void*>(key >> kUseBits);
}

const char* UseName(uint64_t key) {
  switch (static_cast<LockUse>(key & ((1 << kUseBits) - 1))) {
    case LockUse::kMutex:
      return "mutex";
    case LockUse::kRead:
      return "rw read";
    case LockUse::kWrite:
      return "rw write";
    case LockUse::kSema:
      return "sema";
    case LockUse::kCond:
      return "cond";
  }
  return "?";
}

// "name+0x8" of a symbol that the dynamic linker knows, "program+0x4010" of
// what lies in a module without one, else the address.
struct Place {
  char text[160];
};

Place Describe(const void* address) {
  Place place;
  Dl_info info;
  if (dladdr(address, &info) == 0 || info.dli_fname == nullptr) {
    std::snprintf(place.text, sizeof place.text, "%p", address);
    return place;
  }
  const bool symbol = info.dli_sname != nullptr;
  const char* slash = std::strrchr(info.dli_fname, '/');
  const char* file = slash == nullptr ? info.dli_fname : slash + 1;
  const void* base = symbol ? info.dli_saddr : info.dli_fbase;
  const size_t distance =
      reinterpret_cast<uintptr_t>(address) - reinterpret_cast<uintptr_t>(base);
  std::snprintf(place.text, sizeof place.text, distance != 0 ? "%s+%#zx" : "%s",
                symbol ? info.dli_sname : file, distance);
  return place;
}

struct Copy {
  uint64_t key;
  uint64_t taken;
  uint64_t waits;
  int64_t wait_ns;
  int64_t longest_wait_ns;
  int64_t held_ns;
  int64_t longest_held_ns;
  const void* caller;
};

Copy CopyOf(const Row& row) {
  constexpr auto kRelaxed = std::memory_order_relaxed;
  return {row.key.load(kRelaxed),
          row.taken.load(kRelaxed),
          row.waits.load(kRelaxed),
          row.wait_ns.load(kRelaxed),
          row.longest_wait_ns.load(kRelaxed),
          row.held_ns.load(kRelaxed),
          row.longest_held_ns.load(kRelaxed),
          row.caller.load(kRelaxed)};
}

// The longest waited for first; of others the most taken.
bool Before(const Copy& a, const Copy& b) {
  return a.wait_ns != b.wait_ns ? a.wait_ns > b.wait_ns : a.taken > b.taken;
}

// Collects the first rows in order; returns how many there are in all.
int Select(Copy* best, int& count) {
  int used = 0;
  count = 0;
  for (uint32_t i = 0; i < kRows; ++i) {
    if (g_rows[i].key.load(std::memory_order_relaxed) == 0) continue;
    ++used;
    const Copy row = CopyOf(g_rows[i]);
    int at = count < kPrinted ? count++ : kPrinted;
    for (; at > 0 && Before(row, best[at - 1]); --at) {
      if (at < kPrinted) best[at] = best[at - 1];
    }
    if (at < kPrinted) best[at] = row;
  }
  return used;
}

void PrintRow(const Copy& row) {
  constexpr double kNsPerUs = 1e3;
  const bool held = row.held_ns != 0 || row.longest_held_ns != 0;
  char hold[40] = "           -          -";
  if (held) {
    std::snprintf(hold, sizeof hold, "%12.1f %10.1f", row.held_ns / kNsPerUs,
                  row.longest_held_ns / kNsPerUs);
  }
  char first[200] = "";
  if (row.caller != nullptr) {
    std::snprintf(first, sizeof first, ", first by %s",
                  Describe(row.caller).text);
  }
  PrintLine("%9" PRIu64 " %9" PRIu64 " %12.1f %10.1f %s  %-8s %s%s", row.taken,
            row.waits, row.wait_ns / kNsPerUs, row.longest_wait_ns / kNsPerUs,
            hold, UseName(row.key), Describe(ObjectOf(row.key)).text, first);
}

}  // namespace

bool StartLockStats() {
  const long result =
      RawSyscall(SYS_mmap, 0, kRows * sizeof(Row), PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (result < 0 && result > -4096) return false;
  g_rows = reinterpret_cast<Row*>(result);
  return true;
}

bool KnowsCaller(LockUse use, const void* object) {
  const Row* row = Find(use, object);
  return row == nullptr ||
         row->caller.load(std::memory_order_relaxed) != nullptr;
}

void CountTaken(LockUse use, const void* object) {
  if (Row* row = Find(use, object)) {
    row->taken.fetch_add(1, std::memory_order_relaxed);
  }
}

void CountWait(LockUse use, const void* object, int64_t ns,
               const void* caller) {
  Row* row = Find(use, object);
  if (row == nullptr) return;
  row->waits.fetch_add(1, std::memory_order_relaxed);
  row->wait_ns.fetch_add(ns, std::memory_order_relaxed);
  Raise(row->longest_wait_ns, ns);
  const void* nobody = nullptr;
  row->caller.compare_exchange_strong(nobody, caller,
                                      std::memory_order_relaxed);
}

void CountHeld(LockUse use, const void* object, int64_t ns) {
  Row* row = Find(use, object);
  if (row == nullptr) return;
  row->held_ns.fetch_add(ns, std::memory_order_relaxed);
  Raise(row->longest_held_ns, ns);
}

void PrintLockStats() {
  if (g_rows == nullptr) return;
  static Copy best[kPrinted];  // one caller at a time, as with all reports
  int count;
  const int used = Select(best, count);
  Complain("locks by time waited: %d of %d rows (us)", count, used);
  PrintLine("%9s %9s %12s %10s %12s %10s  %-8s %s", "taken", "waits", "waited",
            "longest", "held", "longest", "kind", "object");
  for (int i = 0; i < count; ++i) PrintRow(best[i]);
  if (used > count) Complain("%d rows left out", used - count);
  const uint64_t left_out = g_left_out.load(std::memory_order_relaxed);
  if (left_out != 0) {
    Complain("the table was full: %" PRIu64 " events of other locks are lost",
             left_out);
  }
}

void ForgetLockStats() {
  if (g_rows == nullptr) return;
  RawSyscall(SYS_madvise, reinterpret_cast<long>(g_rows), kRows * sizeof(Row),
             MADV_DONTNEED);
  g_left_out.store(0, std::memory_order_relaxed);
}

}  // namespace lt

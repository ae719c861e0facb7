// SPDX-License-Identifier: MIT
//
// Blocks after a template.  The knowledge of glibc's structures is confined to
// tls_glibc.h; here is what is done with it.  No lock: the template is written
// once before the first block is made; a block belongs to one thread at a time.

#include "arch/tls.h"

#include <linux/futex.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "arch/stack.h"
#include "arch/thread_pointer.h"
#include "arch/tls_glibc.h"
#include "base/own_call.h"
#include "base/syscall.h"

namespace lt {
namespace {

// Invented ids lie between the kernel's largest (2^22) and the futex word's
// flag bits (2^30).
constexpr uint32_t kFirstInventedTid = 1u << 23;

struct Template {
  Glibc glibc;
  char* low;  // the template pthread's stack block
  char* high;
  uintptr_t tp;
  char tcb[kMaxTcbBytes];      // copy of its struct pthread
  char libc_tls[kMaxLibcTls];  // copy of libc's TLS
};

constinit Template g_template{};
std::atomic<uint32_t> g_next_tid{kFirstInventedTid};

char* TcbOf(uintptr_t tp) {
  return reinterpret_cast<char*>(tp) + g_template.glibc.tcb_offset;
}

// Copies words, moving those that point into the template's block along with
// the block.
void CopyMoved(char* to, const char* from, size_t bytes, intptr_t delta) {
  const auto low = reinterpret_cast<uintptr_t>(g_template.low);
  const auto high = reinterpret_cast<uintptr_t>(g_template.high);
  size_t offset = 0;
  for (; offset + sizeof(uintptr_t) <= bytes; offset += sizeof(uintptr_t)) {
    uintptr_t word;
    std::memcpy(&word, from + offset, sizeof word);
    if (word > low && word <= high) word += delta;
    std::memcpy(to + offset, &word, sizeof word);
  }
  std::memcpy(to + offset, from + offset, bytes - offset);
}

// Everything of the TCB but its DTV and its id.
void CopyTcb(uintptr_t tp) {
  const Glibc& glibc = g_template.glibc;
  char* tcb = TcbOf(tp);
  void* dtv;
  uint32_t tid;
  void** dtv_slot = DtvSlot(tp);
  dtv = *dtv_slot;
  std::memcpy(&tid, tcb + glibc.tid_offset, sizeof tid);
  CopyMoved(tcb, g_template.tcb, glibc.tcb_bytes,
            static_cast<intptr_t>(tp - g_template.tp));
  *dtv_slot = dtv;
  std::memcpy(tcb + glibc.tid_offset, &tid, sizeof tid);
  glibc.MarkRseqUnregistered(tp);
}

// A first pthread is looked at, which leaves traces in it (a malloc cache, for
// one).  A second one is copied before it has done anything.
void* InspectMain(void* why) {
  Glibc& glibc = g_template.glibc;
  const uintptr_t tp = ReadThreadPointer();
  const char* error = glibc.Inspect(tp);
  if (error == nullptr) error = glibc.FindKeys(tp);
  if (error == nullptr) glibc.FindDestructors(tp);
  *static_cast<const char**>(why) = error;
  return nullptr;
}

void* TemplateMain(void*) {
  Template& t = g_template;
  t.tp = ReadThreadPointer();
  std::memcpy(t.tcb, TcbOf(t.tp), t.glibc.tcb_bytes);
  std::memcpy(t.libc_tls,
              reinterpret_cast<char*>(t.tp) + t.glibc.libc_tls_offset,
              t.glibc.libc_tls_bytes);
  return nullptr;
}

// What the kernel does for the mutexes of a kernel thread that ends: the next
// locker learns that their owner is dead.
void ReleaseDead(std::atomic<uint32_t>& word, uint32_t tid) {
  uint32_t seen = word.load(std::memory_order_relaxed);
  do {
    if ((seen & FUTEX_TID_MASK) != tid) return;
    // Release: what the dead thread wrote is seen by the next owner.
  } while (!word.compare_exchange_weak(
      seen, (seen & FUTEX_WAITERS) | FUTEX_OWNER_DIED,
      std::memory_order_release, std::memory_order_relaxed));
  // Not the private kind of futex: other processes may wait as well.
  if ((seen & FUTEX_WAITERS) != 0) {
    RawSyscall(SYS_futex, reinterpret_cast<long>(&word), FUTEX_WAKE, 1);
  }
}

// Runs `body` on a pthread whose stack is the template's.
int RunPthread(void* (*body)(void*), void* arg) {
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setstack(&attr, g_template.low,
                        g_template.high - g_template.low);
  pthread_t thread;
  const int error = OwnCall(pthread_create, &thread, &attr, body, arg);
  pthread_attr_destroy(&attr);
  if (error == 0) OwnCall(pthread_join, thread, nullptr);
  return error;
}

}  // namespace

int TlsStart(const char*& why) {
  g_template.glibc = {};
  why = ThreadPointerWritable() ? g_template.glibc.FindNames()
                                : "the thread pointer cannot be written";
  if (why != nullptr) return ENOTSUP;
  // The template's stack is known memory, so that pointers into its block can
  // be told from others.  It is given back below.
  const size_t stack_bytes =
      64 * 1024 + g_template.glibc.static_bytes / kPage * kPage;
  void* stack = std::aligned_alloc(kPage, stack_bytes);
  if (stack == nullptr) return EAGAIN;
  std::memset(stack, 0, stack_bytes);
  g_template.low = static_cast<char*>(stack);
  g_template.high = g_template.low + stack_bytes;
  int error = RunPthread(InspectMain, &why);
  if (error == 0 && why == nullptr) error = RunPthread(TemplateMain, nullptr);
  std::free(stack);
  if (error != 0) return EAGAIN;
  return why == nullptr ? 0 : ENOTSUP;
}

size_t TlsBytes() {
  return g_template.glibc.static_bytes;
}

size_t StaticTlsBytes() {
  constexpr size_t kUnknownLibc = 64 * 1024;
  const size_t bytes = Glibc::StaticInfo();
  return bytes == 0 ? kUnknownLibc : (bytes + 2 * kPage - 1) & ~(kPage - 1);
}

uintptr_t TlsCreate(char* top) {
  const Glibc& glibc = g_template.glibc;
  const uintptr_t tp = glibc.PlaceTp(top);
  std::memset(TcbOf(tp), 0, glibc.tcb_bytes);
  if (glibc.allocate_tls(reinterpret_cast<void*>(tp)) == nullptr) return 0;
  CopyTcb(tp);
  CopyMoved(reinterpret_cast<char*>(tp) + glibc.libc_tls_offset,
            g_template.libc_tls, glibc.libc_tls_bytes,
            static_cast<intptr_t>(tp - g_template.tp));
  // Relaxed: only uniqueness matters.
  const uint32_t tid = g_next_tid.fetch_add(1, std::memory_order_relaxed);
  std::memcpy(TcbOf(tp) + glibc.tid_offset, &tid, sizeof tid);
  return tp;
}

void TlsSetStack(uintptr_t tp, char* low, size_t bytes) {
  g_template.glibc.SetStack(TcbOf(tp), low, bytes);
}

void TlsRunDestructors() {
  const Glibc& glibc = g_template.glibc;
  glibc.call_tls_dtors();
  glibc.RunKeyDestructors(TcbOf(ReadThreadPointer()));
}

pthread_t TlsHandle(uintptr_t tp) {
  return reinterpret_cast<pthread_t>(TcbOf(tp));
}

void TlsReleaseRobust() {
  const Glibc& glibc = g_template.glibc;
  if (glibc.robust_offset == 0) return;
  char* tcb = TcbOf(ReadThreadPointer());
  RobustHead& head = *reinterpret_cast<RobustHead*>(tcb + glibc.robust_offset);
  uint32_t tid;
  std::memcpy(&tid, tcb + glibc.tid_offset, sizeof tid);
  // The links carry a mark in their lowest bit (priority inheritance).
  constexpr uintptr_t kMark = 1;
  uintptr_t at = head.first;
  while ((at & ~kMark) != reinterpret_cast<uintptr_t>(&head)) {
    const uintptr_t entry = at & ~kMark;
    at = *reinterpret_cast<const uintptr_t*>(entry);
    ReleaseDead(
        *reinterpret_cast<std::atomic<uint32_t>*>(entry + head.futex_offset),
        tid);
  }
  head.first = reinterpret_cast<uintptr_t>(&head);
}

bool TlsHasDestructors() {
  const Glibc& glibc = g_template.glibc;
  const uintptr_t tp = ReadThreadPointer();
  return glibc.HasDestructors(tp) || glibc.HasKeyValues(TcbOf(tp));
}

void TlsRecycle(uintptr_t tp, bool unwound) {
  const Glibc& glibc = g_template.glibc;
  glibc.ResetModules(tp);
  if (unwound) {
    CopyTcb(tp);
    glibc.SetStack(TcbOf(tp), nullptr, 0);
  }
}

void TlsDropRseq() {
  Glibc glibc;
  glibc.FindRseq();
  glibc.UnregisterRseq(ReadThreadPointer());
}

}  // namespace lt

// SPDX-License-Identifier: MIT

#include "sched/deliver.h"

#include <cstring>

#include "arch/kernel_wait.h"
#include "lwp/kernel_thread.h"
#include "sched/critical.h"
#include "sched/dispatch.h"
#include "sched/signal_mask.h"

namespace lt {
namespace {

using SavedInfo = char[DeferredSignal::kInfoBytes];

siginfo_t Restore(const SavedInfo& saved) {
  siginfo_t info = {};
  static_assert(sizeof saved <= sizeof info);
  std::memcpy(&info, saved, sizeof saved);
  return info;
}

long ProcessId() {
  return RawSyscall(SYS_getpid);
}

void SendToSelf(const siginfo_t& info, Delivery& delivery) {
  delivery.sent |= SignalBit(info.si_signo);
  RawSyscall(SYS_rt_tgsigqueueinfo, ProcessId(), KernelTid(), info.si_signo,
             reinterpret_cast<long>(&info));
}

// Takes what the helper forwarded; false when there is nothing.
bool TakeForwarded(Thread& self, siginfo_t& info) {
  // Acquire: pairs with the store of the helper, which wrote the rest before.
  if (self.forwarding.load(std::memory_order_acquire) <= 0) return false;
  info = Restore(self.forwarded);
  self.forwarding.store(0, std::memory_order_release);
  return true;
}

void SendForwarded(Thread& self, Delivery& delivery) {
  siginfo_t info;
  if (!TakeForwarded(self, info)) return;
  if ((MaskOf(self) & SignalBit(info.si_signo)) == 0) {
    SendToSelf(info, delivery);
  } else {
    RepostToProcess(info);  // it has changed its mind since
  }
}

void SendDirected(Thread& self, Delivery& delivery) {
  uint64_t due = self.pending.load(std::memory_order_seq_cst);
  // Of a bound thread the kernel knows what is blocked, and keeps it pending.
  if (self.lwp != nullptr) due &= ~MaskOf(self);
  for (; due != 0; due &= due - 1) {
    const int signal = __builtin_ctzll(due) + 1;
    const uint64_t bit = SignalBit(signal);
    if ((self.pending.fetch_and(~bit, std::memory_order_acq_rel) & bit) != 0) {
      SendToSelf(DirectedInfo(signal), delivery);
    }
  }
}

}  // namespace

siginfo_t DirectedInfo(int signal) {
  siginfo_t info = {};
  info.si_signo = signal;
  info.si_code = SI_TKILL;
  info.si_pid = static_cast<pid_t>(ProcessId());
  info.si_uid = static_cast<uid_t>(RawSyscall(SYS_getuid));
  return info;
}

Delivery SendPending(Thread& self) {
  Delivery delivery;
  // In no critical section: what is not blocked comes at once.
  SendDirected(self, delivery);
  SendForwarded(self, delivery);
  if (self.deferred.signal != 0) {
    const siginfo_t info = Restore(self.deferred.info);
    delivery.change_mask = true;
    delivery.mask = self.deferred.mask;
    self.deferred.signal = 0;
    SendToSelf(info, delivery);
  }
  if (self.lwp != nullptr) {
    delivery.mask = MaskOf(self);
    delivery.change_mask = self.lwp->mask != delivery.mask;
  }
  return delivery;
}

void DeliverPending(Thread& self) {
  const Delivery delivery = SendPending(self);
  if (self.lwp != nullptr) {
    OpenLwpMask(self);
  } else if (delivery.change_mask) {
    SetKernelMask(delivery.mask);
  }
}

void RepostToProcess(const siginfo_t& info) {
  const long result = RawSyscall(SYS_rt_sigqueueinfo, ProcessId(),
                                 info.si_signo, reinterpret_cast<long>(&info));
  // What the kernel or kill(2) tells, only the first kernel thread may pass on:
  // rather the signal without that than none.
  if (result != 0) RawSyscall(SYS_kill, ProcessId(), info.si_signo);
}

void DeferSignal(Thread& self, const siginfo_t& info, ucontext_t& context) {
  const uint64_t interrupted = ToKernelSet(context.uc_sigmask);
  PoolLwp* lwp = self.lwp;
  const bool wanted =
      self.kind != Kind::kIdle &&
      (lwp == nullptr || (MaskOf(self) & SignalBit(info.si_signo)) == 0);
  const uint64_t blocked = BlockedByHelpers();
  FromKernelSet(blocked, context.uc_sigmask);
  if (lwp != nullptr) lwp->mask = blocked;
  if (wanted && self.deferred.signal == 0) {
    self.deferred.signal = info.si_signo;
    self.deferred.mask = interrupted & ~NeverBlocked();
    std::memcpy(self.deferred.info, &info, sizeof self.deferred.info);
  } else {
    // On a pool LWP only: what comes there is for the process.
    RepostToProcess(info);
  }
  self.requests.fetch_or(kSignalRequest, std::memory_order_relaxed);
  // A wait on the LWP's own parker, or in the kernel, must not begin now.
  if (!InPool(self)) self.parker.Unpark();
  AbortKernelWait(context);
}

void ReturnSignals(Thread& self) {
  siginfo_t info;
  const bool forwarded = TakeForwarded(self, info);
  if (ABSL_PREDICT_TRUE(!forwarded && self.deferred.signal == 0)) return;
  // Blocked here: the next thread opens the mask.
  if (self.lwp != nullptr) ChangeLwpMask(*self.lwp, BlockedByHelpers());
  if (forwarded) RepostToProcess(info);
  if (self.deferred.signal == 0) return;
  info = Restore(self.deferred.info);
  // What was sent to a kernel thread that ends, ends with it.
  if (self.lwp != nullptr || info.si_code != SI_TKILL) RepostToProcess(info);
}

}  // namespace lt

// SPDX-License-Identifier: MIT
//
// A call that is made by a bound thread.  The job belongs to that thread and to
// the one of the pod that waits; who leaves it last frees it.

#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <thread.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <new>

#include "nbio.h"

namespace nbio {
namespace {

enum class State : int { kRuns, kDone, kAbandoned };

struct alignas(16) Job {
  std::atomic<State> state{State::kRuns};
  int64_t (*call)(void*) = nullptr;
  void (*undo)(int64_t) = nullptr;
  int done = -1;  // an eventfd
  int64_t result = 0;

  void* argument() { return this + 1; }
};

void Free(Job& job) {
  if (job.done >= 0) syscall(SYS_close, job.done);
  free(&job);
}

void* Run(void* arg) {
  Job& job = *static_cast<Job*>(arg);
  job.result = job.call(job.argument());
  State runs = State::kRuns;
  // Both sides release what they wrote and acquire what the other did.
  if (job.state.compare_exchange_strong(runs, State::kDone,
                                        std::memory_order_acq_rel)) {
    const uint64_t one = 1;
    // The waiter frees the job only after it has read this.
    syscall(SYS_write, job.done, &one, sizeof one);
  } else {
    if (job.undo != nullptr) job.undo(job.result);
    Free(job);
  }
  return nullptr;
}

// Waits for what Run() writes, which is there already or will be at once.
void AwaitWritten(Job& job) {
  uint64_t count;
  while (syscall(SYS_read, job.done, &count, sizeof count) < 0 &&
         errno == EINTR) {
  }
}

void Abandon(void* arg) {
  Job& job = *static_cast<Job*>(arg);
  State runs = State::kRuns;
  if (job.state.compare_exchange_strong(runs, State::kAbandoned,
                                        std::memory_order_acq_rel)) {
    return;
  }
  AwaitWritten(job);
  if (job.undo != nullptr) job.undo(job.result);
  Free(job);
}

bool Start(Job& job) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  thr_sigsetmask(SIG_SETMASK, &all, &before);
  const int error =
      thr_create(nullptr, 0, Run, &job, THR_BOUND | THR_DAEMON, nullptr);
  thr_sigsetmask(SIG_SETMASK, &before, nullptr);
  return error == 0;
}

}  // namespace

bool MakeElsewhere(const Call& call, int64_t& result) {
  const int error = errno;
  void* memory = malloc(sizeof(Job) + call.bytes);
  if (memory == nullptr) return false;
  Job& job = *new (memory) Job;
  job.call = call.call;
  job.undo = call.undo;
  memcpy(job.argument(), call.argument, call.bytes);
  job.done = eventfd(0, EFD_CLOEXEC);
  if (job.done < 0 || !Start(job)) {
    Free(job);
    errno = error;
    return false;
  }
  const pollfd done = {job.done, POLLIN, 0};
  while (job.state.load(std::memory_order_acquire) == State::kRuns) {
    if (__lwp_nbio_await(&done, 1, kNever, Abandon, &job) < 0) break;
  }
  AwaitWritten(job);  // stops the pod if there was no room to wait
  result = job.result;
  Free(job);
  errno = error;
  return true;
}

}  // namespace nbio

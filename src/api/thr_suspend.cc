// SPDX-License-Identifier: MIT
//
// Suspension, and the private calls of garbage collectors.

#include <cerrno>
#include <cstring>

#include "api/entry.h"
#include "sched/stop.h"
#include "thread/mutator.h"
#include "thread/suspend.h"

LT_EXPORT int thr_suspend(thread_t id) {
  return lt::SuspendThread(lt::Self(), id, lt::kStopSuspended);
}
LT_EXPORT LT_ALIAS(thr_suspend)
int _thr_suspend(thread_t);

LT_EXPORT int thr_continue(thread_t id) {
  return lt::ContinueThread(lt::Self(), id, lt::kStopSuspended);
}
LT_EXPORT LT_ALIAS(thr_continue)
int _thr_continue(thread_t);

LT_EXPORT int thr_setmutator(thread_t id, int enabled) {
  return lt::SetMutator(lt::Self(), id, enabled != 0);
}
LT_EXPORT LT_ALIAS(thr_setmutator)
int _thr_setmutator(thread_t, int);

LT_EXPORT void thr_mutators_barrier(int enabled) {
  lt::SetMutatorBarrier(lt::Self(), enabled != 0);
}
LT_EXPORT LT_ALIAS(thr_mutators_barrier) void _thr_mutators_barrier(int);

LT_EXPORT int thr_suspend_allmutators(void) {
  return lt::SuspendMutators(lt::Self());
}
LT_EXPORT LT_ALIAS(thr_suspend_allmutators)
int _thr_suspend_allmutators(void);

LT_EXPORT int thr_continue_allmutators(void) {
  return lt::ContinueMutators(lt::Self());
}
LT_EXPORT LT_ALIAS(thr_continue_allmutators)
int _thr_continue_allmutators(void);

LT_EXPORT int thr_suspend_mutator(thread_t id) {
  return lt::SuspendMutator(lt::Self(), id);
}
LT_EXPORT LT_ALIAS(thr_suspend_mutator)
int _thr_suspend_mutator(thread_t);

LT_EXPORT int thr_continue_mutator(thread_t id) {
  return lt::ContinueMutator(lt::Self(), id);
}
LT_EXPORT LT_ALIAS(thr_continue_mutator)
int _thr_continue_mutator(thread_t);

LT_EXPORT int thr_wait_mutator(thread_t id, int dont_wait) {
  return lt::WaitMutator(lt::Self(), id, dont_wait != 0);
}
LT_EXPORT LT_ALIAS(thr_wait_mutator)
int _thr_wait_mutator(thread_t, int);

LT_EXPORT int thr_getstate(thread_t id, int* flag, int* lwp, stack_t* stack,
                           gregset_t registers) {
  lt::Thread& self = lt::Self();
  lt::ThreadState state;
  const int error = lt::GetThreadState(self, id == 0 ? self.id : id, state);
  if (flag != nullptr) *flag = error == 0 ? TRS_NONVOLATILE : TRS_INVALID;
  if (error == ESRCH) return error;
  if (lwp != nullptr) *lwp = state.lwp;
  if (stack != nullptr) *stack = state.stack;
  if (error == 0 && registers != nullptr) {
    std::memcpy(registers, state.registers, sizeof state.registers);
  }
  return error;
}
LT_EXPORT LT_ALIAS(thr_getstate)
int _thr_getstate(thread_t, int*, int*, stack_t*, gregset_t);

// Registers of a thread that left its LWP in the library lie on its stack, so
// none are ever set.
LT_EXPORT int thr_setstate(thread_t, int, gregset_t) {
  return EINVAL;
}
LT_EXPORT LT_ALIAS(thr_setstate)
int _thr_setstate(thread_t, int, gregset_t);

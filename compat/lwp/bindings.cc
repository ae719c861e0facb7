// SPDX-License-Identifier: MIT

#include "compat/lwp/bindings.h"

#include <pthread.h>

#include <cerrno>
#include <new>

#include "base/syscall.h"
#include "compat/lwp/processes.h"
#include "lwp/kernel_thread.h"
#include "sched/critical.h"
#include "thread/runtime.h"

namespace lt {

constinit SpinLock g_binding_lock;

namespace {

// Processors as numbers of sets, kNoSet where they are in none.
uint16_t g_set_of[CpuMask::kMost] ABSL_GUARDED_BY(g_binding_lock);
bool g_made[kMostSets + 1] ABSL_GUARDED_BY(g_binding_lock);
unsigned g_attributes[kMostSets + 1] ABSL_GUARDED_BY(g_binding_lock);

// Kernel threads that processor_bind() has bound.  Who finds no place is not
// marked, which INV-BD4 needs in rare cases only.
constexpr int kMarks = 4096;
pid_t g_marks[kMarks] ABSL_GUARDED_BY(g_binding_lock);
int g_mark_count ABSL_GUARDED_BY(g_binding_lock) = 0;
pid_t g_forking ABSL_GUARDED_BY(g_binding_lock) = 0;  // if it is marked

// The processors that run, of those that the process started with.
CpuMask g_usable ABSL_GUARDED_BY(g_binding_lock);

bool Lives(pid_t tid) {
  return RawSyscall(SYS_tgkill, OwnProcess(), tid, 0) != -ESRCH;
}

int FindMark(pid_t tid) ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_binding_lock) {
  int i = g_mark_count - 1;
  while (i >= 0 && g_marks[i] != tid) --i;
  return i;
}

void DropMark(int i) ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_binding_lock) {
  g_marks[i] = g_marks[--g_mark_count];
}

void Mark(pid_t tid, bool bound) ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_binding_lock) {
  const int i = FindMark(tid);
  if (!bound && i >= 0) DropMark(i);
  if (!bound || i >= 0) return;
  for (int j = kMarks - 1; g_mark_count == kMarks && j >= 0; --j) {
    if (!Lives(g_marks[j])) DropMark(j);
  }
  if (g_mark_count < kMarks) g_marks[g_mark_count++] = tid;
}

pid_t Named(pid_t tid) {
  return tid != 0 ? tid : KernelTid();
}

int HomeOf(const CpuMask& mask) ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_binding_lock) {
  const int first = mask.Next(0);
  if (first < 0 || g_set_of[first] == kNoSet) return kNoSet;
  for (int cpu = first; cpu >= 0; cpu = mask.Next(cpu + 1)) {
    if (g_set_of[cpu] != g_set_of[first]) return kNoSet;
  }
  return g_set_of[first];
}

// Calls change(binding, mask) for all kernel threads of the process, until no
// mask changes any more: those that begin meanwhile have the masks of others.
template <typename Change>
void ChangeMasks(Change change) ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_binding_lock) {
  int changes;
  do {
    changes = 0;
    KernelThreads threads(OwnProcess());
    while (const pid_t tid = threads.Next()) {
      Binding binding;
      if (ReadBinding(tid, binding) != 0) continue;
      CpuMask mask = binding.mask;
      change(binding, mask);
      if (mask == binding.mask || mask.Empty()) continue;
      // What the kernel refuses (it has taken the processors away) stays.
      static_cast<void>(ChangeMask(tid, mask, changes));
    }
  } while (changes != 0);
}

// ---- fork ----

void BeforeFork() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  EnterCritical(Self());
  g_binding_lock.Lock();
  const pid_t tid = KernelTid();
  g_forking = FindMark(tid) >= 0 ? tid : 0;
}

void AfterForkInParent() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  g_binding_lock.Unlock();
  LeaveCritical(Self());
}

// There is one kernel thread, which is bound as the one that forked.
void AfterForkInChild() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  g_mark_count = 0;
  if (g_forking != 0) g_marks[g_mark_count++] = KernelTid();
  new (&g_binding_lock) SpinLock();
  LeaveCritical(Self());
}

__attribute__((constructor)) void WatchForks() {
  pthread_atfork(BeforeFork, AfterForkInParent, AfterForkInChild);
}

}  // namespace

BindingSection::BindingSection() : critical_(Self()) {
  g_binding_lock.Lock();
  g_usable = OnlineProcessors();
  for (int cpu = g_usable.Next(0); cpu >= 0; cpu = g_usable.Next(cpu + 1)) {
    if (!StartMask().Has(cpu)) g_usable.Remove(cpu);
  }
}

BindingSection::~BindingSection() {
  g_binding_lock.Unlock();
}

int ReadBinding(pid_t tid, Binding& binding) {
  if (const int error = ReadAffinity(tid, binding.mask)) return error;
  binding.home = HomeOf(binding.mask);
  binding.all = ProcessorsOf(binding.home);
  binding.processor = binding.mask.Only();
  if (binding.processor >= 0 && binding.mask == binding.all &&
      FindMark(Named(tid)) < 0) {
    binding.processor = -1;
  }
  return 0;
}

int ChangeMask(pid_t tid, const CpuMask& mask, int& changes) {
  CpuMask before;
  CpuMask after;
  if (const int error = ReadAffinity(tid, before)) return error;
  if (mask == before) return 0;
  if (const int error = SetAffinity(tid, mask)) return error;
  if (const int error = ReadAffinity(tid, after)) return error;
  if (after != before) ++changes;
  return 0;
}

int BindToProcessor(pid_t tid, const Binding& binding, int processor,
                    int& changes) {
  const CpuMask mask = processor < 0 ? binding.all : CpuMask::Of(processor);
  if (const int error = ChangeMask(tid, mask, changes)) return error;
  Mark(Named(tid), processor >= 0);
  return 0;
}

bool IsSet(int set) {
  return set > kNoSet && set <= kMostSets && g_made[set];
}

CpuMask ProcessorsOf(int set) {
  CpuMask mask = g_usable;
  for (int cpu = mask.Next(0); cpu >= 0; cpu = mask.Next(cpu + 1)) {
    if (g_set_of[cpu] != set) mask.Remove(cpu);
  }
  return mask;
}

int SetOf(int processor) {
  return g_set_of[processor];
}

unsigned& AttributesOf(int set) {
  return g_attributes[set];
}

int MakeSet() {
  for (int set = 1; set <= kMostSets; ++set) {
    if (g_made[set]) continue;
    g_made[set] = true;
    g_attributes[set] = 0;
    return set;
  }
  return kNoSet;
}

void EndSet(int set) {
  const CpuMask gone = ProcessorsOf(set);
  const CpuMask none = ProcessorsOf(kNoSet);
  CpuMask all = none;
  for (int cpu = gone.Next(0); cpu >= 0; cpu = gone.Next(cpu + 1)) all.Add(cpu);
  ChangeMasks([&](const Binding& binding, CpuMask& mask) {
    const bool whole = binding.home == set || binding.mask == none;
    if (whole && binding.processor < 0) mask = all;
  });
  // Those that do not run just now, too.
  for (uint16_t& its : g_set_of) {
    if (its == set) its = kNoSet;
  }
  g_made[set] = false;
}

int AssignProcessor(int processor, int set) {
  const int from = g_set_of[processor];
  if (from == set) return 0;
  const CpuMask before = ProcessorsOf(from);
  CpuMask less = before;
  less.Remove(processor);
  const CpuMask grows = ProcessorsOf(set);
  CpuMask more = grows;
  more.Add(processor);
  if (from == kNoSet && less.Empty()) return EBUSY;
  KernelThreads threads(OwnProcess());
  if (threads.error() != 0) return threads.error();
  while (const pid_t tid = threads.Next()) {
    Binding binding;
    if (ReadBinding(tid, binding) != 0 || binding.home != from) continue;
    CpuMask mask = binding.mask;
    mask.Remove(processor);
    if (less.Empty() || mask.Empty()) return EBUSY;
  }
  ChangeMasks([&](const Binding& binding, CpuMask& mask) {
    if (mask == more) return;  // seen before: it straddles sets for now
    if (binding.home == from) {
      if (mask == before) mask = less;
      mask.Remove(processor);
    } else if (mask == grows && binding.processor < 0) {
      mask = more;
    }
  });
  g_set_of[processor] = static_cast<uint16_t>(set);
  return 0;
}

}  // namespace lt

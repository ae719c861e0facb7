// SPDX-License-Identifier: MIT

#include "thread/runtime.h"

#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "arch/backtrace.h"
#include "arch/tls.h"
#include "base/config.h"
#include "base/panic.h"
#include "base/process_id.h"
#include "base/watch.h"
#include "lwp/interval_timers.h"
#include "lwp/kernel_thread.h"
#include "obs/lock_stats.h"
#include "sched/critical.h"
#include "sched/inherit.h"
#include "sched/libc_signal.h"
#include "sched/lwp_numbers.h"
#include "sched/own_signal.h"
#include "sched/pin.h"
#include "sched/pool.h"
#include "sched/watcher.h"
#include "thread/cache.h"
#include "thread/cancel.h"
#include "thread/census.h"
#include "thread/entry.h"
#include "thread/foreign.h"
#include "thread/fork.h"
#include "thread/keys.h"
#include "thread/registry.h"
#include "thread/wait_graph.h"

namespace lt {

bool g_initialised;
int (*g_start_helpers)() = nullptr;

namespace {

constinit Thread g_main;
// The thread of the process's first kernel thread: main, or who called fork.
Thread* g_first = &g_main;
bool g_configured;
pthread_key_t g_foreign_key;
// The second step is taken by kernel threads only (nothing else exists before),
// so the C library's mutex serves.
pthread_mutex_t g_start_mutex = PTHREAD_MUTEX_INITIALIZER;
std::atomic<bool> g_running{false};
std::atomic<bool> g_ever_threaded{false};

// Why unbound threads cannot be switched here, or null.
const char* WhyNotTwoLevel() {
  // Sanitizers keep state of each thread in TLS, made by their pthread_create;
  // blocks that the library makes would lack it.
  if (SanitizerAtWork()) return "a sanitizer is at work";
  const char* preload = std::getenv("LD_PRELOAD");
  if (preload != nullptr && std::strstr(preload, "vgpreload") != nullptr) {
    return "Valgrind is at work";
  }
  return nullptr;
}

void ForgetForeign(void* arg) {
  auto& thread = *static_cast<Thread*>(arg);
  RunDestructors(thread);
  EnterCritical(thread);
  if (g_watch != 0) EndWatched(thread);
  g_end_hook(thread);
  EndProtocols(thread);
  t_self = nullptr;
  RemoveLwp(thread.lwp_entry);
  EndIntervalTimers();
  RegistryBucket& bucket = RegistryBucketOf(thread.id);
  bucket.lock.Lock();
  bucket.Remove(thread);
  bucket.lock.Unlock();
  g_census.threads.fetch_sub(1, std::memory_order_relaxed);
  ReturnThread(thread);
}

void FallBack(const char* why) {
  g_config.model = Model::kOneToOne;
  g_config.fallback = why;
}

// Under g_start_mutex.
int StartPool() {
  const char* why = nullptr;
  // The child of a fork has the template already.
  if (const int error = TlsBytes() != 0 ? 0 : TlsStart(why); error != 0) {
    if (error == ENOTSUP) FallBack(why);
    return error == ENOTSUP ? 0 : error;
  }
  WrapLibcSignal();
  if (const int error = g_pool.Start()) return error;
  if (const int error = StartWatcher()) return error;
  return g_start_helpers();
}

// main becomes an unbound thread, unless another thread was quicker to start
// the pool of a many-to-one system: two threads would run at once then.
int MakeMainUnbound(Thread& self) {
  if (g_config.model == Model::kManyToOne && g_pool.lwps() > 0) return 0;
  if (const int error = g_pool.AddFirstLwp(self)) return error;
  self.tp = ReadThreadPointer();
  self.kind = Kind::kUnbound;
  UpdatePin(self);
  return 0;
}

int StartLocked(Thread& self) {
  const bool pool = g_config.model != Model::kOneToOne;
  if (pool && !g_running.load(std::memory_order_relaxed)) {
    if (const int error = StartPool()) return error;
    g_running.store(true, std::memory_order_release);
  }
  if (g_config.model != Model::kOneToOne && &self == g_first &&
      self.kind == Kind::kBound) {
    return MakeMainUnbound(self);
  }
  g_running.store(true, std::memory_order_release);
  return 0;
}

// What depends on the environment.  A sanitizer that prepares itself calls us
// before libc knows that: then this has to wait.
void Configure() {
  if (g_configured || environ == nullptr) return;
  g_configured = true;
  ReadConfig();
  if (g_config.model != Model::kOneToOne) {
    if (const char* why = WhyNotTwoLevel()) FallBack(why);
  }
  if (g_config.model != Model::kOneToOne) TlsDropRseq();
  if (g_watch != 0) StartBacktraces();
  if ((g_watch & kWatchUse) != 0 && !StartLockStats()) {
    Complain("no memory for LIBTHREAD_LOCK_STATS");
  }
}

// main becomes known.
void Initialise() {
  g_initialised = true;
  LearnProcessId();
  if (StartRegistry() != 0 ||
      pthread_key_create(&g_foreign_key, ForgetForeign) != 0 ||
      MakeForeignKey() != 0) {
    Panic("no memory at start-up");
  }
  g_main.kind = Kind::kBound;
  g_main.lwp_entry.thread = &g_main;
  if (!TryEnterLwp(g_main.lwp_entry, 1)) Panic("LWP 1 is there already");
  g_main.pthread = pthread_self();
  AddToAllThreads(g_main);
  g_main.kernel_tid.store(KernelTid(), std::memory_order_relaxed);
  g_main.state.store(State::kRunning, std::memory_order_relaxed);
  RegisterMain(g_main);
  g_census.AddCounted();
  g_census.threads.store(1, std::memory_order_relaxed);
  t_self = &g_main;
  g_cancel_hook = ActOnCancel;
  StartInterrupts();
}

}  // namespace

void InitLibrary() {
  if (!g_initialised) Initialise();
  Configure();
}

int EnsureRunning(Thread& self) {
  if (self.kind == Kind::kUnbound) return 0;
  Critical critical(self);
  const bool main_waits = &self == g_first && self.kind == Kind::kBound &&
                          g_config.model == Model::kTwoLevel;
  int error = 0;
  if (!g_running.load(std::memory_order_acquire) || main_waits) {
    pthread_mutex_lock(&g_start_mutex);
    error = StartLocked(self);
    pthread_mutex_unlock(&g_start_mutex);
  }
  if (error == 0) NoteThreaded();
  return error;
}

void NoteThreaded() {
  g_ever_threaded.store(true, std::memory_order_relaxed);
}

void LockStart() {
  pthread_mutex_lock(&g_start_mutex);
}

void UnlockStart() {
  pthread_mutex_unlock(&g_start_mutex);
}

void RestartRuntime(Thread& self, bool bound) {
  // A bound thread stays what it is; the pool begins without an LWP then.
  g_first = bound || self.kind == Kind::kForeign ? nullptr : &self;
  g_start_mutex = PTHREAD_MUTEX_INITIALIZER;
  g_running.store(false, std::memory_order_relaxed);
}

bool IsFirst(const Thread& thread) {
  return &thread == g_first;
}

bool EverThreaded() {
  return g_ever_threaded.load(std::memory_order_relaxed);
}

Thread& AdoptCaller() {
  if (!g_initialised) {
    InitLibrary();
    if (Thread* self = Current()) return *self;
  }
  Thread* thread = TakeForeignThread();
  if (thread == nullptr) Panic("no memory to adopt a thread");
  thread->state.store(State::kRunning, std::memory_order_relaxed);
  thread->kernel_tid.store(KernelTid(), std::memory_order_relaxed);
  thread->pthread = pthread_self();
  thread->critical = 0;
  thread->detached = true;  // not joinable by thr_join
  thread->daemon = true;    // not counted
  EnterLwp(thread->lwp_entry);
  InitPriority(*thread, 0);
  Register(*thread);
  g_census.threads.fetch_add(1, std::memory_order_relaxed);
  t_self = thread;
  pthread_setspecific(g_foreign_key, thread);
  return *thread;
}

}  // namespace lt

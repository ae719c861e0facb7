// SPDX-License-Identifier: MIT

#include "interpose/poller.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <atomic>
#include <cerrno>

#include "base/panic.h"
#include "base/syscall.h"
#include "interpose/blocking.h"
#include "lwp/kernel_thread.h"
#include "sched/critical.h"
#include "sched/sleepq.h"

namespace lt {
namespace {

// Descriptors beyond block the LWP; no kernel has that many unless told to.
constexpr int kMostDescriptors = 1 << 20;
constexpr int kDirections = 2;

// Raised under the lock of the sleep queue on its address.
struct Counts {
  std::atomic<uint32_t> events[kDirections];
};

enum : int { kNotStarted, kRunning, kFailed };

std::atomic<int> g_state{kNotStarted};
pthread_mutex_t g_start_mutex = PTHREAD_MUTEX_INITIALIZER;
// Written before g_state says that the poller runs.
Counts* g_counts = nullptr;
// The set for output is a member of the one for input, which is waited for.
int g_sets[kDirections] = {-1, -1};

int SetOf(Direction direction) {
  return g_sets[static_cast<int>(direction)];
}

std::atomic<uint32_t>& CountOf(int fd, Direction direction) {
  return g_counts[fd].events[static_cast<int>(direction)];
}

long Control(int set, int operation, int fd, uint32_t events) {
  epoll_event event = {};
  event.events = events;
  event.data.fd = fd;
  return RawSyscall(SYS_epoll_ctl, set, operation, fd,
                    reinterpret_cast<long>(&event));
}

// 0, or what epoll_ctl(2) says of a descriptor that is in no set.
long Arm(int fd, Direction direction) {
  const uint32_t events =
      EPOLLONESHOT | (direction == Direction::kIn ? EPOLLIN : EPOLLOUT);
  const int set = SetOf(direction);
  for (;;) {
    // As a rule it has been waited for before.
    long error = Control(set, EPOLL_CTL_MOD, fd, events);
    if (error != -ENOENT) return error;
    error = Control(set, EPOLL_CTL_ADD, fd, events);
    if (error != -EEXIST) return error;
  }
}

void Notify(int fd, Direction direction) {
  std::atomic<uint32_t>& count = CountOf(fd, direction);
  SleepBucket& bucket = BucketOf(&count);
  bucket.lock.Lock();
  // Release: pairs with EventsSoFar().
  count.fetch_add(1, std::memory_order_release);
  WakeAll(bucket, &count);
}

// Takes what is there from one set; waits for it if `timeout` says so.
void Drain(Direction direction, int timeout) {
  constexpr int kRoom = 128;
  epoll_event events[kRoom];
  const int set = SetOf(direction);
  const long count =
      RawSyscall(SYS_epoll_pwait, set, reinterpret_cast<long>(events), kRoom,
                 timeout, 0, sizeof(uint64_t));
  if (count < 0 && count != -EINTR) {
    Panic("the poller's descriptor was closed (error %ld)", -count);
  }
  for (long i = 0; i < count; ++i) {
    const int fd = events[i].data.fd;
    if (fd == SetOf(Direction::kOut)) {
      Drain(Direction::kOut, 0);
    } else {
      Notify(fd, direction);
    }
  }
}

void* PollerMain(void*) {
  prctl(PR_SET_NAME, "lt-poller");
  for (;;) Drain(Direction::kIn, -1);
  return nullptr;
}

// A set with a number that programs do not meet; -1 when there is none.
int NewSet() {
  constexpr int kBelowLimit = 16;
  const int low = epoll_create1(EPOLL_CLOEXEC);
  if (low < 0) return -1;
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return low;
  const rlim_t most = kMostDescriptors;
  const rlim_t end = limit.rlim_cur < most ? limit.rlim_cur : most;
  const int high =
      fcntl(low, F_DUPFD_CLOEXEC,
            end > kBelowLimit ? static_cast<int>(end) - kBelowLimit : 0);
  if (high < 0) return low;
  RawSyscall(SYS_close, low);
  return high;
}

bool OpenSets() {
  for (int& set : g_sets) {
    if (set < 0) set = NewSet();
    if (set < 0) return false;
  }
  return true;
}

// A table of descriptors grows to the high numbers at once while the process
// has one kernel thread; later the kernel takes its time.  After the library's
// own constructor, which reads the configuration.
__attribute__((constructor(102))) void OpenSetsEarly() {
  if (g_config.poller && g_config.model != Model::kOneToOne) {
    static_cast<void>(OpenSets());
  }
}

// The child of a fork has the caller only, and shares its parent's sets.
void ForgetInChild() {
  for (int& set : g_sets) {
    if (set >= 0) RawSyscall(SYS_close, set);
    set = -1;
  }
  g_start_mutex = PTHREAD_MUTEX_INITIALIZER;
  g_state.store(kNotStarted, std::memory_order_relaxed);
}

bool Start() {
  if (g_counts == nullptr) {
    void* memory =
        mmap(nullptr, kMostDescriptors * sizeof(Counts), PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return false;
    if (pthread_atfork(nullptr, nullptr, ForgetInChild) != 0) return false;
    g_counts = static_cast<Counts*>(memory);
  }
  if (!OpenSets()) return false;
  const int out = SetOf(Direction::kOut);
  const long error =
      Control(SetOf(Direction::kIn), EPOLL_CTL_ADD, out, EPOLLIN);
  if (error != 0 && error != -EEXIST) return false;
  return StartKernelThread(PollerMain, nullptr) == 0;
}

bool EnsurePoller(Thread& self) {
  // Acquire: pairs with the store below.
  int state = g_state.load(std::memory_order_acquire);
  if (ABSL_PREDICT_TRUE(state == kRunning)) return true;
  if (state == kFailed) return false;
  const int saved_errno = errno;
  const Critical critical(self);
  pthread_mutex_lock(&g_start_mutex);
  state = g_state.load(std::memory_order_relaxed);
  if (state == kNotStarted) {
    state = Start() ? kRunning : kFailed;
    if (state == kFailed) Complain("LIBTHREAD_POLLER: the poller cannot start");
    g_state.store(state, std::memory_order_release);
  }
  pthread_mutex_unlock(&g_start_mutex);
  errno = saved_errno;
  return state == kRunning;
}

bool IsRunning() {
  return g_state.load(std::memory_order_acquire) == kRunning;
}

bool InTable(int fd) {
  return fd >= 0 && fd < kMostDescriptors;
}

}  // namespace

uint32_t EventsSoFar(int fd, Direction direction) {
  if (!InTable(fd) || !IsRunning()) return 0;
  // Acquire: pairs with Notify(): the attempt sees what happened.
  return CountOf(fd, direction).load(std::memory_order_acquire);
}

int AwaitEvent(Thread& self, int fd, Direction direction, uint32_t seen,
               Deadline deadline) {
  if (!InTable(fd) || !EnsurePoller(self)) return ENOTSUP;
  const long error = Arm(fd, direction);
  if (error == -EBADF) return 0;  // closed: the attempt will tell
  if (error != 0) return ENOTSUP;
  const Interruptions interruptions(self);
  int result;
  {
    const Critical critical(self);
    std::atomic<uint32_t>& count = CountOf(fd, direction);
    SleepBucket& bucket = AnnounceSleep(self, &count);
    bucket.lock.Lock();
    // INV-PO1.  Relaxed: changes under this lock only.
    if (count.load(std::memory_order_relaxed) != seen) {
      bucket.lock.Unlock();
      return 0;
    }
    result = SleepOn(self, bucket, &count, WaitKey(self), deadline);
  }
  if (result != EINTR) return result;
  // As the kernel has it, SA_RESTART is for waits without a timeout.
  const bool ends = deadline.never() ? interruptions.EndingHandlerRan()
                                     : interruptions.HandlerRan();
  return ends ? EINTR : 0;
}

void NoteClosed(int fd) {
  if (!InTable(fd) || !IsRunning()) return;
  Thread* self = Current();
  if (self != nullptr) EnterCritical(*self);
  Notify(fd, Direction::kIn);
  Notify(fd, Direction::kOut);
  if (self != nullptr) LeaveCritical(*self);
}

bool BelongsToPoller(int fd) {
  return IsRunning() && (fd == g_sets[0] || fd == g_sets[1]);
}

}  // namespace lt

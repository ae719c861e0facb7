// SPDX-License-Identifier: MIT
//
// A bound thread that runs what it is told to, and the LWP that it is.

#ifndef LIBTHREAD_TESTS_SUPPORT_LWPS_H_
#define LIBTHREAD_TESTS_SUPPORT_LWPS_H_

#include <dirent.h>
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "support/fixture.h"

extern "C" int lwp_self(void);

namespace lt {

inline pid_t OwnKernelId() {
  return static_cast<pid_t>(syscall(SYS_gettid));
}

class BoundWorker {
 public:
  BoundWorker() : id_(SpawnWithFlags([this] { Run(); }, THR_BOUND)) {
    Finish();
  }
  BoundWorker(const BoundWorker&) = delete;
  BoundWorker& operator=(const BoundWorker&) = delete;
  ~BoundWorker() {
    Finish();
    end_ = true;
    EXPECT_EQ(sema_post(&told_), 0);
    Join(id_);
  }
  thread_t id() const { return id_; }
  int lwp() const { return lwp_; }
  pid_t kernel_id() const { return kernel_id_; }
  void Begin(std::function<void()> act) {
    Finish();
    act_ = std::move(act);
    busy_ = true;
    EXPECT_EQ(sema_post(&told_), 0);
  }
  void Finish() {
    EXPECT_TRUE(Eventually([this] { return !busy_; }));
  }
  void Do(std::function<void()> act) {
    Begin(std::move(act));
    Finish();
  }
  bool busy() const { return busy_; }

 private:
  void Run() {
    lwp_ = lwp_self();
    kernel_id_ = OwnKernelId();
    busy_ = false;
    for (;;) {
      int error;
      do {
        error = sema_wait(&told_);
      } while (error == EINTR);  // of a handler
      EXPECT_EQ(error, 0);
      if (end_) return;
      act_();
      busy_ = false;
    }
  }

  std::atomic<int> lwp_{0};
  std::atomic<pid_t> kernel_id_{0};
  sema_t told_ = DEFAULTSEMA;
  std::function<void()> act_;
  std::atomic<bool> busy_{true};
  std::atomic<bool> end_{false};
  thread_t id_;
};

// All kernel threads of this process.
inline std::vector<pid_t> KernelThreadIds() {
  std::vector<pid_t> result;
  DIR* directory = opendir("/proc/self/task");
  EXPECT_NE(directory, nullptr);
  if (directory == nullptr) return result;
  while (const dirent* entry = readdir(directory)) {
    if (entry->d_name[0] != '.') result.push_back(std::stoi(entry->d_name));
  }
  closedir(directory);
  return result;
}

}  // namespace lt

#endif  // LIBTHREAD_TESTS_SUPPORT_LWPS_H_

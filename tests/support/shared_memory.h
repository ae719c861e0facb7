// SPDX-License-Identifier: MIT
//
// What the tests of objects between processes share: memory that several
// processes have, and children of fork().
//
// A child has the calling thread only.  It ends by _exit(), with the status 0
// if none of its checks failed, and with its parent, whatever happens.

#ifndef LIBTHREAD_TESTS_SUPPORT_SHARED_MEMORY_H_
#define LIBTHREAD_TESTS_SUPPORT_SHARED_MEMORY_H_

#include <errno.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdio.h>
#include <synch.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <new>
#include <ostream>
#include <string>
#include <system_error>
#include <utility>

#include "support/fixture.h"
#include "support/sync_objects.h"

namespace lt {

// Where the memory comes from.
enum class Memory { kAnonymous, kFile, kSegment };
inline constexpr Memory kMemories[] = {Memory::kAnonymous, Memory::kFile,
                                       Memory::kSegment};

inline std::ostream& operator<<(std::ostream& out, Memory memory) {
  constexpr const char* kNames[] = {"anonymous", "file", "segment"};
  return out << kNames[static_cast<int>(memory)];
}

// A T, made of zeros, in memory that children of fork() share.  Nothing is left
// of a segment or a file when the last process that has it ends.
template <typename T>
class Shared {
 public:
  explicit Shared(Memory memory = Memory::kAnonymous) : memory_(memory) {
    switch (memory_) {
      case Memory::kAnonymous:
        address_ = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        break;
      case Memory::kFile:
        id_ = memfd_create("libthread-test", MFD_CLOEXEC);
        EXPECT_EQ(ftruncate(id_, sizeof(T)), 0);
        address_ = Again();
        break;
      case Memory::kSegment:
        id_ = shmget(IPC_PRIVATE, sizeof(T), 0600);
        address_ = Again();
        // It lives for as long as somebody has it attached.
        EXPECT_EQ(shmctl(id_, IPC_RMID, nullptr), 0);
        break;
    }
    EXPECT_NE(address_, MAP_FAILED);
    if (address_ == MAP_FAILED) throw std::bad_alloc();
  }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  ~Shared() {
    Release(address_);
    if (memory_ == Memory::kFile) close(id_);
  }

  T* get() const { return static_cast<T*>(address_); }
  T* operator->() const { return get(); }
  T& operator*() const { return *get(); }

  // Another mapping of it, at another address, for ever; the same one where the
  // memory has no name.
  T* Elsewhere() const {
    if (memory_ == Memory::kAnonymous) return get();
    void* const address = Again();
    EXPECT_NE(address, MAP_FAILED);
    EXPECT_NE(address, address_);
    return static_cast<T*>(address);
  }
  void Release(void* address) const {
    EXPECT_EQ(memory_ == Memory::kSegment ? shmdt(address)
                                          : munmap(address, sizeof(T)),
              0);
  }

 private:
  void* Again() const {
    return memory_ == Memory::kFile
               ? mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED,
                      id_, 0)
               : shmat(id_, nullptr, 0);
  }

  Memory memory_;
  int id_ = -1;
  void* address_ = MAP_FAILED;
};

// Whether every kernel thread of process `pid` waits in the kernel.
inline bool ProcessSleeps(pid_t pid) {
  std::error_code error;
  std::filesystem::directory_iterator tasks(
      "/proc/" + std::to_string(pid) + "/task", error);
  if (error) return false;
  for (const auto& task : tasks) {
    std::ifstream file(task.path() / "stat");
    std::string text;
    if (!std::getline(file, text)) continue;
    const size_t end = text.rfind(')');
    if (end == std::string::npos || end + 2 >= text.size() ||
        text[end + 2] != 'S') {
      return false;
    }
  }
  return true;
}

class Child {
 public:
  explicit Child(const std::function<void()>& body) {
    fflush(nullptr);  // or the child would write it once more
    const pid_t parent = getpid();
    pid_ = fork();
    EXPECT_GE(pid_, 0);
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(3);
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    alarm(kSeconds);
    body();
    fflush(nullptr);
    _exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}
  Child& operator=(Child&&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  pid_t pid() const { return pid_; }

  // Waits for its end and lets the library's threads run meanwhile; the status
  // is that of waitpid().
  int Wait() {
    int status = -1;
    EXPECT_TRUE(Eventually([&] {
      return waitpid(pid_, &status, WNOHANG) == pid_;
    })) << "process "
        << pid_;
    // One that does not end is left to the destructor.
    if (status != -1) pid_ = 0;
    return status;
  }
  void ExpectGood() {
    const int status = Wait();
    EXPECT_TRUE(WIFEXITED(status)) << "status " << status;
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
  void ExpectKilledBy(int signal) {
    const int status = Wait();
    EXPECT_TRUE(WIFSIGNALED(status)) << "status " << status;
    EXPECT_EQ(WTERMSIG(status), signal);
  }
  void Kill(int signal) const { EXPECT_EQ(kill(pid_, signal), 0); }

  // Waits until all of it sleeps.  What announced itself before a blocking call
  // is then inside that call.
  ::testing::AssertionResult Quiesce() const {
    constexpr int kLooks = 8;
    int quiet = 0;
    return Eventually([&] {
      quiet = ProcessSleeps(pid_) ? quiet + 1 : 0;
      return quiet == kLooks;
    });
  }

 private:
  // Longer than anything in a test waits.
  static constexpr unsigned kSeconds = 60;
  pid_t pid_;
};

}  // namespace lt

#endif  // LIBTHREAD_TESTS_SUPPORT_SHARED_MEMORY_H_

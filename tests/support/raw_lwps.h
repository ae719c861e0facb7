// SPDX-License-Identifier: MIT
//
// What the tests of <sys/lwp.h> share: LWPs on stacks of their own.

#ifndef LIBTHREAD_TESTS_SUPPORT_RAW_LWPS_H_
#define LIBTHREAD_TESTS_SUPPORT_RAW_LWPS_H_

#include <errno.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/lwp.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <cstring>
#include <functional>
#include <utility>

#include "support/fixture.h"
#include "support/signals.h"

namespace lt {

// A number that no LWP has.
inline constexpr lwpid_t kNoLwp = 2'000'000'000;

// Memory of its own pages, gone at the end.
class Pages {
 public:
  explicit Pages(size_t bytes, int access = PROT_READ | PROT_WRITE)
      : bytes_(bytes),
        low_(static_cast<char*>(
            mmap(nullptr, bytes, access, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {
    EXPECT_NE(low_, MAP_FAILED);
  }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  ~Pages() { Unmap(); }

  void Unmap() {
    if (low_ == nullptr) return;
    EXPECT_EQ(munmap(low_, bytes_), 0);
    low_ = nullptr;
  }
  char* low() const { return low_; }
  char* high() const { return low_ + bytes_; }
  size_t bytes() const { return bytes_; }

 private:
  size_t bytes_;
  char* low_;
};

// The mask of the caller, in a context that says all 1 where nothing is filled
// in: programs have theirs on the stack.
inline ucontext_t FreshContext() {
  ucontext_t context;
  std::memset(&context, 0xff, sizeof context);
  EXPECT_EQ(thr_sigsetmask(0, nullptr, &context.uc_sigmask), 0);
  return context;
}

// An LWP that runs a body.  It is to be waited for, if not detached.
class Lwp {
 public:
  static constexpr size_t kStackBytes = 256 * 1024;

  explicit Lwp(std::function<void()> body, size_t stack_bytes = kStackBytes)
      : body_(std::move(body)), stack_(stack_bytes) {}
  explicit Lwp(std::function<void()> body, uint_t flags)
      : Lwp(std::move(body)) {
    EXPECT_EQ(Create(flags), 0);
  }
  Lwp(const Lwp&) = delete;
  Lwp& operator=(const Lwp&) = delete;

  ucontext_t Context() {
    ucontext_t context = FreshContext();
    _lwp_makecontext(&context, Run, this, this, stack_.low(), stack_.bytes());
    return context;
  }
  int Create(uint_t flags = 0) {
    ucontext_t context = Context();
    return _lwp_create(&context, flags, &id_);
  }
  // Fails the test unless it is this one that has ended.
  void Wait() {
    lwpid_t departed = 0;
    EXPECT_EQ(_lwp_wait(id_, &departed), 0);
    EXPECT_EQ(departed, id_);
  }
  lwpid_t id() const { return id_; }
  Pages& stack() { return stack_; }
  bool OnStack(const void* address) const {
    return address >= stack_.low() && address < stack_.high();
  }

 private:
  static void Run(void* arg) { static_cast<Lwp*>(arg)->body_(); }

  std::function<void()> body_;
  Pages stack_;
  lwpid_t id_ = 0;
};

// An LWP that stands until it is let go.
class StandingLwp {
 public:
  explicit StandingLwp(uint_t flags = 0) : lwp_([this] { Stand(); }, flags) {}
  ~StandingLwp() { EXPECT_TRUE(let_go_); }

  // Lets it go and waits for it.
  void End() {
    LetGo();
    lwp_.Wait();
  }
  void LetGo() {
    let_go_ = true;
    gate_.Open();
  }
  lwpid_t id() const { return lwp_.id(); }
  // True when it does not get on, as far as can be seen.
  bool Stands() const {
    const int before = turns_;
    EXPECT_TRUE(Quiesce());
    return turns_ == before;
  }
  int turns() const { return turns_; }

 private:
  void Stand() {
    while (!gate_.IsOpen()) {
      ++turns_;
      LetOthersRun();
    }
  }

  Gate gate_;
  bool let_go_ = false;
  std::atomic<int> turns_{0};
  Lwp lwp_;
};

}  // namespace lt

#endif  // LIBTHREAD_TESTS_SUPPORT_RAW_LWPS_H_

// SPDX-License-Identifier: MIT
//
// Robust mutexes and the end of processes: exit, signals, exec, unmapping.

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <atomic>
#include <vector>

#include "support/fixture.h"
#include "support/robust.h"

namespace lt {
namespace {

// Takes no part in what is between the processes.
struct Board {
  mutex_t mutex;
  std::atomic<int> ready;
  std::atomic<int> go;
};

class RobustProcessTest : public RobustTest {
 protected:
  static void ForEachProcessType(
      const std::function<void(const LockType&, const Shared<Board>&)>& body,
      Memory memory = Memory::kFile) {
    for (const LockType& lock : kRobustTypes) {
      if (!BetweenProcesses(lock)) continue;
      SCOPED_TRACE(lock.name);
      const Shared<Board> board(memory);
      ASSERT_EQ(mutex_init(&board->mutex, lock.type, nullptr), 0);
      body(lock, board);
      EXPECT_EQ(mutex_destroy(&board->mutex), 0);
    }
  }

  // A child in which a thread of the kind under test, or the only one, locks
  // the mutex and does `then`.
  Child Owner(const Shared<Board>& board,
              const std::function<void(Board&)>& then,
              bool in_main = false) const {
    Child child([&] {
      Board& its = *board.Elsewhere();
      const auto body = [&] {
        EXPECT_EQ(mutex_lock(&its.mutex), 0);
        its.ready = 1;
        then(its);
      };
      if (in_main) {
        body();
      } else {
        InThread(body);
      }
    });
    EXPECT_TRUE(Eventually([&] { return board->ready == 1; }));
    board->ready = 0;
    return child;
  }

  // What a process does that is to be killed.
  static void WaitForEver(Board& board) {
    EXPECT_TRUE(Eventually([&] { return board.go == 1; }));
  }
};

LT_OVER_KINDS(RobustProcessTest);

struct Death {
  const char* name;
  int signal;  // that the process ends by; 0: it exits with 0
  void (*die)();
};
constexpr Death kDeaths[] = {
    {"exit", 0, [] { exit(0); }},
    {"_exit", 0, [] { _exit(0); }},
    {"SIGKILL", SIGKILL, [] { kill(getpid(), SIGKILL); }},
    {"abort", SIGABRT, [] { abort(); }},
    {"SIGSEGV", SIGSEGV,
     [] {
       signal(SIGSEGV, SIG_DFL);
       auto* const nowhere = static_cast<volatile int*>(
           mmap(nullptr, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
       *nowhere = 1;
     }},
    {"SIGTERM", SIGTERM, [] { kill(getpid(), SIGTERM); }},
};

TEST_P(RobustProcessTest, EveryEndOfAProcessIsSeen) {
  for (const Death& death : kDeaths) {
    SCOPED_TRACE(death.name);
    for (const bool in_main : {false, true}) {
      SCOPED_TRACE(in_main);
      ForEachProcessType([&](const LockType&, const Shared<Board>& board) {
        Child child = Owner(
            board,
            [&](Board&) {
              death.die();
              // Until the signal is there.
              for (;;) pause();
            },
            in_main);
        if (death.signal != 0) {
          child.ExpectKilledBy(death.signal);
        } else {
          child.ExpectGood();
        }
        ExpectDeath(&board->mutex);
        ExpectNormal(&board->mutex);
      });
    }
  }
}

TEST_P(RobustProcessTest, WaitersAreWoken) {
  for (const int signal : {SIGKILL, SIGTERM}) {
    ForEachProcessType([&](const LockType&, const Shared<Board>& board) {
      Child child = Owner(board, WaitForEver);
      constexpr int kWaiters = 3;
      std::atomic<int> told{0};
      std::vector<thread_t> ids;
      for (int i = 0; i < kWaiters; ++i) {
        ids.push_back(Spawn([&] {
          const int error = mutex_lock(&board->mutex);
          EXPECT_TRUE(error == 0 || error == EOWNERDEAD) << error;
          if (error == EOWNERDEAD) {
            ++told;
            EXPECT_EQ(mutex_consistent(&board->mutex), 0);
          }
          EXPECT_EQ(mutex_unlock(&board->mutex), 0);
        }));
      }
      // A waiter of a third process.
      Child waiter([&] {
        board->ready = 1;
        const int error = mutex_lock(&board->mutex);
        EXPECT_TRUE(error == 0 || error == EOWNERDEAD) << error;
        if (error == EOWNERDEAD) {
          board->ready = 2;
          EXPECT_EQ(mutex_consistent(&board->mutex), 0);
        }
        EXPECT_EQ(mutex_unlock(&board->mutex), 0);
      });
      EXPECT_TRUE(Eventually([&] { return board->ready == 1; }));
      EXPECT_TRUE(waiter.Quiesce());
      EXPECT_TRUE(Quiesce());
      EXPECT_EQ(told, 0);
      child.Kill(signal);
      child.ExpectKilledBy(signal);
      for (const thread_t id : ids) Join(id);
      waiter.ExpectGood();
      EXPECT_EQ(told + (board->ready == 2 ? 1 : 0), 1);
      ExpectNormal(&board->mutex);
    });
  }
}

TEST_P(RobustProcessTest, LostForAllProcesses) {
  ForEachProcessType([&](const LockType& lock, const Shared<Board>& board) {
    Owner(board, [](Board&) { _exit(0); }).ExpectGood();
    EXPECT_EQ(mutex_lock(&board->mutex), EOWNERDEAD);
    Child waiter([&] {
      InThread([&] {
        board->ready = 1;
        EXPECT_EQ(mutex_lock(&board->mutex), ENOTRECOVERABLE);
      });
    });
    EXPECT_TRUE(Eventually([&] { return board->ready == 1; }));
    EXPECT_TRUE(waiter.Quiesce());
    EXPECT_EQ(mutex_unlock(&board->mutex), 0);
    waiter.ExpectGood();
    ExpectLost(&board->mutex);
    Child([&] { ExpectLost(&board->mutex); }).ExpectGood();
    EXPECT_EQ(mutex_destroy(&board->mutex), 0);
    EXPECT_EQ(mutex_init(&board->mutex, lock.type, nullptr), 0);
    Child([&] { ExpectNormal(&board->mutex); }).ExpectGood();
  });
}

// A thread ends, its process goes on.
TEST_P(RobustProcessTest, ThreadsOfOtherProcessesAreSeenToo) {
  ForEachProcessType([&](const LockType&, const Shared<Board>& board) {
    Child child([&] {
      Orphan(&board->mutex);
      board->ready = 1;
      EXPECT_TRUE(Eventually([&] { return board->go == 1; }));
    });
    EXPECT_TRUE(Eventually([&] { return board->ready == 1; }));
    ExpectDeath(&board->mutex);
    board->go = 1;
    child.ExpectGood();
    ExpectNormal(&board->mutex);
  });
}

TEST_P(RobustProcessTest, AProcessHoldsManyLocks) {
  constexpr size_t kLocks = 100;
  for (const LockType& lock : kRobustTypes) {
    if (!BetweenProcesses(lock)) continue;
    SCOPED_TRACE(lock.name);
    const Shared<mutex_t[kLocks]> locks;
    for (mutex_t& m : *locks) ASSERT_EQ(mutex_init(&m, lock.type, nullptr), 0);
    Child([&] {
      RunThreads(4, [&](int index) {
        for (size_t i = 0; i < kLocks; ++i) {
          if (i % 4 == static_cast<size_t>(index)) {
            EXPECT_EQ(mutex_lock(&(*locks)[i]), 0);
          }
        }
        if (index == 3) _exit(0);
      });
    }).ExpectGood();
    for (size_t i = 0; i < kLocks; ++i) {
      const int error = mutex_lock(&(*locks)[i]);
      // Those of other threads may not have been locked yet.
      EXPECT_TRUE(error == EOWNERDEAD || (error == 0 && i % 4 != 3)) << error;
      if (error == EOWNERDEAD) {
        EXPECT_EQ(mutex_consistent(&(*locks)[i]), 0);
      }
    }
    for (mutex_t& m : *locks) EXPECT_EQ(mutex_unlock(&m), 0);
    for (mutex_t& m : *locks) ExpectNormal(&m);
  }
}

// ---- fork and exec ----

TEST_P(RobustProcessTest, AChildDoesNotOwnItsParentsLocks) {
  ForEachProcessType([&](const LockType&, const Shared<Board>& board) {
    InThread([&] {
      mutex_t* const m = &board->mutex;
      EXPECT_EQ(mutex_lock(m), 0);
      Child([m] {
        EXPECT_FALSE(MUTEX_HELD(m));
        EXPECT_EQ(mutex_unlock(m), EPERM);
        EXPECT_EQ(mutex_trylock(m), EBUSY);
        EXPECT_EQ(mutex_consistent(m), EINVAL);
      }).ExpectGood();
      // The end of the child is not the end of the owner.
      EXPECT_TRUE(MUTEX_HELD(m));
      EXPECT_EQ(TrylockElsewhere(m), EBUSY);
      EXPECT_EQ(mutex_unlock(m), 0);
      ExpectNormal(m);
      // What the child locks itself is its own.
      Child([m] { EXPECT_EQ(mutex_lock(m), 0); }).ExpectGood();
      ExpectDeath(m);
    });
  });
}

TEST_P(RobustProcessTest, ExecIsTheEndOfTheOwner) {
  for (const bool in_main : {false, true}) {
    SCOPED_TRACE(in_main);
    ForEachProcessType([&](const LockType& lock, const Shared<Board>& board) {
      Child child = Owner(
          board,
          [](Board&) {
            execl("/bin/sleep", "sleep", "60", nullptr);
            _exit(2);
          },
          in_main);
      // While the other program runs.
      ExpectDeath(&board->mutex, UnmappedError(lock));
      ExpectNormal(&board->mutex);
      child.Kill(SIGKILL);
      child.ExpectKilledBy(SIGKILL);
      ExpectNormal(&board->mutex);
    });
  }
}

}  // namespace
}  // namespace lt

// SPDX-License-Identifier: MIT
//
// Interval timers of LWPs, lwp_timers(7): setitimer() and getitimer() as this
// library's <sys/time.h> has them.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>

#include "support/child.h"
#include "support/fixture.h"
#include "support/lwps.h"

namespace lt {
namespace {

constexpr long kMillisecond = 1000;  // in microseconds
constexpr itimerval kOff = {};

itimerval Every(long microseconds) {
  return {{0, microseconds}, {0, microseconds}};
}

itimerval Once(long microseconds) {
  return {{0, 0}, {0, microseconds}};
}

// What the handler saw.
std::atomic<int> g_signals{0};
std::atomic<pid_t> g_on{0};
std::atomic<bool> g_strayed{false};  // not always on the same LWP

void Count(int) {
  const int saved = errno;
  const pid_t here = OwnKernelId();
  const pid_t before = g_on.exchange(here);
  if (before != 0 && before != here) g_strayed = true;
  ++g_signals;
  errno = saved;
}

class ItimerTest : public ModelTest {
 protected:
  void SetUp() override {
    ModelTest::SetUp();
    g_signals = 0;
    g_on = 0;
    g_strayed = false;
    struct sigaction action = {};
    action.sa_handler = Count;
    action.sa_flags = SA_RESTART;
    for (const int signal : {SIGVTALRM, SIGPROF, SIGALRM}) {
      ASSERT_EQ(sigaction(signal, &action, nullptr), 0);
    }
  }
  void TearDown() override {
    for (const int which : {ITIMER_VIRTUAL, ITIMER_PROF}) {
      EXPECT_EQ(setitimer(which, &kOff, nullptr), 0);
    }
    for (const int signal : {SIGVTALRM, SIGPROF, SIGALRM}) {
      ::signal(signal, SIG_DFL);
    }
    ModelTest::TearDown();
  }
};

// Uses the processor until that many signals have come; fails after 30 s of it.
void BurnUntil(int signals) {
  for (clock_t limit = clock() + 30 * CLOCKS_PER_SEC; g_signals < signals;) {
    if (clock() > limit) {
      ADD_FAILURE() << g_signals << " of " << signals << " signals";
      return;
    }
    for (int i = 0; i < 100'000; ++i) {
      __asm__ volatile("");  // is not left out
    }
  }
}

class ItimerKindTest : public ItimerTest,
                       public ::testing::WithParamInterface<int> {};

// The time of the LWP that has the timer counts, not that of others, and it
// gets the signals.
TEST_P(ItimerKindTest, CountsAndSignalsItsLwp) {
  BoundWorker timed;
  BoundWorker busy;
  std::atomic<bool> end{false};
  const itimerval every = Every(10 * kMillisecond);
  timed.Do([&] {
    EXPECT_EQ(
        setitimer(static_cast<__itimer_which_t>(GetParam()), &every, nullptr),
        0);
  });
  if (GetParam() == ITIMER_REALPROF) {
    // Real time passes for who sleeps, too.
    EXPECT_TRUE(Eventually([] { return g_signals >= 3; }));
  } else {
    const int before = g_signals;
    busy.Do([] {
      const clock_t limit = clock() + CLOCKS_PER_SEC / 5;
      while (clock() < limit) {
      }
    });
    EXPECT_EQ(g_signals, before);
    timed.Do([] { BurnUntil(3); });
  }
  timed.Do([&] {
    EXPECT_EQ(
        setitimer(static_cast<__itimer_which_t>(GetParam()), &kOff, nullptr),
        0);
  });
  EXPECT_EQ(g_on, timed.kernel_id());
  EXPECT_FALSE(g_strayed);
}

INSTANTIATE_TEST_SUITE_P(Timers, ItimerKindTest,
                         ::testing::Values(ITIMER_VIRTUAL, ITIMER_PROF,
                                           ITIMER_REALPROF));

// System time is none of ITIMER_VIRTUAL's.
TEST_F(ItimerTest, VirtualTimeIsUserTime) {
  BoundWorker worker;
  worker.Do([] {
    const itimerval later = Once(500 * kMillisecond);
    EXPECT_EQ(setitimer(ITIMER_VIRTUAL, &later, nullptr), 0);
    EXPECT_EQ(setitimer(ITIMER_PROF, &later, nullptr), 0);
    // Nearly all of this is the kernel's time.
    std::vector<char> buffer(1 << 22);
    const int zeros = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    ASSERT_GE(zeros, 0);
    itimerval profile = {};
    do {
      ASSERT_EQ(read(zeros, buffer.data(), buffer.size()),
                static_cast<ssize_t>(buffer.size()));
      EXPECT_EQ(getitimer(ITIMER_PROF, &profile), 0);
    } while (profile.it_value.tv_usec > 300 * kMillisecond);
    close(zeros);
    itimerval left = {};
    EXPECT_EQ(getitimer(ITIMER_VIRTUAL, &left), 0);
    EXPECT_GT(left.it_value.tv_usec, 400 * kMillisecond);
  });
}

TEST_F(ItimerTest, EachLwpHasItsOwn) {
  BoundWorker one;
  BoundWorker two;
  const itimerval set = {{7, 5}, {1000, 0}};
  one.Do([&] { EXPECT_EQ(setitimer(ITIMER_PROF, &set, nullptr), 0); });
  two.Do([&] {
    itimerval now = {{77, 77}, {77, 77}};
    EXPECT_EQ(getitimer(ITIMER_PROF, &now), 0);
    EXPECT_EQ(now.it_value.tv_sec, 0);
    EXPECT_EQ(now.it_value.tv_usec, 0);
    EXPECT_EQ(now.it_interval.tv_sec, 0);
    itimerval before = {{77, 77}, {77, 77}};
    EXPECT_EQ(setitimer(ITIMER_PROF, &kOff, &before), 0);
    EXPECT_EQ(before.it_value.tv_sec, 0);
  });
  one.Do([&] {
    itimerval now = {};
    EXPECT_EQ(getitimer(ITIMER_PROF, &now), 0);
    EXPECT_EQ(now.it_interval.tv_sec, 7);
    EXPECT_EQ(now.it_interval.tv_usec, 5);
    EXPECT_GE(now.it_value.tv_sec, 900);
    EXPECT_EQ(getitimer(ITIMER_VIRTUAL, &now), 0);
    EXPECT_EQ(now.it_value.tv_sec, 0);  // another timer
    itimerval before = {};
    EXPECT_EQ(setitimer(ITIMER_PROF, &kOff, &before), 0);
    EXPECT_EQ(before.it_interval.tv_sec, 7);
    EXPECT_GE(before.it_value.tv_sec, 900);
    EXPECT_EQ(getitimer(ITIMER_PROF, &now), 0);
    EXPECT_EQ(now.it_value.tv_sec, 0);
    EXPECT_EQ(now.it_interval.tv_sec, 0);
  });
}

TEST_F(ItimerTest, OnceIsOnce) {
  BoundWorker worker;
  worker.Do([] {
    const itimerval once = Once(5 * kMillisecond);
    EXPECT_EQ(setitimer(ITIMER_PROF, &once, nullptr), 0);
    BurnUntil(1);
    const clock_t limit = clock() + CLOCKS_PER_SEC / 20;
    while (clock() < limit) {
    }
    EXPECT_EQ(g_signals, 1);
  });
}

// ITIMER_REAL is that of the process.
TEST_F(ItimerTest, RealTimeIsTheProcesss) {
  const itimerval later = {{0, 0}, {1000, 0}};
  EXPECT_EQ(setitimer(ITIMER_REAL, &later, nullptr), 0);
  BoundWorker worker;
  worker.Do([] {
    itimerval now = {};
    EXPECT_EQ(getitimer(ITIMER_REAL, &now), 0);
    EXPECT_GE(now.it_value.tv_sec, 900);
    EXPECT_EQ(setitimer(ITIMER_REAL, &kOff, &now), 0);
    EXPECT_GE(now.it_value.tv_sec, 900);
  });
}

// How many timers the kernel keeps for this process, of those that a test can
// have made.
int KernelTimers() {
  int count = 0;
  itimerspec now;
  for (int id = 0; id < 1000; ++id) {
    if (syscall(SYS_timer_gettime, id, &now) == 0) ++count;
  }
  return count;
}

// INV-IT1, for a bound thread, for one that leaves by thr_exit and for a
// pthread of the program.
TEST_F(ItimerTest, TimersEndWithTheirLwp) {
  const int before = KernelTimers();
  const auto set = [before] {
    const itimerval soon = {{1000, 0}, {1000, 0}};
    for (const int which : {ITIMER_VIRTUAL, ITIMER_PROF, ITIMER_REALPROF}) {
      EXPECT_EQ(setitimer(static_cast<__itimer_which_t>(which), &soon, nullptr),
                0);
    }
    EXPECT_EQ(KernelTimers(), before + 3);
  };
  for (int i = 0; i < 20; ++i) {
    Join(SpawnWithFlags(set, THR_BOUND));
    EXPECT_EQ(KernelTimers(), before);
    Join(SpawnWithFlags([&] { set(), thr_exit(nullptr); }, THR_BOUND));
    EXPECT_EQ(KernelTimers(), before);
    ForeignThread foreign(set);
    foreign.Join();
    EXPECT_EQ(KernelTimers(), before);
  }
}

TEST_F(ItimerTest, AChildHasNone) {
  BoundWorker worker;
  worker.Do([] {
    const itimerval later = {{1000, 0}, {1000, 0}};
    EXPECT_EQ(setitimer(ITIMER_PROF, &later, nullptr), 0);
    InChild([&] {
      itimerval now = {{77, 77}, {77, 77}};
      EXPECT_EQ(getitimer(ITIMER_PROF, &now), 0);
      EXPECT_EQ(now.it_value.tv_sec, 0);
      EXPECT_EQ(now.it_interval.tv_sec, 0);
      // And can have one.
      g_on = 0;
      const itimerval every = Every(5 * kMillisecond);
      EXPECT_EQ(setitimer(ITIMER_PROF, &every, nullptr), 0);
      BurnUntil(2);
      EXPECT_EQ(g_on, OwnKernelId());
    });
    EXPECT_EQ(setitimer(ITIMER_PROF, &kOff, nullptr), 0);
  });
}

// An unbound thread has the timer of the LWP that it is on.  In a child: the
// timer stays when the thread ends.
TEST_F(ItimerTest, AnUnboundThreadSeesSignals) {
  InChild([] {
    Join(SpawnWithFlags(
        [] {
          const itimerval every = Every(5 * kMillisecond);
          EXPECT_EQ(setitimer(ITIMER_PROF, &every, nullptr), 0);
          BurnUntil(2);
        },
        0));
    EXPECT_GE(g_signals, 2);
  });
}

template <typename Which>
int SetError(Which which, const itimerval* value, itimerval* before = nullptr) {
  errno = 0;
  EXPECT_EQ(setitimer(static_cast<__itimer_which_t>(which), value, before), -1);
  return errno;
}

TEST_F(ItimerTest, Mistakes) {
  for (const int which :
       {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF, ITIMER_REALPROF}) {
    for (const timeval bad :
         {timeval{0, -1}, timeval{0, 1'000'000}, timeval{-1, 0}}) {
      const itimerval value = {{0, 0}, bad};
      const itimerval interval = {bad, {1, 0}};
      EXPECT_EQ(SetError(which, &value), EINVAL);
      EXPECT_EQ(SetError(which, &interval), EINVAL);
    }
    EXPECT_EQ(SetError(which, Nowhere<itimerval>()), EFAULT);
    EXPECT_EQ(SetError(which, &kOff, Nowhere<itimerval>()), EFAULT);
    errno = 0;
    EXPECT_EQ(
        getitimer(static_cast<__itimer_which_t>(which), Nowhere<itimerval>()),
        -1);
    EXPECT_EQ(errno, EFAULT);
  }
  for (const int bad : {-1, 4, 99}) {
    EXPECT_EQ(SetError(bad, &kOff), EINVAL);
    itimerval now;
    errno = 0;
    EXPECT_EQ(getitimer(static_cast<__itimer_which_t>(bad), &now), -1);
    EXPECT_EQ(errno, EINVAL);
  }
}

// Each timer counts as a pending signal.
TEST_F(ItimerTest, NoTimerIsLeft) {
  InChild([] {
    const rlimit none = {0, 0};
    ASSERT_EQ(setrlimit(RLIMIT_SIGPENDING, &none), 0);
    const itimerval later = {{0, 0}, {1000, 0}};
    EXPECT_EQ(SetError(ITIMER_PROF, &later), EAGAIN);
    EXPECT_EQ(setitimer(ITIMER_PROF, &kOff, nullptr), 0);
  });
}

}  // namespace
}  // namespace lt

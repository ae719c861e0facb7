// SPDX-License-Identifier: MIT
//
// Timed sleeps, and polls without descriptors: they last as long as asked for,
// and an unbound thread parks for them.

#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>

#include <functional>

#include "support/blocking.h"

extern "C" int __poll_chk(pollfd*, nfds_t, int, size_t);
extern "C" int __ppoll_chk(pollfd*, nfds_t, const timespec*, const sigset_t*,
                           size_t);

namespace lt {
namespace {

using BlockingSleepTest = ApiTest;
LT_OVER_KINDS(BlockingSleepTest);

constexpr long kMs = 1'000'000;

int64_t NowNs(clockid_t clock = CLOCK_MONOTONIC) {
  timespec now = {};
  clock_gettime(clock, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

timespec Later(clockid_t clock, long ns) {
  const int64_t at = NowNs(clock) + ns;
  return {at / 1'000'000'000, at % 1'000'000'000};
}

struct Sleep {
  const char* name;
  // Sleeps for 30 ms.
  std::function<void()> sleep;
};

const Sleep kSleeps[] = {
    {"nanosleep",
     [] {
       const timespec interval = {0, 30 * kMs};
       EXPECT_EQ(nanosleep(&interval, nullptr), 0);
     }},
    {"usleep", [] { EXPECT_EQ(usleep(30'000), 0); }},
    {"clock_nanosleep",
     [] {
       const timespec interval = {0, 30 * kMs};
       EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, 0, &interval, nullptr), 0);
     }},
    {"clock_nanosleep, monotonic time",
     [] {
       const timespec at = Later(CLOCK_MONOTONIC, 30 * kMs);
       EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr),
                 0);
     }},
    {"clock_nanosleep, time of day",
     [] {
       const timespec at = Later(CLOCK_REALTIME, 30 * kMs);
       EXPECT_EQ(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &at, nullptr),
                 0);
       EXPECT_GE(NowNs(CLOCK_REALTIME), at.tv_sec * 1'000'000'000 + at.tv_nsec);
     }},
    {"clock_nanosleep, another clock",
     [] {
       const timespec interval = {0, 30 * kMs};
       EXPECT_EQ(clock_nanosleep(CLOCK_BOOTTIME, 0, &interval, nullptr), 0);
     }},
    {"poll", [] { EXPECT_EQ(poll(nullptr, 0, 30), 0); }},
    {"__poll_chk", [] { EXPECT_EQ(__poll_chk(nullptr, 0, 30, 0), 0); }},
    {"ppoll",
     [] {
       const timespec interval = {0, 30 * kMs};
       EXPECT_EQ(ppoll(nullptr, 0, &interval, nullptr), 0);
     }},
    {"__ppoll_chk",
     [] {
       const timespec interval = {0, 30 * kMs};
       EXPECT_EQ(__ppoll_chk(nullptr, 0, &interval, nullptr, 0), 0);
     }},
    {"select",
     [] {
       timeval interval = {0, 30'000};
       EXPECT_EQ(select(0, nullptr, nullptr, nullptr, &interval), 0);
       EXPECT_EQ(interval.tv_sec, 0);
       EXPECT_EQ(interval.tv_usec, 0);
     }},
    {"pselect",
     [] {
       const timespec interval = {0, 30 * kMs};
       EXPECT_EQ(pselect(0, nullptr, nullptr, nullptr, &interval, nullptr), 0);
     }},
};

TEST_P(BlockingSleepTest, SleepsLastAsLongAsAskedFor) {
  for (const Sleep& each : kSleeps) {
    SCOPED_TRACE(each.name);
    Join(Spawn([&] {
      const int64_t start = NowNs();
      errno = 77;
      each.sleep();
      EXPECT_EQ(errno, 77);
      EXPECT_GE(NowNs() - start, 30 * kMs);
    }));
  }
}

TEST_P(BlockingSleepTest, SleepSleepsSeconds) {
  Join(Spawn([] {
    const int64_t start = NowNs();
    EXPECT_EQ(sleep(0), 0U);
    EXPECT_EQ(sleep(1), 0U);
    EXPECT_GE(NowNs() - start, 1000 * kMs);
  }));
}

TEST_P(BlockingSleepTest, ErrorsAreLibcs) {
  Join(Spawn([] {
    const timespec negative = {-1, 0};
    const timespec odd = {0, 1'000'000'000};
    EXPECT_FAILS(nanosleep(&negative, nullptr), EINVAL);
    EXPECT_FAILS(nanosleep(&odd, nullptr), EINVAL);
    EXPECT_FAILS(nanosleep(nullptr, nullptr), EFAULT);
    errno = 77;
    EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, 0, &odd, nullptr), EINVAL);
    EXPECT_EQ(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &odd, nullptr),
              EINVAL);
    const timespec none = {0, 0};
    EXPECT_EQ(clock_nanosleep(12345, 0, &none, nullptr), EINVAL);
    EXPECT_EQ(errno, 77);
    EXPECT_FAILS(ppoll(nullptr, 0, &odd, nullptr), EINVAL);
    EXPECT_FAILS(pselect(0, nullptr, nullptr, nullptr, &negative, nullptr),
                 EINVAL);
    EXPECT_FAILS(pselect(-1, nullptr, nullptr, nullptr, &none, nullptr),
                 EINVAL);
    timeval before = {0, -1};
    EXPECT_FAILS(select(0, nullptr, nullptr, nullptr, &before), EINVAL);
    EXPECT_FAILS(select(-1, nullptr, nullptr, nullptr, nullptr), EINVAL);
    pollfd* volatile nowhere = nullptr;
    EXPECT_FAILS(poll(nowhere, 1, 10), EFAULT);
    epoll_event event;
    EXPECT_FAILS(epoll_wait(kNoDescriptor, &event, 1, 10), EBADF);
    EXPECT_FAILS(epoll_pwait(kNoDescriptor, &event, 1, 10, nullptr), EBADF);
  }));
}

// A time that has passed already.
TEST_P(BlockingSleepTest, ThePastIsOver) {
  Join(Spawn([] {
    const timespec past = {1, 0};
    for (const clockid_t clock : {CLOCK_REALTIME, CLOCK_MONOTONIC}) {
      EXPECT_EQ(clock_nanosleep(clock, TIMER_ABSTIME, &past, nullptr), 0);
    }
    EXPECT_EQ(poll(nullptr, 0, 0), 0);
    timeval none = {};
    EXPECT_EQ(select(0, nullptr, nullptr, nullptr, &none), 0);
  }));
}

TEST_P(BlockingSleepTest, PollsWithDescriptorsWaitForThem) {
  Join(Spawn([] {
    const TestPipe pipe;
    pollfd entry = {pipe.out, POLLIN, 0};
    const Descriptor set(epoll_create1(EPOLL_CLOEXEC));
    epoll_event event = {};
    event.events = EPOLLIN;
    EXPECT_EQ(epoll_ctl(set, EPOLL_CTL_ADD, pipe.out, &event), 0);
    EXPECT_EQ(poll(&entry, 1, 10), 0);
    EXPECT_EQ(epoll_wait(set, &event, 1, 10), 0);
    fd_set readable;
    const auto prepare = [&] {
      FD_ZERO(&readable);
      FD_SET(pipe.out, &readable);
    };
    timeval minute = {60, 0};
    const timespec hour = {3600, 0};
    sigset_t none;
    sigemptyset(&none);
    const std::function<int()> calls[] = {
        [&] { return poll(&entry, 1, -1); },
        [&] { return poll(&entry, 1, 60'000); },
        [&] { return ppoll(&entry, 1, &hour, nullptr); },
        [&] { return ppoll(&entry, 1, nullptr, &none); },
        [&] {
          return select(pipe.out + 1, &readable, nullptr, nullptr, &minute);
        },
        [&] {
          return pselect(pipe.out + 1, &readable, nullptr, nullptr, &hour,
                         &none);
        },
        [&] { return epoll_wait(set, &event, 1, 60'000); },
        [&] { return epoll_pwait(set, &event, 1, -1, &none); },
    };
    for (const auto& call : calls) {
      SCOPED_TRACE(&call - calls);
      prepare();
      const WhenAsleep writer([&] { EXPECT_EQ(write(pipe.in, "x", 1), 1); });
      EXPECT_EQ(call(), 1);
      char data;
      EXPECT_EQ(read(pipe.out, &data, 1), 1);
    }
    EXPECT_LT(minute.tv_sec, 60);
  }));
}

int KernelThreads() {
  int count = 0;
  for (const auto& task :
       std::filesystem::directory_iterator("/proc/self/task")) {
    static_cast<void>(task);
    ++count;
  }
  return count;
}

// The threads sleep at the same time, on no more LWPs than run them.  In
// many-to-one, all on one: nobody gets on unless the others have parked.
TEST_P(BlockingSleepTest, FiftyThreadsSleepOnAFewLwps) {
  if (GetParam() == Kind::kBound || ModelName() == "one-to-one") {
    GTEST_SKIP() << "each has an LWP of its own";
  }
  constexpr int kThreads = 50;
  // Sleeps that have ended count as little as those that have not begun.
  std::atomic<int> asleep{0};
  std::atomic<bool> over{false};
  const int before = KernelThreads();
  std::vector<thread_t> ids;
  for (int i = 0; i < kThreads; ++i) {
    ids.push_back(Spawn([&, i] {
      ++asleep;
      while (!over) kSleeps[i % 5 == 4 ? 6 : i % 4].sleep();
    }));
  }
  EXPECT_TRUE(Eventually([&] { return asleep == kThreads; }));
  // All have begun; each has gone to sleep before the next one ran.
  EXPECT_LE(KernelThreads(), before + (ModelName() == "two-level" ? 10 : 3));
  over = true;
  for (const thread_t id : ids) Join(id);
}

}  // namespace
}  // namespace lt

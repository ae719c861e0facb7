// SPDX-License-Identifier: MIT
//
// EINTR of system calls: after a handler of the program, and never because the
// library stops a thread.

#include <poll.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include <functional>
#include <vector>

#include "support/blocking.h"
#include "support/signals.h"

namespace lt {
namespace {

using BlockingEintrTest = SignalTest;
LT_OVER_KINDS(BlockingEintrTest);

// What the calls wait for.
struct World {
  TestPipe pipe;
  Descriptor here, there;
  Descriptor set{epoll_create1(EPOLL_CLOEXEC)};
  sem_t semaphore;
  pollfd entry = {};
  World() {
    int fds[2] = {-1, -1};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    here = Descriptor(fds[0]);
    there = Descriptor(fds[1]);
    EXPECT_EQ(sem_init(&semaphore, 0, 0), 0);
    entry = {pipe.out, POLLIN, 0};
    epoll_event event = {};
    event.events = EPOLLIN;
    EXPECT_EQ(epoll_ctl(set, EPOLL_CTL_ADD, pipe.out, &event), 0);
  }
  // Every call below ends well.
  void Supply() {
    EXPECT_EQ(write(pipe.in, "x", 1), 1);
    EXPECT_EQ(write(there, "x", 1), 1);
    EXPECT_EQ(sem_post(&semaphore), 0);
  }
};

struct Call {
  const char* name;
  bool restarts;  // by SA_RESTART
  std::function<long(World&)> call;
};

const std::vector<Call>& Calls() {
  static const std::vector<Call> calls = {
      {"read", true,
       [](World& w) {
         char data;
         return read(w.pipe.out, &data, 1);
       }},
      {"recv", true,
       [](World& w) {
         char data;
         return recv(w.here, &data, 1, 0);
       }},
      {"poll", false, [](World& w) -> long { return poll(&w.entry, 1, -1); }},
      {"poll with a timeout", false,
       [](World& w) -> long { return poll(&w.entry, 1, kForeverMs); }},
      {"select", false,
       [](World& w) -> long {
         fd_set readable;
         FD_ZERO(&readable);
         FD_SET(w.pipe.out, &readable);
         timeval timeout = {kForeverMs / 1000, 0};
         return select(w.pipe.out + 1, &readable, nullptr, nullptr, &timeout);
       }},
      {"epoll_wait", false,
       [](World& w) -> long {
         epoll_event event;
         return epoll_wait(w.set, &event, 1, kForeverMs);
       }},
      {"sem_wait", true,
       [](World& w) -> long { return sem_wait(&w.semaphore) + 1; }},
  };
  return calls;
}

// Runs `body` in a thread; once that sleeps, act(id) in a kernel thread.
void Interrupted(long flags, const std::function<void()>& body,
                 const std::function<void(thread_t)>& act) {
  const thread_t id = SpawnWithFlags(
      [&] {
        const WhenAsleep other([&act, self = thr_self()] { act(self); });
        body();
      },
      flags);
  Join(id);
}

TEST_P(BlockingEintrTest, AHandlerEndsTheCall) {
  const ScopedAction action(SIGUSR1);
  for (const Call& each : Calls()) {
    SCOPED_TRACE(each.name);
    seen.runs = 0;
    World world;
    Interrupted(
        Flags(),
        [&] {
          errno = 0;
          const long result = each.call(world);
          EXPECT_LE(result, 0);
          EXPECT_EQ(errno, EINTR);
          EXPECT_EQ(seen.runs, 1);
        },
        [&](thread_t id) { EXPECT_EQ(thr_kill(id, SIGUSR1), 0); });
  }
}

TEST_P(BlockingEintrTest, RestartingHandlersDoNotWhereTheKernelRestarts) {
  const ScopedAction action(SIGUSR1, See, SA_RESTART);
  for (const Call& each : Calls()) {
    if (!each.restarts) continue;
    SCOPED_TRACE(each.name);
    seen.runs = 0;
    World world;
    Interrupted(
        Flags(), [&] { EXPECT_EQ(each.call(world), 1); },
        [&](thread_t id) {
          EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
          while (seen.runs == 0) sched_yield();
          world.Supply();
        });
    EXPECT_EQ(seen.runs, 1);
  }
}

TEST_P(BlockingEintrTest, SuspensionDoesNotShow) {
  for (const Call& each : Calls()) {
    SCOPED_TRACE(each.name);
    World world;
    Interrupted(
        Flags(),
        [&] {
          errno = 77;
          EXPECT_EQ(each.call(world), 1);
          EXPECT_EQ(errno, 77);
        },
        [&](thread_t id) {
          EXPECT_EQ(thr_suspend(id), 0);
          EXPECT_EQ(thr_continue(id), 0);
          world.Supply();
        });
  }
}

struct TimedSleep {
  const char* name;
  // Sleeps for an hour if nothing comes; says what is left, in seconds.
  std::function<long()> sleep;
};

const std::vector<TimedSleep>& Sleeps() {
  constexpr time_t kHour = 3600;
  static const std::vector<TimedSleep> sleeps = {
      {"sleep", [] { return static_cast<long>(sleep(kHour)); }},
      {"nanosleep",
       [] {
         timespec left = {kHour, 0};
         EXPECT_FAILS(nanosleep(&left, &left), EINTR);
         return left.tv_sec;
       }},
      {"clock_nanosleep",
       [] {
         timespec left = {kHour, 0};
         EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left), EINTR);
         return left.tv_sec;
       }},
      {"clock_nanosleep until",
       [] {
         timespec at = {};
         clock_gettime(CLOCK_REALTIME, &at);
         at.tv_sec += kHour;
         timespec left = {kHour - 1, 5};
         EXPECT_EQ(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &at, &left),
                   EINTR);
         EXPECT_EQ(left.tv_nsec, 5);  // not touched
         return left.tv_sec;
       }},
      {"usleep",
       [] {
         EXPECT_FAILS(usleep(3'600'000'000), EINTR);
         return static_cast<long>(kHour - 1);
       }},
      {"poll",
       [] {
         EXPECT_FAILS(poll(nullptr, 0, kForeverMs), EINTR);
         return static_cast<long>(kHour - 1);
       }},
      {"poll for ever",
       [] {
         EXPECT_FAILS(poll(nullptr, 0, -1), EINTR);
         return static_cast<long>(kHour - 1);
       }},
      {"select",
       [] {
         timeval left = {kHour, 0};
         EXPECT_FAILS(select(0, nullptr, nullptr, nullptr, &left), EINTR);
         return left.tv_sec;
       }},
  };
  return sleeps;
}

TEST_P(BlockingEintrTest, AHandlerEndsSleeps) {
  for (const int flags : {0, SA_RESTART}) {
    const ScopedAction action(SIGUSR1, See, flags);
    for (const TimedSleep& each : Sleeps()) {
      SCOPED_TRACE(each.name);
      seen.runs = 0;
      Interrupted(
          Flags(),
          [&] {
            const long left = each.sleep();
            EXPECT_GE(left, 3600 - 120);
            EXPECT_LT(left, 3600);
            EXPECT_EQ(seen.runs, 1);
          },
          [&](thread_t id) { EXPECT_EQ(thr_kill(id, SIGUSR1), 0); });
    }
  }
}

TEST_P(BlockingEintrTest, SuspensionDoesNotEndSleeps) {
  Interrupted(
      Flags(),
      [&] {
        const timespec interval = {0, 100'000'000};
        EXPECT_EQ(nanosleep(&interval, nullptr), 0);
      },
      [&](thread_t id) {
        EXPECT_EQ(thr_suspend(id), 0);
        EXPECT_EQ(thr_continue(id), 0);
      });
}

}  // namespace
}  // namespace lt

// SPDX-License-Identifier: MIT
//
// Stress operations that interfere with other threads: suspension of anybody,
// and signals for children of their own.

#include <errno.h>
#include <signal.h>

#include "stress/world.h"

namespace lt::stress {
namespace {

constexpr int kSignals[] = {SIGUSR1, SIGUSR2, SIGWINCH};

// What a thread that is sent signals shares with the sender.
struct Post {
  sema_t ready = DEFAULTSEMA;
  // One unit for each handler that ran.
  sema_t received = DEFAULTSEMA;
  std::atomic<thread_t> target{0};
  std::atomic<bool> stop{false};
  std::atomic<int> last{0};
};

thread_local Post* post_of_mine;

extern "C" void Receive(int signal) {
  Post* const post = post_of_mine;
  LT_REQUIRE(post != nullptr);
  LT_REQUIRE(post->target == thr_self());
  post->last = signal;
  LT_REQUIRE(sema_post(&post->received) == 0);
}

// Work whose waits may be interrupted.
void LiveUnderSignals(Actor& actor, Post& post) {
  post.target = thr_self();
  post_of_mine = &post;
  LT_REQUIRE(sema_post(&post.ready) == 0);
  sema_t mine = DEFAULTSEMA;
  mutex_t mutex = ERRORCHECKMUTEX;
  cond_t cond = DEFAULTCV;
  while (!post.stop) {
    actor.Begin("child: under signals");
    UseMutex(actor);
    UseRwlock(actor);
    LT_REQUIRE(sema_post(&mine) == 0);
    int error = 0;
    while ((error = sema_wait(&mine)) != 0) LT_REQUIRE(error == EINTR);
    LT_REQUIRE(mutex_lock(&mutex) == 0);
    const timespec_t interval{0, actor.random().Below(100'000)};
    error = cond_reltimedwait(&cond, &mutex, &interval);
    LT_REQUIRE(error == ETIME || error == EINTR || error == 0);
    LT_REQUIRE(mutex_unlock(&mutex) == 0);
  }
  LT_REQUIRE(mine.count == 0);
  post_of_mine = nullptr;
}

}  // namespace

void InstallHandlers() {
  struct sigaction action {};
  action.sa_handler = Receive;
  sigemptyset(&action.sa_mask);
  for (const int signal : kSignals) {
    LT_REQUIRE(sigaction(signal, &action, nullptr) == 0);
  }
}

void SendSignals(Actor& actor) {
  Random& random = actor.random();
  if (!TryTakeRoomForChildren(1)) return;
  Post post;
  const Child child =
      Spawn(random, random.OneIn(4) ? THR_BOUND : 0,
            [&post](Actor& other) { LiveUnderSignals(other, post); });
  LT_REQUIRE(sema_wait(&post.ready) == 0);
  for (int i = 1 + random.Below(10); i > 0; --i) {
    const int signal =
        kSignals[random.Below(static_cast<int>(std::size(kSignals)))];
    LT_REQUIRE(thr_kill(child.id, signal) == 0);
    LT_REQUIRE(sema_wait(&post.received) == 0);
    LT_REQUIRE(post.last == signal);
    Dawdle(random);
  }
  post.stop = true;
  JoinChild(child);
  LT_REQUIRE(post.received.count == 0);
}

// Any thread of the test may be the one: suspensions do not count, so another
// may continue it earlier.  It cannot hold what this thread needs to continue
// it.
void UseSuspension(Actor& actor) {
  Random& random = actor.random();
  const auto start =
      static_cast<size_t>(random.Below(static_cast<int>(World::kMostThreads)));
  for (size_t i = 0; i < World::kMostThreads; ++i) {
    const Activity& activity =
        world.activities[(start + i) % World::kMostThreads];
    const thread_t id = activity.id;
    if (!activity.used || id == 0 || id == thr_self()) continue;
    const int error = thr_suspend(id);
    LT_REQUIRE(error == 0 || error == ESRCH);
    if (error == 0) {
      Dawdle(random);
      const int continued = thr_continue(id);
      // It may have come to its end when somebody else continued it.
      LT_REQUIRE(continued == 0 || continued == ESRCH);
    }
    return;
  }
}

}  // namespace lt::stress

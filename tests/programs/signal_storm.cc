// SPDX-License-Identifier: MIT
//
// usage: signal_storm COUNT
//
// COUNT directed signals hit threads that lock, unlock, wait, create and join.
// Each sender has a signal of its own and sends the next one to a target only
// when the target has counted the one before: signals that are pending merge,
// and none may be lost, doubled, or run on another thread.

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "programs/check.h"

namespace {

constexpr size_t kSenders = 4;
constexpr size_t kTargets = 8;

struct Target {
  std::atomic<thread_t> id{0};
  std::array<std::atomic<uint64_t>, kSenders> received{};
};

std::array<Target, kTargets> targets;
std::atomic<uint64_t> astray{0};
std::atomic<uint64_t> interrupted{0};
std::atomic<bool> stop{false};
thread_local Target* self;

mutex_t mutex = DEFAULTMUTEX;
cond_t cond = DEFAULTCV;
rwlock_t rwlock = DEFAULTRWLOCK;
sema_t sema = DEFAULTSEMA;
long inside;

int SignalOf(size_t sender) {
  return SIGRTMIN + 1 + static_cast<int>(sender);
}

extern "C" void Count(int signal) {
  if (self == nullptr || self->id != thr_self()) {
    ++astray;
    return;
  }
  ++self->received[static_cast<size_t>(signal - SIGRTMIN - 1)];
}

void LockAndUnlock() {
  LT_REQUIRE(mutex_lock(&mutex) == 0);
  LT_REQUIRE(++inside == 1);
  LT_REQUIRE(cond_signal(&cond) == 0);
  --inside;
  LT_REQUIRE(mutex_unlock(&mutex) == 0);
  LT_REQUIRE(rw_rdlock(&rwlock) == 0);
  LT_REQUIRE(rw_unlock(&rwlock) == 0);
}

// A wait that comes to its end by itself.
void WaitShortly() {
  const timespec_t interval{0, 100'000};
  LT_REQUIRE(mutex_lock(&mutex) == 0);
  const int error = cond_reltimedwait(&cond, &mutex, &interval);
  LT_REQUIRE(error == 0 || error == ETIME || error == EINTR);
  if (error == EINTR) ++interrupted;
  LT_REQUIRE(mutex_unlock(&mutex) == 0);
}

void PostAndWait() {
  LT_REQUIRE(sema_post(&sema) == 0);
  int error = 0;
  while ((error = sema_wait(&sema)) == EINTR) ++interrupted;
  LT_REQUIRE(error == 0);
}

extern "C" void* Nothing(void* arg) {
  return arg;
}

void CreateAndJoin(long flags) {
  const thread_t id = lt::MustCreate(Nothing, nullptr, flags);
  lt::MustJoin(id);
}

extern "C" void* BeHit(void* arg) {
  self = static_cast<Target*>(arg);
  self->id = thr_self();
  for (unsigned turn = 0; !stop; ++turn) {
    LockAndUnlock();
    PostAndWait();
    if (turn % 4 == 0) CreateAndJoin(0);
    if (turn % 64 == 0) CreateAndJoin(THR_BOUND);
    if (turn % 8 == 0) WaitShortly();
    if (turn % 3 == 0) thr_yield();
  }
  return nullptr;
}

struct Sender {
  size_t index = 0;
  uint64_t rounds = 0;
};

// A round is one signal to each target.
void Send(const Sender& sender) {
  for (uint64_t round = 1; round <= sender.rounds; ++round) {
    for (Target& target : targets) {
      LT_REQUIRE(thr_kill(target.id, SignalOf(sender.index)) == 0);
    }
    for (Target& target : targets) {
      lt::Await([&] { return target.received[sender.index] >= round; });
      LT_REQUIRE(target.received[sender.index] == round);
    }
  }
}

extern "C" void* SendInThread(void* arg) {
  Send(*static_cast<Sender*>(arg));
  return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  LT_REQUIRE(argc == 2);
  const uint64_t count = strtoull(argv[1], nullptr, 10);
  const uint64_t rounds = std::max<uint64_t>(1, count / (kSenders * kTargets));
  struct sigaction action {};
  action.sa_handler = Count;
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < kSenders; ++i) {
    LT_REQUIRE(sigaction(SignalOf(i), &action, nullptr) == 0);
  }
  const int64_t start_ns = lt::NowNs();
  std::vector<thread_t> ids;
  for (size_t i = 0; i < kTargets; ++i) {
    const long flags = i % 4 == 3 ? THR_BOUND : 0;
    ids.push_back(lt::MustCreate(BeHit, &targets[i], flags));
  }
  for (const Target& target : targets) {
    lt::Await([&] { return target.id != 0; });
  }
  // One of each kind: unbound, bound, a kernel thread of somebody else, main.
  std::array<Sender, kSenders> senders;
  for (size_t i = 0; i < kSenders; ++i) senders[i] = {i, rounds};
  const thread_t unbound = lt::MustCreate(SendInThread, senders.data());
  const thread_t bound = lt::MustCreate(SendInThread, &senders[1], THR_BOUND);
  std::atomic<bool> foreign_done{false};
  std::thread foreign([&] {
    Send(senders[2]);
    foreign_done = true;
  });
  Send(senders[3]);
  lt::MustJoin(unbound);
  lt::MustJoin(bound);
  lt::Await([&] { return foreign_done.load(); });
  foreign.join();
  stop = true;
  for (const thread_t id : ids) lt::MustJoin(id);

  uint64_t received = 0;
  for (const Target& target : targets) {
    for (const auto& from_one : target.received) received += from_one;
  }
  LT_REQUIRE(received == rounds * kSenders * kTargets);
  LT_REQUIRE(astray == 0);
  LT_REQUIRE(sema.count == 0);
  printf("signals=%lu interrupted=%lu us_each=%.2f\ndone\n",
         static_cast<unsigned long>(received),
         static_cast<unsigned long>(interrupted.load()),
         static_cast<double>(lt::NowNs() - start_ns) / 1e3 /
             static_cast<double>(received));
  return 0;
}

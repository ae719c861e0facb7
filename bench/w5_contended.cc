// SPDX-License-Identifier: MIT
//
// W5: 64 threads add to one counter under one mutex; time per addition over all
// of them.

#include "peer.h"

namespace bench {
namespace {

constexpr int kThreads = 64;

struct Shared {
  Peer::Sema start;
  Peer::Mutex mutex;
  long each;
  long counter = 0;
};

void* Add(void* arg) {
  Shared& shared = *static_cast<Shared*>(arg);
  shared.start.Wait();
  for (long i = 0; i < shared.each; ++i) {
    shared.mutex.Lock();
    ++shared.counter;
    shared.mutex.Unlock();
  }
  return nullptr;
}

int64_t Contended(long n, const Options&) {
  Shared shared;
  shared.each = n;
  Peer::Thread threads[kThreads];
  for (Peer::Thread& thread : threads) {
    Check(Peer::Spawn(&thread, Add, &shared), "cannot create a thread");
  }
  const int64_t begin = NowNs();
  for (int i = 0; i < kThreads; ++i) shared.start.Post();
  for (Peer::Thread& thread : threads) Peer::Join(thread);
  const int64_t elapsed = NowNs() - begin;
  Check(shared.counter == n * kThreads, "the mutex lost an addition");
  return elapsed;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  return bench::Main<bench::Peer>(argc, argv, "W5", bench::Contended,
                                  bench::kThreads);
}

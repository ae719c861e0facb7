// SPDX-License-Identifier: MIT
//
// W7: a token goes round 1,000 threads, each waiting on a semaphore of its own;
// time per hop.

#include <vector>

#include "peer.h"

namespace bench {
namespace {

constexpr long kThreads = 1000;

struct Station {
  Peer::Sema mine;
  Peer::Sema* next;
  long laps;
};

void* PassOn(void* arg) {
  Station& station = *static_cast<Station*>(arg);
  for (long i = 0; i < station.laps; ++i) {
    station.mine.Wait();
    station.next->Post();
  }
  return nullptr;
}

// n laps, of kThreads hops each.
int64_t Ring(long n, const Options&) {
  static std::vector<Station>* const stations =
      new std::vector<Station>(kThreads);
  std::vector<Peer::Thread> threads(kThreads);
  Peer::Sema home;
  for (size_t i = 0; i < kThreads; ++i) {
    Station& station = (*stations)[i];
    // The last one hands the token to main, which starts the next lap.
    station.next = i + 1 < kThreads ? &(*stations)[i + 1].mine : &home;
    station.laps = n + 1;
    Check(Peer::Spawn(&threads[i], PassOn, &station, kSmallStack),
          "cannot create a thread");
  }
  // The first lap starts every thread and is not measured.
  stations->front().mine.Post();
  home.Wait();
  const int64_t start = NowNs();
  for (long i = 0; i < n; ++i) {
    stations->front().mine.Post();
    home.Wait();
  }
  const int64_t elapsed = NowNs() - start;
  for (Peer::Thread& thread : threads) Peer::Join(thread);
  return elapsed;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  return bench::Main<bench::Peer>(argc, argv, "W7", bench::Ring,
                                  bench::kThreads);
}

// SPDX-License-Identifier: MIT
//
// W6: two threads hand a token to and fro over two semaphores; time per round
// trip.  With --lwps=2 it is W6x, the same across two LWPs (a scheduler that
// keeps both threads on one LWP is free to do so).

#include "peer.h"

namespace bench {
namespace {

struct Table {
  Peer::Sema ping;
  Peer::Sema pong;
  long rounds;
};

void* Answer(void* arg) {
  Table& table = *static_cast<Table*>(arg);
  for (long i = 0; i < table.rounds; ++i) {
    table.ping.Wait();
    table.pong.Post();
  }
  return nullptr;
}

void* Serve(void* arg) {
  Table& table = *static_cast<Table*>(arg);
  for (long i = 0; i < table.rounds; ++i) {
    table.ping.Post();
    table.pong.Wait();
  }
  return nullptr;
}

int64_t PingPong(long n, const Options&) {
  Table table;
  table.rounds = n;
  Peer::Thread threads[2];
  const int64_t start = NowNs();
  Check(Peer::Spawn(&threads[0], Answer, &table), "cannot create a thread");
  Check(Peer::Spawn(&threads[1], Serve, &table), "cannot create a thread");
  for (Peer::Thread& thread : threads) Peer::Join(thread);
  return NowNs() - start;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  const bool crossed = bench::Parse(argc, argv).lwps > 1;
  return bench::Main<bench::Peer>(argc, argv, crossed ? "W6x" : "W6",
                                  bench::PingPong);
}

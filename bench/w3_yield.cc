// SPDX-License-Identifier: MIT
//
// W3: two threads yield to each other; time per switch.

#include "peer.h"

namespace bench {
namespace {

struct Yielder {
  Peer::Sema* start;
  long count;
};

void* YieldOften(void* arg) {
  const Yielder& self = *static_cast<Yielder*>(arg);
  self.start->Wait();
  for (long i = 0; i < self.count; ++i) Peer::Yield();
  return nullptr;
}

int64_t Yield(long n, const Options&) {
  Peer::Sema start;
  Yielder yielders[2] = {{&start, n}, {&start, n}};
  Peer::Thread threads[2];
  for (int i = 0; i < 2; ++i) {
    Check(Peer::Spawn(&threads[i], YieldOften, &yielders[i]),
          "cannot create a thread");
  }
  const int64_t begin = NowNs();
  start.Post();
  start.Post();
  for (Peer::Thread& thread : threads) Peer::Join(thread);
  return NowNs() - begin;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  return bench::Main<bench::Peer>(argc, argv, "W3", bench::Yield, 2);
}

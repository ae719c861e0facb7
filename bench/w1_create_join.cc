// SPDX-License-Identifier: MIT
//
// W1: create a thread and join it, one at a time.

#include "peer.h"

namespace bench {
namespace {

void* Nothing(void* arg) {
  return arg;
}

int64_t CreateJoin(long n, const Options&) {
  const int64_t start = NowNs();
  for (long i = 0; i < n; ++i) {
    Peer::Thread thread;
    Check(Peer::Spawn(&thread, Nothing, nullptr), "cannot create a thread");
    Peer::Join(thread);
  }
  return NowNs() - start;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  return bench::Main<bench::Peer>(argc, argv, "W1", bench::CreateJoin);
}

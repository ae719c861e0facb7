// SPDX-License-Identifier: MIT
//
// W9: read thread-specific data.

#include "peer.h"

namespace bench {
namespace {

struct Work {
  long n;
  int64_t elapsed;
};

Peer::Key& TheKey() {
  static Peer::Key key;
  return key;
}

void* ReadOften(void* arg) {
  Work& work = *static_cast<Work*>(arg);
  Peer::Key& key = TheKey();
  key.Set(&work);
  long found = 0;
  const int64_t start = NowNs();
  for (long i = 0; i < work.n; ++i) found += key.Get() == &work;
  work.elapsed = NowNs() - start;
  Check(found == work.n, "wrong thread-specific data");
  return nullptr;
}

int64_t Specific(long n, const Options&) {
  Work work = {n, 0};
  Peer::Thread thread;
  Check(Peer::Spawn(&thread, ReadOften, &work), "cannot create a thread");
  Peer::Join(thread);
  return work.elapsed;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::TheKey();
  return bench::Main<bench::Peer>(argc, argv, "W9", bench::Specific);
}

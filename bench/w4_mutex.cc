// SPDX-License-Identifier: MIT
//
// W4: lock and unlock a mutex that nobody else wants.  The loop runs in a
// created thread, so that no library takes its single-threaded short cut.

#include "peer.h"

namespace bench {
namespace {

struct Work {
  long n;
  int64_t elapsed;
};

void* LockUnlock(void* arg) {
  Work& work = *static_cast<Work*>(arg);
  static Peer::Mutex mutex;
  const int64_t start = NowNs();
  for (long i = 0; i < work.n; ++i) {
    mutex.Lock();
    mutex.Unlock();
  }
  work.elapsed = NowNs() - start;
  return nullptr;
}

int64_t Uncontended(long n, const Options&) {
  Work work = {n, 0};
  Peer::Thread thread;
  Check(Peer::Spawn(&thread, LockUnlock, &work), "cannot create a thread");
  Peer::Join(thread);
  return work.elapsed;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  return bench::Main<bench::Peer>(argc, argv, "W4", bench::Uncontended);
}

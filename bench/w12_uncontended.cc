// SPDX-License-Identifier: MIT
//
// W12: calls that find nobody waiting.
//   --what=sema    W12s  sema_post and sema_wait
//   --what=rwlock  W12r  rw_rdlock and rw_unlock
//   --what=cond    W12c  cond_signal without waiters

#include "peer.h"

namespace bench {
namespace {

struct Work {
  long n;
  int64_t elapsed;
};

template <typename P>
void* Sema(void* arg) {
  Work& work = *static_cast<Work*>(arg);
  typename P::Sema sema;
  const int64_t start = NowNs();
  for (long i = 0; i < work.n; ++i) {
    sema.Post();
    sema.Wait();
  }
  work.elapsed = NowNs() - start;
  return nullptr;
}

template <typename P>
void* Cond(void* arg) {
  Work& work = *static_cast<Work*>(arg);
  typename P::Cond cond;
  const int64_t start = NowNs();
  for (long i = 0; i < work.n; ++i) cond.Signal();
  work.elapsed = NowNs() - start;
  return nullptr;
}

// A template, so that the branch without a lock is never compiled for a
// library that has none.
template <typename P>
void* RwLock(void* arg) {
  if constexpr (P::kHasRwLock) {
    Work& work = *static_cast<Work*>(arg);
    typename P::RwLock lock;
    const int64_t start = NowNs();
    for (long i = 0; i < work.n; ++i) {
      lock.RdLock();
      lock.Unlock();
    }
    work.elapsed = NowNs() - start;
    return nullptr;
  } else {
    static_cast<void>(arg);
    Die("this library has no readers/writer lock");
  }
}

template <Entry kEntry>
int64_t InThread(long n, const Options&) {
  Work work = {n, 0};
  Peer::Thread thread;
  Check(Peer::Spawn(&thread, kEntry, &work), "cannot create a thread");
  Peer::Join(thread);
  return work.elapsed;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  using bench::Peer;
  const char* what = bench::Parse(argc, argv).what;
  if (strcmp(what, "sema") == 0) {
    return bench::Main<Peer>(argc, argv, "W12s",
                             bench::InThread<bench::Sema<Peer>>);
  }
  if (strcmp(what, "rwlock") == 0) {
    return bench::Main<Peer>(argc, argv, "W12r",
                             bench::InThread<bench::RwLock<Peer>>);
  }
  if (strcmp(what, "cond") == 0) {
    return bench::Main<Peer>(argc, argv, "W12c",
                             bench::InThread<bench::Cond<Peer>>);
  }
  bench::Die("--what is sema, rwlock or cond");
}

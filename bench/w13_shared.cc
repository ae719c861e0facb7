// SPDX-License-Identifier: MIT
//
// W13: process-shared objects, in a page that two processes share.
//   --what=mutex   W13   each of two processes runs a thread (or --threads=N)
//                        that locks, adds to a counter, unlocks, and computes a
//                        little for itself; time per addition over all of them
//   --what=alone   W13u  lock and unlock of a mutex that nobody else wants
//   --what=sema    W13s  two processes hand a token to and fro over two
//                        semaphores; time per round trip

#include <sys/mman.h>
#include <sys/wait.h>

#include <new>

#include "peer.h"

namespace bench {
namespace {

constexpr int kMostThreads = 64;

struct Table {
  alignas(64) Peer::SharedMutex mutex;
  alignas(64) long counter;  // guarded by the mutex
  alignas(64) Peer::SharedSema start;
  alignas(64) Peer::SharedSema back;
};

class SharedTable {
 public:
  SharedTable() {
    void* memory = mmap(nullptr, sizeof(Table), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    Check(memory != MAP_FAILED, "mmap");
    table_ = new (memory) Table{};
  }
  ~SharedTable() { munmap(table_, sizeof(Table)); }
  SharedTable(const SharedTable&) = delete;
  SharedTable& operator=(const SharedTable&) = delete;

  Table& operator*() const { return *table_; }

 private:
  Table* table_;
};

struct Work {
  Table& table;
  long n;
};

// Some 50 ns that need nothing of others.
void Compute(long seed) {
  constexpr int kSteps = 50;
  auto state = static_cast<uint64_t>(seed);
  for (int i = 0; i < kSteps; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    __asm__ volatile("" : "+r"(state));
  }
}

void* Add(void* arg) {
  const Work& work = *static_cast<Work*>(arg);
  for (long i = 0; i < work.n; ++i) {
    work.table.mutex.Lock();
    ++work.table.counter;
    work.table.mutex.Unlock();
    Compute(i);
  }
  return nullptr;
}

void* LockAlone(void* arg) {
  const Work& work = *static_cast<Work*>(arg);
  for (long i = 0; i < work.n; ++i) {
    work.table.mutex.Lock();
    work.table.mutex.Unlock();
  }
  return nullptr;
}

void* Serve(void* arg) {
  const Work& work = *static_cast<Work*>(arg);
  for (long i = 0; i < work.n; ++i) {
    work.table.start.Post();
    work.table.back.Wait();
  }
  return nullptr;
}

void* Answer(void* arg) {
  const Work& work = *static_cast<Work*>(arg);
  for (long i = 0; i < work.n; ++i) {
    work.table.start.Wait();
    work.table.back.Post();
  }
  return nullptr;
}

void InThreads(int count, Entry entry, Work& work) {
  Peer::Thread threads[kMostThreads];
  Check(count <= kMostThreads, "too many threads");
  for (int i = 0; i < count; ++i) {
    Check(Peer::Spawn(&threads[i], entry, &work), "cannot create a thread");
  }
  for (int i = 0; i < count; ++i) Peer::Join(threads[i]);
}

// Runs `child` in another process.  It ends when that returns.
template <typename Function>
pid_t Fork(Function child) {
  fflush(stdout);
  const pid_t pid = fork();
  Check(pid >= 0, "fork");
  if (pid != 0) return pid;
  child();
  _exit(0);
}

void Await(pid_t pid) {
  int status;
  Check(waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
            WEXITSTATUS(status) == 0,
        "the other process failed");
}

int64_t Mutex(long n, const Options& options) {
  SharedTable shared;
  Work work = {*shared, n};
  const pid_t other = Fork([&] {
    work.table.back.Post();
    work.table.start.Wait();
    InThreads(options.threads, Add, work);
    work.table.back.Post();
  });
  work.table.back.Wait();
  const int64_t start = NowNs();
  work.table.start.Post();
  InThreads(options.threads, Add, work);
  work.table.back.Wait();
  const int64_t elapsed = NowNs() - start;
  Await(other);
  Check(work.table.counter == n * 2 * options.threads,
        "the mutex lost an addition");
  return elapsed;
}

int64_t Alone(long n, const Options&) {
  SharedTable shared;
  Work work = {*shared, n};
  const int64_t start = NowNs();
  InThreads(1, LockAlone, work);
  return NowNs() - start;
}

int64_t Sema(long n, const Options&) {
  SharedTable shared;
  Work work = {*shared, n};
  const pid_t other = Fork([&] { InThreads(1, Answer, work); });
  const int64_t start = NowNs();
  InThreads(1, Serve, work);
  const int64_t elapsed = NowNs() - start;
  Await(other);
  return elapsed;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  using bench::Peer;
  const bench::Options options = bench::Parse(argc, argv);
  if (strcmp(options.what, "mutex") == 0) {
    return bench::Main<Peer>(argc, argv, "W13", bench::Mutex,
                             2L * options.threads);
  }
  if (strcmp(options.what, "alone") == 0) {
    return bench::Main<Peer>(argc, argv, "W13u", bench::Alone);
  }
  if (strcmp(options.what, "sema") == 0) {
    return bench::Main<Peer>(argc, argv, "W13s", bench::Sema);
  }
  bench::Die("--what is mutex, alone or sema");
}

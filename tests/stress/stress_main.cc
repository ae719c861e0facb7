// SPDX-License-Identifier: MIT
//
// usage: stress [--seed=N] [--seconds=N] [--workers=N] [--only=NAME,...]
//
// The random stress test: see world.h.  The seed is printed, and a run with it
// makes the same choices; what the kernel does in between it cannot repeat.
// LIBTHREAD_STRESS_SECONDS is the default of --seconds.

#include <stdio.h>
#include <stdlib.h>

#include <random>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/numbers.h"
#include "stress/world.h"

namespace {

int DefaultSeconds() {
  const char* value = getenv("LIBTHREAD_STRESS_SECONDS");
  int seconds = 0;
  if (value != nullptr && absl::SimpleAtoi(value, &seconds) && seconds > 0) {
    return seconds;
  }
  return 5;
}

}  // namespace

ABSL_FLAG(uint64_t, seed, 0, "seed of all choices; 0 takes a random one");
ABSL_FLAG(int, seconds, DefaultSeconds(), "how long new operations start");
ABSL_FLAG(int, workers, 16, "threads that carry out operations");
ABSL_FLAG(std::vector<std::string>, only, {},
          "names of operations; all if empty");

namespace lt::stress {
namespace {

constexpr Operation kAll[] = {
    {"mutex", UseMutex},
    {"two-mutexes", UseTwoMutexes},
    {"buffer", UseBuffer},
    {"rwlock", UseRwlock},
    {"semaphore", UseSemaphore},
    {"timed-waits", UseTimedWaits},
    {"keys", UseKeys},
    {"libc", UseLibc},
    {"kernel", UseKernel},
    {"scheduling", UseScheduling},
    {"child", MakeChild},
    {"ping-pong", PlayPingPong},
    {"barrier", MeetAtBarrier},
    {"signals", SendSignals},
    {"suspension", UseSuspension},
};

std::vector<Operation> chosen;

std::vector<Operation> Choose(const std::vector<std::string>& names) {
  if (names.empty()) return {std::begin(kAll), std::end(kAll)};
  std::vector<Operation> operations;
  for (const std::string& name : names) {
    const size_t before = operations.size();
    for (const Operation& operation : kAll) {
      if (name == operation.name) operations.push_back(operation);
    }
    if (operations.size() == before) {
      fprintf(stderr, "stress: no operation %s\n", name.c_str());
      exit(2);
    }
  }
  return operations;
}

void Work(uint64_t seed) {
  Actor actor(seed);
  while (!world.stop) {
    const Operation& operation = chosen[static_cast<size_t>(
        actor.random().Below(static_cast<int>(chosen.size())))];
    actor.Begin(operation.name);
    operation.run(actor);
  }
  --world.live_workers;
}

extern "C" void* RunWorker(void* arg) {
  Work(reinterpret_cast<uintptr_t>(arg));
  return StatusOf(thr_self());
}

extern "C" void* KeepTime(void* arg) {
  const int64_t end_ns = NowNs() + *static_cast<int64_t*>(arg);
  while (NowNs() < end_ns) {
    const timespec pause{0, 20'000'000};
    nanosleep(&pause, nullptr);
  }
  world.stop = true;
  return nullptr;
}

int Run() {
  uint64_t seed = absl::GetFlag(FLAGS_seed);
  if (seed == 0) seed = std::random_device{}();
  const int seconds = absl::GetFlag(FLAGS_seconds);
  const int workers = absl::GetFlag(FLAGS_workers);
  chosen = Choose(absl::GetFlag(FLAGS_only));
  const char* model = getenv("LIBTHREAD_MODEL");
  printf("seed=%lu seconds=%d workers=%d model=%s\n",
         static_cast<unsigned long>(seed), seconds, workers,
         model == nullptr ? "" : model);
  fflush(stdout);

  StartWatchdog(20, seconds + 60);
  InitWorld();
  InstallHandlers();
  Random random(seed);
  // Main is a worker too.
  world.live_workers = workers;
  const thread_t reaper = MustCreate(ReapUntilNobodyIsLeft, nullptr);
  MustCreate(BalanceBuffers, nullptr, THR_BOUND | THR_DETACHED);
  int64_t duration_ns = int64_t{seconds} * 1'000'000'000;
  MustCreate(KeepTime, &duration_ns, THR_BOUND | THR_DETACHED);
  for (int i = 1; i < workers; ++i) {
    ++world.joinable_made;
    MustCreate(RunWorker, reinterpret_cast<void*>(random.Seed()),
               random.OneIn(4) ? THR_BOUND : 0);
  }
  world.stage = "work";
  Work(random.Seed());
  world.stage = "join of the reaper";
  MustJoin(reaper);
  world.stage = "check";
  for (const thread_key_t key : world.keys) {
    // Main does not exit: its values are its own to free.
    void* box = nullptr;
    LT_REQUIRE(thr_getspecific(key, &box) == 0);
    if (box == nullptr) continue;
    delete static_cast<int64_t*>(box);
    LT_REQUIRE(thr_setspecific(key, nullptr) == 0);
    --world.boxes;
  }
  CheckWorld();
  printf("operations=%lu threads=%ld\ndone\n",
         static_cast<unsigned long>(world.operations.load()),
         static_cast<long>(world.joined.load()));
  return 0;
}

}  // namespace
}  // namespace lt::stress

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return lt::stress::Run();
}

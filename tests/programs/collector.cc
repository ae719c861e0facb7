// SPDX-License-Identifier: MIT
//
// usage: collector THREADS ROUNDS bound|unbound
//
// A conservative collector, itself bound or not: in each round it suspends all
// other threads, main included, looks through their registers and stacks for
// the block that each of them uses, and continues them.  A thread hides the
// address of its block everywhere but there.  What the threads do, and what the
// collector does while they are stopped, needs malloc, locks and the kernel.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ucontext.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <vector>

#include "programs/check.h"

namespace {

// Not a constant that a compiler could see through.
volatile uintptr_t key = 0x5a5a'a5a5'0f0f'f0f0;

struct Mutator {
  thread_t id = 0;
  stack_t segment{};
  // The block in use, made unrecognisable; 0 while there is none.
  std::atomic<uintptr_t> hidden{0};
  std::atomic<uint64_t> blocks{0};
};

std::vector<Mutator> mutators;
std::atomic<size_t> ready{0};
std::atomic<bool> stop{false};
mutex_t mutex = DEFAULTMUTEX;
sema_t sema = DEFAULTSEMA;

// In ways that leave the processor, and in one that does not.
void LoseTime(uint64_t turn) {
  switch (turn % 5) {
    case 0:
      LT_REQUIRE(mutex_lock(&mutex) == 0);
      thr_yield();
      LT_REQUIRE(mutex_unlock(&mutex) == 0);
      break;
    case 1:
      LT_REQUIRE(sema_post(&sema) == 0);
      LT_REQUIRE(sema_wait(&sema) == 0);
      break;
    case 2: {
      const timespec pause{0, 100'000};
      LT_REQUIRE(nanosleep(&pause, nullptr) == 0);
      break;
    }
    case 3:
      thr_yield();
      break;
    default:
      for (uint64_t i = 0; i < 20'000; ++i) asm volatile("" : : "r"(i));
      break;
  }
}

void Mutate(Mutator& self) {
  LT_REQUIRE(thr_stksegment(&self.segment) == 0);
  self.id = thr_self();
  ++ready;
  for (uint64_t turn = self.id; !stop; ++turn) {
    void* const block = malloc(100 + turn % 5000);
    LT_REQUIRE(block != nullptr);
    memset(block, 1, 100);
    self.hidden = reinterpret_cast<uintptr_t>(block) ^ key;
    LoseTime(turn);
    self.hidden = 0;
    // It is in use up to here.
    asm volatile("" : : "r"(block) : "memory");
    free(block);
    ++self.blocks;
  }
}

extern "C" void* MutateInThread(void* arg) {
  Mutate(*static_cast<Mutator*>(arg));
  return nullptr;
}

uintptr_t StackPointer(const gregset_t& registers) {
#if defined(__x86_64__)
  return static_cast<uintptr_t>(registers[REG_RSP]);
#else
  return static_cast<uintptr_t>(registers[31]);
#endif
}

[[gnu::no_sanitize("address")]] bool Holds(const uintptr_t* from,
                                           const uintptr_t* to,
                                           uintptr_t value) {
  for (; from < to; ++from) {
    if (*from == value) return true;
  }
  return false;
}

void Scan(const Mutator& mutator) {
  int flag = -1;
  int lwp = -1;
  stack_t stack{};
  gregset_t registers{};
  LT_REQUIRE(thr_getstate(mutator.id, &flag, &lwp, &stack, registers) == 0);
  LT_REQUIRE(flag == TRS_NONVOLATILE);
  LT_REQUIRE(stack.ss_sp == mutator.segment.ss_sp);
  const auto high = reinterpret_cast<uintptr_t>(stack.ss_sp);
  const uintptr_t low = StackPointer(registers);
  LT_REQUIRE(low < high && low >= high - stack.ss_size);
  if (mutator.hidden == 0) return;
  const uintptr_t block = mutator.hidden ^ key;
  const auto* words = reinterpret_cast<const uintptr_t*>(&registers);
  // What lies below the stack pointer belongs to the thread too.
  constexpr uintptr_t kRedZone = 128;
  LT_REQUIRE(Holds(words, words + sizeof registers / sizeof *words, block) ||
             Holds(reinterpret_cast<const uintptr_t*>((low - kRedZone) & ~7UL),
                   reinterpret_cast<const uintptr_t*>(high & ~7UL), block));
}

uint64_t TotalBlocks() {
  uint64_t total = 0;
  for (const Mutator& mutator : mutators) total += mutator.blocks;
  return total;
}

extern "C" void* Collect(void* arg) {
  const auto rounds = *static_cast<uint64_t*>(arg);
  lt::Await([] { return ready == mutators.size(); });
  size_t found = 0;
  for (uint64_t round = 0; round < rounds; ++round) {
    for (const Mutator& mutator : mutators) {
      LT_REQUIRE(thr_suspend(mutator.id) == 0);
    }
    std::vector<std::unique_ptr<uint64_t>> counts;
    for (const Mutator& mutator : mutators) {
      counts.push_back(std::make_unique<uint64_t>(mutator.blocks.load()));
      if (mutator.hidden != 0) ++found;
      Scan(mutator);
    }
    for (size_t i = 0; i < mutators.size(); ++i) {
      LT_REQUIRE(*counts[i] == mutators[i].blocks);
    }
    for (const Mutator& mutator : mutators) {
      LT_REQUIRE(thr_continue(mutator.id) == 0);
    }
    const uint64_t before = TotalBlocks();
    lt::Await([before] { return TotalBlocks() != before; });
  }
  printf("found=%zu\n", found);
  stop = true;
  return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  LT_REQUIRE(argc == 4);
  const size_t threads = strtoul(argv[1], nullptr, 10);
  uint64_t rounds = strtoull(argv[2], nullptr, 10);
  mutators = std::vector<Mutator>(threads + 1);
  std::vector<thread_t> ids;
  for (size_t i = 0; i < threads; ++i) {
    ids.push_back(lt::MustCreate(MutateInThread, &mutators[i],
                                 i % 8 == 7 ? THR_BOUND : 0));
  }
  ids.push_back(lt::MustCreate(Collect, &rounds,
                               strcmp(argv[3], "bound") == 0 ? THR_BOUND : 0));
  Mutate(mutators.back());
  for (const thread_t id : ids) lt::MustJoin(id);
  puts("done");
  return 0;
}

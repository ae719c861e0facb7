// SPDX-License-Identifier: MIT
//
// thr_create(3): stacks of the library and of the caller, their sizes, their
// alignment, and the errors of both.

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "support/fixture.h"

namespace lt {
namespace {

using ThreadCreateStackTest = ApiTest;
LT_OVER_KINDS(ThreadCreateStackTest);

// What the frames of a start function itself may take of its stack: the rest
// of what was asked for must be free for use.
#if defined(__SANITIZE_ADDRESS__)
constexpr size_t kFrames = 8192;  // the sanitizer's own calls among them
#else
constexpr size_t kFrames = 1024;
#endif
constexpr size_t kPage = 4096;

uintptr_t AddressOf(const void* pointer) {
  return reinterpret_cast<uintptr_t>(pointer);
}

// Memory for a caller's stack, between two pages that nobody may touch.
class GuardedMemory {
 public:
  explicit GuardedMemory(size_t size)
      : length_((size + kPage - 1) / kPage * kPage + 2 * kPage),
        map_(mmap(nullptr, length_, PROT_NONE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {
    EXPECT_NE(map_, MAP_FAILED);
    EXPECT_EQ(mprotect(base(), length_ - 2 * kPage, PROT_READ | PROT_WRITE), 0);
  }
  GuardedMemory(const GuardedMemory&) = delete;
  GuardedMemory& operator=(const GuardedMemory&) = delete;
  ~GuardedMemory() { munmap(map_, length_); }

  char* base() const { return static_cast<char*>(map_) + kPage; }

 private:
  size_t length_;
  void* map_;
};

// AddressSanitizer, where it is at work, takes what it marked between the
// variables of a thread that is gone for forbidden still.
[[gnu::no_sanitize_address]] void Overwrite(char* memory, size_t size) {
  for (volatile char* at = memory; at != memory + size; ++at) *at = 'x';
}

// What a start function saw of its stack.
struct Sight {
  size_t use_bytes = 0;  // in: how much to use
  uintptr_t local = 0;
  uintptr_t frame = 0;
  bool intact = false;
};

// Writes to `Sight::use_bytes` of stack and reads them back.
// The stores are made here and not by memset(): a call through the dynamic
// linker would need room of its own below.
extern "C" void* UseStack(void* arg) {
  auto* sight = static_cast<Sight*>(arg);
  sight->frame = AddressOf(__builtin_frame_address(0));
  constexpr size_t kStep = 256;
  auto* bytes =
      static_cast<volatile unsigned char*>(__builtin_alloca(sight->use_bytes));
  sight->local = AddressOf(const_cast<unsigned char*>(bytes));
  for (size_t i = 0; i < sight->use_bytes; i += kStep) {
    bytes[i] = static_cast<unsigned char>(i / kStep);
  }
  bool intact = true;
  for (size_t i = 0; i < sight->use_bytes; i += kStep) {
    intact = intact && bytes[i] == static_cast<unsigned char>(i / kStep);
  }
  sight->intact = intact;
  return nullptr;
}

extern "C" void* DoNothing(void*) {
  return nullptr;
}

TEST_P(ThreadCreateStackTest, ALibraryStackGivesAllThatWasAskedFor) {
  for (const size_t size :
       {size_t{thr_min_stack()}, thr_min_stack() + 1, size_t{64 * 1024},
        size_t{100'001}, size_t{1024 * 1024}, size_t{8 * 1024 * 1024}}) {
    Sight sight;
    sight.use_bytes = size - kFrames;
    thread_t id = 0;
    ASSERT_EQ(thr_create(nullptr, size, UseStack, &sight, Flags(), &id), 0);
    Join(id);
    EXPECT_TRUE(sight.intact) << size;
  }
}

TEST_P(ThreadCreateStackTest, EightMillionBytesOfEightMebibytesAreUsable) {
  Sight sight;
  sight.use_bytes = 8'000'000;
  thread_t id = 0;
  ASSERT_EQ(
      thr_create(nullptr, size_t{8} << 20, UseStack, &sight, Flags(), &id), 0);
  Join(id);
  EXPECT_TRUE(sight.intact);
}

TEST_P(ThreadCreateStackTest, TheDefaultStackIsTwoMebibytes) {
  Sight sight;
  sight.use_bytes = (size_t{2} << 20) - 2 * kPage;
  thread_t id = 0;
  ASSERT_EQ(Create(UseStack, &sight, 0, &id), 0);
  Join(id);
  EXPECT_TRUE(sight.intact);
}

TEST_P(ThreadCreateStackTest, ManyStacksOfOneSizeDoNotOverlap) {
  constexpr int kThreads = 50;
  constexpr size_t kSize = 64 * 1024;
  std::vector<uintptr_t> locals;
  std::vector<thread_t> ids;
  Gate leave;
  std::atomic<int> arrived{0};
  struct Shared {
    Gate* leave;
    std::atomic<int>* arrived;
    uintptr_t local = 0;
  };
  std::vector<Shared> shared(kThreads, Shared{&leave, &arrived});
  for (Shared& mine : shared) {
    thread_t id = 0;
    ASSERT_EQ(thr_create(
                  nullptr, kSize,
                  [](void* arg) -> void* {
                    auto* self = static_cast<Shared*>(arg);
                    self->local = AddressOf(__builtin_frame_address(0));
                    ++*self->arrived;
                    self->leave->Wait();
                    return nullptr;
                  },
                  &mine, Flags(), &id),
              0);
    ids.push_back(id);
  }
  EXPECT_TRUE(Eventually([&] { return arrived == kThreads; }));
  leave.Open();
  for (const thread_t id : ids) Join(id);
  for (const Shared& mine : shared) locals.push_back(mine.local);
  std::sort(locals.begin(), locals.end());
  for (size_t i = 1; i < locals.size(); ++i) {
    EXPECT_GE(locals[i] - locals[i - 1], kSize);
  }
}

TEST_P(ThreadCreateStackTest, ACallersStackIsUsedWholly) {
  for (const size_t size :
       {size_t{thr_min_stack()}, size_t{64 * 1024}, size_t{1024 * 1024}}) {
    const GuardedMemory memory(size);
    Sight sight;
    sight.use_bytes = size - kFrames;
    thread_t id = 0;
    ASSERT_EQ(thr_create(memory.base(), size, UseStack, &sight, Flags(), &id),
              0);
    Join(id);
    EXPECT_TRUE(sight.intact);
    EXPECT_GE(sight.local, AddressOf(memory.base()));
    EXPECT_LT(sight.frame, AddressOf(memory.base()) + size);
    EXPECT_GT(sight.frame, AddressOf(memory.base()) + size - kFrames);
  }
}

TEST_P(ThreadCreateStackTest, ACallersStackMayBeUsedAgainAfterTheJoin) {
  constexpr size_t kSize = 64 * 1024;
  const GuardedMemory memory(kSize);
  for (int i = 0; i < 100; ++i) {
    Sight sight;
    sight.use_bytes = kSize - kFrames;
    thread_t id = 0;
    ASSERT_EQ(thr_create(memory.base(), kSize, UseStack, &sight, Flags(), &id),
              0);
    Join(id);
    ASSERT_TRUE(sight.intact);
    // The thread is gone for good.
    Overwrite(memory.base(), kSize);
  }
}

TEST_P(ThreadCreateStackTest, TheStartFunctionSeesAnAlignedStack) {
  constexpr size_t kSize = 64 * 1024;
  const GuardedMemory memory(kSize);
  for (size_t odd = 0; odd < 16; ++odd) {
    for (char* base : {static_cast<char*>(nullptr), memory.base() + odd}) {
      Sight sight;
      thread_t id = 0;
      ASSERT_EQ(
          thr_create(base, kSize - 2 * odd, UseStack, &sight, Flags(), &id), 0);
      Join(id);
      EXPECT_EQ(sight.frame % 16, 0U) << odd;
    }
  }
}

TEST_P(ThreadCreateStackTest, TheMinimumIsAccepted) {
  const GuardedMemory memory(THR_MIN_STACK);
  for (char* base : {static_cast<char*>(nullptr), memory.base()}) {
    thread_t id = 0;
    ASSERT_EQ(thr_create(base, THR_MIN_STACK, DoNothing, nullptr, Flags(), &id),
              0);
    Join(id);
  }
}

TEST_P(ThreadCreateStackTest, SizesBelowTheMinimumAreInvalid) {
  const GuardedMemory memory(size_t{64} * 1024);
  const size_t minimum = thr_min_stack();
  for (const size_t size : {size_t{1}, minimum / 2, minimum - 1}) {
    EXPECT_EQ(thr_create(nullptr, size, DoNothing, nullptr, Flags(), nullptr),
              EINVAL);
    EXPECT_EQ(
        thr_create(memory.base(), size, DoNothing, nullptr, Flags(), nullptr),
        EINVAL);
  }
  EXPECT_EQ(thr_create(memory.base(), 0, DoNothing, nullptr, Flags(), nullptr),
            EINVAL);
}

TEST_P(ThreadCreateStackTest, ACallersStackThatCannotBeWrittenIsAFault) {
  constexpr size_t kSize = 64 * 1024;
  for (const int protection : {PROT_NONE, PROT_READ}) {
    const GuardedMemory memory(kSize);
    ASSERT_EQ(mprotect(memory.base(), kSize, protection), 0);
    EXPECT_EQ(
        thr_create(memory.base(), kSize, DoNothing, nullptr, Flags(), nullptr),
        EFAULT);
  }
  const GuardedMemory memory(kSize);
  ASSERT_EQ(munmap(memory.base(), kSize), 0);
  EXPECT_EQ(
      thr_create(memory.base(), kSize, DoNothing, nullptr, Flags(), nullptr),
      EFAULT);
}

TEST_P(ThreadCreateStackTest, SizesBeyondTheAddressSpaceAreNoMemory) {
  for (const size_t size :
       {size_t{1} << 56, SIZE_MAX / 2, SIZE_MAX - 2 * kPage, SIZE_MAX}) {
    EXPECT_EQ(thr_create(nullptr, size, DoNothing, nullptr, Flags(), nullptr),
              ENOMEM)
        << size;
  }
  // The process goes on.
  thread_t id = 0;
  ASSERT_EQ(Create(DoNothing, nullptr, 0, &id), 0);
  Join(id);
}

TEST_P(ThreadCreateStackTest, AFailedCreateTakesNoThread) {
  const int before = LiveThreads();
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(
        thr_create(nullptr, SIZE_MAX / 2, DoNothing, nullptr, Flags(), nullptr),
        ENOMEM);
  }
  EXPECT_EQ(LiveThreads(), before);
  EXPECT_EQ(thr_join(0, nullptr, nullptr), EDEADLK);
}

}  // namespace
}  // namespace lt

// SPDX-License-Identifier: MIT
//
// thr_stksegment(3) and thr_min_stack(3).

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "support/fixture.h"

// Exported for other libraries, in no header.
extern "C" int _thr_stksegment(
    stack_t*);  // NOLINT(bugprone-reserved-identifier)

namespace lt {
namespace {

using ThreadStksegmentTest = ApiTest;
LT_OVER_KINDS(ThreadStksegmentTest);

constexpr size_t kPage = 4096;
// What the frames of a start function itself, and of its caller, may take.
constexpr size_t kFrames = 2048;

// Sizes may be rounded up to a class, by an eighth and some pages at most.
size_t MostFor(size_t size) {
  return size + size / 8 + 8 * kPage;
}

uintptr_t High(const stack_t& segment) {
  return reinterpret_cast<uintptr_t>(segment.ss_sp);
}

// Where the caller's frame is.
[[gnu::noinline]] uintptr_t Here() {
  return reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
}

stack_t Segment() {
  stack_t segment{};
  segment.ss_flags = -1;
  EXPECT_EQ(thr_stksegment(&segment), 0);
  return segment;
}

void ExpectHereIsWithin(const stack_t& segment) {
  EXPECT_LT(Here(), High(segment));
  EXPECT_GE(Here(), High(segment) - segment.ss_size);
  EXPECT_EQ(segment.ss_flags, 0);
}

struct Report {
  stack_t segment{};
  uintptr_t here = 0;
  int error = -1;
};

extern "C" void* ReportSegment(void* arg) {
  auto* report = static_cast<Report*>(arg);
  report->error = thr_stksegment(&report->segment);
  report->here = Here();
  return nullptr;
}

TEST_P(ThreadStksegmentTest, MainsStackIsTheProcessStack) {
  const stack_t segment = Segment();
  ExpectHereIsWithin(segment);
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_STACK, &limit), 0);
  if (limit.rlim_cur != RLIM_INFINITY) {
    EXPECT_LE(segment.ss_size, limit.rlim_cur + kPage);
    EXPECT_GT(segment.ss_size, limit.rlim_cur / 2);
  } else {
    EXPECT_GT(segment.ss_size, size_t{1} << 20);
  }
}

TEST_P(ThreadStksegmentTest, ADefaultStackIsTwoMebibytes) {
  Join(Spawn([] {
    const stack_t segment = Segment();
    ExpectHereIsWithin(segment);
    EXPECT_GE(segment.ss_size, (size_t{2} << 20) - 2 * kPage);
    EXPECT_LE(segment.ss_size, MostFor(size_t{2} << 20));
  }));
}

TEST_P(ThreadStksegmentTest, ARequestedSizeIsHonoured) {
  for (const size_t size : {size_t{thr_min_stack()}, size_t{100'001},
                            size_t{64} << 10, size_t{8} << 20}) {
    Report report;
    thread_t id = 0;
    ASSERT_EQ(thr_create(nullptr, size, ReportSegment, &report, Flags(), &id),
              0);
    Join(id);
    ASSERT_EQ(report.error, 0);
    EXPECT_GE(report.segment.ss_size, size);
    EXPECT_LE(report.segment.ss_size, MostFor(size));
    EXPECT_LT(report.here, High(report.segment));
    // The thread was at its beginning: all that was asked for lay below.
    const uintptr_t low = High(report.segment) - report.segment.ss_size;
    EXPECT_GE(report.here, low + size - kFrames);
  }
}

TEST_P(ThreadStksegmentTest, ACallersStackIsReportedAsGiven) {
  constexpr size_t kSize = 64 * 1024;
  std::vector<std::max_align_t> memory(kSize / sizeof(std::max_align_t));
  Report report;
  thread_t id = 0;
  ASSERT_EQ(
      thr_create(memory.data(), kSize, ReportSegment, &report, Flags(), &id),
      0);
  Join(id);
  ASSERT_EQ(report.error, 0);
  EXPECT_EQ(High(report.segment),
            reinterpret_cast<uintptr_t>(memory.data()) + kSize);
  EXPECT_EQ(report.segment.ss_size, kSize);
}

// What a collector does: the reported low end can be reached.
extern "C" void* TouchDownToTheLowEnd(void* arg) {
  auto* report = static_cast<Report*>(arg);
  report->error = thr_stksegment(&report->segment);
  const uintptr_t low = High(report->segment) - report->segment.ss_size;
  const size_t use = Here() - low - kFrames;
  auto* bytes = static_cast<volatile char*>(__builtin_alloca(use));
  for (size_t i = 0; i < use; i += 256) bytes[i] = 1;
  report->here = reinterpret_cast<uintptr_t>(const_cast<char*>(bytes));
  return nullptr;
}

TEST_P(ThreadStksegmentTest, TheReportedSizeIsUsable) {
  for (const size_t size : {size_t{64} << 10, size_t{1} << 20}) {
    Report report;
    thread_t id = 0;
    ASSERT_EQ(
        thr_create(nullptr, size, TouchDownToTheLowEnd, &report, Flags(), &id),
        0);
    Join(id);
    EXPECT_EQ(report.error, 0);
    EXPECT_GE(report.here, High(report.segment) - report.segment.ss_size);
  }
}

TEST_P(ThreadStksegmentTest, StaysTheSameWhereverTheThreadRuns) {
  RunThreads(10, [](int) {
    const stack_t first = Segment();
    for (int i = 0; i < 50; ++i) {
      thr_yield();
      const stack_t again = Segment();
      EXPECT_EQ(again.ss_sp, first.ss_sp);
      EXPECT_EQ(again.ss_size, first.ss_size);
    }
  });
}

TEST_P(ThreadStksegmentTest, AForeignThreadsStackIsKnown) {
  ForeignThread([] { ExpectHereIsWithin(Segment()); }).Join();
}

TEST_P(ThreadStksegmentTest, ThePrivateAliasIsTheSameCall) {
  stack_t segment{};
  EXPECT_EQ(_thr_stksegment(&segment), 0);
  EXPECT_EQ(segment.ss_sp, Segment().ss_sp);
}

TEST_P(ThreadStksegmentTest, TheMinimumIsHonest) {
  const size_t minimum = thr_min_stack();
  EXPECT_EQ(THR_MIN_STACK, minimum);
  // LP64 Solaris says 8 KiB; programs add what they need to it.
  EXPECT_GE(minimum, 8192U);
  EXPECT_LE(minimum, 64U << 10);
  Join(Spawn([=] { EXPECT_EQ(thr_min_stack(), minimum); }));
}

extern "C" void* CallTheLibrary(void*) {
  thr_yield();
  thr_exit(reinterpret_cast<void*>(static_cast<uintptr_t>(thr_self())));
  return nullptr;
}

TEST_P(ThreadStksegmentTest, TheMinimumIsEnoughToYieldAndExit) {
  for (int i = 0; i < 20; ++i) {
    thread_t id = 0;
    ASSERT_EQ(thr_create(nullptr, thr_min_stack(), CallTheLibrary, nullptr,
                         Flags(), &id),
              0);
    void* status = nullptr;
    ASSERT_EQ(thr_join(id, nullptr, &status), 0);
    EXPECT_EQ(status, reinterpret_cast<void*>(static_cast<uintptr_t>(id)));
  }
}

}  // namespace
}  // namespace lt

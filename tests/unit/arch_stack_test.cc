// SPDX-License-Identifier: MIT

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <map>
#include <thread>
#include <vector>

#include "arch/stack.h"

namespace lt {
namespace {

constexpr size_t kSmallestClass = 16 * 1024;

// Sizes on, before and behind all the boundaries of classes.
std::vector<size_t> Sizes() {
  std::vector<size_t> sizes;
  for (size_t size = 0; size < (1 << 20); size += 1000) sizes.push_back(size);
  for (int log = 12; log < 46; ++log) {
    for (size_t eighth = 8; eighth < 16; ++eighth) {
      const size_t edge = (eighth << log) / 8;
      for (size_t at : {edge - kPage - 1, edge - kPage, edge - kPage + 1,
                        edge - 1, edge, edge + 1}) {
        if (at < edge + kPage) sizes.push_back(at);  // not below zero
      }
    }
  }
  std::sort(sizes.begin(), sizes.end());
  return sizes;
}

TEST(StackClassTest, HoldsWhatIsAskedWithLittleWaste) {
  for (const size_t usable : Sizes()) {
    for (const size_t extra : {size_t{0}, size_t{5000}}) {
      const size_t asked = usable + extra + kPage;
      const size_t bytes = StackClassBytes(usable, extra);
      ASSERT_GE(bytes, asked);
      ASSERT_EQ(bytes % kPage, 0u) << usable;
      if (asked >= kSmallestClass) {
        ASSERT_LE(bytes - asked, asked / 8 + kPage) << usable;
      } else {
        ASSERT_EQ(bytes, kSmallestClass) << usable;
      }
    }
  }
}

TEST(StackClassTest, Monotone) {
  size_t before = 0;
  for (const size_t usable : Sizes()) {
    const size_t bytes = StackClassBytes(usable, 0);
    ASSERT_GE(bytes, before) << usable;
    before = bytes;
  }
}

TEST(StackClassTest, AClassIsItsOwnClass) {
  for (const size_t usable : Sizes()) {
    const size_t bytes = StackClassBytes(usable, 0);
    ASSERT_EQ(StackClassBytes(bytes - kPage, 0), bytes) << usable;
  }
}

TEST(StackClassTest, IndexIsUnique) {
  std::map<int, size_t> classes;
  for (const size_t usable : Sizes()) {
    const size_t bytes = StackClassBytes(usable, 0);
    const int index = StackClassIndex(bytes);
    ASSERT_GE(index, 0);
    ASSERT_LT(index, kStackClasses);
    ASSERT_EQ(classes.emplace(index, bytes).first->second, bytes) << usable;
  }
  EXPECT_GT(classes.size(), 200u);  // not one class for all
}

TEST(StackClassTest, TooLargeIsRefused) {
  EXPECT_EQ(StackClassBytes(~size_t{0}, 0), 0u);
  EXPECT_EQ(StackClassBytes((size_t{1} << 46) + 1, 0), 0u);
  EXPECT_NE(StackClassBytes(size_t{1} << 46, 0), 0u);
}

std::vector<StackBlock> Carve(size_t class_bytes, int count) {
  std::vector<StackBlock> blocks(count);
  for (StackBlock& block : blocks) {
    EXPECT_EQ(CarveStack(class_bytes, block), 0);
    EXPECT_EQ(block.bytes, class_bytes);
  }
  return blocks;
}

void ExpectDisjoint(std::vector<StackBlock> blocks) {
  std::sort(
      blocks.begin(), blocks.end(),
      [](const StackBlock& a, const StackBlock& b) { return a.low < b.low; });
  for (size_t i = 1; i < blocks.size(); ++i) {
    ASSERT_LE(blocks[i - 1].high(), blocks[i].low);
  }
}

// More blocks than one slab has, and of two classes.
TEST(StackTest, BlocksAreDisjointAndWritable) {
  std::vector<StackBlock> blocks = Carve(kSmallestClass, 1200);
  const size_t large = StackClassBytes(3 << 20, 0);
  for (const StackBlock& block : Carve(large, 50)) blocks.push_back(block);
  ExpectDisjoint(blocks);
  for (size_t i = 0; i < blocks.size(); ++i) {
    std::memcpy(blocks[i].usable_low(), &i, sizeof i);
    std::memcpy(blocks[i].high() - sizeof i, &i, sizeof i);
  }
  for (size_t i = 0; i < blocks.size(); ++i) {
    ASSERT_EQ(std::memcmp(blocks[i].usable_low(), &i, sizeof i), 0);
    ASSERT_EQ(std::memcmp(blocks[i].high() - sizeof i, &i, sizeof i), 0);
    ReleasePages(blocks[i].usable_low(), blocks[i].high());
  }
}

TEST(StackTest, ManyCarveAtOnce) {
  constexpr int kThreads = 4;
  const size_t class_bytes = StackClassBytes(40'000, 0);
  std::vector<StackBlock> blocks[kThreads];
  std::vector<std::thread> threads;
  for (auto& mine : blocks) {
    threads.emplace_back([&] { mine = Carve(class_bytes, 700); });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<StackBlock> all;
  for (const auto& mine : blocks) {
    all.insert(all.end(), mine.begin(), mine.end());
  }
  ASSERT_EQ(all.size(), kThreads * 700u);
  ExpectDisjoint(all);
}

TEST(StackTest, ReleasedPagesAreZeroAndUsable) {
  const StackBlock block = Carve(StackClassBytes(10 * kPage, 0), 1).front();
  char* const low = block.usable_low();
  std::memset(low, 'x', block.high() - low);
  ReleasePages(low + kPage, block.high());
  EXPECT_EQ(std::count(low, low + kPage, 'x'), ptrdiff_t{kPage});
  EXPECT_EQ(std::count(low + kPage, block.high(), '\0'),
            block.high() - low - ptrdiff_t{kPage});
  low[kPage] = 'y';
  EXPECT_EQ(low[kPage], 'y');
}

TEST(StackTest, ReleaseOfNothing) {
  const StackBlock block = Carve(kSmallestClass, 1).front();
  char* const low = block.usable_low();
  low[0] = 'x';
  ReleasePages(low, low);
  ReleasePages(low + kPage, low);  // a range the wrong way round is empty
  EXPECT_EQ(low[0], 'x');
}

TEST(StackTest, InGuard) {
  const StackBlock block = Carve(kSmallestClass, 1).front();
  EXPECT_TRUE(InGuard(block, block.low));
  EXPECT_TRUE(InGuard(block, block.usable_low() - 1));
  EXPECT_FALSE(InGuard(block, block.low - 1));
  EXPECT_FALSE(InGuard(block, block.usable_low()));
  EXPECT_FALSE(InGuard(StackBlock{}, nullptr));
}

TEST(StackDeathTest, GuardFaults) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const StackBlock block = Carve(kSmallestClass, 1).front();
  *static_cast<volatile char*>(block.usable_low()) = 1;
  EXPECT_DEATH(*static_cast<volatile char*>(block.low) = 1, "");
  EXPECT_DEATH(*static_cast<volatile char*>(block.usable_low() - 1) = 1, "");
}

}  // namespace
}  // namespace lt

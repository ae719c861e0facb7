// SPDX-License-Identifier: MIT

#include <gtest/gtest.h>

#include <vector>

#include "base/list.h"

namespace lt {
namespace {

struct Item {
  int number = 0;
  Item* next = nullptr;
  Item* prev = nullptr;
};

using Queue = Fifo<Item, &Item::next>;
using Chain = List<Item, &Item::next, &Item::prev>;

class ListTest : public testing::Test {
 protected:
  ListTest() {
    for (int i = 0; i < 5; ++i) items_[i].number = i;
  }

  template <typename Container>
  static std::vector<int> Drain(Container& container) {
    std::vector<int> numbers;
    while (Item* item = container.PopFront()) numbers.push_back(item->number);
    return numbers;
  }

  Item items_[5];
};

using Numbers = std::vector<int>;

TEST_F(ListTest, FifoKeepsOrder) {
  Queue queue;
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.PopFront(), nullptr);
  for (Item& item : items_) queue.PushBack(&item);
  EXPECT_FALSE(queue.empty());
  EXPECT_EQ(queue.front(), &items_[0]);
  EXPECT_EQ(Drain(queue), (Numbers{0, 1, 2, 3, 4}));
  EXPECT_TRUE(queue.empty());
}

TEST_F(ListTest, FifoServesAgainAfterItWasEmpty) {
  Queue queue;
  queue.PushBack(&items_[0]);
  queue.PopFront();
  queue.PushBack(&items_[1]);
  queue.PushBack(&items_[2]);
  EXPECT_EQ(Drain(queue), (Numbers{1, 2}));
}

TEST_F(ListTest, FifoPushFront) {
  Queue queue;
  queue.PushFront(&items_[0]);  // into an empty one: is the end as well
  queue.PushBack(&items_[1]);
  queue.PushFront(&items_[2]);
  EXPECT_EQ(Drain(queue), (Numbers{2, 0, 1}));
}

TEST_F(ListTest, FifoRemoveFront) {
  Queue queue;
  for (Item& item : items_) queue.PushBack(&item);
  EXPECT_TRUE(queue.Remove(&items_[0]));
  EXPECT_EQ(Drain(queue), (Numbers{1, 2, 3, 4}));
}

TEST_F(ListTest, FifoRemoveMiddle) {
  Queue queue;
  for (Item& item : items_) queue.PushBack(&item);
  EXPECT_TRUE(queue.Remove(&items_[2]));
  EXPECT_EQ(Drain(queue), (Numbers{0, 1, 3, 4}));
}

TEST_F(ListTest, FifoRemoveBackMovesTheEnd) {
  Queue queue;
  for (int i = 0; i < 3; ++i) queue.PushBack(&items_[i]);
  EXPECT_TRUE(queue.Remove(&items_[2]));
  queue.PushBack(&items_[3]);
  EXPECT_EQ(Drain(queue), (Numbers{0, 1, 3}));
}

TEST_F(ListTest, FifoRemoveTheOnlyOne) {
  Queue queue;
  queue.PushBack(&items_[0]);
  EXPECT_TRUE(queue.Remove(&items_[0]));
  EXPECT_TRUE(queue.empty());
  queue.PushBack(&items_[1]);
  EXPECT_EQ(Drain(queue), (Numbers{1}));
}

TEST_F(ListTest, FifoRemoveOfAStranger) {
  Queue queue;
  EXPECT_FALSE(queue.Remove(&items_[0]));
  queue.PushBack(&items_[0]);
  queue.PushBack(&items_[1]);
  EXPECT_FALSE(queue.Remove(&items_[2]));
  EXPECT_EQ(Drain(queue), (Numbers{0, 1}));
}

// Both directions of a List must tell the same.
Numbers Forwards(const Chain& chain) {
  Numbers numbers;
  for (Item* at = chain.front(); at != nullptr; at = at->next) {
    numbers.push_back(at->number);
  }
  return numbers;
}

Numbers Backwards(const Chain& chain) {
  Numbers numbers;
  for (Item* at = chain.back(); at != nullptr; at = at->prev) {
    numbers.insert(numbers.begin(), at->number);
  }
  return numbers;
}

TEST_F(ListTest, ListInsertsAnywhere) {
  Chain chain;
  chain.PushBack(&items_[1]);
  chain.PushBack(&items_[3]);
  chain.InsertAfter(nullptr, &items_[0]);
  chain.InsertAfter(&items_[1], &items_[2]);
  chain.InsertAfter(&items_[3], &items_[4]);
  EXPECT_EQ(Forwards(chain), (Numbers{0, 1, 2, 3, 4}));
  EXPECT_EQ(Backwards(chain), (Numbers{0, 1, 2, 3, 4}));
}

TEST_F(ListTest, ListRemovesFrontMiddleAndBack) {
  Chain chain;
  for (Item& item : items_) chain.PushBack(&item);
  chain.Remove(&items_[2]);
  EXPECT_EQ(Forwards(chain), (Numbers{0, 1, 3, 4}));
  EXPECT_EQ(Backwards(chain), (Numbers{0, 1, 3, 4}));
  chain.Remove(&items_[0]);
  chain.Remove(&items_[4]);
  EXPECT_EQ(Forwards(chain), (Numbers{1, 3}));
  EXPECT_EQ(Backwards(chain), (Numbers{1, 3}));
  EXPECT_EQ(items_[2].next, nullptr);
  EXPECT_EQ(items_[2].prev, nullptr);
}

TEST_F(ListTest, ListPopsUntilEmpty) {
  Chain chain;
  EXPECT_EQ(chain.PopFront(), nullptr);
  for (Item& item : items_) chain.PushBack(&item);
  EXPECT_EQ(Drain(chain), (Numbers{0, 1, 2, 3, 4}));
  EXPECT_TRUE(chain.empty());
  EXPECT_EQ(chain.back(), nullptr);
}

}  // namespace
}  // namespace lt

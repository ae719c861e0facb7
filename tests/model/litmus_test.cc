// SPDX-License-Identifier: MIT
//
// Does the checker see what it is here for?  Two classics, each without the
// order that it needs.

#include "check.h"

namespace lt::model {
namespace {

// A message and a flag.
struct Message : rl::test_suite<Message, 2> {
  Plain<int> message{0};
  Atomic<int> flag{0};

  void thread(unsigned index) {
    if (index == 0) {
      Send();
    } else {
      Receive();
    }
  }
  void Send() {
    message.Set(1);
    flag.store(1, std::memory_order_release);
  }
  void Receive() {
    if (flag.load(std::memory_order_acquire) == 0) return;
    Require(message.Get() == 1, "the message is there");
  }
};

// Each says that it comes and looks for the other.
struct Greeting : rl::test_suite<Greeting, 2> {
  Atomic<int> here[2];
  bool met[2] = {};

  void thread(unsigned index) { Meet(index); }
  void Meet(unsigned index) {
    here[index].store(1, std::memory_order_seq_cst);
    met[index] = here[1 - index].load(std::memory_order_seq_cst) != 0;
  }
  void after() { Require(met[0] || met[1], "one meets the other"); }
};

TEST(Litmus, AMessageHolds) {
  EXPECT_TRUE(Holds<Message>(kAll));
}

TEST(Litmus, AMessageFailsWithoutRelease) {
  EXPECT_TRUE(FailsAs<Message>(rl::test_result_data_race, "Send",
                               Part::kRelease, kAll));
}

TEST(Litmus, AMessageFailsWithoutAcquire) {
  EXPECT_TRUE(FailsAs<Message>(rl::test_result_data_race, "Receive",
                               Part::kAcquire, kAll));
}

TEST(Litmus, AGreetingHolds) {
  EXPECT_TRUE(Holds<Greeting>(kAll));
}

TEST(Litmus, AGreetingFailsWithoutTotalOrder) {
  EXPECT_TRUE(FailsAs<Greeting>(rl::test_result_user_assert_failed, "Meet",
                                Part::kTotalOrder, kAll));
}

}  // namespace
}  // namespace lt::model

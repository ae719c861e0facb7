// SPDX-License-Identifier: MIT
//
// thr_getname(3) and thr_setname(3).

#include <errno.h>

#include <string>

#include "support/fixture.h"

namespace lt {
namespace {

using ThreadGetnameTest = ApiTest;
LT_OVER_KINDS(ThreadGetnameTest);

constexpr thread_t kNobody = 2'000'000'000;

std::string NameOf(thread_t id) {
  char name[THREAD_NAME_MAX] = "nothing was stored";
  EXPECT_EQ(thr_getname(id, name, sizeof name), 0);
  return name;
}

TEST_P(ThreadGetnameTest, AThreadStartsWithoutAName) {
  std::string name = "?";
  Join(Spawn([&] { name = NameOf(thr_self()); }));
  EXPECT_EQ(name, "");
}

TEST_P(ThreadGetnameTest, TheNameIsKeptWhole) {
  const std::string longest(THREAD_NAME_MAX - 1, 'x');
  ASSERT_EQ(longest.size(), 31U);
  for (const std::string& name :
       {std::string("a"), std::string("worker 1"), longest, std::string()}) {
    Join(Spawn([&] {
      EXPECT_EQ(thr_setname(thr_self(), name.c_str()), 0);
      thr_yield();
      EXPECT_EQ(NameOf(thr_self()), name);
    }));
  }
}

TEST_P(ThreadGetnameTest, AnyThreadMayNameAnyOther) {
  const thread_t id = Spawn([] {}, THR_SUSPENDED);
  Join(Spawn([&] { EXPECT_EQ(thr_setname(id, "from a sibling"), 0); }));
  EXPECT_EQ(NameOf(id), "from a sibling");
  Join(Spawn([&] { EXPECT_EQ(NameOf(id), "from a sibling"); }));
  EXPECT_EQ(thr_continue(id), 0);
  Join(id);
}

TEST_P(ThreadGetnameTest, NullClearsIt) {
  Join(Spawn([] {
    EXPECT_EQ(thr_setname(thr_self(), "short-lived"), 0);
    EXPECT_EQ(thr_setname(thr_self(), nullptr), 0);
    EXPECT_EQ(NameOf(thr_self()), "");
  }));
}

TEST_P(ThreadGetnameTest, ANameTooLongIsRefused) {
  Join(Spawn([] {
    EXPECT_EQ(thr_setname(thr_self(), "before"), 0);
    const std::string too_long(THREAD_NAME_MAX, 'x');
    EXPECT_EQ(thr_setname(thr_self(), too_long.c_str()), ERANGE);
    EXPECT_EQ(thr_setname(thr_self(), std::string(5000, 'x').c_str()), ERANGE);
    EXPECT_EQ(NameOf(thr_self()), "before");
  }));
}

TEST_P(ThreadGetnameTest, ANameThatCannotBePrintedIsInvalid) {
  Join(Spawn([] {
    EXPECT_EQ(thr_setname(thr_self(), "before"), 0);
    for (const char* name :
         {"new\nline", "\ttab", "bell\a", "del\x7f", "\x01"}) {
      EXPECT_EQ(thr_setname(thr_self(), name), EINVAL);
    }
    EXPECT_EQ(NameOf(thr_self()), "before");
  }));
}

TEST_P(ThreadGetnameTest, TheBufferMustHoldTheName) {
  Join(Spawn([] {
    EXPECT_EQ(thr_setname(thr_self(), "12345"), 0);
    char buffer[8];
    EXPECT_EQ(thr_getname(thr_self(), buffer, 6), 0);
    EXPECT_STREQ(buffer, "12345");
    for (const size_t length : {0, 1, 5}) {
      EXPECT_EQ(thr_getname(thr_self(), buffer, length), ERANGE) << length;
    }
    EXPECT_EQ(thr_getname(thr_self(), nullptr, 8), EINVAL);
  }));
}

TEST_P(ThreadGetnameTest, UnknownThreadsAreNotFound) {
  char buffer[THREAD_NAME_MAX];
  EXPECT_EQ(thr_getname(kNobody, buffer, sizeof buffer), ESRCH);
  EXPECT_EQ(thr_setname(kNobody, "nobody"), ESRCH);
  EXPECT_EQ(thr_setname(kNobody, nullptr), ESRCH);
  const thread_t id = Spawn([] {});
  Join(id);
  EXPECT_EQ(thr_getname(id, buffer, sizeof buffer), ESRCH);
  EXPECT_EQ(thr_setname(id, "gone"), ESRCH);
}

TEST_P(ThreadGetnameTest, MainMayHaveOne) {
  EXPECT_EQ(thr_setname(1, "the first"), 0);
  Join(Spawn([] { EXPECT_EQ(NameOf(1), "the first"); }));
  EXPECT_EQ(thr_setname(1, nullptr), 0);
  EXPECT_EQ(NameOf(1), "");
}

TEST_P(ThreadGetnameTest, AForeignThreadMayHaveOne) {
  ForeignThread([] {
    EXPECT_EQ(thr_setname(thr_self(), "foreign"), 0);
    EXPECT_EQ(NameOf(thr_self()), "foreign");
  }).Join();
}

TEST_P(ThreadGetnameTest, NamesAreReadWholeWhileTheyChange) {
  const std::string names[] = {std::string(31, 'a'), std::string(31, 'b')};
  std::atomic<bool> stop{false};
  std::atomic<int> torn{0};
  ASSERT_EQ(thr_setname(1, names[0].c_str()), 0);
  const thread_t writer = Spawn([&] {
    for (int i = 0; i < 500; ++i) {
      EXPECT_EQ(thr_setname(1, names[i % 2].c_str()), 0);
      if (i % 10 == 0) thr_yield();
    }
    stop = true;
  });
  while (!stop) {
    const std::string seen = NameOf(1);
    if (seen != names[0] && seen != names[1]) ++torn;
    thr_yield();
  }
  Join(writer);
  EXPECT_EQ(torn, 0);
  EXPECT_EQ(thr_setname(1, nullptr), 0);
}

}  // namespace
}  // namespace lt

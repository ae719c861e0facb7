// SPDX-License-Identifier: MIT
//
// _lwp_self(2), _lwp_info(2), _lwp_setprivate(2) and _lwp_getprivate(2).

#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include <set>
#include <vector>

#include "support/raw_lwps.h"

namespace lt {
namespace {

extern "C" int lwp_self(void);  // of other libraries

class LwpInfoTest : public ApiTest {
 protected:
  void InThread(std::function<void()> body) const {
    Join(Spawn(std::move(body)));
  }
};
LT_OVER_KINDS(LwpInfoTest);

TEST_P(LwpInfoTest, TheFirstLwpIsNumber1) {
  int status = 0;
  InThread([&] { status = _lwp_self(); });
  EXPECT_GT(status, 0);
  EXPECT_EQ(_lwp_kill(1, 0), 0);
}

TEST_P(LwpInfoTest, KernelThreadsHaveDistinctNumbers) {
  std::set<lwpid_t> numbers;
  std::atomic<int> here{0};
  Gate gate;
  std::vector<thread_t> bound;
  lwpid_t found[6] = {};
  for (int i = 0; i < 4; ++i) {
    bound.push_back(SpawnWithFlags(
        [&, i] {
          found[i] = _lwp_self();
          EXPECT_EQ(lwp_self(), found[i]);
          ++here;
          gate.Wait();
          EXPECT_EQ(_lwp_self(), found[i]);
        },
        THR_BOUND));
  }
  ForeignThread foreign([&] {
    found[4] = _lwp_self();
    ++here;
    gate.Wait();
  });
  EXPECT_TRUE(Eventually([&] { return here == 5; }));
  found[5] = 1;
  for (const lwpid_t number : found) {
    EXPECT_EQ(_lwp_kill(number, 0), 0) << number;
    EXPECT_TRUE(numbers.insert(number).second) << number;
  }
  gate.Open();
  foreign.Join();
  for (const thread_t id : bound) Join(id);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(_lwp_kill(found[i], 0), ESRCH) << found[i];
  }
  EXPECT_TRUE(Eventually([&] { return _lwp_kill(found[4], 0) == ESRCH; }));
}

// A kernel thread that the library meets at its first call has one, too.
TEST_P(LwpInfoTest, AdoptedThreadsHaveNumbers) {
  lwpid_t number = 0;
  {
    LibcThread adopted([&] {
      number = _lwp_self();
      EXPECT_EQ(_lwp_kill(number, 0), 0);
    });
  }
  EXPECT_GT(number, 1);
  EXPECT_TRUE(Eventually([&] { return _lwp_kill(number, 0) == ESRCH; }));
}

int64_t Ns(const timestruc_t& time) {
  return time.tv_sec * int64_t{1'000'000'000} + time.tv_nsec;
}

TEST_P(LwpInfoTest, TimesAreThoseOfTheCallingLwp) {
  static_assert(sizeof(struct lwpinfo) == 544);
  InThread([] {
    Lwp lwp(
        [] {
          struct lwpinfo before;
          std::memset(&before, 0xff, sizeof before);
          ASSERT_EQ(_lwp_info(&before), 0);
          // It has just begun, whatever the process has used.
          EXPECT_LT(Ns(before.lwp_utime) + Ns(before.lwp_stime), 1'000'000'000);
          for (const long pad : before.lwpinfo_pad) EXPECT_EQ(pad, 0);
          // Until the LWP's own clock says that it has used 50 ms.
          timespec used{};
          while (used.tv_sec == 0 && used.tv_nsec < 50'000'000) {
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
          }
          struct lwpinfo after;
          ASSERT_EQ(_lwp_info(&after), 0);
          const int64_t sum = Ns(after.lwp_utime) + Ns(after.lwp_stime);
          EXPECT_GE(sum, 49'000'000);
          EXPECT_GE(Ns(after.lwp_utime), Ns(before.lwp_utime));
          EXPECT_GE(Ns(after.lwp_stime), Ns(before.lwp_stime));
        },
        0u);
    lwp.Wait();
  });
}

TEST_P(LwpInfoTest, ABadPointerIsAFault) {
  InThread([] {
    Pages pages(8192);
    ASSERT_EQ(mprotect(pages.low() + 4096, 4096, PROT_READ), 0);
    const auto at = [&](size_t offset) {
      return reinterpret_cast<struct lwpinfo*>(pages.low() + offset);
    };
    EXPECT_EQ(_lwp_info(nullptr), EFAULT);
    EXPECT_EQ(_lwp_info(at(4096)), EFAULT);
    EXPECT_EQ(_lwp_info(at(4096 - 8)), EFAULT);
    EXPECT_EQ(_lwp_info(at(4096 - sizeof(struct lwpinfo))), 0);
  });
}

TEST_P(LwpInfoTest, EachLwpHasAPrivatePointer) {
  InThread([] {
    int own = 0;
    for (int i = 0; i < 10; ++i) {
      // That of an LWP that has begun as a thread's is null at first.
      const thread_t bound = SpawnWithFlags(
          [&] {
            EXPECT_EQ(_lwp_getprivate(), nullptr);
            _lwp_setprivate(&own);
            EXPECT_EQ(_lwp_getprivate(), &own);
          },
          THR_BOUND);
      Join(bound);
      Lwp lwp([&] {
        EXPECT_EQ(_lwp_getprivate(), &lwp);
        _lwp_setprivate(&own);
        // It is not what __thread variables are found by.
        static __thread int counter = 5;
        EXPECT_EQ(counter++, 5);
        EXPECT_EQ(_lwp_getprivate(), &own);
        EXPECT_EQ(pthread_equal(pthread_self(), pthread_self()), 1);
      });
      ASSERT_EQ(lwp.Create(), 0);
      lwp.Wait();
    }
  });
}

// The one of the pool is its LWP's, not the thread's.
TEST_P(LwpInfoTest, MainHasThatOfTheFirstLwp) {
  if (ModelName() == "two-level") {
    GTEST_SKIP() << "main moves between LWPs";
  }
  int own = 0;
  _lwp_setprivate(&own);
  Join(Spawn([] {}));
  EXPECT_EQ(_lwp_getprivate(), &own);
  if (ModelName() == "many-to-one") {
    Join(SpawnWithFlags([&] { EXPECT_EQ(_lwp_getprivate(), &own); }, 0));
  }
  _lwp_setprivate(nullptr);
}

}  // namespace
}  // namespace lt

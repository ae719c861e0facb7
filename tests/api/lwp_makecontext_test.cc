// SPDX-License-Identifier: MIT
//
// _lwp_makecontext(2), and other contexts for _lwp_create(2): stack, registers
// and mask of an LWP that begins.

#include <fenv.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "support/blocking.h"
#include "support/raw_lwps.h"
#include "support/shared_memory.h"

namespace lt {
namespace {

class LwpMakecontextTest : public ApiTest {
 protected:
  // Runs the body in a thread of the kind under test.
  void InThread(std::function<void()> body) const {
    Join(Spawn(std::move(body)));
  }
};
LT_OVER_KINDS(LwpMakecontextTest);

// 16 KiB, as old programs have them, all of which are the program's: they end
// where the memory does.
TEST_P(LwpMakecontextTest, UsesAllOfTheStackAndNothingElse) {
  InThread([] {
    constexpr size_t kBytes = 16384;
    Pages around(3 * kBytes, PROT_NONE);
    char* const low = around.low() + kBytes;
    ASSERT_EQ(mprotect(low, kBytes, PROT_READ | PROT_WRITE), 0);
    std::memset(low, 0x5a, kBytes);
    ucontext_t context = FreshContext();
    static int room;
    _lwp_makecontext(
        &context,
        [](void* high) {
          char local;
          room = static_cast<int>(static_cast<char*>(high) - &local);
        },
        low + kBytes, nullptr, low, kBytes);
    lwpid_t id = 0;
    ASSERT_EQ(_lwp_create(&context, 0, &id), 0);
    EXPECT_EQ(_lwp_wait(id, nullptr), 0);
    EXPECT_GT(room, 0);
    EXPECT_LT(room, 512);  // of the top, what a few frames take
    // Its end needed no more than a few frames either.
    constexpr size_t kUntouched = kBytes / 2;
    EXPECT_EQ(std::string(low, kUntouched), std::string(kUntouched, 0x5a));
  });
}

TEST_P(LwpMakecontextTest, StacksOfAnyAlignmentAreAligned) {
  InThread([] {
    for (size_t odd = 0; odd < 16; ++odd) {
      Pages stack(65536);
      static bool aligned;
      aligned = false;
      ucontext_t context = FreshContext();
      _lwp_makecontext(
          &context,
          [](void*) {
            alignas(16) volatile char wide[16] = {};
            aligned =
                reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) % 16 ==
                    0 &&
                reinterpret_cast<uintptr_t>(&wide) % 16 == 0;
            volatile double root = 2;
            aligned = aligned && std::to_string(std::sqrt(root)) == "1.414214";
          },
          nullptr, nullptr, stack.low(), stack.bytes() - odd);
      lwpid_t id = 0;
      ASSERT_EQ(_lwp_create(&context, 0, &id), 0);
      EXPECT_EQ(_lwp_wait(id, nullptr), 0);
      EXPECT_TRUE(aligned) << odd;
    }
  });
}

TEST_P(LwpMakecontextTest, TakesArgumentAndPrivatePointer) {
  InThread([] {
    Lwp lwp([&] { EXPECT_EQ(_lwp_getprivate(), &lwp); });
    ASSERT_EQ(lwp.Create(), 0);
    lwp.Wait();
  });
}

TEST_P(LwpMakecontextTest, TakesTheMaskOfTheContext) {
  InThread([] {
    const Blocked blocked({SIGUSR1});
    bool usr1 = true;
    bool usr2 = false;
    Lwp lwp([&] {
      usr1 = IsBlocked(SIGUSR1);
      usr2 = IsBlocked(SIGUSR2);
    });
    ucontext_t context = lwp.Context();
    context.uc_sigmask = SetOf({SIGUSR2});
    lwpid_t id = 0;
    ASSERT_EQ(_lwp_create(&context, 0, &id), 0);
    EXPECT_EQ(_lwp_wait(id, nullptr), 0);
    EXPECT_FALSE(usr1);
    EXPECT_TRUE(usr2);
    EXPECT_TRUE(IsBlocked(SIGUSR1));
  });
}

// With all signals blocked the library must get through all the same.
TEST_P(LwpMakecontextTest, AFullMaskDoesNotShutTheLibraryOut) {
  InThread([] {
    Gate gate;
    std::atomic<int> turns{0};
    Lwp lwp([&] {
      while (!gate.IsOpen()) ++turns;
    });
    ucontext_t context = lwp.Context();
    std::memset(&context.uc_sigmask, 0xff, sizeof context.uc_sigmask);
    lwpid_t id = 0;
    ASSERT_EQ(_lwp_create(&context, 0, &id), 0);
    ASSERT_EQ(_lwp_suspend(id), 0);
    const int before = turns;
    EXPECT_TRUE(Quiesce());
    EXPECT_EQ(turns, before);
    EXPECT_EQ(_lwp_continue(id), 0);
    gate.Open();
    EXPECT_EQ(_lwp_wait(id, nullptr), 0);
  });
}

TEST_P(LwpMakecontextTest, TheContextMayBeCopiedAndForgotten) {
  InThread([] {
    std::atomic<int> ran{0};
    Lwp first([&] { ++ran; });
    Lwp second([&] { ++ran; });
    std::vector<lwpid_t> ids(2);
    {
      const auto copy = std::make_unique<ucontext_t>(first.Context());
      ucontext_t other = *copy;
      ASSERT_EQ(_lwp_create(&other, 0, &ids[0]), 0);
      std::memset(&other, 0xff, sizeof other);
      other = second.Context();
      ASSERT_EQ(_lwp_create(&other, 0, &ids[1]), 0);
      std::memset(&other, 0xff, sizeof other);
    }
    for (const lwpid_t id : ids) EXPECT_EQ(_lwp_wait(id, nullptr), 0);
    EXPECT_EQ(ran, 2);
  });
}

// The floating-point registers are empty and in their usual modes, whatever the
// creator did to its own.
TEST_P(LwpMakecontextTest, FloatingPointBeginsAsInANewProgram) {
  InThread([] {
    ASSERT_EQ(fesetround(FE_UPWARD), 0);
    int rounding = -1;
    bool sums = false;
    Lwp lwp([&] {
      rounding = fegetround();
      // More than the eight registers of the x87, if one had been left in use.
      volatile long double sum = 0;
      for (int i = 0; i < 100; ++i) sum = sum + 0.5L;
      sums = sum == 50;
    });
    ASSERT_EQ(lwp.Create(), 0);
    lwp.Wait();
    EXPECT_EQ(fesetround(FE_TONEAREST), 0);
    EXPECT_EQ(rounding, FE_TONEAREST);
    EXPECT_TRUE(sums);
  });
}

int g_rounding;

// A context of the C library's, with its floating-point modes.
TEST_P(LwpMakecontextTest, ContextsOfTheCLibraryWork) {
  InThread([] {
    Pages stack(65536);
    ucontext_t context;
    ASSERT_EQ(fesetround(FE_DOWNWARD), 0);
    ASSERT_EQ(getcontext(&context), 0);
    EXPECT_EQ(fesetround(FE_TONEAREST), 0);
    context.uc_stack.ss_sp = stack.low();
    context.uc_stack.ss_size = stack.bytes();
    context.uc_link = nullptr;
    g_rounding = -1;
    makecontext(&context, reinterpret_cast<void (*)()>(+[](int a, int b) {
      g_rounding = a == 3 && b == 4 ? fegetround() : -2;
      _lwp_exit();
    }),
                2, 3, 4);
    lwpid_t id = 0;
    ASSERT_EQ(_lwp_create(&context, 0, &id), 0);
    EXPECT_EQ(_lwp_wait(id, nullptr), 0);
    EXPECT_EQ(g_rounding, FE_DOWNWARD);
  });
}

// That of a signal handler has its floating-point state outside of itself; with
// other registers it is good for an LWP.
TEST_P(LwpMakecontextTest, ContextsOfSignalHandlersWork) {
  InThread([] {
    static ucontext_t context;
    {
      const ScopedAction action(
          SIGUSR1,
          [](int, siginfo_t*, void* at) {
            // What the kernel wrote: the rest of the type is not there.
            constexpr size_t kBytes = offsetof(ucontext_t, uc_sigmask) + 8;
            std::memset(&context, 0xff, sizeof context);
            std::memcpy(&context, at, kBytes);
          },
          0);
      ASSERT_EQ(thr_kill(thr_self(), SIGUSR1), 0);
    }
    Pages stack(65536);
    static std::atomic<bool> ran;
    ran = false;
    ucontext_t made;
    _lwp_makecontext(
        &made,
        [](void*) {
          volatile double half = 0.5;
          ran = half + half == 1;
        },
        nullptr, nullptr, stack.low(), stack.bytes());
#if defined(__x86_64__)
    std::memcpy(context.uc_mcontext.gregs, made.uc_mcontext.gregs,
                sizeof made.uc_mcontext.gregs);
#else
    context.uc_mcontext.sp = made.uc_mcontext.sp;
    context.uc_mcontext.pc = made.uc_mcontext.pc;
    std::memcpy(context.uc_mcontext.regs, made.uc_mcontext.regs,
                sizeof made.uc_mcontext.regs);
#endif
    lwpid_t id = 0;
    ASSERT_EQ(_lwp_create(&context, 0, &id), 0);
    EXPECT_EQ(_lwp_wait(id, nullptr), 0);
    EXPECT_TRUE(ran);
  });
}

}  // namespace
}  // namespace lt

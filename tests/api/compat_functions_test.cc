// SPDX-License-Identifier: MIT
//
// strlcpy(3), isastream(3), yield(3), VERIFY(3) and the signal names of
// signal.h(3).

#define __EXTENSIONS__ 1
#define DEBUG 1
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <stropts.h>
#include <sys/debug.h>
#include <unistd.h>

#include <string>

#include "support/blocking.h"
#include "support/fixture.h"

namespace lt {
namespace {

TEST(StringTest, StrlcpyCopiesWhatFitsAndTellsTheLength) {
  char to[8];
  const auto fill = [&] { memset(to, '#', sizeof to); };
  fill();
  EXPECT_EQ(strlcpy(to, "abc", sizeof to), 3U);
  EXPECT_STREQ(to, "abc");
  EXPECT_EQ(to[4], '#');
  EXPECT_EQ(strlcpy(to, "1234567", sizeof to), 7U);
  EXPECT_STREQ(to, "1234567");
  EXPECT_EQ(strlcpy(to, "12345678", sizeof to), 8U);
  EXPECT_STREQ(to, "1234567");
  fill();
  EXPECT_EQ(strlcpy(to, "abc", 1), 3U);
  EXPECT_EQ(to[0], '\0');
  EXPECT_EQ(to[1], '#');
  fill();
  EXPECT_EQ(strlcpy(to, "abc", 0), 3U);
  EXPECT_EQ(to[0], '#');
  EXPECT_EQ(strlcpy(to, "", sizeof to), 0U);
  EXPECT_STREQ(to, "");
}

TEST(StringTest, StrlcatAppendsWhatFitsAndTellsTheLength) {
  char to[8] = "abc";
  EXPECT_EQ(strlcat(to, "de", sizeof to), 5U);
  EXPECT_STREQ(to, "abcde");
  EXPECT_EQ(strlcat(to, "fg", sizeof to), 7U);
  EXPECT_STREQ(to, "abcdefg");
  EXPECT_EQ(strlcat(to, "h", sizeof to), 8U);
  EXPECT_STREQ(to, "abcdefg");
  EXPECT_EQ(strlcat(to, "", sizeof to), 7U);
  // No NUL within the size: as long as the size, and left alone.
  EXPECT_EQ(strlcat(to, "xy", 3), 5U);
  EXPECT_STREQ(to, "abcdefg");
  EXPECT_EQ(strlcat(to, "xy", 0), 2U);
  EXPECT_STREQ(to, "abcdefg");
}

TEST(StreamsTest, NothingIsAStream) {
  TestPipe pipe;
  char bytes[4];
  strbuf buffer = {sizeof bytes, 0, bytes};
  int flags = 0;
  int band = 0;
  EXPECT_EQ(isastream(pipe.out), 0);
  EXPECT_FAILS(getmsg(pipe.out, nullptr, &buffer, &flags), ENOSTR);
  EXPECT_FAILS(getpmsg(pipe.out, nullptr, &buffer, &band, &flags), ENOSTR);
  EXPECT_FAILS(putmsg(pipe.in, nullptr, &buffer, 0), ENOSTR);
  EXPECT_FAILS(putpmsg(pipe.in, nullptr, &buffer, 0, MSG_BAND), ENOSTR);
  EXPECT_FAILS(isastream(kNoDescriptor), EBADF);
  EXPECT_FAILS(getmsg(kNoDescriptor, nullptr, &buffer, &flags), EBADF);
  EXPECT_FAILS(getpmsg(kNoDescriptor, nullptr, &buffer, &band, &flags), EBADF);
  EXPECT_FAILS(putmsg(kNoDescriptor, nullptr, &buffer, 0), EBADF);
  EXPECT_FAILS(putpmsg(kNoDescriptor, nullptr, &buffer, 0, 0), EBADF);
}

// Requests of streams are none of files and pseudo-terminals.
TEST(StreamsTest, RequestsOfStreamsFail) {
  char module[] = "ptem";
  const Descriptor null(open("/dev/null", O_RDWR | O_CLOEXEC));
  EXPECT_EQ(ioctl(null, I_PUSH, module), -1);
  EXPECT_TRUE(errno == ENOTTY || errno == EINVAL) << errno;
  const Descriptor pty(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (pty < 0) GTEST_SKIP() << "no pseudo-terminals here";
  EXPECT_EQ(ioctl(pty, I_PUSH, module), -1);
  EXPECT_TRUE(errno == ENOTTY || errno == EINVAL) << errno;
}

class YieldTest : public ApiTest {};
LT_OVER_KINDS(YieldTest);

TEST_P(YieldTest, YieldLetsOthersRun) {
  volatile bool done = false;
  const thread_t other = Spawn([&] { done = true; });
  while (!done) yield();
  Join(other);
}

// ---- Assertions ----

// Its own text, whatever the macros in it are.
#define ONE 1

TEST(DebugDeathTest, TheLineTellsExpressionValuesAndPlace) {
  const int three = 3;
  const char* const none = nullptr;
  EXPECT_DEATH(VERIFY(three == 4 - ONE + ONE),
               "^assertion failed: three == 4 - ONE \\+ ONE, "
               "file: .*compat_functions_test\\.cc, line: [0-9]+\n$");
  EXPECT_DEATH(VERIFY3S(three, ==, -ONE),
               "^assertion failed: three == -ONE "
               "\\(0x3 == 0xffffffffffffffff\\), file: .*, line: [0-9]+\n$");
  EXPECT_DEATH(VERIFY3U(three, >, 16),
               "failed: three > 16 \\(0x3 > 0x10\\), file: ");
  EXPECT_DEATH(VERIFY3P(&three, ==, none), "failed: &three == none \\(0x");
  EXPECT_DEATH(VERIFY3B(three == 3, ==, B_FALSE),
               "failed: three == 3 == B_FALSE \\(0x1 == 0x0\\)");
  EXPECT_DEATH(VERIFY0(three), "failed: three == 0 \\(0x3 == 0x0\\)");
  EXPECT_DEATH(ASSERT(three == 2), "failed: three == 2, file: ");
  EXPECT_DEATH(ASSERT3S(three, <, 3), "failed: three < 3 \\(0x3 < 0x3\\)");
  EXPECT_DEATH(ASSERT3U(three, <, 3), "failed: three < 3 \\(0x3 < 0x3\\)");
  EXPECT_DEATH(ASSERT3P(none, !=, nullptr), "failed: none != nullptr \\(0x0");
  EXPECT_DEATH(ASSERT3B(B_TRUE, ==, B_FALSE), "\\(0x1 == 0x0\\)");
  EXPECT_DEATH(ASSERT0(three), "failed: three == 0 ");
  EXPECT_DEATH(ASSERT64(three == 2), "failed: three == 2");
  EXPECT_DEATH(IMPLY(three == 3, three == 2),
               "failed: \\(three == 3\\) implies \\(three == 2\\), file: ");
  EXPECT_DEATH(EQUIV(three == 3, three == 2),
               "failed: \\(three == 3\\) is equivalent to \\(three == 2\\)");
}

// The kinds of comparison differ where the sign does.
TEST(DebugTest, WhatHoldsIsPassedOver) {
  int evaluated = 0;
  VERIFY(++evaluated == 1);
  VERIFY3S(-1, <, 1);
  VERIFY3U(-1, >, 1);
  VERIFY3P(&evaluated, ==, &evaluated);
  VERIFY3B(true, ==, B_TRUE);
  VERIFY0(evaluated - 1);
  ASSERT(++evaluated == 2);
  ASSERT32(false);
  IMPLY(false, false);
  IMPLY(false, true);
  IMPLY(true, true);
  EQUIV(5, 1);
  EQUIV(0, 0);
  EXPECT_EQ(evaluated, 2);
}

// ---- Signals that Linux has not got ----

// What the kernel knows of a set; the C library initialises no more.
constexpr size_t kSetBytes = 8;

constexpr int kAbsent[] = {SIGWAITING, SIGLWP, SIGFREEZE, SIGTHAW, SIGCANCEL};

void Handler(int) {}

TEST(AbsentSignalTest, DispositionsAreAcceptedAndForgotten) {
  for (const int signal_number : kAbsent) {
    SCOPED_TRACE(signal_number);
    struct sigaction action = {};
    action.sa_handler = Handler;
    struct sigaction before;
    memset(&before, 0xff, sizeof before);
    EXPECT_EQ(sigaction(signal_number, &action, &before), 0);
    EXPECT_EQ(before.sa_handler, SIG_DFL);
    EXPECT_EQ(sigaction(signal_number, nullptr, &before), 0);
    EXPECT_EQ(before.sa_handler, SIG_DFL);
    EXPECT_EQ(sigaction(signal_number, nullptr, nullptr), 0);
    EXPECT_EQ(signal(signal_number, SIG_IGN), SIG_DFL);
    EXPECT_EQ(sigset(signal_number, Handler), SIG_DFL);
    EXPECT_EQ(sigset(signal_number, SIG_HOLD), SIG_DFL);
    EXPECT_EQ(sigignore(signal_number), 0);
    EXPECT_EQ(sighold(signal_number), 0);
    EXPECT_EQ(sigrelse(signal_number), 0);
  }
}

// Nothing of them reaches a mask, nobody can send one, and no signal of Linux
// is touched.
TEST(AbsentSignalTest, TheyAreInNoSetAndAreNotSent) {
  sigset_t before;
  ASSERT_EQ(thr_sigsetmask(SIG_SETMASK, nullptr, &before), 0);
  for (const int signal_number : kAbsent) {
    SCOPED_TRACE(signal_number);
    sigset_t set;
    sigset_t empty;
    sigemptyset(&set);
    sigemptyset(&empty);
    EXPECT_FAILS(sigaddset(&set, signal_number), EINVAL);
    EXPECT_EQ(memcmp(&set, &empty, kSetBytes), 0);
    EXPECT_FAILS(sigdelset(&set, signal_number), EINVAL);
    EXPECT_FAILS(sigismember(&set, signal_number), EINVAL);
    EXPECT_FAILS(kill(getpid(), signal_number), EINVAL);
    EXPECT_EQ(thr_kill(thr_self(), signal_number), EINVAL);
    EXPECT_FAILS(raise(signal_number), EINVAL);
    EXPECT_FAILS(sigpause(signal_number), EINVAL);
    sighold(signal_number);
    sigset_t now;
    ASSERT_EQ(thr_sigsetmask(SIG_SETMASK, nullptr, &now), 0);
    EXPECT_EQ(memcmp(&now, &before, kSetBytes), 0);
  }
}

// Those next to them are refused as ever.
TEST(AbsentSignalTest, OtherNumbersAreNoSignals) {
  struct sigaction action = {};
  for (const int signal_number : {-1, 0, 64 + 6, 1000}) {
    EXPECT_FAILS(sigaction(signal_number, &action, nullptr), EINVAL);
    EXPECT_EQ(signal(signal_number, SIG_IGN), SIG_ERR);
    EXPECT_EQ(sigset(signal_number, SIG_IGN), SIG_ERR);
    EXPECT_FAILS(sighold(signal_number), EINVAL);
    EXPECT_FAILS(sigrelse(signal_number), EINVAL);
    EXPECT_FAILS(siginterrupt(signal_number, 1), EINVAL);
  }
}

TEST(AbsentSignalTest, SiginterruptTakesThemToo) {
  EXPECT_EQ(siginterrupt(SIGWAITING, 1), 0);
  EXPECT_EQ(siginterrupt(SIGWAITING, 0), 0);
}

// The code of a signal from thr_kill.
std::atomic<int> g_code{0};

TEST(SignalCodeTest, ThrKillSaysThatAnLwpSentIt) {
  struct sigaction action = {};
  struct sigaction before;
  action.sa_flags = SA_SIGINFO;
  action.sa_sigaction = [](int, siginfo_t* info, void*) {
    g_code = info->si_code;
  };
  ASSERT_EQ(sigaction(SIGUSR1, &action, &before), 0);
  EXPECT_EQ(thr_kill(thr_self(), SIGUSR1), 0);
  EXPECT_TRUE(Eventually([] { return g_code != 0; }));
  EXPECT_EQ(g_code, SI_LWP);
  ASSERT_EQ(sigaction(SIGUSR1, &before, nullptr), 0);
}

// ---- Both forms of sigwait ----

TEST(SigwaitFormsTest, OneArgumentReturnsTheSignalTwoStoreIt) {
  sigset_t set;
  sigset_t before;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  ASSERT_EQ(thr_sigsetmask(SIG_BLOCK, &set, &before), 0);
  ASSERT_EQ(thr_kill(thr_self(), SIGUSR2), 0);
  EXPECT_EQ(sigwait(&set), SIGUSR2);
  int came = 0;
  ASSERT_EQ(thr_kill(thr_self(), SIGUSR2), 0);
  EXPECT_EQ(sigwait(&set, &came), 0);
  EXPECT_EQ(came, SIGUSR2);
  int (*two)(const sigset_t*, int*) = sigwait;
  int (*one)(const sigset_t*) = sigwait;
  ASSERT_EQ(thr_kill(thr_self(), SIGUSR2), 0);
  EXPECT_EQ(two(&set, &came), 0);
  ASSERT_EQ(thr_kill(thr_self(), SIGUSR2), 0);
  EXPECT_EQ(one(&set), SIGUSR2);
  ASSERT_EQ(thr_sigsetmask(SIG_SETMASK, &before, nullptr), 0);
}

}  // namespace
}  // namespace lt

// SPDX-License-Identifier: MIT
//
// processor_bind(2), processor_info(2), p_online(2) and getcpuid(3).
//
// The processors that the tests may use are those of the affinity mask that
// they were started with.

#include <errno.h>
#include <sched.h>
#include <sys/processor.h>
#include <sys/procset.h>

#include <cstring>

#include "support/child.h"
#include "support/fixture.h"
#include "support/lwps.h"

namespace lt {
namespace {

constexpr processorid_t kNoProcessor = 8000;
constexpr id_t kNoLwp = 1'999'999'999;

// Untouched by any call so far.
const std::vector<int> g_all = ProcessorsOf(0);
const int g_last = g_all.back();

processorid_t BindingOf(idtype_t kind, id_t id) {
  processorid_t binding = -77;
  EXPECT_EQ(processor_bind(kind, id, PBIND_QUERY, &binding), 0);
  return binding;
}

void ExpectFails(int error, idtype_t kind, id_t id, processorid_t processor,
                 processorid_t* obind = nullptr) {
  errno = 0;
  EXPECT_EQ(processor_bind(kind, id, processor, obind), -1);
  EXPECT_EQ(errno, error);
}

using ProcessorTest = ModelTest;

TEST_F(ProcessorTest, NobodyIsBoundAtFirst) {
  EXPECT_EQ(BindingOf(P_LWPID, P_MYID), PBIND_NONE);
  EXPECT_EQ(BindingOf(P_PID, P_MYID), PBIND_NONE);
  EXPECT_EQ(BindingOf(P_PID, getpid()), PBIND_NONE);
}

TEST_F(ProcessorTest, AnLwpBindsItself) {
  BoundWorker worker;
  worker.Do([] {
    processorid_t before = -77;
    errno = 5;
    EXPECT_EQ(processor_bind(P_LWPID, P_MYID, g_last, &before), 0);
    EXPECT_EQ(errno, 5);
    EXPECT_EQ(before, PBIND_NONE);
    EXPECT_EQ(ProcessorsOf(0), std::vector<int>{g_last});
    EXPECT_EQ(getcpuid(), g_last);
    EXPECT_EQ(sched_getcpu(), g_last);
    EXPECT_EQ(BindingOf(P_LWPID, P_MYID), g_last);
    EXPECT_EQ(processor_bind(P_LWPID, P_MYID, g_all.front(), &before), 0);
    EXPECT_EQ(before, g_last);
    EXPECT_EQ(getcpuid(), g_all.front());
    EXPECT_EQ(processor_bind(P_LWPID, P_MYID, PBIND_NONE, &before), 0);
    EXPECT_EQ(before, g_all.front());
    EXPECT_EQ(ProcessorsOf(0), g_all);
    EXPECT_EQ(BindingOf(P_LWPID, P_MYID), PBIND_NONE);
  });
}

TEST_F(ProcessorTest, AnotherLwpByItsNumber) {
  BoundWorker worker;
  BoundWorker other;
  EXPECT_EQ(processor_bind(P_LWPID, worker.lwp(), g_last, nullptr), 0);
  EXPECT_EQ(ProcessorsOf(worker.kernel_id()), std::vector<int>{g_last});
  EXPECT_EQ(BindingOf(P_LWPID, worker.lwp()), g_last);
  EXPECT_EQ(ProcessorsOf(other.kernel_id()), g_all);
  EXPECT_EQ(BindingOf(P_LWPID, other.lwp()), PBIND_NONE);
  EXPECT_EQ(processor_bind(P_LWPID, worker.lwp(), PBIND_NONE, nullptr), 0);
  EXPECT_EQ(ProcessorsOf(worker.kernel_id()), g_all);
}

TEST_F(ProcessorTest, APthreadOfItsOwn) {
  std::atomic<int> lwp{0};
  std::atomic<pid_t> kernel_id{0};
  Gate end;
  ForeignThread thread([&] {
    lwp = lwp_self();
    kernel_id = OwnKernelId();
    end.Wait();
  });
  EXPECT_TRUE(Eventually([&] { return kernel_id != 0; }));
  EXPECT_EQ(processor_bind(P_LWPID, lwp, g_last, nullptr), 0);
  EXPECT_EQ(ProcessorsOf(kernel_id), std::vector<int>{g_last});
  end.Open();
}

// The LWP that a thread makes is bound as its own is.
TEST_F(ProcessorTest, NewLwpsInheritIt) {
  BoundWorker worker;
  worker.Do([] {
    EXPECT_EQ(processor_bind(P_LWPID, P_MYID, g_last, nullptr), 0);
    Join(SpawnWithFlags(
        [] { EXPECT_EQ(ProcessorsOf(0), std::vector<int>{g_last}); },
        THR_BOUND));
  });
}

TEST_F(ProcessorTest, AllOfTheProcess) {
  InChild([] {
    BoundWorker worker;
    processorid_t before = -77;
    EXPECT_EQ(processor_bind(P_PID, P_MYID, g_last, &before), 0);
    EXPECT_EQ(before, PBIND_NONE);
    for (const pid_t tid : KernelThreadIds()) {
      EXPECT_EQ(ProcessorsOf(tid), std::vector<int>{g_last}) << tid;
    }
    BoundWorker later;
    EXPECT_EQ(ProcessorsOf(later.kernel_id()), std::vector<int>{g_last});
    EXPECT_EQ(BindingOf(P_PID, getpid()), g_last);
    EXPECT_EQ(processor_bind(P_PID, getpid(), PBIND_NONE, &before), 0);
    EXPECT_EQ(before, g_last);
    for (const pid_t tid : KernelThreadIds()) {
      EXPECT_EQ(ProcessorsOf(tid), g_all) << tid;
    }
  });
}

// One bound LWP among others is told of.
TEST_F(ProcessorTest, TheProcessHasABoundLwp) {
  InChild([] {
    BoundWorker worker;
    EXPECT_EQ(processor_bind(P_LWPID, worker.lwp(), g_last, nullptr), 0);
    EXPECT_EQ(BindingOf(P_PID, P_MYID), g_last);
  });
}

TEST_F(ProcessorTest, AnotherProcess) {
  OtherProcess other;
  EXPECT_EQ(processor_bind(P_PID, other.id(), g_last, nullptr), 0);
  EXPECT_EQ(ProcessorsOf(other.id()), std::vector<int>{g_last});
  if (g_all.size() > 1) {
    EXPECT_EQ(BindingOf(P_PID, other.id()), g_last);
  }
  EXPECT_EQ(processor_bind(P_PID, other.id(), PBIND_NONE, nullptr), 0);
  EXPECT_EQ(BindingOf(P_PID, other.id()), PBIND_NONE);
  EXPECT_GE(ProcessorsOf(other.id()).size(), g_all.size());
}

TEST_F(ProcessorTest, AChildIsBoundAsItsParent) {
  BoundWorker worker;
  worker.Do([] {
    EXPECT_EQ(processor_bind(P_LWPID, P_MYID, g_last, nullptr), 0);
    InChild([] {
      EXPECT_EQ(BindingOf(P_LWPID, P_MYID), g_last);
      EXPECT_EQ(processor_bind(P_LWPID, P_MYID, PBIND_NONE, nullptr), 0);
      EXPECT_EQ(ProcessorsOf(0), g_all);
    });
    EXPECT_EQ(BindingOf(P_LWPID, P_MYID), g_last);
  });
}

// They change nothing: a binding is a hard one.
TEST_F(ProcessorTest, TypesOfBindings) {
  BoundWorker worker;
  worker.Do([] {
    processorid_t type = -77;
    EXPECT_EQ(processor_bind(P_LWPID, P_MYID, g_last, nullptr), 0);
    EXPECT_EQ(processor_bind(P_LWPID, P_MYID, PBIND_QUERY_TYPE, &type), 0);
    EXPECT_EQ(type, PBIND_HARD);
    EXPECT_EQ(processor_bind(P_LWPID, P_MYID, PBIND_HARD, nullptr), 0);
    ExpectFails(ENOTSUP, P_LWPID, P_MYID, PBIND_SOFT);
    EXPECT_EQ(BindingOf(P_LWPID, P_MYID), g_last);
  });
}

TEST_F(ProcessorTest, WhatIsNoProcessorOrNoKindOfId) {
  for (const processorid_t bad : {-6, -100, kNoProcessor, 1 << 30}) {
    ExpectFails(EINVAL, P_LWPID, P_MYID, bad);
    ExpectFails(EINVAL, P_PID, P_MYID, bad);
  }
  for (const idtype_t kind :
       {P_ALL, P_PGID, P_PIDFD, P_UID, P_CID, P_TASKID, P_CPUID, P_PSETID}) {
    ExpectFails(EINVAL, kind, P_MYID, g_last);
  }
  EXPECT_EQ(ProcessorsOf(0), g_all);
}

TEST_F(ProcessorTest, WhoIsNotThere) {
  ExpectFails(ESRCH, P_LWPID, kNoLwp, g_last);
  ExpectFails(ESRCH, P_LWPID, 0, PBIND_QUERY);
  OtherProcess other;
  other.End();
  ExpectFails(ESRCH, P_PID, other.id(), g_last);
  ExpectFails(ESRCH, P_PID, 0, PBIND_QUERY);
  // One that has ended.
  int lwp = 0;
  Join(SpawnWithFlags([&] { lwp = lwp_self(); }, THR_BOUND));
  ExpectFails(ESRCH, P_LWPID, lwp, g_last);
}

TEST_F(ProcessorTest, WhoMayNot) {
  OtherProcess other;
  const pid_t whose = geteuid() == 0 ? other.id() : 1;
  InChild([whose] {
    BecomeNobody();
    ExpectFails(EPERM, P_PID, whose, g_last);
    EXPECT_EQ(BindingOf(P_PID, whose), PBIND_NONE);  // anybody may ask
  });
}

TEST_F(ProcessorTest, NoPlaceForTheAnswer) {
  ExpectFails(EFAULT, P_LWPID, P_MYID, PBIND_QUERY, Nowhere<processorid_t>());
  const char text[] = "in memory that cannot be written";
  const void* place = reinterpret_cast<const void*>(&strlen);
  static_cast<void>(text);
  ExpectFails(EFAULT, P_LWPID, P_MYID, PBIND_QUERY,
              static_cast<processorid_t*>(const_cast<void*>(place)));
}

// /proc cannot be opened then.
TEST_F(ProcessorTest, NoDescriptorIsLeft) {
  InChild([] {
    const rlimit none = {0, 0};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
    ExpectFails(EMFILE, P_PID, P_MYID, PBIND_QUERY);
    EXPECT_EQ(BindingOf(P_LWPID, P_MYID), PBIND_NONE);  // needs none
  });
}

TEST_F(ProcessorTest, Info) {
  processor_info_t info;
  for (const int cpu : g_all) {
    std::memset(&info, 0x7f, sizeof info);
    ASSERT_EQ(processor_info(cpu, &info), 0);
    EXPECT_EQ(info.pi_state, P_ONLINE);
    EXPECT_GT(strnlen(info.pi_processor_type, PI_TYPELEN), 0u);
    EXPECT_LT(strnlen(info.pi_processor_type, PI_TYPELEN), size_t{PI_TYPELEN});
    EXPECT_GT(strnlen(info.pi_fputypes, PI_FPUTYPE), 0u);
    EXPECT_LT(strnlen(info.pi_fputypes, PI_FPUTYPE), size_t{PI_FPUTYPE});
    EXPECT_GE(info.pi_clock, 0);
    EXPECT_LT(info.pi_clock, 100'000);
  }
  for (const processorid_t bad : {-1, kNoProcessor, 1 << 30}) {
    errno = 0;
    EXPECT_EQ(processor_info(bad, &info), -1);
    EXPECT_EQ(errno, EINVAL);
  }
  errno = 0;
  EXPECT_EQ(processor_info(g_last, Nowhere<processor_info_t>()), -1);
  EXPECT_EQ(errno, EFAULT);
}

int OnlineError(processorid_t cpu, int flag) {
  errno = 0;
  EXPECT_EQ(p_online(cpu, flag), -1) << cpu << ' ' << flag;
  return errno;
}

TEST_F(ProcessorTest, OnlineTells) {
  for (const int cpu : g_all) EXPECT_EQ(p_online(cpu, P_STATUS), P_ONLINE);
  EXPECT_EQ(OnlineError(kNoProcessor, P_STATUS), EINVAL);
  EXPECT_EQ(OnlineError(-1, P_STATUS), EINVAL);
  EXPECT_EQ(OnlineError(g_last, 0), EINVAL);
  EXPECT_EQ(OnlineError(g_last, P_SPARE + 1), EINVAL);
  EXPECT_EQ(OnlineError(g_last, P_ONLINE | P_FORCED), EINVAL);
}

TEST_F(ProcessorTest, OnlineChangesNothingWithoutPrivileges) {
  InChild([] {
    BecomeNobody();
    for (const int flag : {P_ONLINE, P_OFFLINE, P_OFFLINE | P_FORCED, P_NOINTR,
                           P_SPARE, P_FAULTED, P_POWEROFF}) {
      EXPECT_EQ(OnlineError(g_last, flag), EPERM) << flag;
    }
    EXPECT_EQ(p_online(g_last, P_STATUS), P_ONLINE);
  });
}

// What is done with privileges, short of taking a processor away.
TEST_F(ProcessorTest, OnlineWithPrivileges) {
  if (geteuid() != 0) GTEST_SKIP() << "not the super-user";
  EXPECT_EQ(p_online(g_last, P_ONLINE), P_ONLINE);
  for (const int flag : {P_NOINTR, P_SPARE, P_FAULTED, P_POWEROFF}) {
    EXPECT_EQ(OnlineError(g_last, flag), ENOTSUP) << flag;
  }
  BoundWorker worker;
  EXPECT_EQ(processor_bind(P_LWPID, worker.lwp(), g_last, nullptr), 0);
  EXPECT_EQ(OnlineError(g_last, P_OFFLINE), EBUSY);
}

TEST_F(ProcessorTest, HomeGroup) {
  // Numbers of nodes are small.
  EXPECT_LT(gethomelgroup(), 1024u);
  EXPECT_GE(getcpuid(), 0);
}

}  // namespace
}  // namespace lt

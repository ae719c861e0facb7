// SPDX-License-Identifier: MIT
//
// priocntl(2) and priocntlset(2): which LWPs they are about.

#include <errno.h>
#include <sys/priocntl.h>
#include <sys/procset.h>
#include <sys/tspriocntl.h>

#include <cstring>

#include "support/child.h"
#include "support/fixture.h"
#include "support/lwps.h"
#include "support/priocntl.h"

namespace lt {
namespace {

using PriocntlSetTest = ModelTest;

TEST_F(PriocntlSetTest, AllOfTheProcess) {
  InChild([] {
    BoundWorker worker;
    pcparms_t parameters = Ts(TS_NOCHANGE, -30);
    EXPECT_EQ(priocntl(P_PID, P_MYID, PC_SETPARMS, &parameters), 0);
    for (const pid_t tid : KernelThreadIds()) EXPECT_EQ(NiceOf(tid), 10) << tid;
  });
}

TEST_F(PriocntlSetTest, OtherProcesses) {
  OtherProcess other(true);
  pcparms_t parameters = Ts(TS_NOCHANGE, -30);
  EXPECT_EQ(priocntl(P_PID, other.id(), PC_SETPARMS, &parameters), 0);
  EXPECT_EQ(NiceOf(other.id()), 10);
  parameters = Ts(TS_NOCHANGE, -45);
  EXPECT_EQ(priocntl(P_PGID, other.id(), PC_SETPARMS, &parameters), 0);
  EXPECT_EQ(NiceOf(other.id()), 15);
  EXPECT_EQ(ReadTs(P_PGID, other.id()).ts_upri, -45);
}

// Sets that are only looked at: it is in each of them.
TEST_F(PriocntlSetTest, KindsOfIds) {
  const int own = ReadTs(P_LWPID, P_MYID).ts_upri;
  const struct {
    idtype_t kind;
    id_t id;
  } sets[] = {
      {P_PID, static_cast<id_t>(getpid())},
      {P_PGID, static_cast<id_t>(getpgrp())},
      {P_SID, static_cast<id_t>(getsid(0))},
      {P_PPID, static_cast<id_t>(getppid())},
      {P_UID, geteuid()},
      {P_GID, getegid()},
      {P_CID, ClassId("TS")},
      {P_CID, ClassId("IA")},
      {P_ALL, 0},
  };
  for (const auto& set : sets) {
    EXPECT_GE(ReadTs(set.kind, set.id).ts_upri, own) << set.kind;
    if (set.kind == P_ALL) continue;
    EXPECT_GE(ReadTs(set.kind, P_MYID).ts_upri, own) << set.kind;
  }
  EXPECT_GE(ReadTs(P_LWPID, lwp_self()).ts_upri, own);
}

TEST_F(PriocntlSetTest, SetsOfProcesses) {
  OtherProcess one(true);
  OtherProcess two;
  pcparms_t lower = Ts(TS_NOCHANGE, -30);
  EXPECT_EQ(priocntl(P_PID, one.id(), PC_SETPARMS, &lower), 0);
  const auto read = [](procset_t set) {
    pcparms_t parameters = {};
    parameters.pc_cid = ClassId("TS");
    if (priocntlset(&set, PC_GETPARMS, &parameters) != 0) return -errno * 1000;
    tsparms_t ts;
    std::memcpy(&ts, parameters.pc_clparms, sizeof ts);
    return int{ts.ts_upri};
  };
  const id_t a = one.id();
  const id_t b = two.id();
  const int high = ReadTs(P_PID, b).ts_upri;
  constexpr int kNobody = -ESRCH * 1000;
  EXPECT_EQ(read({POP_OR, P_PID, a, P_PID, b}), high);
  EXPECT_EQ(read({POP_XOR, P_PID, a, P_PID, b}), high);
  EXPECT_EQ(read({POP_AND, P_PID, a, P_PID, b}), kNobody);
  EXPECT_EQ(read({POP_DIFF, P_PID, a, P_PID, b}), -30);
  EXPECT_EQ(read({POP_DIFF, P_PID, a, P_ALL, 0}), kNobody);
  EXPECT_EQ(read({POP_AND, P_PID, a, P_PGID, a}), -30);
  EXPECT_EQ(read({POP_AND, P_PGID, a, P_PID, a}), -30);
  EXPECT_EQ(read({POP_AND, P_ALL, 0, P_PID, a}), -30);
  EXPECT_EQ(read({POP_XOR, P_PGID, a, P_PID, a}), kNobody);
  EXPECT_EQ(read({POP_OR, P_PGID, a, P_PID, a}), -30);
  // The children of this process that are not in its group.
  EXPECT_EQ(read({POP_DIFF, P_PPID, static_cast<id_t>(getpid()), P_PGID,
                  static_cast<id_t>(P_MYID)}),
            -30);
  procset_t set;
  setprocset(&set, POP_OR, P_PID, a, P_PID, b);
  pcparms_t lowest = Ts(TS_NOCHANGE, -60);
  EXPECT_EQ(priocntlset(&set, PC_SETPARMS, &lowest), 0);
  EXPECT_EQ(NiceOf(one.id()), 19);
  EXPECT_EQ(NiceOf(two.id()), 19);
  set.p_op = static_cast<idop_t>(7);
  EXPECT_TRUE(Fails(EINVAL, priocntlset(&set, PC_SETPARMS, &lowest)));
  EXPECT_TRUE(Fails(EFAULT, priocntlset(nullptr, PC_SETPARMS, &lowest)));
}

// LWPs in a set: all of the process but this one.
TEST_F(PriocntlSetTest, SetsOfLwps) {
  InChild([] {
    BoundWorker one;
    BoundWorker two;
    procset_t set;
    setprocset(&set, POP_DIFF, P_PID, P_MYID, P_LWPID, one.lwp());
    pcparms_t parameters = Ts(TS_NOCHANGE, -30);
    const int before = NiceOf(one.kernel_id());
    EXPECT_EQ(priocntlset(&set, PC_SETPARMS, &parameters), 0);
    EXPECT_EQ(NiceOf(one.kernel_id()), before);
    EXPECT_EQ(NiceOf(two.kernel_id()), 10);
  });
}

TEST_F(PriocntlSetTest, NoClassOfSeveralProcesses) {
  OtherProcess one;
  pcparms_t parameters = {};
  parameters.pc_cid = static_cast<id_t>(PC_CLNULL);
  EXPECT_TRUE(
      Fails(EINVAL, priocntl(P_PGID, P_MYID, PC_GETPARMS, &parameters)));
  EXPECT_EQ(priocntl(P_PID, P_MYID, PC_GETPARMS, &parameters), 0);
}

}  // namespace
}  // namespace lt

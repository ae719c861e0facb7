// SPDX-License-Identifier: MIT
//
// priocntl(2): classes, parameters and keys, but for the real-time class
// (sched_priocntl_realtime_test.cc).  They may be started with a nice value of
// up to 10.  What changes a priority is done in a child: without privileges
// there is no way back.

#include <errno.h>
#include <sys/iapriocntl.h>
#include <sys/priocntl.h>
#include <sys/procset.h>
#include <sys/rtpriocntl.h>
#include <sys/tspriocntl.h>

#include <cstring>

#include "support/child.h"
#include "support/fixture.h"
#include "support/lwps.h"
#include "support/priocntl.h"

namespace lt {
namespace {

using PriocntlTest = ModelTest;

// Programs keep these structures in files and pass them on.
TEST_F(PriocntlTest, Layout) {
  EXPECT_EQ(sizeof(pcinfo_t), 52u);
  EXPECT_EQ(sizeof(pcparms_t), 36u);
  EXPECT_EQ(sizeof(tsparms_t), 4u);
  EXPECT_EQ(sizeof(rtparms_t), 12u);
  EXPECT_EQ(sizeof(iaparms_t), 8u);
  EXPECT_EQ(PC_CLNULL, -1);
}

TEST_F(PriocntlTest, ClassesByName) {
  const long classes = priocntl(P_ALL, 0, PC_GETCID, nullptr);
  EXPECT_GE(classes, 2);
  std::vector<id_t> ids;
  for (const char* name : {"SYS", "TS", "RT", "IA"}) {
    pcinfo_t info = {};
    std::strcpy(info.pc_clname, name);
    errno = 5;
    EXPECT_EQ(priocntl(P_ALL, 0, PC_GETCID, &info), classes);
    EXPECT_EQ(errno, 5);
    EXPECT_LT(info.pc_cid, static_cast<id_t>(classes));
    for (const id_t other : ids) EXPECT_NE(info.pc_cid, other);
    ids.push_back(info.pc_cid);
    pcinfo_t same = {};
    same.pc_cid = info.pc_cid;
    EXPECT_EQ(priocntl(P_ALL, 0, PC_GETCLINFO, &same), classes);
    EXPECT_STREQ(same.pc_clname, name);
    EXPECT_EQ(std::memcmp(&same, &info, sizeof info), 0);
  }
  EXPECT_EQ(priocntl(P_ALL, 0, PC_GETCLINFO, nullptr), classes);
  EXPECT_EQ(priocntlset(nullptr, PC_GETCLINFO, nullptr), classes);
}

TEST_F(PriocntlTest, RangesOfClasses) {
  pcinfo_t info = {};
  info.pc_cid = ClassId("TS");
  EXPECT_GT(priocntl(P_ALL, 0, PC_GETCLINFO, &info), 0);
  tsinfo_t ts;
  std::memcpy(&ts, info.pc_clinfo, sizeof ts);
  EXPECT_EQ(ts.ts_maxupri, 60);
  info.pc_cid = ClassId("RT");
  EXPECT_GT(priocntl(P_ALL, 0, PC_GETCLINFO, &info), 0);
  rtinfo_t rt;
  std::memcpy(&rt, info.pc_clinfo, sizeof rt);
  EXPECT_EQ(rt.rt_maxpri, sched_get_priority_max(SCHED_FIFO) - 1);
}

TEST_F(PriocntlTest, AnOrdinaryThreadIsOfTheTimeSharingClass) {
  pcparms_t parameters = {};
  parameters.pc_cid = static_cast<id_t>(PC_CLNULL);
  EXPECT_EQ(priocntl(P_LWPID, P_MYID, PC_GETPARMS, &parameters), 0);
  EXPECT_EQ(parameters.pc_cid, ClassId("TS"));
  tsparms_t ts;
  std::memcpy(&ts, parameters.pc_clparms, sizeof ts);
  EXPECT_EQ(ts.ts_upri, NiceOf(0) == 19 ? -60 : -3 * NiceOf(0));
  // It is not of another one.
  for (const char* name : {"RT", "SYS"}) {
    parameters.pc_cid = ClassId(name);
    EXPECT_TRUE(
        Fails(ESRCH, priocntl(P_LWPID, P_MYID, PC_GETPARMS, &parameters)));
  }
}

// Each LWP has its own, and reads back what it was given.
TEST_F(PriocntlTest, AnLwpIsMadeNicer) {
  InChild([] {
    BoundWorker worker;
    BoundWorker other;
    const int before = NiceOf(other.kernel_id());
    worker.Do([] {
      pcparms_t parameters = Ts(TS_NOCHANGE, -45);
      EXPECT_EQ(priocntl(P_LWPID, P_MYID, PC_SETPARMS, &parameters), 0);
      EXPECT_EQ(NiceOf(0), 15);
      EXPECT_EQ(ReadTs(P_LWPID, P_MYID).ts_upri, -45);
    });
    pcparms_t parameters = Ts(TS_NOCHANGE, -60);
    EXPECT_EQ(priocntl(P_LWPID, worker.lwp(), PC_SETPARMS, &parameters), 0);
    EXPECT_EQ(NiceOf(worker.kernel_id()), 19);
    EXPECT_EQ(ReadTs(P_LWPID, worker.lwp()).ts_upri, -60);
    parameters = Ts(TS_NOCHANGE, TS_NOCHANGE);
    EXPECT_EQ(priocntl(P_LWPID, worker.lwp(), PC_SETPARMS, &parameters), 0);
    EXPECT_EQ(NiceOf(worker.kernel_id()), 19);
    EXPECT_EQ(NiceOf(other.kernel_id()), before);
  });
}

// What lies between the steps is rounded.
TEST_F(PriocntlTest, StepsOfUserPriorities) {
  InChild([] {
    const struct {
      int priority;
      int nice;
    } steps[] = {{0, 0},    {-1, 0},   {-2, 1},   {-3, 1},   {-4, 1},  {-5, 2},
                 {-30, 10}, {-55, 18}, {-56, 19}, {-57, 19}, {-60, 19}};
    for (const auto& step : steps) {
      // The tests may have been started with another one than 0.
      if (step.nice < NiceOf(0) && geteuid() != 0) continue;
      BoundWorker worker;
      pcparms_t parameters = Ts(TS_NOCHANGE, step.priority);
      EXPECT_EQ(priocntl(P_LWPID, worker.lwp(), PC_SETPARMS, &parameters), 0);
      EXPECT_EQ(NiceOf(worker.kernel_id()), step.nice) << step.priority;
    }
  });
}

TEST_F(PriocntlTest, TheLimitWithoutPrivileges) {
  InChild([] {
    BecomeNobody();
    const int start = ReadTs(P_LWPID, P_MYID).ts_upri;
    EXPECT_EQ(ReadTs(P_LWPID, P_MYID).ts_uprilim, start);
    // Above the limit is as good as the limit.
    pcparms_t parameters = Ts(TS_NOCHANGE, 60);
    EXPECT_EQ(priocntl(P_LWPID, P_MYID, PC_SETPARMS, &parameters), 0);
    EXPECT_EQ(ReadTs(P_LWPID, P_MYID).ts_upri, start);
    // The limit itself is not to be raised.
    parameters = Ts(60, 60);
    EXPECT_TRUE(
        Fails(EPERM, priocntl(P_LWPID, P_MYID, PC_SETPARMS, &parameters)));
    // A lower one lowers the priority, for good.
    parameters = Ts(-30, TS_NOCHANGE);
    EXPECT_EQ(priocntl(P_LWPID, P_MYID, PC_SETPARMS, &parameters), 0);
    EXPECT_EQ(ReadTs(P_LWPID, P_MYID).ts_upri, -30);
    parameters = Ts(-42, 0);
    EXPECT_EQ(priocntl(P_LWPID, P_MYID, PC_SETPARMS, &parameters), 0);
    EXPECT_EQ(ReadTs(P_LWPID, P_MYID).ts_upri, -42);
    parameters = Ts(TS_NOCHANGE, 0);
    EXPECT_EQ(priocntl(P_LWPID, P_MYID, PC_SETPARMS, &parameters), 0);
    EXPECT_EQ(ReadTs(P_LWPID, P_MYID).ts_upri, -42);
  });
}

TEST_F(PriocntlTest, WithPrivilegesItIsRaised) {
  if (geteuid() != 0) GTEST_SKIP() << "not the super-user";
  InChild([] {
    BoundWorker worker;
    pcparms_t parameters = Ts(60, 30);
    EXPECT_EQ(priocntl(P_LWPID, worker.lwp(), PC_SETPARMS, &parameters), 0);
    EXPECT_EQ(NiceOf(worker.kernel_id()), -10);
    EXPECT_EQ(ReadTs(P_LWPID, worker.lwp()).ts_upri, 30);
    EXPECT_EQ(ReadTs(P_LWPID, worker.lwp()).ts_uprilim, 60);
    EXPECT_EQ(ReadTs(P_PID, P_MYID).ts_upri, 30);  // the highest of all
  });
}

TEST_F(PriocntlTest, TheInteractiveClassIsAnotherName) {
  InChild([] {
    pcparms_t parameters =
        Parms("IA", iaparms_t{IA_NOCHANGE, -30, IA_SET_INTERACTIVE});
    EXPECT_EQ(priocntl(P_LWPID, P_MYID, PC_SETPARMS, &parameters), 0);
    EXPECT_EQ(NiceOf(0), 10);
    parameters = {};
    parameters.pc_cid = ClassId("IA");
    EXPECT_EQ(priocntl(P_LWPID, P_MYID, PC_GETPARMS, &parameters), 0);
    EXPECT_EQ(parameters.pc_cid, ClassId("IA"));
    iaparms_t ia;
    std::memcpy(&ia, parameters.pc_clparms, sizeof ia);
    EXPECT_EQ(ia.ia_upri, -30);
    parameters = Parms("IA", iaparms_t{IA_NOCHANGE, -30, 7});
    EXPECT_TRUE(
        Fails(EINVAL, priocntl(P_LWPID, P_MYID, PC_SETPARMS, &parameters)));
  });
}

TEST_F(PriocntlTest, Nice) {
  InChild([] {
    BoundWorker worker;
    pcnice_t nice = {15, PC_SETNICE};
    EXPECT_EQ(priocntl(P_LWPID, worker.lwp(), PC_DONICE, &nice), 0);
    EXPECT_EQ(NiceOf(worker.kernel_id()), 15);
    nice = {-77, PC_GETNICE};
    EXPECT_EQ(priocntl(P_LWPID, worker.lwp(), PC_DONICE, &nice), 0);
    EXPECT_EQ(nice.pc_val, 15);
    EXPECT_EQ(priocntl(P_PID, P_MYID, PC_DONICE, &nice), 0);
    EXPECT_EQ(nice.pc_val, NiceOf(0));  // the lowest
    nice = {1000, PC_SETNICE};
    EXPECT_EQ(priocntl(P_LWPID, worker.lwp(), PC_DONICE, &nice), 0);
    EXPECT_EQ(NiceOf(worker.kernel_id()), 19);
    nice = {0, 7};
    EXPECT_TRUE(Fails(EINVAL, priocntl(P_PID, P_MYID, PC_DONICE, &nice)));
    BecomeNobody();
    nice = {-20, PC_SETNICE};
    EXPECT_TRUE(Fails(EPERM, priocntl(P_PID, P_MYID, PC_DONICE, &nice)));
  });
}

TEST_F(PriocntlTest, ByKeys) {
  InChild([] {
    EXPECT_EQ(priocntl(P_LWPID, P_MYID, PC_SETXPARMS, "TS", TS_KY_UPRI, -30, 0),
              0);
    EXPECT_EQ(NiceOf(0), 10);
    pri_t priority = 77;
    pri_t limit = 77;
    EXPECT_EQ(priocntl(P_LWPID, P_MYID, PC_GETXPARMS, "TS", TS_KY_UPRI,
                       &priority, TS_KY_UPRILIM, &limit, 0),
              0);
    EXPECT_EQ(priority, -30);
    EXPECT_GE(limit, -30);
    // Small values leave what stands beside them alone.
    pri_t three[3] = {77, 77, 77};
    EXPECT_EQ(
        priocntl(P_LWPID, P_MYID, PC_GETXPARMS, "TS", TS_KY_UPRI, &three[1], 0),
        0);
    EXPECT_EQ(three[0], 77);
    EXPECT_EQ(three[1], -30);
    EXPECT_EQ(three[2], 77);
    EXPECT_EQ(priocntl(P_LWPID, P_MYID, PC_SETXPARMS, "IA", IA_KY_UPRILIM, -45,
                       IA_KY_UPRI, -45, IA_KY_MODE, IA_INTERACTIVE_OFF, 0),
              0);
    int mode = 77;
    EXPECT_EQ(priocntl(P_LWPID, P_MYID, PC_GETXPARMS, "IA", IA_KY_UPRI,
                       &priority, IA_KY_MODE, &mode, 0),
              0);
    EXPECT_EQ(priority, -45);
    EXPECT_EQ(mode, IA_INTERACTIVE_OFF);
    char name[PC_CLNMSZ];
    std::memset(name, 'x', sizeof name);
    EXPECT_EQ(
        priocntl(P_LWPID, P_MYID, PC_GETXPARMS, nullptr, PC_KY_CLNAME, name, 0),
        0);
    EXPECT_STREQ(name, "TS");
    procset_t set;
    setprocset(&set, POP_AND, P_LWPID, P_MYID, P_ALL, 0);
    EXPECT_EQ(priocntlset(&set, PC_SETXPARMS, "TS", TS_KY_UPRI, -60, 0), 0);
    EXPECT_EQ(NiceOf(0), 19);
  });
}

}  // namespace
}  // namespace lt

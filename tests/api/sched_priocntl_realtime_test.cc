// SPDX-License-Identifier: MIT
//
// priocntl(2) and the real-time class.  The threads of that class only ever
// wait, and each test is a child process: a failure leaves nobody behind who
// would not give up a processor.

#include <errno.h>
#include <sched.h>
#include <sys/priocntl.h>
#include <sys/procset.h>
#include <sys/rtpriocntl.h>
#include <sys/tspriocntl.h>

#include <climits>
#include <cstring>

#include "support/child.h"
#include "support/fixture.h"
#include "support/lwps.h"
#include "support/priorities.h"

namespace lt {
namespace {

struct Class {
  int policy;
  int priority;
  bool operator==(const Class&) const = default;
};

std::ostream& operator<<(std::ostream& out, Class shown) {
  return out << "policy " << shown.policy << " priority " << shown.priority;
}

constexpr Class kOrdinary = {SCHED_OTHER, 0};

// As the kernel has it.
Class ClassOf(const BoundWorker& worker) {
  sched_param param = {};
  const int policy = sched_getscheduler(worker.kernel_id());
  EXPECT_EQ(sched_getparam(worker.kernel_id(), &param), 0);
  return {policy, param.sched_priority};
}

id_t ClassId(const char* name) {
  pcinfo_t info = {};
  std::strcpy(info.pc_clname, name);
  EXPECT_GT(priocntl(P_ALL, 0, PC_GETCID, &info), 0);
  return info.pc_cid;
}

long SetRt(idtype_t kind, id_t id, int priority, uint_t seconds,
           int nanoseconds) {
  const rtparms_t rt = {static_cast<pri_t>(priority), seconds, nanoseconds};
  pcparms_t parameters = {};
  parameters.pc_cid = ClassId("RT");
  std::memcpy(parameters.pc_clparms, &rt, sizeof rt);
  return priocntl(kind, id, PC_SETPARMS, &parameters);
}

void MakeRt(const BoundWorker& worker, int priority, int nanoseconds) {
  EXPECT_EQ(SetRt(P_LWPID, worker.lwp(), priority, 0, nanoseconds), 0);
}

void MakeTs(const BoundWorker& worker, int priority) {
  const tsparms_t ts = {TS_NOCHANGE, static_cast<pri_t>(priority)};
  pcparms_t parameters = {};
  parameters.pc_cid = ClassId("TS");
  std::memcpy(parameters.pc_clparms, &ts, sizeof ts);
  EXPECT_EQ(priocntl(P_LWPID, worker.lwp(), PC_SETPARMS, &parameters), 0);
}

rtparms_t ReadRt(const BoundWorker& worker) {
  pcparms_t parameters = {};
  parameters.pc_cid = static_cast<id_t>(PC_CLNULL);
  EXPECT_EQ(priocntl(P_LWPID, worker.lwp(), PC_GETPARMS, &parameters), 0);
  EXPECT_EQ(parameters.pc_cid, ClassId("RT"));
  rtparms_t rt;
  std::memcpy(&rt, parameters.pc_clparms, sizeof rt);
  return rt;
}

void WaitFor(BoundWorker& worker, mutex_t& m) {
  worker.Begin([&m] { EXPECT_EQ(mutex_lock(&m), 0); });
  EXPECT_TRUE(Quiesce());
  EXPECT_TRUE(worker.busy());
}

void Lock(BoundWorker& worker, mutex_t& m) {
  worker.Do([&m] { EXPECT_EQ(mutex_lock(&m), 0); });
}

void Unlock(BoundWorker& worker, mutex_t& m) {
  worker.Do([&m] { EXPECT_EQ(mutex_unlock(&m), 0); });
}

class PriocntlRealtimeTest : public ModelTest {
 protected:
  static void InRealtimeChild(const std::function<void()>& body) {
    if (!Permitted()) {
      GTEST_SKIP() << "the kernel does not permit SCHED_FIFO here";
    }
    InChild(body);
  }

 private:
  static bool Permitted() {
    sched_param param = {};
    param.sched_priority = 99;
    if (sched_setscheduler(0, SCHED_FIFO, &param) != 0) return false;
    param.sched_priority = 0;
    EXPECT_EQ(sched_setscheduler(0, SCHED_OTHER, &param), 0);
    return true;
  }
};

TEST_F(PriocntlRealtimeTest, PolicyFollowsTheQuantum) {
  InRealtimeChild([] {
    BoundWorker worker;
    MakeRt(worker, 0, RT_TQINF);
    EXPECT_EQ(ClassOf(worker), (Class{SCHED_FIFO, 1}));
    EXPECT_EQ(ReadRt(worker).rt_pri, 0);
    EXPECT_EQ(ReadRt(worker).rt_tqnsecs, RT_TQINF);
    MakeRt(worker, 98, RT_TQDEF);
    EXPECT_EQ(ClassOf(worker), (Class{SCHED_RR, 99}));
    EXPECT_EQ(ReadRt(worker).rt_pri, 98);
    const rtparms_t rt = ReadRt(worker);
    timespec quantum = {};
    EXPECT_EQ(sched_rr_get_interval(worker.kernel_id(), &quantum), 0);
    EXPECT_EQ(rt.rt_tqsecs, static_cast<uint_t>(quantum.tv_sec));
    EXPECT_EQ(rt.rt_tqnsecs, quantum.tv_nsec);
    MakeRt(worker, RT_NOCHANGE, RT_TQINF);
    EXPECT_EQ(ClassOf(worker), (Class{SCHED_FIFO, 99}));
    MakeRt(worker, 20, RT_NOCHANGE);
    EXPECT_EQ(ClassOf(worker), (Class{SCHED_FIFO, 21}));
    MakeRt(worker, 20, 5'000'000);
    EXPECT_EQ(ClassOf(worker), (Class{SCHED_RR, 21}));
    MakeTs(worker, 0);
    EXPECT_EQ(ClassOf(worker), kOrdinary);
    // What a new one of the class has, if nothing is said.
    MakeRt(worker, RT_NOCHANGE, RT_NOCHANGE);
    EXPECT_EQ(ClassOf(worker), (Class{SCHED_RR, 1}));
    MakeTs(worker, TS_NOCHANGE);
    EXPECT_EQ(ClassOf(worker), kOrdinary);
  });
}

TEST_F(PriocntlRealtimeTest, ByKeys) {
  InRealtimeChild([] {
    BoundWorker worker;
    const id_t id = worker.lwp();
    EXPECT_EQ(priocntl(P_LWPID, id, PC_SETXPARMS, "RT", RT_KY_PRI, 7,
                       RT_KY_TQNSECS, RT_TQINF, 0),
              0);
    EXPECT_EQ(ClassOf(worker), (Class{SCHED_FIFO, 8}));
    EXPECT_EQ(priocntl(P_LWPID, id, PC_SETXPARMS, "RT", RT_KY_TQSECS, 1,
                       RT_KY_TQSIG, 0, 0),
              0);
    EXPECT_EQ(ClassOf(worker), (Class{SCHED_RR, 8}));
    pri_t priority = 77;
    uint_t seconds = 77;
    int nanoseconds = 77;
    int signal = 77;
    EXPECT_EQ(priocntl(P_LWPID, id, PC_GETXPARMS, "RT", RT_KY_PRI, &priority,
                       RT_KY_TQSECS, &seconds, RT_KY_TQNSECS, &nanoseconds,
                       RT_KY_TQSIG, &signal, 0),
              0);
    EXPECT_EQ(priority, 7);
    EXPECT_EQ(seconds, ReadRt(worker).rt_tqsecs);
    EXPECT_EQ(nanoseconds, ReadRt(worker).rt_tqnsecs);
    EXPECT_EQ(signal, 0);
    char name[PC_CLNMSZ] = {};
    EXPECT_EQ(
        priocntl(P_LWPID, id, PC_GETXPARMS, nullptr, PC_KY_CLNAME, name, 0), 0);
    EXPECT_STREQ(name, "RT");
  });
}

// Wrong before anybody is asked for permission.
TEST_F(PriocntlRealtimeTest, WrongParameters) {
  const auto set = [](int priority, uint_t seconds, int nanoseconds) {
    return SetRt(P_LWPID, P_MYID, priority, seconds, nanoseconds);
  };
  EXPECT_TRUE(Fails(EINVAL, set(99, 0, RT_TQDEF)));
  EXPECT_TRUE(Fails(EINVAL, set(-2, 0, RT_TQDEF)));
  EXPECT_TRUE(Fails(EINVAL, set(1, 0, 0)));
  EXPECT_TRUE(Fails(EINVAL, set(1, 0, 1'000'000'000)));
  EXPECT_TRUE(Fails(EINVAL, set(1, 0, -4)));
  EXPECT_TRUE(Fails(ERANGE, set(1, INT_MAX, 0)));
  const auto key = [](int name, int value) {
    return priocntl(P_LWPID, P_MYID, PC_SETXPARMS, "RT", name, value, 0);
  };
  EXPECT_TRUE(Fails(EINVAL, key(RT_KY_PRI, 99)));
  EXPECT_TRUE(Fails(EINVAL, key(RT_KY_TQSIG, SIGUSR1)));
  EXPECT_TRUE(Fails(EINVAL, key(RT_KY_TQSECS, 0)));
  EXPECT_TRUE(Fails(ERANGE, key(RT_KY_TQSECS, -1)));
  EXPECT_TRUE(Fails(EINVAL, key(5, 0)));
}

TEST_F(PriocntlRealtimeTest, WhoMayNot) {
  InChild([] {
    BecomeNobody();
    EXPECT_TRUE(Fails(EPERM, SetRt(P_LWPID, P_MYID, 0, 0, RT_TQDEF)));
    EXPECT_TRUE(Fails(EPERM, SetRt(P_PID, P_MYID, 0, 0, RT_TQDEF)));
  });
}

TEST_F(PriocntlRealtimeTest, ItHasNoNiceValue) {
  InRealtimeChild([] {
    BoundWorker worker;
    MakeRt(worker, 5, RT_TQDEF);
    pcnice_t nice = {5, PC_SETNICE};
    EXPECT_TRUE(
        Fails(EINVAL, priocntl(P_LWPID, worker.lwp(), PC_DONICE, &nice)));
  });
}

TEST_F(PriocntlRealtimeTest, TheHighestOfTheProcess) {
  InRealtimeChild([] {
    BoundWorker low;
    BoundWorker high;
    MakeRt(low, 5, RT_TQDEF);
    MakeRt(high, 6, RT_TQINF);
    pri_t priority = 77;
    EXPECT_EQ(
        priocntl(P_PID, P_MYID, PC_GETXPARMS, "RT", RT_KY_PRI, &priority, 0),
        0);
    EXPECT_EQ(priority, 6);
    EXPECT_EQ(priocntl(P_CID, ClassId("RT"), PC_GETXPARMS, "RT", RT_KY_PRI,
                       &priority, 0),
              0);
    EXPECT_GE(priority, 6);
    char name[PC_CLNMSZ] = {};
    EXPECT_EQ(
        priocntl(P_PID, P_MYID, PC_GETXPARMS, nullptr, PC_KY_CLNAME, name, 0),
        0);
    EXPECT_STREQ(name, "RT");
  });
}

// A flag for children of the kernel thread stays.
TEST_F(PriocntlRealtimeTest, ResetOnForkStays) {
  InRealtimeChild([] {
    BoundWorker worker;
    sched_param param = {};
    param.sched_priority = 3;
    EXPECT_EQ(sched_setscheduler(worker.kernel_id(),
                                 SCHED_FIFO | SCHED_RESET_ON_FORK, &param),
              0);
    MakeRt(worker, 9, RT_TQDEF);
    EXPECT_EQ(ClassOf(worker), (Class{SCHED_RR | SCHED_RESET_ON_FORK, 10}));
    MakeTs(worker, TS_NOCHANGE);
    EXPECT_EQ(ClassOf(worker), (Class{SCHED_OTHER | SCHED_RESET_ON_FORK, 0}));
  });
}

// ---- An LWP that is raised meanwhile, by who waits for what it holds ----

TEST_F(PriocntlRealtimeTest, ARaisedLwpTellsItsOwn) {
  InRealtimeChild([] {
    ProtocolMutex m;
    BoundWorker owner;
    BoundWorker waiter;
    MakeRt(owner, 4, RT_TQDEF);
    MakeRt(waiter, 19, RT_TQINF);
    Lock(owner, m);
    WaitFor(waiter, m);
    EXPECT_EQ(ClassOf(owner), (Class{SCHED_FIFO, 20}));
    EXPECT_EQ(ReadRt(owner).rt_pri, 4);
    EXPECT_NE(ReadRt(owner).rt_tqnsecs, RT_TQINF);
    Unlock(owner, m);
    waiter.Finish();
    Unlock(waiter, m);
    EXPECT_EQ(ReadRt(owner).rt_pri, 4);
  });
}

TEST_F(PriocntlRealtimeTest, ARaisedLwpStaysSoAndHasTheNewClassAfterwards) {
  InRealtimeChild([] {
    const struct {
      int priority;
      int quantum;
      Class meanwhile;
      Class afterwards;
    } cases[] = {
        // below, the very same, above
        {4, RT_TQDEF, {SCHED_FIFO, 20}, {SCHED_RR, 5}},
        {19, RT_TQINF, {SCHED_FIFO, 20}, {SCHED_FIFO, 20}},
        {29, RT_TQDEF, {SCHED_RR, 30}, {SCHED_RR, 30}},
    };
    for (const auto& each : cases) {
      ProtocolMutex m;
      BoundWorker owner;
      BoundWorker waiter;
      MakeRt(waiter, 19, RT_TQINF);
      Lock(owner, m);
      WaitFor(waiter, m);
      EXPECT_EQ(ClassOf(owner), (Class{SCHED_FIFO, 20}));
      MakeRt(owner, each.priority, each.quantum);
      EXPECT_EQ(ClassOf(owner), each.meanwhile);
      EXPECT_EQ(ReadRt(owner).rt_pri, each.priority);
      Unlock(owner, m);
      EXPECT_EQ(ClassOf(owner), each.afterwards);
      waiter.Finish();
      Unlock(waiter, m);
    }
  });
}

TEST_F(PriocntlRealtimeTest, ARaisedLwpLeavesTheClass) {
  InRealtimeChild([] {
    ProtocolMutex m;
    BoundWorker owner;
    BoundWorker waiter;
    MakeRt(waiter, 19, RT_TQINF);
    Lock(owner, m);
    // It needs no help, and does so when it has left the class.
    MakeRt(owner, 39, RT_TQDEF);
    WaitFor(waiter, m);
    EXPECT_EQ(ClassOf(owner), (Class{SCHED_RR, 40}));
    MakeTs(owner, -30);
    EXPECT_EQ(ClassOf(owner), (Class{SCHED_FIFO, 20}));
    pri_t priority = 77;
    EXPECT_EQ(priocntl(P_LWPID, owner.lwp(), PC_GETXPARMS, "TS", TS_KY_UPRI,
                       &priority, 0),
              0);
    EXPECT_EQ(priority, -30);
    Unlock(owner, m);
    EXPECT_EQ(ClassOf(owner), kOrdinary);
    waiter.Finish();
    Unlock(waiter, m);
  });
}

TEST_F(PriocntlRealtimeTest, UnderACeiling) {
  InRealtimeChild([] {
    ProtocolMutex m(LOCK_PRIO_PROTECT, 30);
    BoundWorker owner;
    MakeRt(owner, 9, RT_TQDEF);
    Lock(owner, m);
    EXPECT_EQ(ClassOf(owner), (Class{SCHED_RR, 30}));
    EXPECT_EQ(ReadRt(owner).rt_pri, 9);
    MakeRt(owner, 14, RT_TQINF);
    EXPECT_EQ(ClassOf(owner), (Class{SCHED_FIFO, 30}));
    Unlock(owner, m);
    EXPECT_EQ(ClassOf(owner), (Class{SCHED_FIFO, 15}));
  });
}

}  // namespace
}  // namespace lt

// SPDX-License-Identifier: MIT
//
// priocntl(2): what is refused.

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

using PriocntlMistakesTest = ModelTest;

long SetByKey(const char* name, int key, int value) {
  return priocntl(P_LWPID, P_MYID, PC_SETXPARMS, name, key, value, 0);
}

TEST_F(PriocntlMistakesTest, WrongKeys) {
  const int before = NiceOf(0);
  EXPECT_TRUE(Fails(EINVAL, SetByKey("TS", 3, 0)));
  EXPECT_TRUE(Fails(EINVAL, SetByKey("TS", 99, 0)));
  EXPECT_TRUE(Fails(EINVAL, SetByKey("TS", -1, 0)));
  EXPECT_TRUE(Fails(EINVAL, SetByKey("TS", TS_KY_UPRI, -61)));
  EXPECT_TRUE(Fails(EINVAL, SetByKey("IA", IA_KY_MODE, 7)));
  EXPECT_TRUE(Fails(EINVAL, SetByKey("SYS", 1, 0)));
  EXPECT_TRUE(Fails(EINVAL, SetByKey("XX", TS_KY_UPRI, 0)));
  EXPECT_TRUE(Fails(EINVAL, SetByKey("a name that is too long", 1, 0)));
  EXPECT_TRUE(Fails(EFAULT, SetByKey(nullptr, TS_KY_UPRI, 0)));
  EXPECT_TRUE(Fails(EFAULT, SetByKey(Nowhere<const char>(), TS_KY_UPRI, 0)));
  EXPECT_TRUE(Fails(EINVAL, priocntl(P_LWPID, P_MYID, PC_SETXPARMS, "TS",
                                     TS_KY_UPRI, 0, TS_KY_UPRI, 0, 0)));
  pri_t priority = 0;
  const auto get = [&](const char* name, int key, void* place) {
    return priocntl(P_LWPID, P_MYID, PC_GETXPARMS, name, key, place, 0);
  };
  EXPECT_TRUE(Fails(EINVAL, get("TS", IA_KY_MODE, &priority)));
  EXPECT_TRUE(Fails(EINVAL, get(nullptr, 2, &priority)));
  EXPECT_TRUE(Fails(EFAULT, get("TS", TS_KY_UPRI, Nowhere<pri_t>())));
  EXPECT_TRUE(Fails(ESRCH, get("RT", RT_KY_PRI, &priority)));
  EXPECT_EQ(NiceOf(0), before);
}

TEST_F(PriocntlMistakesTest, WrongParameters) {
  const int before = NiceOf(0);
  const auto set = [](pcparms_t parameters) {
    return priocntl(P_LWPID, P_MYID, PC_SETPARMS, &parameters);
  };
  EXPECT_TRUE(Fails(EINVAL, set(Ts(TS_NOCHANGE, 61))));
  EXPECT_TRUE(Fails(EINVAL, set(Ts(TS_NOCHANGE, -61))));
  EXPECT_TRUE(Fails(EINVAL, set(Ts(61, TS_NOCHANGE))));
  pcparms_t parameters = Ts(TS_NOCHANGE, TS_NOCHANGE);
  for (const int id : {0, PC_CLNULL, 99}) {
    parameters.pc_cid = static_cast<id_t>(id);
    EXPECT_TRUE(Fails(EINVAL, set(parameters))) << id;
  }
  parameters.pc_cid = 99;
  EXPECT_TRUE(
      Fails(EINVAL, priocntl(P_LWPID, P_MYID, PC_GETPARMS, &parameters)));
  EXPECT_EQ(NiceOf(0), before);
}

TEST_F(PriocntlMistakesTest, WrongCommandsAndClasses) {
  pcparms_t parameters = Ts(TS_NOCHANGE, TS_NOCHANGE);
  for (const int command : {-1, 5, 9, 99}) {
    EXPECT_TRUE(Fails(EINVAL, priocntl(P_PID, P_MYID, command, &parameters)));
  }
  for (const idtype_t kind : {P_PIDFD, P_TASKID, P_CPUID, P_CTID}) {
    EXPECT_TRUE(Fails(EINVAL, priocntl(kind, 0, PC_GETPARMS, &parameters)));
  }
  pcinfo_t info = {};
  std::strcpy(info.pc_clname, "XX");
  EXPECT_TRUE(Fails(EINVAL, priocntl(P_ALL, 0, PC_GETCID, &info)));
  std::memset(info.pc_clname, 'T', sizeof info.pc_clname);
  EXPECT_TRUE(Fails(EINVAL, priocntl(P_ALL, 0, PC_GETCID, &info)));
  info.pc_cid = 99;
  EXPECT_TRUE(Fails(EINVAL, priocntl(P_ALL, 0, PC_GETCLINFO, &info)));
}

TEST_F(PriocntlMistakesTest, WhoIsNotThere) {
  pcparms_t parameters = Ts(TS_NOCHANGE, TS_NOCHANGE);
  OtherProcess other;
  other.End();
  for (const int command : {PC_GETPARMS, PC_SETPARMS}) {
    EXPECT_TRUE(Fails(ESRCH, priocntl(P_LWPID, kNoLwp, command, &parameters)));
    EXPECT_TRUE(
        Fails(ESRCH, priocntl(P_PID, other.id(), command, &parameters)));
    EXPECT_TRUE(
        Fails(ESRCH, priocntl(P_PGID, other.id(), command, &parameters)));
    EXPECT_TRUE(Fails(ESRCH, priocntl(P_PID, 0, command, &parameters)));
  }
  pcnice_t nice = {0, PC_GETNICE};
  EXPECT_TRUE(Fails(ESRCH, priocntl(P_LWPID, kNoLwp, PC_DONICE, &nice)));
}

TEST_F(PriocntlMistakesTest, WhoMayNot) {
  OtherProcess other;
  const pid_t whose = geteuid() == 0 ? other.id() : 1;
  InChild([whose] {
    BecomeNobody();
    pcparms_t parameters = Ts(TS_NOCHANGE, -30);
    EXPECT_TRUE(Fails(EPERM, priocntl(P_PID, whose, PC_SETPARMS, &parameters)));
    ReadTs(P_PID, whose);  // anybody may look
  });
}

TEST_F(PriocntlMistakesTest, NoSuchAddress) {
  for (const int command : {PC_GETCID, PC_GETCLINFO, PC_SETPARMS, PC_GETPARMS,
                            PC_DONICE, PC_ADMIN}) {
    EXPECT_TRUE(
        Fails(EFAULT, priocntl(P_LWPID, P_MYID, command, Nowhere<pcparms_t>())))
        << command;
  }
}

// The kernel has no tables of classes.
TEST_F(PriocntlMistakesTest, Administration) {
  pcadmin_t admin = {ClassId("RT"), nullptr};
  EXPECT_TRUE(Fails(EPERM, priocntl(P_ALL, 0, PC_ADMIN, &admin)));
  admin.pc_cid = 99;
  EXPECT_TRUE(Fails(EINVAL, priocntl(P_ALL, 0, PC_ADMIN, &admin)));
}

TEST_F(PriocntlMistakesTest, NoDescriptorIsLeft) {
  InChild([] {
    pcparms_t parameters = Ts(TS_NOCHANGE, TS_NOCHANGE);
    const rlimit none = {0, 0};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
    EXPECT_TRUE(Fails(EMFILE, priocntl(P_ALL, 0, PC_GETPARMS, &parameters)));
    EXPECT_EQ(priocntl(P_LWPID, P_MYID, PC_GETPARMS, &parameters), 0);
  });
}

}  // namespace
}  // namespace lt

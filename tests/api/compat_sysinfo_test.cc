// SPDX-License-Identifier: MIT
//
// sysinfo(3).

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/systeminfo.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "support/blocking.h"
#include "support/fixture.h"

namespace lt {
namespace {

// The whole string; what it needs must be what is said.
std::string Get(int command) {
  char text[300];
  memset(text, '#', sizeof text);
  const int needed = sysinfo(command, text, sizeof text);
  EXPECT_GT(needed, 0);
  EXPECT_EQ(strnlen(text, sizeof text) + 1, static_cast<size_t>(needed));
  return text;
}

TEST(SysinfoTest, TellsWhatTheKernelTells) {
  utsname names;
  ASSERT_EQ(uname(&names), 0);
  EXPECT_EQ(Get(SI_SYSNAME), names.sysname);
  EXPECT_EQ(Get(SI_HOSTNAME), names.nodename);
  EXPECT_EQ(Get(SI_RELEASE), names.release);
  EXPECT_EQ(Get(SI_VERSION), names.version);
  EXPECT_EQ(Get(SI_MACHINE), names.machine);
}

TEST(SysinfoTest, TellsTheArchitecture) {
#if defined(__x86_64__)
  EXPECT_EQ(Get(SI_ARCHITECTURE), "i386");
  EXPECT_EQ(Get(SI_PLATFORM), "i86pc");
  const std::string native = "amd64";
#else
  const std::string native = Get(SI_MACHINE);
  EXPECT_EQ(Get(SI_ARCHITECTURE), native);
  EXPECT_EQ(Get(SI_PLATFORM), native);
#endif
  EXPECT_EQ(Get(SI_ARCHITECTURE_64), native);
  EXPECT_EQ(Get(SI_ARCHITECTURE_K), native);
  EXPECT_EQ(Get(SI_ARCHITECTURE_NATIVE), native);
  EXPECT_EQ(Get(SI_ISALIST), native);
  EXPECT_EQ(Get(SI_ADDRESS_WIDTH), std::to_string(8 * sizeof(void*)));
}

TEST(SysinfoTest, TellsOfTheMachineWhatIsKnown) {
  const std::string serial = Get(SI_HW_SERIAL);
  EXPECT_EQ(serial, std::to_string(static_cast<unsigned>(gethostid())));
  EXPECT_EQ(Get(SI_HW_PROVIDER).find('\n'), std::string::npos);
  EXPECT_NE(Get(SI_SRPC_DOMAIN), "(none)");
}

TEST(SysinfoTest, CutsWhatDoesNotFit) {
  char text[8];
  memset(text, '#', sizeof text);
  EXPECT_EQ(sysinfo(SI_SYSNAME, text, 3), 6);
  EXPECT_EQ(std::string(text, 4), std::string("Li\0#", 4));
  EXPECT_EQ(sysinfo(SI_SYSNAME, text, 1), 6);
  EXPECT_EQ(std::string(text, 2), std::string("\0i", 2));
  memset(text, '#', sizeof text);
  EXPECT_EQ(sysinfo(SI_SYSNAME, text, 5), 6);
  EXPECT_STREQ(text, "Linu");
  EXPECT_EQ(sysinfo(SI_SYSNAME, text, 6), 6);
  EXPECT_STREQ(text, "Linux");
  EXPECT_EQ(text[6], '#');
  // No room at all: the size only.
  text[0] = '#';
  EXPECT_EQ(sysinfo(SI_SYSNAME, text, 0), 6);
  EXPECT_EQ(sysinfo(SI_SYSNAME, text, -1), 6);
  EXPECT_EQ(text[0], '#');
  EXPECT_EQ(sysinfo(SI_SYSNAME, nullptr, 0), 6);
}

TEST(SysinfoTest, Errors) {
  char text[8];
  EXPECT_FAILS(sysinfo(0, text, sizeof text), EINVAL);
  EXPECT_FAILS(sysinfo(-1, text, sizeof text), EINVAL);
  EXPECT_FAILS(sysinfo(10, text, sizeof text), EINVAL);
  EXPECT_FAILS(sysinfo(SI_ARCHITECTURE_32, text, sizeof text), EINVAL);
  EXPECT_FAILS(sysinfo(100000, text, sizeof text), EINVAL);
  EXPECT_FAILS(sysinfo(SI_SYSNAME, nullptr, 8), EFAULT);
  EXPECT_FAILS(sysinfo(SI_SET_HOSTNAME, nullptr, 8), EFAULT);
  EXPECT_FAILS(sysinfo(SI_SET_SRPC_DOMAIN, nullptr, 8), EFAULT);
}

// In a child with names of its own if it may have them, else with no right to
// set any; 0 when all is as it must be, else the number of the step.
int SetNames() {
  char name[] = "lt-name";
  char domain[] = "lt-domain";
  char long_name[100];
  char text[100];
  memset(long_name, 'x', sizeof long_name - 1);
  long_name[sizeof long_name - 1] = '\0';
  if (unshare(CLONE_NEWUTS) != 0) {
    // Without that right there is none to set names either.
    if (sysinfo(SI_SET_HOSTNAME, long_name, 0) != -1) return 1;
    if (errno != EPERM && errno != EINVAL) return 2;
    return geteuid() != 0 && errno != EPERM ? 3 : 0;
  }
  if (sysinfo(SI_SET_HOSTNAME, name, 0) != 0) return 4;
  if (sysinfo(SI_HOSTNAME, text, sizeof text) != sizeof name) return 5;
  if (strcmp(text, name) != 0) return 6;
  if (sysinfo(SI_SET_SRPC_DOMAIN, domain, 0) != 0) return 7;
  if (sysinfo(SI_SRPC_DOMAIN, text, sizeof text) != sizeof domain) return 8;
  if (strcmp(text, domain) != 0) return 9;
  if (sysinfo(SI_SET_HOSTNAME, long_name, 0) != -1 || errno != EINVAL) {
    return 10;
  }
  if (sysinfo(SI_SET_SRPC_DOMAIN, long_name, 0) != -1 || errno != EINVAL) {
    return 11;
  }
  return 0;
}

TEST(SysinfoTest, NamesAreSetByWhoMay) {
  const pid_t child = fork();
  ASSERT_NE(child, -1);
  if (child == 0) _exit(SetNames());
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0) << "step";
}

// Linux' function of the name.
TEST(SysinfoTest, BothFunctionsAreThere) {
  struct sysinfo linux_form = {};
  EXPECT_EQ(sysinfo(&linux_form), 0);
  EXPECT_GT(linux_form.totalram, 0U);
  int (*solaris)(int, char*, long) = sysinfo;
  EXPECT_EQ(solaris(SI_SYSNAME, nullptr, 0), 6);
}

}  // namespace
}  // namespace lt

// SPDX-License-Identifier: MIT
//
// What the tests of priocntl(2) share.

#ifndef LIBTHREAD_TESTS_SUPPORT_PRIOCNTL_H_
#define LIBTHREAD_TESTS_SUPPORT_PRIOCNTL_H_

#include <errno.h>
#include <sys/priocntl.h>
#include <sys/procset.h>
#include <sys/resource.h>
#include <sys/tspriocntl.h>

#include <cstring>

#include "support/child.h"
#include "support/fixture.h"
#include "support/lwps.h"

namespace lt {

inline constexpr id_t kNoLwp = 1'999'999'999;

inline int NiceOf(pid_t tid) {
  errno = 0;
  const int nice = getpriority(PRIO_PROCESS, static_cast<id_t>(tid));
  EXPECT_EQ(errno, 0);
  return nice;
}

inline id_t ClassId(const char* name) {
  pcinfo_t info = {};
  std::strcpy(info.pc_clname, name);
  EXPECT_GE(priocntl(P_ALL, 0, PC_GETCID, &info), 2) << name;
  return info.pc_cid;
}

template <typename Parameters>
pcparms_t Parms(const char* name, const Parameters& parameters) {
  pcparms_t result = {};
  result.pc_cid = ClassId(name);
  std::memcpy(result.pc_clparms, &parameters, sizeof parameters);
  return result;
}

inline pcparms_t Ts(int limit, int priority) {
  return Parms(
      "TS", tsparms_t{static_cast<pri_t>(limit), static_cast<pri_t>(priority)});
}

// What TS says of the one with the highest priority.
inline tsparms_t ReadTs(idtype_t kind, id_t id, long result = 0) {
  pcparms_t parameters = {};
  parameters.pc_cid = ClassId("TS");
  EXPECT_EQ(priocntl(kind, id, PC_GETPARMS, &parameters), result);
  tsparms_t ts;
  std::memcpy(&ts, parameters.pc_clparms, sizeof ts);
  return ts;
}

}  // namespace lt

#endif  // LIBTHREAD_TESTS_SUPPORT_PRIOCNTL_H_

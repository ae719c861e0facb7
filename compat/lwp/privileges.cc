// SPDX-License-Identifier: MIT

#include "compat/lwp/privileges.h"

#include <linux/capability.h>

#include "base/syscall.h"

namespace lt {

bool MaySchedule() {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  return RawSyscall(SYS_capget, reinterpret_cast<long>(&header),
                    reinterpret_cast<long>(data)) == 0 &&
         (data[CAP_TO_INDEX(CAP_SYS_NICE)].effective &
          CAP_TO_MASK(CAP_SYS_NICE)) != 0;
}

}  // namespace lt

// SPDX-License-Identifier: MIT
//
// The structures of <sys/tspriocntl.h> and its kin, and keys with values: what
// programs say of the parameters of a class, checked, and what they are told.

#ifndef LIBTHREAD_COMPAT_LWP_CLASS_PARAMETERS_H_
#define LIBTHREAD_COMPAT_LWP_CLASS_PARAMETERS_H_

#include <sys/priocntl.h>

#include <cstdarg>

#include "compat/lwp/sched_class.h"

namespace lt {

// The name of a class, or null.
const char* NameOfClass(id_t id);
// EINVAL: none has that name.
[[nodiscard]] int FindClass(const char* name, ClassId& id);
// What PC_GETCID and PC_GETCLINFO tell.
pcinfo_t DescribeClass(ClassId id);

struct ClassChange {
  ClassId id = kClassSys;
  TsChange ts;
  RtChange rt;
};

// EINVAL, ERANGE.
[[nodiscard]] int ReadParameters(const pcparms_t& parameters,
                                 ClassChange& change);
// By the structure of the class `as`, which is that of `view`.
pcparms_t TellParameters(id_t as, const ClassView& view);

// Keys and values as they follow the name of a class.  EINVAL, ERANGE.
[[nodiscard]] int ReadKeys(ClassId id, va_list values, ClassChange& change);
// Keys and addresses.  EINVAL, EFAULT.  `as`: -1: no class was named.
[[nodiscard]] int TellKeys(id_t as, va_list places, const ClassView& view);

}  // namespace lt

#endif  // LIBTHREAD_COMPAT_LWP_CLASS_PARAMETERS_H_

// SPDX-License-Identifier: MIT
//
// Scheduling classes of Solaris, as the kernel of Linux has them:
//
//   class | kernel             | parameters
//   ------+--------------------+-----------------------------------------------
//   TS    | SCHED_OTHER, BATCH | user priority: -60 to 60 for nice 19 to -20
//   IA    | and IDLE           | the same, by another name
//   RT    | SCHED_FIFO and RR  | priority: 0 to 98 for 1 to 99
//         |                    | time quantum: none for FIFO, the kernel's for
//         |                    | RR
//   SYS   | none               |
//
// A user priority is three for each step of the nice value; what lies between
// is rounded, and nice 19 is the lowest, -60.

#ifndef LIBTHREAD_COMPAT_LWP_SCHED_CLASS_H_
#define LIBTHREAD_COMPAT_LWP_SCHED_CLASS_H_

#include <sys/types.h>

namespace lt {

enum ClassId { kClassSys, kClassTs, kClassRt, kClassIa, kClasses };

inline constexpr int kHighestUserPriority = 60;
inline constexpr int kHighestRtPriority = 98;

// TS and IA are one.
inline bool SameClass(id_t one, id_t other) {
  return one == other || (one == kClassIa && other == kClassTs) ||
         (one == kClassTs && other == kClassIa);
}

// No change: of a parameter, or of the limit.
inline constexpr int kKeep = -1 << 20;

enum class Quantum {
  kKeep,
  kDefault,
  kInfinite,
};

struct TsChange {
  int limit = kKeep;     // user priority limit
  int priority = kKeep;  // user priority
};

struct RtChange {
  int priority = kKeep;
  Quantum quantum = Quantum::kKeep;
};

// What a kernel thread has; in a critical section, as all here.
struct ClassView {
  ClassId id = kClassTs;
  int limit = 0;     // TS
  int priority = 0;  // TS and RT
  int nice = 0;
  bool infinite = false;         // RT
  long quantum_seconds = 0;      // RT, if not infinite
  long quantum_nanoseconds = 0;  // RT, if not infinite
};

// ESRCH, EPERM.
[[nodiscard]] int ReadClass(pid_t process, pid_t tid, ClassView& view);
// All higher than all others of the class TS.
int RankOf(const ClassView& view);

// 0, ESRCH, or EPERM.
[[nodiscard]] int SetTs(pid_t process, pid_t tid, TsChange change);
[[nodiscard]] int SetRt(pid_t tid, RtChange change);
// EINVAL: it is of the class RT.
[[nodiscard]] int SetNice(pid_t tid, int nice);

}  // namespace lt

#endif  // LIBTHREAD_COMPAT_LWP_SCHED_CLASS_H_

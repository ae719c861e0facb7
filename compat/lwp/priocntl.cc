// SPDX-License-Identifier: MIT
//
// priocntl() and priocntlset().  A call is about a set of LWPs; what it does to
// each of them is in sched_class.h.

#include <sys/priocntl.h>

#include <cstdarg>

#include "api/entry.h"
#include "compat/lwp/class_parameters.h"
#include "compat/lwp/process_set.h"
#include "compat/lwp/sched_class.h"
#include "compat/lwp/user_memory.h"
#include "sched/critical.h"

namespace lt {
namespace {

constexpr auto kNoClass = static_cast<id_t>(PC_CLNULL);

// One that has ended does not count; all others are tried, whatever happens.
class Changer {
 public:
  explicit Changer(const ClassChange& change) : change_(change) {}
  explicit Changer(int nice) : nice_(nice), by_nice_(true) {}

  void Visit(pid_t process, pid_t tid) {
    const int error = Change(process, tid);
    if (error == ESRCH) return;
    found_ = true;
    if (error_ == 0) error_ = error;
  }
  int error() const { return found_ ? error_ : ESRCH; }

 private:
  int Change(pid_t process, pid_t tid) const {
    if (by_nice_) return SetNice(tid, nice_);
    return change_.id == kClassRt ? SetRt(tid, change_.rt)
                                  : SetTs(process, tid, change_.ts);
  }

  const ClassChange change_;
  const int nice_ = 0;
  const bool by_nice_ = false;
  bool found_ = false;
  int error_ = 0;
};

// Finds the LWP of the highest priority, and the lowest nice value.
class Reader {
 public:
  // kNoClass: of any class.
  explicit Reader(id_t id) : id_(id) {}

  void Visit(pid_t process, pid_t tid) {
    ClassView view;
    if (ReadClass(process, tid, view) != 0) return;
    if (id_ != kNoClass && !SameClass(id_, view.id)) return;
    if (!found_ || RankOf(view) > RankOf(best_)) best_ = view;
    if (!found_ || view.nice < nice_) nice_ = view.nice;
    several_ |= found_ && process != process_;
    found_ = true;
    process_ = process;
  }
  bool found() const { return found_; }
  bool several() const { return several_; }
  const ClassView& best() const { return best_; }
  int nice() const { return nice_; }

 private:
  const id_t id_;
  bool found_ = false;
  bool several_ = false;  // processes
  pid_t process_ = 0;
  ClassView best_;
  int nice_ = 0;
};

int Change(const procset_t& set, Changer changer) {
  const int error = VisitLwps(set, changer);
  return error != 0 ? error : changer.error();
}

int FindBest(const procset_t& set, id_t id, ClassView& best) {
  Reader reader(id);
  if (const int error = VisitLwps(set, reader)) return error;
  if (!reader.found()) return ESRCH;
  if (id == kNoClass && reader.several()) return EINVAL;
  best = reader.best();
  return 0;
}

int GetId(pcinfo_t* place) {
  if (place == nullptr) return 0;
  pcinfo_t asked;
  if (const int error = CopyIn(&asked, place, sizeof asked)) return error;
  asked.pc_clname[PC_CLNMSZ - 1] = '\0';
  ClassId id;
  if (const int error = FindClass(asked.pc_clname, id)) return error;
  const pcinfo_t info = DescribeClass(id);
  return CopyOut(place, &info, sizeof info);
}

int GetInfo(pcinfo_t* place) {
  if (place == nullptr) return 0;
  pcinfo_t asked;
  if (const int error = CopyIn(&asked, place, sizeof asked)) return error;
  if (NameOfClass(asked.pc_cid) == nullptr) return EINVAL;
  const pcinfo_t info = DescribeClass(static_cast<ClassId>(asked.pc_cid));
  return CopyOut(place, &info, sizeof info);
}

int SetParameters(const procset_t& set, const void* place) {
  pcparms_t parameters;
  if (const int error = CopyIn(&parameters, place, sizeof parameters)) {
    return error;
  }
  ClassChange change;
  if (const int error = ReadParameters(parameters, change)) return error;
  return Change(set, Changer(change));
}

int GetParameters(const procset_t& set, void* place) {
  pcparms_t parameters;
  if (const int error = CopyIn(&parameters, place, sizeof parameters)) {
    return error;
  }
  const id_t asked = parameters.pc_cid;
  if (asked != kNoClass && NameOfClass(asked) == nullptr) return EINVAL;
  ClassView best;
  if (const int error = FindBest(set, asked, best)) return error;
  parameters = TellParameters(asked == kNoClass ? id_t{best.id} : asked, best);
  return CopyOut(place, &parameters, sizeof parameters);
}

int DoNice(const procset_t& set, void* place) {
  pcnice_t nice;
  if (const int error = CopyIn(&nice, place, sizeof nice)) return error;
  if (nice.pc_op == PC_SETNICE) return Change(set, Changer(nice.pc_val));
  if (nice.pc_op != PC_GETNICE) return EINVAL;
  Reader reader(kNoClass);
  if (const int error = VisitLwps(set, reader)) return error;
  if (!reader.found()) return ESRCH;
  nice.pc_val = reader.nice();
  return CopyOut(place, &nice, sizeof nice);
}

// The kernel has no tables of classes that a program could look at or change.
int Administer(const void* place) {
  pcadmin_t asked;
  if (const int error = CopyIn(&asked, place, sizeof asked)) return error;
  return NameOfClass(asked.pc_cid) == nullptr ? EINVAL : EPERM;
}

int NamedClass(const char* name, ClassId& id) {
  char copy[PC_CLNMSZ];
  const int error = CopyInString(copy, name, sizeof copy);
  return error != 0 ? error : FindClass(copy, id);
}

int SetByKeys(const procset_t& set, va_list arguments) {
  ClassId id;
  const char* name = va_arg(arguments, const char*);
  if (const int error = NamedClass(name, id)) return error;
  ClassChange change;
  if (const int error = ReadKeys(id, arguments, change)) return error;
  return Change(set, Changer(change));
}

int GetByKeys(const procset_t& set, va_list arguments) {
  const char* name = va_arg(arguments, const char*);
  id_t asked = kNoClass;
  if (name != nullptr) {
    ClassId id;
    if (const int error = NamedClass(name, id)) return error;
    asked = id;
  }
  ClassView best;
  if (const int error = FindBest(set, asked, best)) return error;
  return TellKeys(asked, arguments, best);
}

int Control(const procset_t* place, int command, va_list arguments) {
  Critical critical(Self());  // an unbound thread keeps its LWP
  switch (command) {
    case PC_GETCID:
      return GetId(va_arg(arguments, pcinfo_t*));
    case PC_GETCLINFO:
      return GetInfo(va_arg(arguments, pcinfo_t*));
    case PC_ADMIN:
      return Administer(va_arg(arguments, const void*));
    default:
      break;
  }
  procset_t set;
  if (const int error = CopyIn(&set, place, sizeof set)) return error;
  if (const int error = CheckProcessSet(set)) return error;
  switch (command) {
    case PC_SETPARMS:
      return SetParameters(set, va_arg(arguments, const void*));
    case PC_GETPARMS:
      return GetParameters(set, va_arg(arguments, void*));
    case PC_DONICE:
      return DoNice(set, va_arg(arguments, void*));
    case PC_SETXPARMS:
      return SetByKeys(set, arguments);
    case PC_GETXPARMS:
      return GetByKeys(set, arguments);
    default:
      return EINVAL;
  }
}

long Result(int command, int error) {
  if (error != 0) return SystemResult(error);
  return command == PC_GETCID || command == PC_GETCLINFO ? kClasses : 0;
}

}  // namespace
}  // namespace lt

LT_EXPORT_WEAK long priocntl(idtype_t kind, id_t id, int command, ...) {
  const procset_t set = {POP_AND, kind, id, kind, id};
  va_list arguments;
  va_start(arguments, command);
  const int error = lt::Control(&set, command, arguments);
  va_end(arguments);
  return lt::Result(command, error);
}

LT_EXPORT_WEAK long priocntlset(procset_t* set, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  const int error = lt::Control(set, command, arguments);
  va_end(arguments);
  return lt::Result(command, error);
}

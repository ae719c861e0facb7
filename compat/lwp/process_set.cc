// SPDX-License-Identifier: MIT

#include "compat/lwp/process_set.h"

#include <cerrno>

#include "compat/lwp/processes.h"
#include "compat/lwp/sched_class.h"
#include "compat/lwp/targets.h"
#include "lwp/kernel_thread.h"

namespace lt {
namespace {

constexpr auto kOwn = static_cast<id_t>(P_MYID);

bool IsKnown(idtype_t kind) {
  switch (kind) {
    case P_ALL:
    case P_PID:
    case P_PPID:
    case P_PGID:
    case P_SID:
    case P_CID:
    case P_UID:
    case P_GID:
    case P_LWPID:
      return true;
    default:
      return false;
  }
}

struct Lwp {
  pid_t process;
  pid_t tid;
  const ProcessView& view;
};

// Whether a kernel thread is on one side of a set.
bool IsIn(const Lwp& lwp, idtype_t kind, id_t id) {
  const bool mine = id == kOwn;
  const bool by_view = kind == P_PPID || kind == P_PGID || kind == P_SID ||
                       kind == P_UID || kind == P_GID;
  ProcessView own;
  if (mine && by_view && LookAtProcess(OwnProcess(), own) != 0) return false;
  const auto number = static_cast<pid_t>(id);
  switch (kind) {
    case P_ALL:
      return true;
    case P_PID:
      return lwp.process == (mine ? OwnProcess() : number);
    case P_PPID:
      return lwp.view.parent == (mine ? own.parent : number);
    case P_PGID:
      return lwp.view.group == (mine ? own.group : number);
    case P_SID:
      return lwp.view.session == (mine ? own.session : number);
    case P_UID:
      return lwp.view.user == (mine ? own.user : id);
    case P_GID:
      return lwp.view.of_group == (mine ? own.of_group : id);
    case P_LWPID:
      return lwp.process == OwnProcess() && lwp.tid == KernelIdOfOwn(id);
    case P_CID: {
      ClassView its;
      ClassView callers;
      if (ReadClass(lwp.process, lwp.tid, its) != 0) return false;
      if (!mine) return SameClass(id, its.id);
      return ReadClass(OwnProcess(), KernelTid(), callers) == 0 &&
             its.id == callers.id;
    }
    default:
      return false;
  }
}

bool IsIn(const Lwp& lwp, const procset_t& set) {
  const bool left = IsIn(lwp, set.p_lidtype, set.p_lid);
  const bool right = IsIn(lwp, set.p_ridtype, set.p_rid);
  switch (set.p_op) {
    case POP_DIFF:
      return left && !right;
    case POP_AND:
      return left && right;
    case POP_OR:
      return left || right;
    case POP_XOR:
      return left != right;
  }
  return false;
}

// The only process that can be on this side; 0: any.
pid_t OnlyProcess(idtype_t kind, id_t id) {
  if (kind == P_LWPID || (kind == P_PID && id == kOwn)) return OwnProcess();
  return kind == P_PID ? static_cast<pid_t>(id) : 0;
}

struct Visit {
  const procset_t& set;
  VisitLwp visit;
  void* context;

  int Process(pid_t process) const {
    ProcessView view;
    if (process <= 0 || LookAtProcess(process, view) != 0 || view.kernels) {
      return 0;
    }
    KernelThreads threads(process);
    while (const pid_t tid = threads.Next()) {
      if (IsIn({process, tid, view}, set)) visit(context, process, tid);
    }
    return threads.error() == ENOENT ? 0 : threads.error();
  }
};

}  // namespace

int CheckProcessSet(const procset_t& set) {
  const bool operation = set.p_op == POP_DIFF || set.p_op == POP_AND ||
                         set.p_op == POP_OR || set.p_op == POP_XOR;
  return operation && IsKnown(set.p_lidtype) && IsKnown(set.p_ridtype) ? 0
                                                                       : EINVAL;
}

int VisitLwps(const procset_t& set, VisitLwp visit, void* context) {
  // The usual set is one LWP: that needs no look around.
  if (set.p_lidtype == P_LWPID && set.p_ridtype == P_LWPID &&
      set.p_lid == set.p_rid && set.p_op == POP_AND) {
    const pid_t tid = KernelIdOfOwn(set.p_lid);
    if (tid != 0) visit(context, OwnProcess(), tid);
    return 0;
  }
  const Visit all{set, visit, context};
  const pid_t left = OnlyProcess(set.p_lidtype, set.p_lid);
  const pid_t right = OnlyProcess(set.p_ridtype, set.p_rid);
  const bool from_left = set.p_op == POP_DIFF || set.p_op == POP_AND;
  if (left != 0 && (from_left || left == right)) return all.Process(left);
  if (right != 0 && set.p_op == POP_AND) return all.Process(right);
  if (left != 0 && right != 0) {
    const int error = all.Process(left);
    return error != 0 ? error : all.Process(right);
  }
  Processes processes;
  while (const pid_t process = processes.Next()) {
    if (const int error = all.Process(process)) return error;
  }
  return processes.error();
}

}  // namespace lt

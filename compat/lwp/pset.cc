// SPDX-License-Identifier: MIT
//
// pset_create() and its kin, over the sets of bindings.h.

#include <sys/pset.h>

#include "api/entry.h"
#include "compat/lwp/bindings.h"
#include "compat/lwp/privileges.h"
#include "compat/lwp/processes.h"
#include "compat/lwp/targets.h"
#include "compat/lwp/user_memory.h"

namespace lt {
namespace {

psetid_t PublicId(int set) {
  return set == kNoSet ? PS_NONE : set;
}

bool IsPublicSet(psetid_t set) ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_binding_lock) {
  return set > 0 && IsSet(set);
}

// PS_MYID and PS_NONE among the sets.
int Resolve(psetid_t id, int& set)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_binding_lock) {
  set = id;
  if (id == PS_NONE) set = kNoSet;
  if (id == PS_MYID) {
    Binding binding;
    const int error = ReadBinding(0, binding);
    set = binding.home;
    return error;
  }
  return id == PS_NONE || IsPublicSet(id) ? 0 : EINVAL;
}

bool MayLeave(int set) ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_binding_lock) {
  return set == kNoSet || (AttributesOf(set) & PSET_NOESCAPE) == 0 ||
         MaySchedule();
}

int Create(psetid_t* id) {
  BindingSection section;
  const int set = MakeSet();
  if (set == kNoSet) return ENOMEM;
  const psetid_t made = set;
  const int error = CopyOut(id, &made, sizeof made);
  if (error != 0) EndSet(set);
  return error;
}

int Destroy(psetid_t set) {
  BindingSection section;
  if (!IsPublicSet(set)) return EINVAL;
  if (!MayLeave(set)) return EPERM;
  EndSet(set);
  return 0;
}

int Assign(psetid_t id, processorid_t processor, psetid_t* opset) {
  BindingSection section;
  if (id != PS_QUERY && id != PS_NONE && !IsPublicSet(id)) return EINVAL;
  if (!StartMask().Has(processor) || !OnlineProcessors().Has(processor)) {
    return EINVAL;
  }
  const psetid_t before = PublicId(SetOf(processor));
  const int set = id == PS_NONE ? kNoSet : id;
  const int error = id == PS_QUERY ? 0 : AssignProcessor(processor, set);
  return error != 0 ? error : CopyOut(opset, before);
}

// Whether it may go to `set`.  Sets are disjoint: the processor that it is
// bound to is in no other than its own.
int MayBind(const Binding& binding, int set)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_binding_lock) {
  if (binding.home == set) return 0;
  if (!MayLeave(binding.home)) return EPERM;
  return binding.processor >= 0 ? EBUSY : 0;
}

int BindOne(pid_t tid, int set, const CpuMask& all, int& changes)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_binding_lock) {
  Binding binding;
  if (const int error = ReadBinding(tid, binding)) return error;
  if (const int error = MayBind(binding, set)) return error;
  if (binding.home == set) return 0;
  return ChangeMask(tid, all, changes);
}

// One LWP, or all of the process: none if one of them may not.
int Bind(pid_t tid, psetid_t id, psetid_t& before)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_binding_lock) {
  const int set = id == PS_NONE ? kNoSet : id;
  const CpuMask all = ProcessorsOf(set);
  int changes = 0;
  if (tid != 0) {
    Binding binding;
    if (const int error = ReadBinding(tid, binding)) return error;
    before = PublicId(binding.home);
    return id == PS_QUERY ? 0 : BindOne(tid, set, all, changes);
  }
  {
    KernelThreads threads(OwnProcess());
    if (threads.error() != 0) return threads.error();
    while (const pid_t one = threads.Next()) {
      Binding binding;
      if (ReadBinding(one, binding) != 0) continue;
      if (before == PS_NONE) before = PublicId(binding.home);
      const int error = id == PS_QUERY ? 0 : MayBind(binding, set);
      if (error != 0) return error;
    }
  }
  do {
    changes = 0;
    if (id == PS_QUERY) break;
    KernelThreads threads(OwnProcess());
    while (const pid_t one = threads.Next()) {
      const int error = BindOne(one, set, all, changes);
      if (error != 0 && error != ESRCH) return error;
    }
  } while (changes != 0);
  return 0;
}

int BindTo(psetid_t id, idtype_t kind, id_t whom, psetid_t* opset) {
  BindingSection section;
  Target target;
  if (const int error = FindTarget(kind, whom, target)) return error;
  if (!target.own) return ENOTSUP;
  if (id != PS_QUERY && id != PS_NONE &&
      (!IsPublicSet(id) || ProcessorsOf(id).Empty())) {
    return EINVAL;
  }
  psetid_t before = PS_NONE;
  const int error = Bind(target.tid, id, before);
  return error != 0 ? error : CopyOut(opset, before);
}

int Info(psetid_t id, int* type, uint_t* count, processorid_t* processors) {
  BindingSection section;
  int set;
  if (const int error = Resolve(id, set)) return error;
  const int kind = set == kNoSet ? PS_NONE : PS_PRIVATE;
  if (const int error = CopyOut(type, kind)) return error;
  if (count == nullptr) return 0;
  uint_t room;
  if (const int error = CopyIn(&room, count, sizeof room)) return error;
  const CpuMask all = ProcessorsOf(set);
  uint_t i = 0;
  for (int cpu = all.Next(0); cpu >= 0; cpu = all.Next(cpu + 1), ++i) {
    if (processors == nullptr || i >= room) continue;
    if (const int error = CopyOut(processors + i, cpu)) return error;
  }
  return CopyOut(count, i);
}

int List(psetid_t* sets, uint_t* count) {
  BindingSection section;
  uint_t room;
  if (const int error = CopyIn(&room, count, sizeof room)) return error;
  uint_t i = 0;
  for (psetid_t set = 1; set <= kMostSets; ++set) {
    if (!IsSet(set)) continue;
    if (sets != nullptr && i < room) {
      if (const int error = CopyOut(sets + i, set)) return error;
    }
    ++i;
  }
  return CopyOut(count, i);
}

int SetAttributes(psetid_t set, uint_t attributes) {
  BindingSection section;
  if (!IsPublicSet(set) || (attributes & ~uint_t{PSET_NOESCAPE}) != 0) {
    return EINVAL;
  }
  AttributesOf(set) = attributes;
  return 0;
}

int GetAttributes(psetid_t id, uint_t* attributes) {
  BindingSection section;
  int set;
  if (const int error = Resolve(id, set)) return error;
  if (set == kNoSet) return EINVAL;
  return CopyOut(attributes, &AttributesOf(set), sizeof(uint_t));
}

}  // namespace
}  // namespace lt

LT_EXPORT_WEAK int pset_create(psetid_t* set) {
  return lt::SystemResult(lt::Create(set));
}

LT_EXPORT_WEAK int pset_destroy(psetid_t set) {
  return lt::SystemResult(lt::Destroy(set));
}

LT_EXPORT_WEAK int pset_assign(psetid_t set, processorid_t processor,
                               psetid_t* opset) {
  return lt::SystemResult(lt::Assign(set, processor, opset));
}

LT_EXPORT_WEAK int pset_bind(psetid_t set, idtype_t kind, id_t id,
                             psetid_t* opset) {
  return lt::SystemResult(lt::BindTo(set, kind, id, opset));
}

LT_EXPORT_WEAK int pset_info(psetid_t set, int* type, uint_t* count,
                             processorid_t* processors) {
  return lt::SystemResult(lt::Info(set, type, count, processors));
}

LT_EXPORT_WEAK int pset_list(psetid_t* sets, uint_t* count) {
  return lt::SystemResult(lt::List(sets, count));
}

LT_EXPORT_WEAK int pset_setattr(psetid_t set, uint_t attributes) {
  return lt::SystemResult(lt::SetAttributes(set, attributes));
}

LT_EXPORT_WEAK int pset_getattr(psetid_t set, uint_t* attributes) {
  return lt::SystemResult(lt::GetAttributes(set, attributes));
}

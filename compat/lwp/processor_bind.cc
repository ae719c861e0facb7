// SPDX-License-Identifier: MIT
//
// processor_bind(): affinity masks of one processor.  What they mean in this
// process is in bindings.h.  Of another process nothing is known but the masks:
// one of one processor is a binding, where the machine has more, and its
// opposite is a mask of all that the kernel lets the process use.

#include <sys/processor.h>

#include "api/entry.h"
#include "compat/lwp/bindings.h"
#include "compat/lwp/processes.h"
#include "compat/lwp/targets.h"
#include "compat/lwp/user_memory.h"

namespace lt {
namespace {

int BindOwn(pid_t tid, processorid_t processor, int& changes,
            processorid_t& before)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_binding_lock) {
  Binding binding;
  if (const int error = ReadBinding(tid, binding)) return error;
  before = binding.processor;
  if (processor == PBIND_QUERY) return 0;
  if (processor >= 0 && SetOf(processor) != binding.home) return EINVAL;
  return BindToProcessor(tid, binding, processor, changes);
}

int BindOther(pid_t tid, processorid_t processor, int& changes,
              processorid_t& before) {
  CpuMask mask;
  if (const int error = ReadAffinity(tid, mask)) return error;
  before = OnlineProcessors().Count() > 1 ? mask.Only() : PBIND_NONE;
  if (processor == PBIND_QUERY) return 0;
  if (processor >= 0) return ChangeMask(tid, CpuMask::Of(processor), changes);
  return before < 0 ? 0 : ChangeMask(tid, PresentProcessors(), changes);
}

// The first mistake is told; that a kernel thread has ended is none as long as
// there are others.
class Outcome {
 public:
  void Note(int error) {
    if (error != ESRCH) found_ = true;
    if (error != ESRCH && error_ == 0) error_ = error;
  }
  int error() const { return found_ ? error_ : ESRCH; }

 private:
  bool found_ = false;
  int error_ = 0;
};

int Bind(const Target& target, processorid_t processor, processorid_t& before)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_binding_lock) {
  int changes = 0;
  if (target.tid != 0) return BindOwn(target.tid, processor, changes, before);
  Outcome outcome;
  bool first = true;
  // Those that begin meanwhile have the masks of others.
  do {
    changes = 0;
    KernelThreads threads(target.process);
    if (threads.error() != 0) {
      return threads.error() == ENOENT ? ESRCH : threads.error();
    }
    while (const pid_t tid = threads.Next()) {
      processorid_t its = PBIND_NONE;
      outcome.Note(target.own ? BindOwn(tid, processor, changes, its)
                              : BindOther(tid, processor, changes, its));
      if (first && before == PBIND_NONE) before = its;
    }
    first = false;
  } while (changes != 0);
  return outcome.error();
}

bool MayBindTo(processorid_t processor) {
  return processor >= 0 && processor < CpuMask::kMost &&
         OnlineProcessors().Has(processor);
}

int ProcessorBind(idtype_t kind, id_t id, processorid_t processor,
                  processorid_t* obind) {
  BindingSection section;
  Target target;
  if (const int error = FindTarget(kind, id, target)) return error;
  processorid_t before = PBIND_NONE;
  switch (processor) {
    case PBIND_SOFT:
      return ENOTSUP;
    case PBIND_HARD:
    case PBIND_QUERY_TYPE:
      return CopyOut<processorid_t>(obind, PBIND_HARD);
    case PBIND_NONE:
    case PBIND_QUERY:
      break;
    default:
      if (!MayBindTo(processor)) return EINVAL;
      break;
  }
  const int error = Bind(target, processor, before);
  return error != 0 ? error : CopyOut(obind, before);
}

}  // namespace
}  // namespace lt

LT_EXPORT_WEAK int processor_bind(idtype_t kind, id_t id,
                                  processorid_t processor,
                                  processorid_t* obind) {
  return lt::SystemResult(lt::ProcessorBind(kind, id, processor, obind));
}

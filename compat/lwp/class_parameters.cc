// SPDX-License-Identifier: MIT

#include "compat/lwp/class_parameters.h"

#include <sys/iapriocntl.h>
#include <sys/rtpriocntl.h>
#include <sys/tspriocntl.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include "compat/lwp/user_memory.h"

namespace lt {
namespace {

static_assert(sizeof(tsparms_t) <= sizeof(pcparms_t::pc_clparms));
static_assert(sizeof(rtparms_t) <= sizeof(pcparms_t::pc_clparms));
static_assert(sizeof(iaparms_t) <= sizeof(pcparms_t::pc_clparms));

constexpr const char* kNames[kClasses] = {"SYS", "TS", "RT", "IA"};

// The longest quantum: what Solaris counts in ticks of 10 ms.
constexpr uint_t kMostQuantumSeconds = INT_MAX / 100;
constexpr int kNanoseconds = 1'000'000'000;

// ---- TS and IA ----

// TS_NOCHANGE is the least pri_t.
int ReadUserPriority(int value, int& result) {
  static_assert(TS_NOCHANGE == IA_NOCHANGE);
  if (value == TS_NOCHANGE) {
    result = kKeep;
    return 0;
  }
  result = value;
  return value >= -kHighestUserPriority && value <= kHighestUserPriority
             ? 0
             : EINVAL;
}

int ReadTs(int limit, int priority, TsChange& change) {
  if (const int error = ReadUserPriority(limit, change.limit)) return error;
  return ReadUserPriority(priority, change.priority);
}

// ---- RT ----

struct RtAsked {
  int priority = RT_NOCHANGE;
  bool has_seconds = false;
  uint_t seconds = 0;
  int nanoseconds = RT_NOCHANGE;
};

int ReadQuantum(const RtAsked& asked, Quantum& quantum) {
  switch (asked.nanoseconds) {
    case RT_NOCHANGE:
      quantum = Quantum::kKeep;
      return 0;
    case RT_TQINF:
      quantum = Quantum::kInfinite;
      return 0;
    case RT_TQDEF:
      quantum = Quantum::kDefault;
      return 0;
    default:
      break;
  }
  if (asked.nanoseconds < 0 || asked.nanoseconds >= kNanoseconds) return EINVAL;
  if (asked.seconds == 0 && asked.nanoseconds == 0) return EINVAL;
  if (asked.seconds > kMostQuantumSeconds) return ERANGE;
  quantum = Quantum::kDefault;  // the kernel has one for all
  return 0;
}

int ReadRt(const RtAsked& asked, RtChange& change) {
  if (asked.priority != RT_NOCHANGE) {
    if (asked.priority < 0 || asked.priority > kHighestRtPriority) {
      return EINVAL;
    }
    change.priority = asked.priority;
  }
  return ReadQuantum(asked, change.quantum);
}

rtparms_t TellRt(const ClassView& view) {
  rtparms_t result = {};
  result.rt_pri = static_cast<pri_t>(view.priority);
  result.rt_tqsecs = static_cast<uint_t>(view.quantum_seconds);
  result.rt_tqnsecs =
      view.infinite ? RT_TQINF : static_cast<int>(view.quantum_nanoseconds);
  return result;
}

template <typename To, size_t count>
To As(const int (&words)[count]) {
  To result;
  std::memcpy(&result, words, sizeof result);
  return result;
}

// ---- Keys ----

// The keys of a call, each once, PC_VAPARMCNT of them at most.
class Keys {
 public:
  int Add(int key) {
    if (count_ == PC_VAPARMCNT || key < 0 || key > kHighest) return EINVAL;
    if ((seen_ & 1U << key) != 0) return EINVAL;
    seen_ |= 1U << key;
    ++count_;
    return 0;
  }

 private:
  static constexpr int kHighest = 31;
  unsigned seen_ = 0;
  int count_ = 0;
};

int ReadTsKey(int key, int value, int& limit, int& priority) {
  static_assert(TS_KY_UPRILIM == IA_KY_UPRILIM && TS_KY_UPRI == IA_KY_UPRI);
  switch (key) {
    case TS_KY_UPRILIM:
      limit = value;
      return 0;
    case TS_KY_UPRI:
      priority = value;
      return 0;
    default:
      return EINVAL;
  }
}

int ReadRtKey(int key, int value, RtAsked& asked) {
  switch (key) {
    case RT_KY_PRI:
      asked.priority = value;
      return 0;
    case RT_KY_TQSECS:
      asked.seconds = static_cast<uint_t>(value);
      asked.has_seconds = true;
      return 0;
    case RT_KY_TQNSECS:
      asked.nanoseconds = value;
      return 0;
    case RT_KY_TQSIG:
      return value == 0 ? 0 : EINVAL;  // no such signal
    default:
      return EINVAL;
  }
}

bool IsMode(int value) {
  return value == IA_INTERACTIVE_OFF || value == IA_SET_INTERACTIVE ||
         value == IA_NOCHANGE;
}

int TellTsKey(id_t as, int key, void* place, const ClassView& view) {
  const auto limit = static_cast<pri_t>(view.limit);
  const auto priority = static_cast<pri_t>(view.priority);
  const int mode = IA_INTERACTIVE_OFF;
  switch (key) {
    case TS_KY_UPRILIM:
      return CopyOut(place, &limit, sizeof limit);
    case TS_KY_UPRI:
      return CopyOut(place, &priority, sizeof priority);
    case IA_KY_MODE:
      return as == kClassIa ? CopyOut(place, &mode, sizeof mode) : EINVAL;
    default:
      return EINVAL;
  }
}

int TellRtKey(int key, void* place, const ClassView& view) {
  const rtparms_t all = TellRt(view);
  const int none = 0;
  switch (key) {
    case RT_KY_PRI:
      return CopyOut(place, &all.rt_pri, sizeof all.rt_pri);
    case RT_KY_TQSECS:
      return CopyOut(place, &all.rt_tqsecs, sizeof all.rt_tqsecs);
    case RT_KY_TQNSECS:
      return CopyOut(place, &all.rt_tqnsecs, sizeof all.rt_tqnsecs);
    case RT_KY_TQSIG:
      return CopyOut(place, &none, sizeof none);
    default:
      return EINVAL;
  }
}

int TellName(int key, void* place, const ClassView& view) {
  if (key != PC_KY_CLNAME) return EINVAL;
  char name[PC_CLNMSZ] = {};
  std::strcpy(name, kNames[view.id]);
  return CopyOut(place, name, sizeof name);
}

}  // namespace

const char* NameOfClass(id_t id) {
  return id < kClasses ? kNames[id] : nullptr;
}

int FindClass(const char* name, ClassId& id) {
  for (int i = 0; i < kClasses; ++i) {
    if (std::strcmp(name, kNames[i]) != 0) continue;
    id = static_cast<ClassId>(i);
    return 0;
  }
  return EINVAL;
}

pcinfo_t DescribeClass(ClassId id) {
  pcinfo_t info = {};
  info.pc_cid = id;
  std::strcpy(info.pc_clname, kNames[id]);
  const tsinfo_t ts = {kHighestUserPriority};
  const iainfo_t ia = {kHighestUserPriority};
  const rtinfo_t rt = {kHighestRtPriority};
  if (id == kClassTs) std::memcpy(info.pc_clinfo, &ts, sizeof ts);
  if (id == kClassIa) std::memcpy(info.pc_clinfo, &ia, sizeof ia);
  if (id == kClassRt) std::memcpy(info.pc_clinfo, &rt, sizeof rt);
  return info;
}

int ReadParameters(const pcparms_t& parameters, ClassChange& change) {
  change.id = static_cast<ClassId>(parameters.pc_cid);
  switch (parameters.pc_cid) {
    case kClassTs: {
      const auto asked = As<tsparms_t>(parameters.pc_clparms);
      return ReadTs(asked.ts_uprilim, asked.ts_upri, change.ts);
    }
    case kClassIa: {
      const auto asked = As<iaparms_t>(parameters.pc_clparms);
      if (!IsMode(asked.ia_mode)) return EINVAL;
      return ReadTs(asked.ia_uprilim, asked.ia_upri, change.ts);
    }
    case kClassRt: {
      const auto asked = As<rtparms_t>(parameters.pc_clparms);
      return ReadRt({asked.rt_pri, true, asked.rt_tqsecs, asked.rt_tqnsecs},
                    change.rt);
    }
    default:
      return EINVAL;
  }
}

pcparms_t TellParameters(id_t as, const ClassView& view) {
  pcparms_t result = {};
  result.pc_cid = as;
  const auto limit = static_cast<pri_t>(view.limit);
  const auto priority = static_cast<pri_t>(view.priority);
  const tsparms_t ts = {limit, priority};
  const iaparms_t ia = {limit, priority, IA_INTERACTIVE_OFF};
  const rtparms_t rt = TellRt(view);
  if (as == kClassTs) std::memcpy(result.pc_clparms, &ts, sizeof ts);
  if (as == kClassIa) std::memcpy(result.pc_clparms, &ia, sizeof ia);
  if (as == kClassRt) std::memcpy(result.pc_clparms, &rt, sizeof rt);
  return result;
}

int ReadKeys(ClassId id, va_list values, ClassChange& change) {
  if (id == kClassSys) return EINVAL;
  change.id = id;
  int limit = TS_NOCHANGE;
  int priority = TS_NOCHANGE;
  RtAsked rt;
  Keys keys;
  while (const int key = va_arg(values, int)) {
    if (const int error = keys.Add(key)) return error;
    const int value = va_arg(values, int);
    int error;
    if (id == kClassRt) {
      error = ReadRtKey(key, value, rt);
    } else if (id == kClassIa && key == IA_KY_MODE) {
      error = IsMode(value) ? 0 : EINVAL;
    } else {
      error = ReadTsKey(key, value, limit, priority);
    }
    if (error != 0) return error;
  }
  if (id != kClassRt) return ReadTs(limit, priority, change.ts);
  // Seconds alone are whole seconds.
  if (rt.has_seconds && rt.nanoseconds == RT_NOCHANGE) rt.nanoseconds = 0;
  return ReadRt(rt, change.rt);
}

int TellKeys(id_t as, va_list places, const ClassView& view) {
  Keys keys;
  while (const int key = va_arg(places, int)) {
    if (const int error = keys.Add(key)) return error;
    void* place = va_arg(places, void*);
    int error;
    if (as == static_cast<id_t>(PC_CLNULL)) {
      error = TellName(key, place, view);
    } else if (as == kClassRt) {
      error = TellRtKey(key, place, view);
    } else {
      error = TellTsKey(as, key, place, view);
    }
    if (error != 0) return error;
  }
  return 0;
}

}  // namespace lt

// SPDX-License-Identifier: MIT
//
// Agents.  Each has a queue of events and sends them to its owner one by one,
// the next when the one before was answered.  An event lies in a Record until
// then; there are AGENTMEMORY of them in the pod, and what finds none is lost.
// Children are the exception: one that finds no Record is not waited for until
// there is one.
//
// INV-AG1: an agent without a message that is sent and not answered has an
//   empty queue.
// INV-AG2: a signal has the handler CaptureSignal exactly while it has an
//   agent.

#include "agents.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "parts.h"

namespace lwp4 {
namespace {

// eventinfo_t and sigchldev_t.
struct EventInfo {
  int signal;
  long code;
  char* address;
  Handle victim;
};
struct ChildInfo {
  EventInfo event;
  int pid;
  int status;
  struct rusage usage;
};

struct Record {
  Record* next = nullptr;
  ChildInfo info = {};  // of events that are no child's, the head alone
};

struct Agent : Peer {
  static constexpr Kind kKind = Kind::kAgent;
  Lwp* owner = nullptr;
  Agent* next_of_owner = nullptr;
  int event = 0;
  char* memory = nullptr;
  Record* first = nullptr;  // the one that was sent, and those that wait
  Record* last = nullptr;
};

Record g_records[kAgentMemory];
Record* g_free_records = nullptr;
int g_fresh_records = 0;  // of g_records, those that were ever used
bool g_children_wait = false;

Agent* FirstAgent() {
  return static_cast<Agent*>(FirstOf(Kind::kAgent));
}

Agent* Next(const Agent& agent) {
  return static_cast<Agent*>(agent.next);
}

Record* NewRecord() {
  Record* record = g_free_records;
  if (record != nullptr) {
    g_free_records = record->next;
  } else if (g_fresh_records < kAgentMemory) {
    record = &g_records[g_fresh_records++];
  }
  return record;
}

int FreeRecords() {
  int count = kAgentMemory - g_fresh_records;
  for (Record* r = g_free_records; r != nullptr; r = r->next) ++count;
  return count;
}

void DropFirst(Agent& agent) {
  Record* record = agent.first;
  agent.first = record->next;
  if (agent.first == nullptr) agent.last = nullptr;
  record->next = g_free_records;
  g_free_records = record;
}

void SendFirst(Agent& agent) {
  const ChildInfo& info = agent.first->info;
  if (agent.event == SIGCHLD) {
    *reinterpret_cast<ChildInfo*>(agent.memory) = info;
    agent.arg_bytes = sizeof(ChildInfo);
  } else {
    *reinterpret_cast<EventInfo*>(agent.memory) = info.event;
    agent.arg_bytes = sizeof(EventInfo);
  }
  agent.arg = agent.memory;
  agent.result = nullptr;
  agent.result_bytes = 0;
  SendMessage(agent, *agent.owner);
}

void Queue(Agent& agent, const ChildInfo& info) {
  Record* record = NewRecord();
  if (record == nullptr) return;
  record->next = nullptr;
  record->info = info;
  const bool idle = agent.first == nullptr;
  (idle ? agent.first : agent.last->next) = record;
  agent.last = record;
  if (idle) SendFirst(agent);
}

int CountAgents(int event) {
  int count = 0;
  for (Agent* a = FirstAgent(); a != nullptr; a = Next(*a)) {
    if (a->event == event) ++count;
  }
  return count;
}

void Tell(int event, const ChildInfo& info) {
  for (Agent* a = FirstAgent(); a != nullptr; a = Next(*a)) {
    if (a->event == event) Queue(*a, info);
  }
}

int CodeOf(int status) {
  if (WIFSTOPPED(status)) return CLD_STOPPED;
  if (WIFEXITED(status)) return CLD_EXITED;
  return WCOREDUMP(status) ? CLD_DUMPED : CLD_KILLED;
}

// Several children may have ended for one signal.
void TellOfChildren(const Handle& victim) {
  const int agents = CountAgents(SIGCHLD);
  while (agents != 0) {
    g_children_wait = FreeRecords() < agents;
    if (g_children_wait) return;
    ChildInfo info = {};
    // Not wait4(2) itself, which libnbio may have replaced.
    const long pid =
        syscall(SYS_wait4, -1, &info.status, WNOHANG | WUNTRACED, &info.usage);
    if (pid <= 0) return;
    info.pid = static_cast<int>(pid);
    info.event = {SIGCHLD, CodeOf(info.status), nullptr, victim};
    Tell(SIGCHLD, info);
  }
}

// The owner, or who has its message, has answered.
void Answered(Peer& peer) {
  auto& agent = static_cast<Agent&>(peer);
  DropFirst(agent);
  if (agent.first != nullptr) SendFirst(agent);
  if (g_children_wait) {
    const int error = errno;
    TellOfChildren(Handle{});
    errno = error;
  }
}

bool SetHandler(int signal, void (*handler)(int, siginfo_t*, void*)) {
  struct sigaction action = {};
  if (handler != nullptr) {
    action.sa_sigaction = handler;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
  } else {
    action.sa_handler = SIG_DFL;
  }
  sigfillset(&action.sa_mask);
  return sigaction(signal, &action, nullptr) == 0;
}

void Destroy(Agent& agent) {
  WithdrawPeer(agent);
  while (agent.first != nullptr) DropFirst(agent);
  Agent** link = reinterpret_cast<Agent**>(&agent.owner->agents);
  while (*link != &agent) link = &(*link)->next_of_owner;
  *link = agent.next_of_owner;
  const int event = agent.event;
  FreeObject(agent);
  if (event != kLastRites && !HasAgent(event)) SetHandler(event, nullptr);
}

void DestroyPeer(Peer& agent) {
  Destroy(static_cast<Agent&>(agent));
}

// A signal that can have a handler of the library: sigaction(2) refuses those
// that libthread and libc keep, and accepts some of Solaris that never come.
bool IsSignal(int event) {
  struct sigaction now;
  return event > 0 && event < NSIG && event != SIGKILL && event != SIGSTOP &&
         event != kLastRites && sigaction(event, nullptr, &now) == 0;
}

int CreateAgent(Primitive& primitive, Handle* handle, int event, char* memory) {
  if (memory == nullptr || (event != kLastRites && !IsSignal(event))) {
    return Fail(kInvalidArg);
  }
  if (IsTrapped(event)) return Fail(kInUse);
  if (event != kLastRites && !StartCapture()) return Fail(kNoRoom);
  hooks.destroy_agent = DestroyPeer;
  AwaitDeaths();
  Agent* agent = NewObject<Agent>();
  if (agent == nullptr) return Fail(kNoRoom);
  Lwp& self = primitive.self();
  agent->message = Peer::Message::kNone;
  agent->receiver = nullptr;
  agent->next_sender = nullptr;
  agent->answered = Answered;
  agent->owner = &self;
  agent->next_of_owner = static_cast<Agent*>(self.agents);
  agent->event = event;
  agent->memory = memory;
  agent->first = agent->last = nullptr;
  self.agents = agent;
  if (handle != nullptr) *handle = agent->handle();
  if (event != kLastRites) SetHandler(event, CaptureSignal);
  return 0;
}

}  // namespace

void TakeCaptures() {
  const int error = errno;
  Capture capture;
  while (NextCapture(capture)) {
    if (capture.signal == SIGCHLD) {
      TellOfChildren(capture.victim);
    } else {
      ChildInfo info = {};
      info.event = {capture.signal, capture.code, capture.address,
                    capture.victim};
      Tell(capture.signal, info);
    }
  }
  errno = error;
}

bool HasAgent(int event) {
  return CountAgents(event) != 0;
}

void ThreadDied(Lwp& thread) {
  while (thread.agents != nullptr) {
    Destroy(*static_cast<Agent*>(thread.agents));
  }
  if ((thread.flags & kNoLastRites) != 0) return;
  ChildInfo info = {};
  info.event = {kLastRites, reinterpret_cast<intptr_t>(thread.stack_top),
                nullptr, thread.handle()};
  Tell(kLastRites, info);
}

void ForgetAgents(Lwp& self) {
  // Nobody's messages are left, so there is nothing to withdraw.
  while (Agent* agent = FirstAgent()) {
    while (agent->first != nullptr) DropFirst(*agent);
    const int event = agent->event;
    FreeObject(*agent);
    if (event != kLastRites) SetHandler(event, nullptr);
  }
  self.agents = nullptr;
  g_children_wait = false;
  StopCapture();
}

}  // namespace lwp4

LWP4_EXPORT int agt_create(lwp4::Handle* agent, int event, char* memory) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  const int error = errno;
  const int result = lwp4::CreateAgent(primitive, agent, event, memory);
  errno = error;
  return result;
}

LWP4_EXPORT int agt_enumerate(lwp4::Handle* vec, int most) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  return lwp4::Enumerate(lwp4::Kind::kAgent, vec, most);
}

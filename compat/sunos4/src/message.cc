// SPDX-License-Identifier: MIT

#include "message.h"

#include "helper.h"
#include "timers.h"
#include "variables.h"

namespace lwp4 {
namespace {

using Message = Peer::Message;

Peer* FindPeer(const Handle& handle) {
  return static_cast<Peer*>(FindObject(handle, Kind::kThread, Kind::kAgent));
}

// Calls the function for each thread that is blocked for that reason.
template <typename Function>
void ForEachBlocked(Wait why, Function function) {
  Object* next;
  for (Object* at = FirstOf(Kind::kThread); at != nullptr; at = next) {
    next = at->next;
    auto& thread = *static_cast<Lwp*>(at);
    if (thread.wait == why) function(thread);
  }
}

void TakeFromReceiver(Peer& sender) {
  Peer** link = &sender.receiver->senders;
  while (*link != &sender) link = &(*link)->next_sender;
  *link = sender.next_sender;
  sender.next_sender = nullptr;
}

// The oldest message for `self`, of `from` if that is not null; null: none.
Peer* FirstSender(const Lwp& self, const Peer* from) {
  Peer* sender = self.senders;
  while (sender != nullptr && from != nullptr && sender != from) {
    sender = sender->next_sender;
  }
  return sender;
}

int EnumerateBlocked(Wait why, Handle* vec, int most) {
  if (vec == nullptr) most = 0;
  int count = 0;
  ForEachBlocked(why, [&](Lwp& thread) {
    if (count < most) vec[count] = thread.handle();
    ++count;
  });
  return count;
}

// What msg_recv tells of a message; null pointers are for what nobody wants.
struct Received {
  Handle* sender;
  char** arg;
  int* arg_bytes;
  char** result;
  int* result_bytes;

  void Fill(Peer& peer) const {
    if (sender != nullptr) *sender = peer.handle();
    if (arg != nullptr) *arg = peer.arg;
    if (arg_bytes != nullptr) *arg_bytes = peer.arg_bytes;
    if (result != nullptr) *result = peer.result;
    if (result_bytes != nullptr) *result_bytes = peer.result_bytes;
  }
};

int Receive(Lwp& self, const Received& out, const timeval* limit) {
  if (out.sender == &__ThreadNull) return Fail(kInvalidArg);
  Peer* from = nullptr;
  if (out.sender != nullptr && out.sender->id != nullptr) {
    from = FindPeer(*out.sender);
    if (from == nullptr) return Fail(kNonexist);
    if (from == &self) return Fail(kInvalidArg);
  }
  if (limit != nullptr && limit != __Poll && !AwaitsTime()) {
    return Fail(kNoRoom);
  }
  Nanoseconds deadline;
  const Limit kind = ToDeadline(limit, deadline);
  if (kind == Limit::kInvalid) return Fail(kInvalidArg);
  Peer* sender;
  while ((sender = FirstSender(self, from)) == nullptr) {
    if (kind == Limit::kPoll) return Fail(kTimeout);
    self.from = from;
    if (from != nullptr) ++from->awaited;
    const int error = Block(self, Wait::kReceive, from, deadline);
    // One that is gone does not count any more.
    if (from != nullptr && error != kNonexist) --from->awaited;
    self.from = nullptr;
    if (error != kNoError) return Fail(static_cast<Error>(error));
  }
  TakeFromReceiver(*sender);
  sender->message = Message::kTaken;
  out.Fill(*sender);
  return 0;
}

}  // namespace

void SendMessage(Peer& sender, Lwp& receiver) {
  sender.message = Message::kSent;
  sender.receiver = &receiver;
  sender.next_sender = nullptr;
  Peer** link = &receiver.senders;
  while (*link != nullptr) link = &(*link)->next_sender;
  *link = &sender;
  // It takes the message when it runs.
  if (receiver.wait == Wait::kReceive &&
      (receiver.from == nullptr || receiver.from == &sender)) {
    Unblock(receiver, kNoError);
  }
}

void WithdrawPeer(Peer& peer) {
  if (peer.message == Message::kSent) TakeFromReceiver(peer);
  peer.message = Message::kNone;
  peer.receiver = nullptr;
  if (peer.awaited == 0) return;
  // Some may have been woken already, and find out by themselves.
  ForEachBlocked(Wait::kReceive, [&](Lwp& thread) {
    if (thread.from == &peer) Unblock(thread, kNonexist);
  });
  Object* next;
  for (Object* at = FirstOf(Kind::kThread); at != nullptr; at = next) {
    next = at->next;
    auto& thread = *static_cast<Lwp*>(at);
    if (thread.from == &peer) thread.wake = kNonexist;
  }
  peer.awaited = 0;
}

void EndMessages(Lwp& thread) {
  if (thread.from != nullptr) --thread.from->awaited;
  thread.from = nullptr;
  WithdrawPeer(thread);
  while (Peer* sender = thread.senders) {
    TakeFromReceiver(*sender);
    sender->message = Message::kNone;
    sender->receiver = nullptr;
    if (sender->kind == Kind::kThread) {
      Unblock(*static_cast<Lwp*>(sender), kNonexist);
    }
  }
  if (!thread.has_received) return;
  ForEachBlocked(Wait::kSend, [&](Lwp& sender) {
    if (sender.receiver != &thread) return;
    sender.message = Message::kNone;
    sender.receiver = nullptr;
    Unblock(sender, kNonexist);
  });
}

}  // namespace lwp4

using lwp4::Handle;

LWP4_EXPORT int msg_send(Handle dest, char* arg, int arg_bytes, char* result,
                         int result_bytes) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  lwp4::Lwp& self = primitive.self();
  lwp4::Lwp* receiver = primitive.FindThread(dest);
  if (receiver == nullptr) return lwp4::Fail(lwp4::kNonexist);
  if (receiver == &self) return lwp4::Fail(lwp4::kInvalidArg);
  self.arg = arg;
  self.arg_bytes = arg_bytes;
  self.result = result;
  self.result_bytes = result_bytes;
  lwp4::SendMessage(self, *receiver);
  const int error = lwp4::Block(self, lwp4::Wait::kSend, receiver);
  return error == 0 ? 0 : lwp4::Fail(static_cast<lwp4::Error>(error));
}

LWP4_EXPORT int msg_recv(Handle* sender, char** arg, int* arg_bytes,
                         char** result, int* result_bytes, timeval* limit) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  lwp4::Lwp& self = primitive.self();
  self.has_received = true;
  return lwp4::Receive(self, {sender, arg, arg_bytes, result, result_bytes},
                       limit);
}

// By the receiver, or a thread that it has passed the work on to.
LWP4_EXPORT int msg_reply(Handle sender) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  lwp4::Peer* peer = lwp4::FindPeer(sender);
  if (peer == nullptr) return lwp4::Fail(lwp4::kNonexist);
  if (peer->message != lwp4::Message::kTaken) {
    return lwp4::Fail(lwp4::kNoWait);
  }
  peer->message = lwp4::Message::kNone;
  peer->receiver = nullptr;
  if (peer->answered != nullptr) {
    peer->answered(*peer);
  } else {
    lwp4::Unblock(*static_cast<lwp4::Lwp*>(peer), lwp4::kNoError);
  }
  return 0;
}

LWP4_EXPORT int msg_enumsend(Handle* vec, int most) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  return lwp4::EnumerateBlocked(lwp4::Wait::kSend, vec, most);
}

LWP4_EXPORT int msg_enumrecv(Handle* vec, int most) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  return lwp4::EnumerateBlocked(lwp4::Wait::kReceive, vec, most);
}

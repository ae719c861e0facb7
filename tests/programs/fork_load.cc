// SPDX-License-Identifier: MIT
//
// usage: fork_load CASE COUNT
//
// Forks and the like while other threads lock, allocate, print, create, join
// and wait all the time.  The caller is an unbound and a bound thread by turns.
// Whatever the others were about at that moment, the child must be able to use
// the library and libc at once.  An alarm ends a child that hangs.

#include <errno.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "programs/check.h"

// In a header of Solaris, and in none of Linux.
extern "C" pid_t fork1(void);
// Exported for other libraries, in no header.
extern "C" int __nthreads(void);  // NOLINT(bugprone-reserved-identifier)

extern char** environ;

namespace {

constexpr int kLoadThreads = 12;
constexpr int kChildStatus = 7;
constexpr unsigned kChildSeconds = 60;

std::atomic<bool> stop{false};
std::atomic<uint64_t> turns{0};
mutex_t mutex = DEFAULTMUTEX;
sema_t sema = DEFAULTSEMA;
FILE* sink;

extern "C" void* Nothing(void* arg) {
  return arg;
}

void Allocate() {
  std::vector<std::unique_ptr<char[]>> blocks;
  for (const size_t size : {16, 1000, 40'000, 300'000}) {
    blocks.push_back(std::make_unique<char[]>(size));
    memset(blocks.back().get(), 1, size);
  }
}

extern "C" void* Load(void* arg) {
  for (auto turn = reinterpret_cast<uintptr_t>(arg); !stop; ++turn, ++turns) {
    LT_REQUIRE(mutex_lock(&mutex) == 0);
    Allocate();
    LT_REQUIRE(mutex_unlock(&mutex) == 0);
    LT_REQUIRE(fprintf(sink, "%d\n", 4711) > 0);
    if (turn % 4 == 0) lt::MustJoin(lt::MustCreate(Nothing, nullptr));
    if (turn % 16 == 0) {
      lt::MustJoin(lt::MustCreate(Nothing, nullptr, THR_BOUND));
    }
    // Nobody posts.
    const timespec_t interval{0, 200'000};
    if (turn % 3 == 0) LT_REQUIRE(sema_reltimedwait(&sema, &interval) == ETIME);
    if (turn % 5 == 0) LT_REQUIRE(nanosleep(&interval, nullptr) == 0);
    thr_yield();
  }
  return nullptr;
}

struct Meeting {
  mutex_t mutex = DEFAULTMUTEX;
  cond_t cond = DEFAULTCV;
  int arrived = 0;
};

extern "C" void* Arrive(void* arg) {
  auto* meeting = static_cast<Meeting*>(arg);
  Allocate();
  LT_REQUIRE(mutex_lock(&meeting->mutex) == 0);
  ++meeting->arrived;
  LT_REQUIRE(cond_signal(&meeting->cond) == 0);
  LT_REQUIRE(mutex_unlock(&meeting->mutex) == 0);
  return nullptr;
}

// Everything that a child may want, at once.
[[noreturn]] void LiveAsChild(thread_t self) {
  alarm(kChildSeconds);
  LT_REQUIRE(thr_self() == self);
  LT_REQUIRE(__nthreads() == 1);
  LT_REQUIRE(thr_join(0, nullptr, nullptr) == EDEADLK);
  Allocate();
  LT_REQUIRE(fprintf(sink, "child %d\n", getpid()) > 0);

  Meeting meeting;
  std::vector<thread_t> ids;
  for (const long flags : {0, THR_BOUND, 0}) {
    ids.push_back(lt::MustCreate(Arrive, &meeting, flags));
  }
  LT_REQUIRE(mutex_lock(&meeting.mutex) == 0);
  while (meeting.arrived < 3) {
    LT_REQUIRE(cond_wait(&meeting.cond, &meeting.mutex) == 0);
  }
  LT_REQUIRE(mutex_unlock(&meeting.mutex) == 0);
  for (const thread_t id : ids) lt::MustJoin(id);

  sema_t mine = DEFAULTSEMA;
  const timespec_t interval{0, 1'000'000};
  LT_REQUIRE(sema_reltimedwait(&mine, &interval) == ETIME);
  LT_REQUIRE(nanosleep(&interval, nullptr) == 0);
  // Not exit(): the parent's output is not the child's to write.
  _exit(kChildStatus);
}

void AwaitStatus(pid_t child, int expected) {
  LT_REQUIRE(child > 0);
  int status = 0;
  LT_REQUIRE(waitpid(child, &status, 0) == child);
  LT_REQUIRE(WIFEXITED(status));
  LT_REQUIRE(WEXITSTATUS(status) == expected);
}

void Fork(int turn) {
  const thread_t self = thr_self();
  const pid_t child = turn % 2 == 0 ? fork() : fork1();
  if (child == 0) LiveAsChild(self);
  AwaitStatus(child, kChildStatus);
  LT_REQUIRE(thr_self() == self);
}

// ---- pthread_atfork ----

std::atomic<int> prepared{0};
std::atomic<int> in_parent{0};
std::atomic<int> in_child{0};
thread_t forker;

void ForkWithHandlers(int) {
  static const bool registered = [] {
    // They may use the library's locks: that is what they are for.
    LT_REQUIRE(pthread_atfork(
                   [] {
                     LT_REQUIRE(mutex_lock(&mutex) == 0);
                     forker = thr_self();
                     ++prepared;
                   },
                   [] {
                     LT_REQUIRE(forker == thr_self());
                     ++in_parent;
                     LT_REQUIRE(mutex_unlock(&mutex) == 0);
                   },
                   [] {
                     LT_REQUIRE(forker == thr_self());
                     ++in_child;
                     LT_REQUIRE(mutex_unlock(&mutex) == 0);
                   }) == 0);
    return true;
  }();
  LT_REQUIRE(registered);
  const int before = prepared;
  const thread_t self = thr_self();
  const pid_t child = fork();
  if (child == 0) {
    LT_REQUIRE(in_child == 1);
    // The handlers left it free, whoever held it in the parent.
    LT_REQUIRE(mutex_lock(&mutex) == 0);
    LT_REQUIRE(mutex_unlock(&mutex) == 0);
    LiveAsChild(self);
  }
  AwaitStatus(child, kChildStatus);
  LT_REQUIRE(prepared == before + 1);
  LT_REQUIRE(in_parent == prepared && in_child == 0);
}

// ---- A child that becomes another program ----

void Execute(int turn) {
  char shell[] = "/bin/sh";
  char option[] = "-c";
  char command[] = "exit 7";
  char* const argv[] = {shell, option, command, nullptr};
  pid_t child = -1;
  switch (turn % 5) {
    case 0: {
      FILE* const pipe = popen("echo 4711", "r");
      LT_REQUIRE(pipe != nullptr);
      int number = 0;
      LT_REQUIRE(fscanf(pipe, "%d", &number) == 1 && number == 4711);
      LT_REQUIRE(pclose(pipe) == 0);
      return;
    }
    case 1:
      LT_REQUIRE(WEXITSTATUS(system(command)) == 7);
      return;
    case 2:
      LT_REQUIRE(posix_spawn(&child, shell, nullptr, nullptr, argv, environ) ==
                 0);
      break;
    case 3:
      child = vfork();
      if (child == 0) {
        execve(shell, argv, environ);
        _exit(1);
      }
      break;
    default:
      child = fork();
      if (child == 0) {
        execve(shell, argv, environ);
        _exit(1);
      }
      break;
  }
  AwaitStatus(child, 7);
}

// ---- The cases, under load ----

struct Caller {
  void (*act)(int turn) = nullptr;
  int count = 0;
};

extern "C" void* Act(void* arg) {
  const auto* caller = static_cast<Caller*>(arg);
  for (int turn = 0; turn < caller->count; ++turn) caller->act(turn);
  return nullptr;
}

int RunUnderLoad(void (*act)(int), int count) {
  sink = fopen("/dev/null", "w");
  LT_REQUIRE(sink != nullptr);
  std::vector<thread_t> ids;
  for (uintptr_t i = 0; i < kLoadThreads; ++i) {
    ids.push_back(lt::MustCreate(Load, reinterpret_cast<void*>(i),
                                 i % 4 == 3 ? THR_BOUND : 0));
  }
  Caller caller{act, count / 3};
  for (const long flags : {0, THR_BOUND}) {
    lt::MustJoin(lt::MustCreate(Act, &caller, flags));
  }
  caller.count = count - 2 * caller.count;
  Act(&caller);
  const uint64_t before = turns;
  lt::Await([before] { return turns > before; });
  stop = true;
  for (const thread_t id : ids) lt::MustJoin(id);
  puts("done");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  LT_REQUIRE(argc == 3);
  const std::string name = argv[1];
  const int count = atoi(argv[2]);
  if (name == "fork") return RunUnderLoad(Fork, count);
  if (name == "atfork") return RunUnderLoad(ForkWithHandlers, count);
  if (name == "exec") return RunUnderLoad(Execute, count);
  return 98;
}

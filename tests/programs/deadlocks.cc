// SPDX-License-Identifier: MIT
//
// Deadlocks, one a case.  The threads are bound with a second argument.  The
// lines that the report of the deadlock is to have, from any thread of the
// circle on, are printed before it closes.

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <string>

#include "programs/check.h"

namespace lt {
namespace {

long g_flags = 0;

bool Bound() {
  const char* model = getenv("LIBTHREAD_MODEL");
  return g_flags != 0 || (model != nullptr && !strcmp(model, "one-to-one"));
}

// A thread that does what it is told, one thing after the other.
class Actor {
 public:
  explicit Actor(const char* name) {
    id_ = MustCreate(Run, this, g_flags | THR_DAEMON);
    LT_REQUIRE(thr_setname(id_, name) == 0);
    name_ = name;
  }
  // Begins to do it.
  void Start(std::function<void()> deed) {
    deed_ = std::move(deed);
    busy_.store(true, std::memory_order_release);
  }
  void Finish() {
    Await([&] { return !busy_.load(std::memory_order_acquire); });
  }
  void Do(std::function<void()> deed) {
    Start(std::move(deed));
    Finish();
  }
  thread_t id() const { return id_; }
  // What a report says of it.
  std::string Says(const char* function, const std::string& object,
                   const char* relation, const Actor& other) const {
    return "thread " + std::to_string(id_) + " \"" + name_ + "\" (" +
           (Bound() ? "bound" : "unbound") + ") waits in " + function +
           " for " + object + relation + "thread " + std::to_string(other.id_);
  }

 private:
  static void* Run(void* arg) {
    auto& self = *static_cast<Actor*>(arg);
    for (;;) {
      Await([&] { return self.busy_.load(std::memory_order_acquire); });
      self.deed_();
      self.busy_.store(false, std::memory_order_release);
    }
  }

  std::function<void()> deed_;
  std::atomic<bool> busy_{false};
  thread_t id_;
  std::string name_;
};

std::string At(const char* kind, const void* object) {
  char text[64];
  snprintf(text, sizeof text, "%s %p", kind, object);
  return text;
}

// The words of the objects say whether somebody sleeps.
bool HasWaiters(const mutex_t& mutex) {
  const auto* word = reinterpret_cast<const uint32_t*>(&mutex) + 3;
  return (__atomic_load_n(word, __ATOMIC_RELAXED) & 2) != 0;
}
bool HasWaiters(const rwlock_t& lock) {
  const auto* word = reinterpret_cast<const uint32_t*>(&lock);
  return (__atomic_load_n(word, __ATOMIC_RELAXED) & 0x80000000) != 0;
}

constexpr char kHeld[] = ", held by ";
constexpr char kBehind[] = ", behind the writer ";

void Lock(mutex_t& mutex) {
  LT_REQUIRE(mutex_lock(&mutex) == 0);
}
void Read(rwlock_t& lock) {
  LT_REQUIRE(rw_rdlock(&lock) == 0);
}
void Write(rwlock_t& lock) {
  LT_REQUIRE(rw_wrlock(&lock) == 0);
}

void Expect(const std::string& line) {
  puts(line.c_str());
  fflush(stdout);
}

// The deadlock is there, or about to be; the report ends the process, or who
// runs it does.
int Hang() {
  for (;;) pause();
}

mutex_t g_m;
mutex_t g_n;
rwlock_t g_l;

int TwoMutexes() {
  Actor a("a");
  Actor b("b");
  a.Do([] { Lock(g_m); });
  b.Do([] { Lock(g_n); });
  Expect(a.Says("mutex_lock", At("mutex", &g_n), kHeld, b));
  Expect(b.Says("mutex_lock", At("mutex", &g_m), kHeld, a));
  a.Start([] { Lock(g_n); });
  Await([] { return HasWaiters(g_n); });
  b.Start([] { Lock(g_m); });
  return Hang();
}

// The two of them, and then a word that it hangs.
int Hanging() {
  Actor a("a");
  Actor b("b");
  a.Do([] { Lock(g_m); });
  b.Do([] { Lock(g_n); });
  Expect(a.Says("mutex_lock", At("mutex", &g_n), kHeld, b));
  Expect(b.Says("mutex_lock", At("mutex", &g_m), kHeld, a));
  a.Start([] { Lock(g_n); });
  b.Start([] { Lock(g_m); });
  Await([] { return HasWaiters(g_m) && HasWaiters(g_n); });
  Expect("it hangs");
  return Hang();
}

// Between processes the library looks at its own threads only.
int SharedMutexes() {
  LT_REQUIRE(mutex_init(&g_m, USYNC_PROCESS, nullptr) == 0);
  return TwoMutexes();
}

int WriterAndMutex() {
  Actor a("a");
  Actor b("b");
  a.Do([] { Write(g_l); });
  b.Do([] { Lock(g_m); });
  Expect(a.Says("mutex_lock", At("mutex", &g_m), kHeld, b));
  Expect(b.Says("rw_rdlock", At("rwlock", &g_l), kHeld, a));
  a.Start([] { Lock(g_m); });
  Await([] { return HasWaiters(g_m); });
  b.Start([] { Read(g_l); });
  return Hang();
}

// One of several readers is in the circle.
int ReadersAndMutex() {
  Actor a("a");
  Actor b("b");
  Actor c("c");
  a.Do([] { Read(g_l); });
  c.Do([] { Read(g_l); });
  b.Do([] { Lock(g_m); });
  Expect(a.Says("mutex_lock", At("mutex", &g_m), kHeld, b));
  Expect(b.Says("rw_wrlock", At("rwlock", &g_l), kHeld, a));
  b.Start([] { Write(g_l); });
  Await([] { return HasWaiters(g_l); });
  a.Start([] { Lock(g_m); });
  return Hang();
}

// A reader waits for the writer before it, that for another reader, and that
// for a mutex of the first.
int BehindWriter(bool reader_last) {
  Actor a("a");
  Actor b("b");
  Actor w("w");
  a.Do([] { Read(g_l); });
  b.Do([] { Lock(g_m); });
  Expect(b.Says("rw_rdlock", At("rwlock", &g_l), kBehind, w));
  Expect(w.Says("rw_wrlock", At("rwlock", &g_l), kHeld, a));
  Expect(a.Says("mutex_lock", At("mutex", &g_m), kHeld, b));
  w.Start([] { Write(g_l); });
  Await([] { return HasWaiters(g_l); });
  if (!reader_last) b.Start([] { Read(g_l); });
  a.Start([] { Lock(g_m); });
  if (reader_last) {
    Await([] { return HasWaiters(g_m); });
    b.Start([] { Read(g_l); });
  }
  return Hang();
}
int ReaderBehindWriter() {
  return BehindWriter(true);
}
int HolderWithReaderBehindWriter() {
  return BehindWriter(false);
}

std::string Waits(thread_t id, const char* name, const std::string& what) {
  return "thread " + std::to_string(id) + " \"" + name + "\" (" +
         (Bound() ? "bound" : "unbound") + ") waits in " + what;
}

// A thread joins another that waits for its mutex.
int Join(bool joiner_last) {
  Actor a("a");
  static std::atomic<bool> go{false};
  a.Do([] { Lock(g_m); });
  const thread_t target = MustCreate(
      [](void*) -> void* {
        Await([] { return go.load(); });
        Lock(g_m);
        return nullptr;
      },
      nullptr, g_flags);
  LT_REQUIRE(thr_setname(target, "target") == 0);
  Expect(Waits(a.id(), "a",
               "thr_join for the end of thread " + std::to_string(target)));
  Expect(Waits(target, "target",
               "mutex_lock for " + At("mutex", &g_m) + ", held by thread " +
                   std::to_string(a.id())));
  if (joiner_last) {
    go = true;
    Await([] { return HasWaiters(g_m); });
  }
  a.Start([=] { thr_join(target, nullptr, nullptr); });
  go = true;
  return Hang();
}
int JoinerLast() {
  return Join(true);
}
int JoinerFirst() {
  return Join(false);
}

// The waiter was signalled and wants its mutex back.
int CondWaiter() {
  Actor a("a");
  Actor b("b");
  static cond_t cond;
  static std::atomic<bool> waiting{false};
  a.Do([] {
    Lock(g_m);
    Lock(g_n);
  });
  Expect(a.Says("cond_wait", At("mutex", &g_n), kHeld, b));
  Expect(b.Says("mutex_lock", At("mutex", &g_m), kHeld, a));
  a.Start([] {
    waiting = true;
    for (;;) cond_wait(&cond, &g_n);
  });
  Await([] { return waiting.load(); });
  b.Do([] { Lock(g_n); });  // it sleeps by now
  b.Start([] {
    LT_REQUIRE(cond_signal(&cond) == 0);
    Lock(g_m);
  });
  return Hang();
}

const Case kCases[] = {
    {"two-mutexes", TwoMutexes},
    {"hanging", Hanging},
    {"shared-mutexes", SharedMutexes},
    {"writer-and-mutex", WriterAndMutex},
    {"readers-and-mutex", ReadersAndMutex},
    {"reader-behind-writer", ReaderBehindWriter},
    {"holder-with-reader-behind-writer", HolderWithReaderBehindWriter},
    {"joiner-last", JoinerLast},
    {"joiner-first", JoinerFirst},
    {"cond-waiter", CondWaiter},
};

}  // namespace
}  // namespace lt

int main(int argc, char** argv) {
  if (argc > 2) lt::g_flags = THR_BOUND;
  return lt::RunCase(argc, argv, lt::kCases, std::size(lt::kCases));
}

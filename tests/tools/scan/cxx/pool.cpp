// SPDX-License-Identifier: MIT
// A comment that goes on \
   door_call(1, 2);
#include <thread>
#include <thread.h>
#include <synch.h>

namespace work {

const char* text = R"(thr_kill(1, 2); ")" "door_create";
const long big = 1'000 * thr_min_stack();

class mutex_guard {
 public:
  explicit mutex_guard(mutex_t& m) : m_(m) { mutex_lock(&m_); }
  ~mutex_guard() { mutex_unlock(&m_); }
  void yield() { yield(); std::this_thread::yield(); ::thr_yield(); }

 private:
  mutex_t& m_;
};

template <class T>
struct cond_t {
  T value;
};

static rwlock_t* locks[4];

inline int sema_init(int n) { return n; }

int work(cond_t<int>& c, mutex_guard& g) {
  g.yield();
  auto* held = new rwlock_t;
  locks[0] = held;
  return sema_init(c.value) + Other::thr_main() + static_cast<int>(thr_self());
}

}  // namespace work

extern "C" void* start(void* p) {
  work::cond_t<int> c;
  return reinterpret_cast<void*>(thr_main());
}

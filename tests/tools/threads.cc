// SPDX-License-Identifier: MIT
// Threads from C++: a static member as entry, an exception inside a thread.
#include <synch.h>
#include <thread.h>

#include <iostream>
#include <stdexcept>

class Worker {
 public:
  Worker() : caught_(0) { sema_init(&ready_, 0, USYNC_THREAD, NULL); }
  ~Worker() { sema_destroy(&ready_); }
  int start() {
    return thr_create(NULL, 0, Worker::entry, this, THR_DETACHED, NULL);
  }
  int wait() {
    sema_wait(&ready_);
    return caught_;
  }

 private:
  static void* entry(void* self) {
    Worker* worker = static_cast<Worker*>(self);
    try {
      thr_yield();
      throw std::runtime_error("expected");
    } catch (const std::exception&) {
      worker->caught_ = 1;
    }
    sema_post(&worker->ready_);
    return 0;
  }

  sema_t ready_;
  int caught_;
};

int main() {
  static Worker workers[4];
  int caught = 0;
  for (int i = 0; i < 4; i++)
    if (workers[i].start() != 0) return 1;
  for (int i = 0; i < 4; i++) caught += workers[i].wait();
  std::cout << caught << std::endl;
  return caught == 4 ? 0 : 2;
}

// SPDX-License-Identifier: MIT
//
// C++ clients brought prototypes of their own, some of them with another
// result than the library's.  With _LWP_NO_PROTOTYPES they compile and run.
#define _LWP_NO_PROTOTYPES
#include <lwp/lwp.h>
#include <lwp/stackdep.h>
#include <stdio.h>

class Task;

extern "C" {
int pod_setmaxpri(int);
int lwp_setstkcache(int, int);
int lwp_create(thread_t*, void (*)(Task*), int, int, stkalign_t*, int, caddr_t);
int lwp_self(thread_t*);
int lwp_yield(thread_t);
int lwp_destroy(thread_t);
int mon_create(mon_t*);
int mon_enter(mon_t);
int mon_exit(mon_t);
cv_t cv_create(cv_t*, mon_t);
int cv_wait(cv_t);
int cv_broadcast(cv_t);
void pod_exit(int);
}

class Lock {
 public:
  Lock() { mon_create(&id_); }
  void Enter() { mon_enter(id_); }
  void Leave() { mon_exit(id_); }
  mon_t id() const { return id_; }

 private:
  mon_t id_;
};

class Task {
 public:
  static Task* Start(int number, int priority) {
    Task* task = new Task(number);
    lwp_create(&task->thread_, Run, priority, 0, lwp_newstk(), 1,
               reinterpret_cast<caddr_t>(task));
    return task;
  }
  virtual ~Task() {}
  virtual void Body();
  static int finished;
  static Lock* lock;
  static cv_t all_done;

 private:
  explicit Task(int number) : number_(number) {}
  static void Run(Task* task) {
    task->Body();
    delete task;
  }
  int number_;
  thread_t thread_;
};

int Task::finished = 0;
Lock* Task::lock = 0;
cv_t Task::all_done;

void Task::Body() {
  for (int i = 0; i < number_; ++i) lwp_yield(SELF);
  lock->Enter();
  printf("task %d\n", number_);
  if (++finished == 3) cv_broadcast(all_done);
  lock->Leave();
}

int main() {
  pod_setmaxpri(8);
  lwp_setstkcache(20000, 4);
  Task::lock = new Lock;
  cv_create(&Task::all_done, Task::lock->id());
  for (int i = 3; i >= 1; --i) Task::Start(i, MINPRIO);
  Task::lock->Enter();
  while (Task::finished < 3) cv_wait(Task::all_done);
  Task::lock->Leave();
  delete Task::lock;
  pod_exit(0);
}

/* SPDX-License-Identifier: MIT */
/*
 * LWPs as programs of 1993 used them: definitions before prototypes, NULL for
 * integers, stacks from malloc, a table of private pointers, locks that nobody
 * initialises.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <synch.h>
#include <sys/lwp.h>

#define WORKERS 8
#define ROUNDS 500
#define STACK 16384

struct worker {
  lwpid_t id;
  char* stack;
  long sum;
};

static struct worker workers[WORKERS];
static lwp_mutex_t lock;
static lwp_cond_t all_done;
static lwp_sema_t go;
static int done;
static long total;

static void die(what) char* what;
{
  printf("failed: %s\n", what);
  exit(1);
}

static void* stranger(argument)
char* argument;
{
  struct worker* self = (struct worker*)_lwp_getprivate();
  int i;

  if (argument != (char*)self) die("private pointer");
  if (self->id != _lwp_self()) die("number");
  _lwp_sema_wait(&go);
  for (i = 0; i < ROUNDS; i++) {
    _lwp_mutex_lock(&lock);
    total++;
    _lwp_mutex_unlock(&lock);
    self->sum += i;
  }
  _lwp_mutex_lock(&lock);
  if (++done == WORKERS) _lwp_cond_broadcast(&all_done);
  _lwp_mutex_unlock(&lock);
  if (self->id % 2 == 0) _lwp_exit();
  return argument;
}

int main() {
  ucontext_t context;
  lwpid_t departed;
  int i, found;

  for (i = 0; i < WORKERS; i++) {
    workers[i].stack = malloc(STACK);
    sigprocmask(0, NULL, &context.uc_sigmask);
    _lwp_makecontext(&context, (void (*)())stranger, &workers[i], &workers[i],
                     workers[i].stack, STACK);
    if (_lwp_create(&context, LWP_SUSPENDED, &workers[i].id) != 0)
      die("_lwp_create");
  }
  for (i = 0; i < WORKERS; i++) {
    if (_lwp_continue(workers[i].id) != 0) die("_lwp_continue");
    _lwp_sema_post(&go);
  }
  _lwp_mutex_lock(&lock);
  while (done < WORKERS) _lwp_cond_wait(&all_done, &lock);
  _lwp_mutex_unlock(&lock);
  for (found = 0; _lwp_wait(NULL, &departed) == 0; found++) {
    for (i = 0; i < WORKERS && workers[i].id != departed; i++)
      ;
    if (i == WORKERS) die("_lwp_wait");
    free(workers[i].stack);
    workers[i].id = 0;
    if (workers[i].sum != (long)ROUNDS * (ROUNDS - 1) / 2) die("sum");
  }
  printf("%d waited for, total %ld\n", found, total);
  return 0;
}

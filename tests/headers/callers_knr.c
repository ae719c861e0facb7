/* SPDX-License-Identifier: MIT */
/* C before prototypes, up to C17: start routines of any type, warnings only. */
#include <synch.h>
#include <thread.h>

static mutex_t lock;
static int total;

static void* old_style(argument)
char* argument;
{ return argument; }

static int returns_int(argument)
int* argument;
{
  mutex_lock(&lock);
  total += *argument;
  mutex_unlock(&lock);
  return 0;
}

static void no_argument() {
  total++;
}

int old_main();

int old_main() {
  int one = 1;
  thread_t id;

  thr_create(0, 0, old_style, 0, 0, 0);
  thr_create(0, 0, returns_int, &one, THR_NEW_LWP, &id);
  thr_create(0, 0, no_argument, 0, THR_DETACHED, 0);
  thr_create(0, 0, thr_exit, 0, 0, 0);
  while (thr_join(0, 0, 0) == 0)
    ;
  return total;
}

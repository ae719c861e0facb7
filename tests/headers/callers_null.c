/* SPDX-License-Identifier: MIT */
/* NULL in the place of integers, as old manuals wrote it: warnings, no more. */
#include <stddef.h>
#include <thread.h>

void* start(void* argument);
int use_null(void);

void* start(void* argument) {
  return argument;
}

int use_null(void) {
  mutex_t m;
  cond_t c;
  sema_t s;
  rwlock_t r;
  thread_t id;

  (void)mutex_init(&m, NULL, NULL);
  (void)cond_init(&c, NULL, NULL);
  (void)sema_init(&s, NULL, NULL, NULL);
  (void)rwlock_init(&r, NULL, NULL);
  (void)thr_create(NULL, NULL, start, NULL, NULL, &id);
  return thr_join(NULL, NULL, NULL);
}

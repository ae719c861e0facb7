/* SPDX-License-Identifier: MIT */
/* Sums 1 to 100 with a thread for each number; prints the sum. */

#include <stdio.h>
#include <synch.h>
#include <thread.h>

#define THREADS 100

static mutex_t lock = DEFAULTMUTEX;
static long sum;

static void* add(void* number) {
  mutex_lock(&lock);
  sum += (long)number;
  mutex_unlock(&lock);
  return number;
}

int main(void) {
  thread_t threads[THREADS];
  long i;
  for (i = 0; i < THREADS; i++) {
    long flags = i % 10 == 0 ? THR_BOUND : 0;
    if (thr_create(NULL, 0, add, (void*)(i + 1), flags, &threads[i]) != 0) {
      return 1;
    }
  }
  for (i = 0; i < THREADS; i++) {
    void* status;
    if (thr_join(threads[i], NULL, &status) != 0) return 2;
    if ((long)status != i + 1) return 3;
  }
  printf("%ld\n", sum);
  return 0;
}

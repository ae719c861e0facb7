/* SPDX-License-Identifier: MIT */
/*
 * An ordinary program with POSIX threads, linked without libthread: N threads
 * take turns with a mutex and a condition variable.
 * usage: pthreads [N] prints the number; pthreads signal is ended by SIGTERM;
 * pthreads status ends with 7.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int ended;

static void* work(void* argument)
{
  pthread_mutex_lock(&lock);
  ended++;
  pthread_cond_signal(&changed);
  pthread_mutex_unlock(&lock);
  return argument;
}

int main(int argc, char** argv)
{
  int i, n = argc > 1 ? atoi(argv[1]) : 100;
  pthread_t* threads;
  if (argc > 1 && strcmp(argv[1], "status") == 0) return 7;
  if (argc > 1 && strcmp(argv[1], "signal") == 0) {
    printf("%d\n", (int)getpid());
    fflush(stdout);
    for (;;) pause();
  }
  threads = malloc((size_t)n * sizeof *threads);
  for (i = 0; i < n; i++)
    if (pthread_create(&threads[i], NULL, work, threads) != 0) return 1;
  pthread_mutex_lock(&lock);
  while (ended < n) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  for (i = 0; i < n; i++) {
    void* result;
    if (pthread_join(threads[i], &result) != 0 || result != threads) return 1;
  }
  free(threads);
  printf("%d\n", n);
  return 0;
}

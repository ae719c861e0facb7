/* SPDX-License-Identifier: MIT */
/* A program without threads that uses two calls of libc on Solaris 10. */
#include <stdio.h>
#include <synch.h>
#include <thread.h>

int main(void)
{
  hrtime_t before = gethrtime();
  mutex_t lock = DEFAULTMUTEX;
  if (mutex_lock(&lock) != 0 || mutex_unlock(&lock) != 0) return 1;
  if (gethrtime() < before) return 1;
  puts("time goes on");
  return 0;
}

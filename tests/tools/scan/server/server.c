/* SPDX-License-Identifier: MIT */
#include <door.h>
#include <kstat.h>
#include <sys/lwp.h>
#include <pthread.h>
#include <synch.h>
#include <signal.h>
#include <unistd.h>
#include "config.h"
#include "thread.h"

#pragma init(begin)
#pragma weak mutex_lock
#ident "@(#)server.c 1.2 97/03/04"

#ifdef __linux__
#define mutex_t pthread_mutex_t
static void linux_only(void) { door_create(0, 0, 0); }
#elif defined(__sun) && SOLARIS >= 250
static mutex_t door_lock = DEFAULTMUTEX;
#else
static void other(void) { thr_yield(); }
#endif

#if 0
it's not compiled: port_create();
#endif

#ifndef __SVR4
static void bsd(void) { thr_self(); }
#endif

#ifdef USE_PTHREADS
typedef pthread_mutex_t mutex_t;
#endif

struct table {
  mutex_t lock;
  int (*fork1)(void);
  lock_t held;
  int thr_getprio;
  int (*thr_join)(void);
};

static void begin(void)
{
  sigset_t set;
  struct table table;
  struct lwpinfo info;
  int signal = sigwait(&set);
#if defined(THR_BOUND) \
    && !defined(NO_BINDING)
  processor_bind(P_LWPID, P_MYID, 0, NULL);
#endif
  table.fork1();
  if (forkall() == 0) _lwp_info(&info);
  getenv("_THREAD_QUEUE_FIFO");
  MUTEX_HELD(&table.lock);
  door_return(0, 0, 0, 0);
  door_call(signal, 0);
  sysconf(_SC_STACK_PROT);
  smt_pause();
  int fork = 1;
  fork = fork + table.thr_getprio;
}

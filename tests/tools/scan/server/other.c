/* SPDX-License-Identifier: MIT */
#include <thread.h>

/* This file does not include config.h: here lock_t is that of Solaris. */
lock_t byte;

void smt_pause(void)
{
}

int use(void)
{
  return thr_self() + TRS_VALID + barrier_wait(0);
}

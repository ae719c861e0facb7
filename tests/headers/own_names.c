/* SPDX-License-Identifier: MIT */
/*
 * A program that has functions of its own by names of the library: they are the
 * ones that it and the library's archive call.  And the forms of sigwait and
 * sysinfo that C makes of macros.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/systeminfo.h>
#include <thread.h>

static int calls;

void yield(void);
void yield(void) {
  calls++;
}

int isastream(int fd);
int isastream(int fd) {
  calls++;
  return fd + 100;
}

unsigned int atomic_cas_32(volatile unsigned int* target, unsigned int was,
                           unsigned int is);
unsigned int atomic_cas_32(volatile unsigned int* target, unsigned int was,
                           unsigned int is) {
  calls++;
  return *target + was + is;
}

void membar_enter(void);
void membar_enter(void) {
  calls++;
}

int assfail(const char* what, const char* file, int line);
int assfail(const char* what, const char* file, int line) {
  calls++;
  return what != file ? line : 0;
}

void* schedctl_init(void);
void* schedctl_init(void) {
  calls++;
  return &calls;
}

static void* work(void* arg) {
  thr_yield();
  return arg;
}

static int forms_of_c(void) {
  sigset_t set;
  char name[8];
  struct sysinfo linux_form;
  int (*two)(const sigset_t*, int*) = sigwait;
  int came = 0;

  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  if (thr_sigsetmask(SIG_BLOCK, &set, NULL) != 0) return 1;
  if (thr_kill(thr_self(), SIGUSR1) != 0 || sigwait(&set) != SIGUSR1) return 2;
  if (thr_kill(thr_self(), SIGUSR1) != 0 || sigwait(&set, &came) != 0) return 3;
  if (came != SIGUSR1) return 4;
  came = 0;
  if (thr_kill(thr_self(), SIGUSR1) != 0 || two(&set, &came) != 0) return 5;
  if (came != SIGUSR1) return 6;
  if (sysinfo(SI_SYSNAME, name, (long)sizeof name) != 6) return 7;
  if (strcmp(name, "Linux") != 0) return 8;
  if (sysinfo(&linux_form) != 0 || linux_form.totalram == 0) return 9;
  return 0;
}

int main(void) {
  unsigned int word = 1;
  thread_t id;
  int wrong;

  yield();
  if (thr_create(NULL, 0, work, NULL, 0, &id) != 0) return 1;
  if (thr_join(id, NULL, NULL) != 0) return 1;
  if (isastream(1) != 101 || atomic_cas_32(&word, 2, 3) != 6) return 1;
  membar_enter();
  if (assfail("a", "b", 7) != 7 || schedctl_init() != &calls) return 1;
  wrong = forms_of_c();
  if (calls != 6 || wrong != 0) {
    fprintf(stderr, "%d calls, step %d\n", calls, wrong);
    return 1;
  }
  return 0;
}

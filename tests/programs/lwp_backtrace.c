/* SPDX-License-Identifier: MIT */
/* A backtrace on the stack of an LWP ends where the LWP begins. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/lwp.h>

static char stack[65536];

void begin_here(void* arg) {
  void* frames[64];
  const int count = backtrace(frames, 64);
  int own = 0;
  int i;

  for (i = 0; i < count; i++) {
    Dl_info info;
    if (dladdr(frames[i], &info) != 0 && info.dli_sname != NULL &&
        strcmp(info.dli_sname, "begin_here") == 0) {
      own = i + 1;
    }
  }
  /* Behind it there is one frame, of the library, and no other. */
  printf("%s %d\n", own > 0 ? "found" : "missing", count - own);
  *(int*)arg = 1;
}

int main(void) {
  ucontext_t context;
  lwpid_t id;
  int ran = 0;

  sigemptyset(&context.uc_sigmask);
  _lwp_makecontext(&context, begin_here, &ran, NULL, stack, sizeof stack);
  if (_lwp_create(&context, 0, &id) != 0 || _lwp_wait(id, NULL) != 0) return 1;
  return ran == 1 ? 0 : 1;
}

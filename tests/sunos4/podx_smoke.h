/* SPDX-License-Identifier: MIT */
/* What the smoke programs share: cases, one of which the argument names. */
#ifndef LIBTHREAD_TESTS_SUNOS4_PODX_SMOKE_H_
#define LIBTHREAD_TESTS_SUNOS4_PODX_SMOKE_H_

#include <lwp/lwp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define APART __attribute__((noinline))
#define REQUIRE(condition) require((condition), __LINE__, #condition)
#define FAILS(code, call)                  \
  (require((call) == -1, __LINE__, #call), \
   require(lwp_geterr() == (code), __LINE__, #code))

static inline void require(int holds, int line, const char* what) {
  if (holds) return;
  fprintf(stderr, "line %d: %s (code %d)\n", line, what, lwp_geterr());
  _exit(1);
}

static inline void begin(void) {
  REQUIRE(pod_setmaxpri(9) == 0);
  REQUIRE(lwp_setstkcache(65536, 8) > 0);
}

static inline thread_t make(void (*f)(), int prio, int flags, void* arg) {
  thread_t t;

  REQUIRE(lwp_create(&t, f, prio, flags, lwp_newstk(), 1, arg) == 0);
  return t;
}

struct smoke {
  const char* name;
  void (*run)(void);
};

/* Runs the case that the argument names; or prints the names. */
static inline int run_smoke(int argc, char** argv, const struct smoke* cases) {
  int list = argc != 2 || strcmp(argv[1], "--list") == 0;

  for (; cases->name != NULL; cases++) {
    if (list) {
      puts(cases->name);
    } else if (strcmp(argv[1], cases->name) == 0) {
      cases->run();
      printf("ok\n");
      pod_exit(0);
    }
  }
  return list ? 0 : 2;
}

#endif

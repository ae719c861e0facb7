/* SPDX-License-Identifier: MIT */
/*
 * What the static initialisers put where.  Bytes, not members: the library
 * and debuggers rely on them.  Exit status 0 when all is right.
 */
#include <stdio.h>
#include <string.h>
#include <thread.h>

static int failures;

/* The object is all zeros but for these bytes: its type and its magic. */
struct expected {
  size_t offset;
  unsigned char value;
};

static void check(const char* name, const void* object, size_t size,
                  const struct expected* bytes, size_t count) {
  unsigned char wanted[64];
  size_t i;

  memset(wanted, 0, sizeof wanted);
  for (i = 0; i < count; i++) wanted[bytes[i].offset] = bytes[i].value;
  if (size > sizeof wanted || memcmp(object, wanted, size) != 0) {
    fprintf(stderr, "%s has other bytes than expected\n", name);
    failures++;
  }
}

static void check_mutex(const char* name, mutex_t m, int type) {
  struct expected bytes[3] = {{4, 0}, {6, 'X'}, {7, 'M'}};
  bytes[0].value = (unsigned char)type;
  check(name, &m, sizeof m, bytes, 3);
}

static void check_cond(const char* name, cond_t c, int type) {
  struct expected bytes[3] = {{4, 0}, {6, 'V'}, {7, 'C'}};
  bytes[0].value = (unsigned char)type;
  check(name, &c, sizeof c, bytes, 3);
}

static void check_sema(const char* name, sema_t s, int type) {
  struct expected bytes[3] = {{4, 0}, {6, 'M'}, {7, 'S'}};
  bytes[0].value = (unsigned char)type;
  check(name, &s, sizeof s, bytes, 3);
}

static void check_rwlock(const char* name, rwlock_t r, int type) {
  struct expected bytes[12] = {{4, 0},    {6, 'W'},  {7, 'R'},  {12, 0},
                               {14, 'X'}, {15, 'M'}, {36, 0},   {38, 'V'},
                               {39, 'C'}, {52, 0},   {54, 'V'}, {55, 'C'}};
  int i;
  for (i = 0; i < 12; i += 3) bytes[i].value = (unsigned char)type;
  check(name, &r, sizeof r, bytes, 12);
}

#define CHECK(kind, macro, type)        \
  do {                                  \
    kind##_t object = macro;            \
    check_##kind(#macro, object, type); \
  } while (0)

int main(void) {
  const struct expected five[3] = {{0, 5}, {6, 'M'}, {7, 'S'}};
  mutex_t zero_mutex = {0};
  cond_t zero_cond = {0};
  sema_t zero_sema = {0};
  lwp_sema_t zero_lwp_sema = {0};
  rwlock_t zero_rwlock = {0};
  sema_t counted = DEFAULTSEMA;

  CHECK(mutex, DEFAULTMUTEX, 0);
  CHECK(mutex, SHAREDMUTEX, 1);
  CHECK(mutex, RECURSIVEMUTEX, 4);
  CHECK(mutex, ERRORCHECKMUTEX, 2);
  CHECK(mutex, RECURSIVE_ERRORCHECKMUTEX, 6);
  CHECK(cond, DEFAULTCV, 0);
  CHECK(cond, SHAREDCV, 1);
  CHECK(sema, DEFAULTSEMA, 0);
  CHECK(sema, SHAREDSEMA, 1);
  CHECK(rwlock, DEFAULTRWLOCK, 0);
  CHECK(rwlock, SHAREDRWLOCK, 1);

  check("zero mutex", &zero_mutex, sizeof zero_mutex, NULL, 0);
  check("zero cond", &zero_cond, sizeof zero_cond, NULL, 0);
  check("zero sema", &zero_sema, sizeof zero_sema, NULL, 0);
  check("zero lwp_sema", &zero_lwp_sema, sizeof zero_lwp_sema, NULL, 0);
  check("zero rwlock", &zero_rwlock, sizeof zero_rwlock, NULL, 0);
  counted.count = 5;
  check("count first", &counted, sizeof counted, five, 3);
  return failures != 0;
}

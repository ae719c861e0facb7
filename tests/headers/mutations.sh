#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The checks of this directory notice broken headers: each line below breaks a
# copy in one way and names the check and the standard that have to fail.
# shellcheck disable=SC2016
. "$(dirname "$0")/common.sh"

failures=0
count=0

# run CHECK STANDARD: whether it passes.  It fails with status 1.
run() {
  LT_ONLY=$2 sh "$here/$1.sh" "$work/include" >"$work/log" 2>&1
  status=$?
  [ $status -le 1 ] || die "$1 ended with $status: $(tail -n 3 "$work/log")"
  return $status
}

# mutate CHECK STANDARD FILE SED-SCRIPT
mutate() {
  count=$((count + 1))
  cp -R "$include"/. "$work/include/" || die 'cannot copy'
  sed "$4" "$include/$3" >"$work/include/$3" || die "cannot write: $4"
  if cmp -s "$include/$3" "$work/include/$3"; then
    printf 'FAIL no longer changes %s: %s\n' "$3" "$4"
  elif run "$1" "$2"; then
    printf 'FAIL %s (%s) passes with %s broken: %s\n' "$1" "$2" "$3" "$4"
  else
    return
  fi
  failures=$((failures + 1))
}

mkdir "$work/include"
cp -R "$include"/. "$work/include/"
for unbroken in 'matrix c89' 'matrix c99' 'matrix c++98' 'neighbours c99' \
  'neighbours gnu99' 'names gnu17'; do
  # shellcheck disable=SC2086
  run $unbroken || {
    echo "FAIL ${unbroken} does not pass with the headers as they are"
    cat "$work/log"
    exit 1
  }
done

# The language of the headers.
mutate matrix c89 synch.h '$s,$, // end,'
mutate matrix c89 bits/libthread_types.h '/pragma/d; s/__extension__//'
mutate matrix c++98 bits/libthread_types.h '/pragma/d'
mutate matrix c99 synch.h '/_SYNCH_H/d'
mutate matrix c89 thread.h '/stack_t.h/d'
mutate matrix c89 bits/libthread_types.h '/struct_timespec.h/d'
mutate matrix c++98 thread.h '/__cplusplus/,/^#endif/d'

# Layout, values, prototypes, initialisers.
mutate matrix c99 synch.h 's/^#define RECURSION_MAX 255/#define RECURSION_MAX 254/'
mutate matrix c99 synch.h 's/upad64_t pad2\[2\]/upad64_t pad2[3]/'
mutate matrix c99 synch.h 's/uint16_t magic/uint32_t magic/'
mutate matrix c99 thread.h 's/^typedef unsigned int thread_t/typedef unsigned long thread_t/'
mutate matrix c99 thread.h 's/THR_DAEMON 0x00000100/THR_DAEMON 0x00000020/'
mutate matrix c99 synch.h '/cond_reltimedwait(/s/const //'
mutate matrix c99 synch.h '/smt_pause/d'
mutate matrix c++98 synch.h 's/_mutex_held(void\*)/_mutex_held(mutex_t*)/'
mutate matrix c99 synch.h '/define RW_LOCK_HELD/d'
mutate matrix c99 synch.h 's/^#define DEFAULTCV.*/#define DEFAULTCV {0, 0, {0}}/'
mutate matrix c99 thread.h 's/__attribute__((__noreturn__))//'

# Other headers.
mutate neighbours c99 thread.h 's/^typedef unsigned int thread_t;/& typedef long lwpid_t;/'
mutate neighbours c99 synch.h 's/^#define USYNC_THREAD/#define LOCK_SH 7\n&/'
mutate neighbours c99 thread_db.h '/define thread_t/d'
mutate neighbours gnu99 bits/libthread_types.h 's/__daddr_t_defined/other_guard/; s/typedef __caddr_t/typedef void */'

# Names.
mutate names gnu17 thread.h 's/^extern void thr_yield.*/& extern void yield(void);/'
mutate names gnu17 synch.h 's/^#define LOCK_ROBUST/#define MUTEX_FREE 1\n&/'
mutate names gnu17 thread.h '/define THR_DAEMON/d'
mutate names gnu17 synch.h 's/#ifdef __EXTENSIONS__/#if 1/'
mutate names gnu17 thread.h 's/^#include <time.h>/&\n#include <stdio.h>/'
mutate names gnu17 thread.h 's/^#include <time.h>/&\n#undef SIGINT/'

echo "$count ways to break the headers, $failures not noticed"
[ "$failures" -eq 0 ]

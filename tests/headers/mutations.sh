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
  # Some things only one compiler minds.
  case $2 in c*9) first= ;; *) first=1 ;; esac
  LT_ONLY=$2 LT_FIRST=$first \
    sh "$here/$1.sh" "$work/include" >"$work/log" 2>&1
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
  'neighbours gnu99' 'names gnu17' 'overlays c89' 'overlays gnu17' \
  'overlays c++98' 'documented gnu17' 'exported gnu17'; do
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

# Overlays: language, order, values, prototypes.
mutate overlays c89 signal.h '/system_header/d'
mutate overlays c89 sys/types.h 's/typedef int psetid_t/& processorid_t/'
mutate overlays c89 sys/systeminfo.h 's/__thr_sysinfo, 0, sysinfo/__thr_sysinfo, , sysinfo/'
mutate neighbours c99 sys/types.h 's/typedef __id_t id_t/typedef long id_t/; s/__id_t_defined/__other/'
mutate overlays c++98 sys/debug.h '/^extern "C" {/d; /^}$/d'
mutate overlays c99 errno.h '/include_next/d'
mutate overlays c99 atomic.h 's/__LT_BITS(ushort, ushort_t)//'
mutate overlays c99 atomic.h 's/__LT_ADD(8, uint8_t, int8_t)/__LT_ADD(8, uint8_t, int)/'
mutate overlays gnu17 signal.h 's/SIGTHAW 68/SIGTHAW 67/'
mutate overlays gnu17 signal.h 's/SIGWAITING 65/SIGWAITING 32/'
mutate overlays gnu17 signal.h 's/NSIG 70/NSIG 65/'
mutate overlays gnu17 signal.h 's/NSIG 70/NSIG 128/'
mutate overlays gnu17 signal.h '/^extern __sighandler_t sigset/d'
mutate overlays gnu17 unistd.h '/ifdef __EXTENSIONS__/,/endif/s/^#.*//'
mutate overlays gnu17 string.h '/strlcat/d'
mutate overlays gnu17 time.h '/define CLOCK_HIGHRES/d'
mutate overlays gnu17 sys/debug.h '/typedef char __lt_ctassert/d'
mutate overlays gnu17 sys/systeminfo.h '/define sysinfo(\.\.\.)/,+1d'
mutate overlays gnu17 sys/machlock.h 's/0xff/0x01/'
mutate overlays gnu17 stropts.h 's/I_STR 0x5308/I_STR 0x5306/'
mutate documented gnu17 door.h '/#error/d'
mutate overlays gnu17 priv.h 's/^#include_next.*/#error "<priv.h>: no"/'
mutate overlays gnu17 signal.h '/pop_macro/d'
mutate neighbours gnu99 sys/types.h 's/^typedef short pri_t.*/& typedef int *key_t;/'
mutate documented gnu17 unistd.h 's/^extern void yield.*/& extern void relax(void);/'
mutate documented gnu17 sys/debug.h 's/^#define VERIFY0.*/#define CHECK0(x) 0\n&/'
mutate exported gnu17 schedctl.h 's/schedctl_lookup(void)/schedctl_find(void)/'
mutate exported gnu17 atomic.h 's/__LT_SWAP(ushort, ushort_t)//'

echo "$count ways to break the headers, $failures not noticed"
[ "$failures" -eq 0 ]

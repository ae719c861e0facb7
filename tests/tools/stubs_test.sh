#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The empty archives: an old link line works with the plain compiler, a library
# of the same name that the system has is still found, and what is really
# missing is named by the linker.
# usage: stubs_test.sh LIB_DIR CC
set -u
here=$(cd "$(dirname "$0")" && pwd)
stubs=$(cd "$1" && pwd)/libthread/stubs
cc=$2
# shellcheck source=tests/tools/lib.sh
. "$here/lib.sh"
unset LIBRARY_PATH
cd "$work" || exit 1

# Every library that solcc(1) takes for one of libc has its archive, and kstat.
for name in posix4 aio socket nsl xnet gen intl w sendfile malloc bsdmalloc \
  mapmalloc mtmalloc kstat; do
  run ar t "$stubs/lib$name.a"
  good
  is members "$stdout" ""
  libraries+=("-l$name")
done
is archives "$(find "$stubs" -name '*.a' | wc -l)" "${#libraries[@]}"

cat >server.c <<'END'
#include <aio.h>
#include <semaphore.h>
#include <sys/socket.h>
#include <time.h>
int main(void)
{
  struct aiocb request = {0};
  struct timespec now;
  int s = socket(AF_UNIX, SOCK_STREAM, 0);
  return s < 0 || clock_gettime(CLOCK_REALTIME, &now) != 0 || aio_error(&request) != 0;
}
END
echo 'int kstat_open(void); int main(void) { return kstat_open(); }' >kstat.c
echo 'int xnet_answer(void) { return 42; }' >real.c
echo 'int xnet_answer(void); int main(void) { return xnet_answer() != 42; }' >yp.c

for option in "-L$stubs" "-Wl,-L$stubs"; do
  run "$cc" server.c -o server "${libraries[@]}" "$option"
  good
  is stderr "$stderr" ""
  run ./server
  good
  run "$cc" "$option" kstat.c -o kstat -lkstat
  is status "$((status != 0))" 1
  has stderr "$stderr" "undefined reference to \`kstat_open'"
done

# A library of the system has one of these names.  LIBRARY_PATH stands for the
# directories that the compiler looks in by itself.
mkdir system
"$cc" -shared -fPIC real.c -o system/libxnet.so
run env LIBRARY_PATH="$work/system" "$cc" "-Wl,-L$stubs" yp.c -o yp -lxnet
good
run env LD_LIBRARY_PATH="$work/system" ./yp
good
# One of the user's own, before -L of the archives as well.
run "$cc" "-L$work/system" "-L$stubs" yp.c -o yp2 -lxnet
good
run "$cc" "-L$stubs" yp.c -o yp3 -lxnet
is "hidden by -L" "$((status != 0))" 1

# The stand-in for libthread: its soname and nothing of libc's.
implied=$stubs/libthread-implied.so
has "dynamic section" "$(readelf -d "$implied")" "soname: [libthread.so.1]"
names=$(nm -D --defined-only "$implied" | awk '{ print $3 }')
has names "$names" "thr_create@@LIBTHREAD_1.0"
is "names of libc" "$(grep -Ec '^(read|pthread_create|sigaction|__libc_start_main)(@|$)' <<<"$names")" 0

finish 45

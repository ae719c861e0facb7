#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Builds programs with threads through solcc and solCC as an old Makefile would,
# and runs them in every model, without any help of the environment.
# usage: solcc_threads_test.sh TOOLS_DIR INCLUDE_DIRS LIB_DIR CC CXX [FLAG ...]
set -u
here=$(cd "$(dirname "$0")" && pwd)
tools=$(cd "$1" && pwd)
include=$2 # separated by colons
libdir=$(cd "$3" && pwd)
# shellcheck source=tests/tools/lib.sh
. "$here/lib.sh"
unset LD_LIBRARY_PATH
export SOLCC_CC=$4 SOLCC_CXX=$5
flags=("${@:6}")

# A tree like the installed one, with links to this build.
mkdir -p "$work/opt/bin" "$work/opt/include/libthread" "$work/opt/lib"
cp "$tools/solcc" "$tools/solCC" "$work/opt/bin"
IFS=: read -ra include_dirs <<<"$include"
for directory in "${include_dirs[@]}"; do
  cp -R "$directory/." "$work/opt/include/libthread"
done
for library in "$libdir"/libthread.so* "$libdir"/libthread.a "$libdir/libthread"; do
  ln -s "$library" "$work/opt/lib"
done
PATH=$work/opt/bin:$PATH
cd "$work" || exit 1

# in_models PROGRAM TEXT
in_models() {
  local model
  for model in two-level one-to-one many-to-one; do
    run env LIBTHREAD_MODEL=$model timeout 30 "./$1"
    good
    is "stdout in $model" "$stdout" "$2"
  done
}

# One step; the libraries before the file, as configure scripts have it, too.
run solcc -mt -O -Xa "$here/threads.c" -o threads -lthread -lposix4 -lsocket -lnsl "${flags[@]}"
good
in_models threads "8 8000"
run solcc -D_REENTRANT -lthread -Xs "$here/threads.c" -o threads2 "${flags[@]}"
good
in_models threads2 "8 8000"
has "dynamic section" "$(readelf -d threads2)" "[libthread.so.1]"

# Two steps, in C++.
run solCC -mt -xO4 -KPIC -c "$here/threads.cc" "${flags[@]}"
good
run solCC -mt threads.o -o threads3 "${flags[@]}"
good
is stderr "$stderr" ""
in_models threads3 4

# Without a word about threads, as since SunOS 5.10: libthread is there if the
# program uses what only libthread has, and comes before libc.
run solcc "$here/time_only.c" -o time_only "${flags[@]}"
good
has "dynamic section" "$(readelf -d time_only)" "[libthread.so.1]"
in_models time_only "time goes on"
run solcc -D_REENTRANT "$here/threads.c" -o threads6 "${flags[@]}"
good
is "first library" "$(readelf -d threads6 | grep NEEDED | grep -v san | head -n 1 |
  sed 's/.*\[//; s/\].*//')" libthread.so.1
in_models threads6 "8 8000"
run solcc "$here/ansi.c" -DTEXT='"two  words"' -o ansi "${flags[@]}"
good
is "libthread is needed" "$(readelf -d ansi | grep -c 'NEEDED.*libthread')" 0
run ./ansi
good
run solcc -G -KPIC "$here/time_only.c" -o libtime.so "${flags[@]}"
good
has "dynamic section" "$(readelf -d libtime.so)" "[libthread.so.1]"

# The archive instead of the shared library.
run solcc -mt "$here/threads.c" -o threads5 -Bstatic -lthread -Bdynamic "${flags[@]}"
good
is "libthread is needed" "$(readelf -d threads5 | grep -c 'NEEDED.*libthread')" 0
in_models threads5 "8 8000"

# From the source tree, and without the path in the program.
run env SOLCC_INCLUDE="$include" SOLCC_LIBDIR="$libdir" SOLCC_RPATH=no \
  "$tools/solcc" -mt "$here/threads.c" -o threads4 "${flags[@]}"
good
is "paths in the program" "$(readelf -d threads4 | grep -c -i 'runpath\|rpath')" 0
run env LD_LIBRARY_PATH="$libdir" ./threads4
good
is stdout "$stdout" "8 8000"

# What configure asks: is there a thr_create in -lthread, is there a header?
echo 'char thr_create(); int main() { return thr_create == 0; }' >conftest.c
run solcc -o conftest conftest.c -lthread "${flags[@]}"
good
run ./conftest
good
echo '#include <synch.h>' >conftest.c
run solcc -E conftest.c
good
has stdout "$stdout" "mutex_lock"

finish 55

#!/bin/sh
# SPDX-License-Identifier: MIT
#
# lwp.c compiles under every standard in the way of both systems, beside the C
# library's <sys/procfs.h> in either order, and calls the functions it means.
. "$(dirname "$0")/common.sh"

failures=0
runs=0
fail() {
  failures=$((failures + 1))
  echo "FAIL $*"
  head -n 20 "$work/log" | sed 's/^/  /'
}

list_modes
while read -r language standard compiler; do
  for way in '' -DPROCFS=1 -DPROCFS=2 -DBSD=1 -DBSD=2 '-DBSD=1 -DPROCFS=1' \
    '-DBSD=1 -DPROCFS=2'; do
    runs=$((runs + 1))
    # shellcheck disable=SC2086 # lists of words
    $compiler "-std=$standard" -I"$include" $strict -Wno-address $way -c \
      -o "$work/lwp.o" -x "$language" "$here/lwp.c" >"$work/log" 2>&1 || {
      fail "$compiler -std=$standard $way"
      continue
    }
    nm -u "$work/lwp.o" >"$work/log"
    for call in create exit wait detach suspend continue kill; do
      case $way in
      *BSD*) wanted=__bsd_lwp_$call other=_lwp_$call ;;
      *) wanted=_lwp_$call other=__bsd_lwp_$call ;;
      esac
      grep -q " $wanted\$" "$work/log" || fail "$compiler $way: no $wanted"
      grep -q " $other\$" "$work/log" && fail "$compiler $way: $other"
    done
  done
done <"$work/modes"

echo "$runs compilations, $failures failures"
[ "$failures" -eq 0 ]

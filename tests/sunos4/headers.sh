#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The headers of liblwp compile alone, twice and in any order under every
# standard; prototypes.c and callers.c with them; with <math.h> on either side;
# never with <thread.h>.
# usage: headers.sh INCLUDE-DIRECTORY DIRECTORY-OF-THREAD.H
set -u
include=${1:?usage: $0 include-directory directory-of-thread.h}
threads=${2:?usage: $0 include-directory directory-of-thread.h}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/lt-sunos4.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
strict='-pedantic-errors -Wall -Wextra -Werror'
all='lwp/lwp.h lwp/stackdep.h lwp/lwpmachdep.h lwp/lwperror.h lwp/check.h'
runs=0
failures=0

fail() {
  failures=$((failures + 1))
  echo "FAIL $*"
  sed 's/^/  /' "$work/log" | head -n 20
}

# compile FLAGS FILE: in the language, standard and with the compiler of now.
compile() {
  runs=$((runs + 1))
  # shellcheck disable=SC2086 # compilers and flags are lists of words
  $compiler "-std=$standard" -I"$include" $1 -fsyntax-only \
    -x "$language" "$2" >"$work/log" 2>&1
}

includes() {
  : >"$work/order.c"
  for header; do echo "#include <$header>" >>"$work/order.c"; done
}

one_mode() {
  mode="$compiler -std=$standard"
  for header in $all; do
    includes "$header"
    compile "$strict" "$work/order.c" || fail "$mode: $header alone"
    includes "$header" "$header"
    compile "$strict" "$work/order.c" || fail "$mode: $header twice"
  done
  # shellcheck disable=SC2086
  includes $all
  compile "$strict" "$work/order.c" || fail "$mode: all"
  includes lwp/check.h lwp/lwperror.h lwp/lwpmachdep.h lwp/stackdep.h lwp/lwp.h
  compile "$strict" "$work/order.c" || fail "$mode: all, backwards"

  # INFINITY is ours, whoever comes first.
  for order in 'math.h lwp/lwp.h' 'lwp/lwp.h math.h'; do
    # shellcheck disable=SC2086
    includes $order
    echo 'struct timeval *lt_forever(void); struct timeval *lt_forever(void)
      { return INFINITY; }' >>"$work/order.c"
    compile "$strict" "$work/order.c" || fail "$mode: $order"
  done

  for file in prototypes.c callers.c; do
    compile "$strict" "$here/$file" || fail "$mode: $file"
  done
  includes lwp/lwp.h
  cat >>"$work/order.c" <<'END'
#ifdef __cplusplus
extern "C" {
#endif
struct lt_task;
int lwp_create(thread_t *, void (*)(struct lt_task *), int, int, stkalign_t *,
    int, caddr_t);
cv_t cv_create(cv_t *, mon_t);
int lwp_sleep(struct timeval);
#ifdef __cplusplus
}
#endif
END
  compile "$strict -D_LWP_NO_PROTOTYPES" "$work/order.c" ||
    fail "$mode: prototypes of a client's own"
  ! compile "$strict" "$work/order.c" ||
    fail "$mode: such prototypes beside ours, which differ"

  # With the threads of Solaris: the message of the headers, not a heap of
  # others in front of it.
  for order in 'thread.h lwp/lwp.h' 'lwp/lwp.h thread.h' \
    'thread.h lwp/lwpmachdep.h'; do
    # shellcheck disable=SC2086
    includes $order
    if compile "-I$threads" "$work/order.c"; then
      fail "$mode: $order compiles"
    elif ! grep 'error' "$work/log" | head -n 1 | grep -q 'exclude\|SunOS 4'; then
      fail "$mode: $order: another error comes first"
    fi
  done
}

# Standards that a compiler does not know are left out; each knows the old ones.
try_all() {
  language=$1
  shift
  known=0
  for standard; do
    includes stddef.h
    # shellcheck disable=SC2086
    $compiler "-std=$standard" -fsyntax-only -x "$language" "$work/order.c" \
      2>/dev/null || continue
    known=$((known + 1))
    one_mode
  done
  [ "$known" -ge 5 ] || { echo "FAIL $compiler knows $known standards"
    failures=$((failures + 1)); }
}

for compiler in gcc clang; do
  command -v "$compiler" >/dev/null || continue
  try_all c c89 c99 c11 c17 c2x gnu89 gnu99 gnu17 gnu2x
done
for compiler in g++ clang++; do
  command -v "$compiler" >/dev/null || continue
  try_all c++ c++98 c++03 c++11 c++14 c++17 c++20 c++23 gnu++98 gnu++20
done
echo "$runs compilations, $failures failures"
[ "$runs" -gt 0 ] && [ "$failures" -eq 0 ]

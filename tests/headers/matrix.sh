#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The headers compile alone, twice and in both orders under every standard,
# and layout.c, prototypes.c and callers.c with them.  callers_knr.c and
# callers_null.c may have warnings, but only those that C always had for them.
. "$(dirname "$0")/common.sh"

failures=0
runs=0
fail() {
  failures=$((failures + 1))
  echo "FAIL $*"
  sed 's/^/  /' "$work/log"
}

# compile FLAGS FILE: with the mode's compiler, standard and language.
compile() {
  runs=$((runs + 1))
  # shellcheck disable=SC2086 # compilers and flags are lists of words
  $compiler "-std=$standard" -I"$include" $1 -fsyntax-only \
    -x "$language" "$2" >"$work/log" 2>&1
}

# Warnings of a kind that is not expected.
unexpected() {
  grep 'warning:' "$work/log" | grep -Ev "\[-W($1)\]"
}

copy_public
list_modes
while read -r language standard compiler; do
  mode="$compiler -std=$standard"
  for order in thread.h synch.h 'thread.h synch.h' 'synch.h thread.h' \
    'thread.h thread.h' 'synch.h synch.h'; do
    # shellcheck disable=SC2086
    include_in "$work/order.c" $order
    compile "$strict" "$work/order.c" || fail "$mode: $order"
  done

  include_in "$work/order.c" thread.h
  installed=$include
  include=$work/public
  compile "$strict" "$work/order.c" || fail "$mode: thread.h without overlays"
  include=$installed

  for file in layout.c prototypes.c; do
    compile "$strict" "$here/$file" || fail "$mode: $file"
  done
  # { 0 } and { 5 } leave members out, as they always did.
  compile "$strict -Wno-missing-field-initializers" "$here/callers.c" ||
    fail "$mode: callers.c"

  case $language in
  c) kind='int-conversion' ;;
  *) kind='conversion-null|null-conversion' ;;
  esac
  compile '-Wno-error=int-conversion' "$here/callers_null.c" ||
    fail "$mode: callers_null.c"
  unexpected "$kind" && fail "$mode: callers_null.c"

  # C2x has no such definitions.
  case $language-$standard in c++-* | c-*2x) continue ;; esac
  compile '-Wno-error=incompatible-pointer-types' "$here/callers_knr.c" ||
    fail "$mode: callers_knr.c"
  unexpected 'incompatible-(function-)?pointer-types' &&
    fail "$mode: callers_knr.c"
done <"$work/modes"

for macros in -D_POSIX_SOURCE -D_POSIX_C_SOURCE=199506L -D_XOPEN_SOURCE=500 \
  '-D_POSIX_C_SOURCE=199309L -D_DEFAULT_SOURCE' -D_XOPEN_SOURCE=700 \
  -D_GNU_SOURCE -D_REENTRANT -D__EXTENSIONS__ -D_STRICT_STDC; do
  language=c standard=c99 compiler=${CC:-cc}
  include_in "$work/order.c" thread.h
  compile "$strict $macros" "$work/order.c" || fail "$macros"
done

echo "$runs compilations, $failures failures"
[ "$failures" -eq 0 ]

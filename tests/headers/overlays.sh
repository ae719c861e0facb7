#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The headers of compat/include, and the two of libthread, whatever they are:
# each compiles alone and twice, all together in both orders, so that each pair
# is tried both ways, and overlays.c with them.  Those that refuse do so with
# their own message, and give way to another header of their name.
. "$(dirname "$0")/common.sh"

failures=0
runs=0
fail() {
  failures=$((failures + 1))
  echo "FAIL $*"
  head -n 20 "$work/log" | sed 's/^/  /'
}

# compile FLAGS FILE
compile() {
  runs=$((runs + 1))
  # shellcheck disable=SC2086 # compilers and flags are lists of words
  $compiler "-std=$standard" -I"$include" $1 -fsyntax-only \
    -x "$language" "$2" >"$work/log" 2>&1
}

# A file must declare something; nothing else is in some of these headers.
include_all() {
  include_in "$work/all.c" "$@"
  echo 'extern int something;' >>"$work/all.c"
}

ours=$(usable)
backwards=$(printf '%s\n' "$ours" | sort -r)
[ "$(printf '%s\n' "$ours" | wc -l)" -ge 20 ] || die "only these headers: $ours"
[ "$(wc -l <"$work/refused")" -ge 5 ] || die 'no headers that refuse'

list_modes
while read -r language standard compiler; do
  mode="$compiler -std=$standard"
  for name in $ours; do
    include_all "$name" "$name"
    compile "$strict" "$work/all.c" || fail "$mode: $name"
  done
  # shellcheck disable=SC2086
  {
    include_all $ours
    compile "$strict" "$work/all.c" || fail "$mode: all headers"
    include_all $backwards
    compile "$strict" "$work/all.c" || fail "$mode: all headers, backwards"
  }
  compile "$strict" "$here/overlays.c" || fail "$mode: overlays.c"
  compile "$strict -DDEBUG -D__EXTENSIONS__" "$here/overlays.c" ||
    fail "$mode: overlays.c with DEBUG and __EXTENSIONS__"
done <"$work/modes"

for macros in -D_POSIX_SOURCE -D_POSIX_C_SOURCE=199506L -D_XOPEN_SOURCE=500 \
  '-D_POSIX_C_SOURCE=199309L -D_DEFAULT_SOURCE' -D_XOPEN_SOURCE=700 \
  -D_GNU_SOURCE -D_REENTRANT -D__EXTENSIONS__ -D_FILE_OFFSET_BITS=64 \
  '-O2 -D_FORTIFY_SOURCE=2'; do
  language=c standard=c99 compiler=${CC:-cc}
  wanted c99 || break
  # shellcheck disable=SC2086
  include_all $ours
  compile "$strict $macros" "$work/all.c" || fail "$macros"
  compile "$strict $macros" "$here/overlays.c" || fail "$macros: overlays.c"
done

# A compiler stops with the header's message, unless there is another header.
while read -r name; do
  mkdir -p "$work/other/$(dirname "$name")"
  echo 'extern int another;' >"$work/other/$name" || die 'cannot write'
  include_all "$name"
  echo 'int *here = &another;' >>"$work/all.c"
  for mode in 'c c89' 'c gnu17' 'c++ c++98' 'c++ c++20'; do
    language=${mode% *} standard=${mode#* }
    wanted "$standard" || continue
    [ "$language" = c ] && first=${CC:-cc} other=clang
    [ "$language" = c ] || first=${CXX:-c++} other=clang++
    compilers "$first" "$other" >"$work/compilers"
    while read -r compiler; do
      compile '' "$work/all.c" && fail "$compiler -std=$standard takes $name"
      grep -qF "<$name>: no " "$work/log" &&
        grep -qF 'libthread-headers(7)' "$work/log" ||
        fail "$compiler -std=$standard: the message of $name"
      compile "$strict -isystem $work/other" "$work/all.c" ||
        fail "$compiler -std=$standard: another $name"
    done <"$work/compilers"
  done
done <"$work/refused"

echo "$runs compilations, $failures failures"
[ "$failures" -eq 0 ]

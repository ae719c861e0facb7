#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Builds and runs programs of the period that need no threads, with gcc and,
# where it is installed, clang.
# usage: solcc_programs_test.sh TOOLS_DIR
set -u
here=$(cd "$(dirname "$0")" && pwd)
tools=$(cd "$1" && pwd)
# shellcheck source=tests/tools/lib.sh
. "$here/lib.sh"
PATH=$tools:$PATH

# outputs TEXT COMMAND...: it succeeds and prints TEXT.
outputs() {
  run "${@:2}"
  good
  is stdout "$stdout" "$1"
}

programs() {
  local compiler=$1 mode sources=("$here/knr.c" "$here/knr_lines.c")
  export SOLCC_CC=$compiler
  mkdir "$work/$compiler dir"
  cd "$work/$compiler dir" || exit 1

  for mode in -Xs -Xt -Xa; do
    run solcc "$mode" -O -o knr "${sources[@]}"
    good
    has warnings "$stderr" warning
    outputs "one 42" ./knr
  done
  # An old Makefile's whole line, in two steps.
  run solcc -v -xO4 -xarch=v8plusa -xcg92 -xstrconst -KPIC -c "${sources[@]}"
  good
  is "warnings of solcc" "$(grep '^solcc: warning' <<<"$stderr")" \
    "solcc: warning: -xarch=v8plusa: no equal here, ignored
solcc: warning: -xcg92: no equal here, ignored"
  run solcc -o knr2 knr.o knr_lines.o -s -lsocket -lnsl -lgen -lposix4 -lm
  good
  is stderr "$stderr" ""
  outputs "one 42" ./knr2

  run solcc -fast -DTEXT='"two  words"' -o "an si" "$here/ansi.c"
  good
  is stderr "$stderr" ""
  outputs "two  words" "./an si"
  # A keyword of C99 only, and a warning as an error.
  echo 'int f(void) { int restrict = 1, unused; return restrict; }' >word.c
  run solcc -c word.c
  is status "$status" 1
  run solcc -xc99=none -c word.c
  good
  run solcc -xc99=none -v -c word.c
  good
  has warnings "$stderr" warning
  run solcc -xc99=none -v -errwarn=%all -c word.c
  is status "$status" 1

  run solCC -O4 -o classes "$here/classes.cc"
  good
  outputs "too far 3" ./classes

  # A shared object with soname and version script, found through -R.
  mkdir lib
  echo 'V1 { global: answer; local: *; };' >mapfile
  run solcc -G -zdefs -ztext -M mapfile -h libanswer.so.1 -o lib/libanswer.so.1 "$here/shared.c"
  good
  is stderr "$stderr" ""
  has "dynamic section" "$(readelf -d lib/libanswer.so.1)" "soname: [libanswer.so.1]"
  is symbols "$(nm -D lib/libanswer.so.1 | awk '$2 == "T" { print $3 }')" answer@@V1
  ln -s libanswer.so.1 lib/libanswer.so
  # shellcheck disable=SC2016 # the dynamic linker replaces it
  run solcc -DMAIN "$here/shared.c" -Llib -R '$ORIGIN/lib' -lanswer -o main
  good
  outputs 42 ./main

  # An archive in whole, and one between -Bstatic and -Bdynamic.
  run solcc -c -KPIC "$here/shared.c"
  good
  run solCC -xar -o libanswer.a shared.o
  good
  is members "$(ar t libanswer.a)" shared.o
  run solcc -G -o whole.so -z allextract libanswer.a
  good
  has symbols "$(nm -D whole.so)" "T hidden"
  run solcc -DMAIN "$here/shared.c" -L. -Bstatic -lanswer -o main2
  good
  outputs 42 ./main2

  # Preprocessing and dependencies; -E keeps standard output to itself.
  run solcc -P "$here/shared.c"
  good
  has "shared.i" "$(<shared.i)" "int answer(void)"
  is "line marks" "$(grep -c '^#' shared.i)" 0
  run solcc '-#' -E "$here/shared.c"
  good
  is command "$(grep -c -- '-E' <<<"$stdout")" 0
  has stdout "$stdout" "int answer(void)"
  run solcc -xM1 -DMAIN "$here/shared.c"
  is stdout "$stdout" "shared.o: $here/shared.c"
  run solcc -xM -DMAIN "$here/shared.c"
  has stdout "$stdout" stdio.h
  run solcc -xMD -xMF deps -c "$here/knr.c"
  has deps "$(<deps)" stdio.h

  # The compiler's own status.
  echo 'int x = ;' >bad.c
  run solcc -c bad.c
  is status "$status" 1
  has stderr "$stderr" error
  run solcc
  is status "$status" 1
  has stderr "$stderr" "no input files"
  run solcc -V
  good
  has stderr "$stderr" "solcc: with "
}

tried=0
for compiler in gcc clang; do
  command -v "$compiler" >/dev/null || continue
  programs "$compiler"
  tried=$((tried + 1))
done
is "compilers tried" "$((tried > 0))" 1

finish 60

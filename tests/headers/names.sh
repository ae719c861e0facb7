#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The headers define the names of names.txt, all of them and nothing else.
#
# Macros: what -dM shows with the header and not with the system headers that
# it includes.  Declarations: every word that stands in the header's own part
# of the preprocessed text, be it declared there or only used.
. "$(dirname "$0")/common.sh"

prelude='bits/types/sigset_t.h bits/types/stack_t.h
  bits/types/struct_timespec.h signal.h stdint.h sys/types.h sys/time.h time.h'
failures=0

# preprocess FLAGS FILE
preprocess() {
  # shellcheck disable=SC2086
  $compiler "-std=$standard" -I"$include" $1 -E -x "$language" "$2"
}

macros_of() {
  preprocess "$1 -dM" "$2" | sed 's/^#define //' | sort
}

# Words of the text that comes from the public headers themselves.
words_of() {
  preprocess "$1" "$2" | awk -v prefix="\"$include/" '
    /^# [0-9]+ "/ { ours = index($3, prefix) == 1; next }
    /^#/ { next }
    ours' | sed 's/"[^"]*"//g' | grep -oE '[A-Za-z_][A-Za-z_0-9]*' | sort -u
}

# same WHAT WANTED GOT
same() {
  diff "$2" "$3" >"$work/diff" && return
  failures=$((failures + 1))
  echo "FAIL $compiler -std=$standard $flags: $1 of $header ('<' is missing," \
    "'>' is too much)"
  grep '^[<>]' "$work/diff" | head -n 12
}

# check LANGUAGE STANDARD COMPILER FLAGS HEADER CONDITION...: the names are
# those of names.txt under one of the conditions.
check() {
  language=$1 standard=$2 compiler=$3 flags=$4 header=$5
  shift 5
  # shellcheck disable=SC2086
  {
    includes $prelude
    case " $* " in *' misc '*) includes sys/ucontext.h ;; esac
  } >"$work/before.c"
  includes $prelude "$header" >"$work/after.c"
  includes "$header" >"$work/alone.c"
  awk -v conditions=" $* " '
    /^#/ || !NF { next }
    index(conditions, " " $1 " ") { for (i = 3; i <= NF; i++) print $2, $i }
    ' "$here/names.txt" >"$work/names"
  sed -n 's/^macro //p' "$work/names" | sort -u >"$work/macros"
  sed -n '/^macro /!s/^[a-z]* //p' "$work/names" | sort -u >"$work/words"

  macros_of "$flags" "$work/before.c" >"$work/m.before"
  macros_of "$flags" "$work/after.c" >"$work/m.after"
  macros_of "$flags" "$work/alone.c" >"$work/m.alone"
  comm -13 "$work/m.before" "$work/m.after" |
    sed 's/[ (].*//' | sort -u >"$work/m.new"
  same macros "$work/macros" "$work/m.new"

  # It includes no more than is known, and undefines nothing.
  comm -13 "$work/m.after" "$work/m.alone" >"$work/m.more"
  same 'includes' /dev/null "$work/m.more"
  comm -23 "$work/m.before" "$work/m.after" >"$work/m.gone"
  same 'undefined macros' /dev/null "$work/m.gone"

  words_of "$flags" "$work/alone.c" >"$work/w.new"
  same words "$work/words" "$work/w.new"
}

for compiler in $(compilers "${CC:-cc}" gcc clang | tr ' ' '\t'); do
  compiler=$(echo "$compiler" | tr '\t' ' ')
  for standard in c99 c17; do
    check c $standard "$compiler" '' synch.h synch strict
    check c $standard "$compiler" '' thread.h synch thread loose strict
    check c $standard "$compiler" -D_STRICT_STDC thread.h synch thread strict
    check c $standard "$compiler" '-D_STRICT_STDC -D__EXTENSIONS__' thread.h \
      synch thread loose strict extensions
  done
  for standard in gnu89 gnu17; do
    check c $standard "$compiler" '' synch.h synch
    check c $standard "$compiler" '' thread.h synch thread loose misc
    check c $standard "$compiler" -D__EXTENSIONS__ thread.h \
      synch thread loose misc extensions
  done
done
for compiler in $(compilers "${CXX:-c++}" g++ clang++ | tr ' ' '\t'); do
  compiler=$(echo "$compiler" | tr '\t' ' ')
  for standard in c++98 c++20; do
    check c++ $standard "$compiler" '' synch.h synch
    check c++ $standard "$compiler" '' thread.h synch thread loose misc
  done
done
[ "$failures" -eq 0 ] && echo 'names.txt is exact'

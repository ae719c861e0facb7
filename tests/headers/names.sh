#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The headers define the names of names.txt, all of them and nothing else.
#
# Macros: what -dM shows with the header and not with the system headers that
# it includes.  Declarations: every word that stands in the header's own part
# of the preprocessed text, be it declared there or only used.
. "$(dirname "$0")/common.sh"

# They are looked at without the overlays on the system's headers.
copy_public
include=$work/public

prelude='bits/types/sigset_t.h bits/types/stack_t.h
  bits/types/struct_timespec.h signal.h stdint.h sys/types.h sys/time.h time.h'
failures=0

# preprocess FLAGS FILE
preprocess() {
  # shellcheck disable=SC2086
  $compiler "-std=$standard" -I"$include" $1 -E -x "$language" "$2" \
    >"$work/text" || die "$compiler $1 does not work"
  [ -s "$work/text" ] || die "$compiler $1 says nothing"
}

macros_of() {
  preprocess "$1 -dM" "$2"
  sed 's/^#define //' "$work/text" | sort
}

# Words of the text that comes from the public headers themselves.
words_of() {
  preprocess "$1" "$2"
  awk -v prefix="\"$include/" '
    /^# [0-9]+ "/ { ours = index($3, prefix) == 1; next }
    /^#/ { next }
    ours' "$work/text" | sed 's/"[^"]*"//g' |
    grep -oE '[A-Za-z_][A-Za-z_0-9]*' | sort -u
}

# same WHAT WANTED GOT
same() {
  diff "$2" "$3" >"$work/diff" && return
  failures=$((failures + 1))
  echo "FAIL $compiler -std=$standard $flags: $1 of $header ('<' is missing," \
    "'>' is too much)"
  grep '^[<>]' "$work/diff" | head -n 12
}

# check FLAGS HEADER CONDITION...: the names are those of names.txt under one of
# the conditions.
check() {
  flags=$1 header=$2
  shift 2
  before=$prelude
  case " $* " in *' misc '*) before="$before sys/ucontext.h" ;; esac
  # shellcheck disable=SC2086
  include_in "$work/before.c" $before
  # shellcheck disable=SC2086
  include_in "$work/after.c" $before "$header"
  include_in "$work/alone.c" "$header"
  awk -v conditions=" $* " '
    /^#/ || !NF { next }
    index(conditions, " " $1 " ") { for (i = 3; i <= NF; i++) print $2, $i }
    ' "$here/names.txt" >"$work/names"
  sed -n 's/^macro //p' "$work/names" | sort -u >"$work/macros"
  sed -n '/^macro /!s/^[a-z]* //p' "$work/names" | sort -u >"$work/words"
  [ -s "$work/macros" ] || die 'no macros in names.txt'
  [ -s "$work/words" ] || die 'no declarations in names.txt'

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

extended='-D_STRICT_STDC -D__EXTENSIONS__'
list_modes
while read -r language standard compiler; do
  case $standard in
  c99 | c17)
    check '' synch.h synch strict
    check '' thread.h synch thread loose strict
    check -D_STRICT_STDC thread.h synch thread strict
    check "$extended" thread.h synch thread loose strict extensions
    ;;
  gnu89 | gnu17 | c++98 | c++20)
    check '' synch.h synch
    check '' thread.h synch thread loose misc
    check -D__EXTENSIONS__ thread.h synch thread loose misc extensions
    ;;
  *) continue ;; # no other names than these
  esac
done <"$work/modes"
[ "$failures" -eq 0 ] && echo 'names.txt is exact'

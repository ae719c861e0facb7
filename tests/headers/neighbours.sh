#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Our headers, all of them, stand beside every header of neighbours.txt, before
# and after.
#
# One compilation takes all headers that go together; those that have errors
# of their own (not C89, for another processor, clash with each other) drop
# out and are tried one by one, where they compile alone.
. "$(dirname "$0")/common.sh"

# try FILE [FLAG]: compiles; errors go to $dir/log.
try() {
  # shellcheck disable=SC2086
  $compiler "-std=$standard" ${2:+"$2"} $strict -fsyntax-only $all_errors \
    -x "$language" "$1" >"$dir/log" 2>&1
}

# beside HEADER...: compiles these with our directory in the path.
beside() {
  include_in "$dir/ours.c" "$@"
  try "$dir/ours.c" "-I$include"
}

fail() {
  echo "FAIL $compiler -std=$standard: $*"
  sed 's/^/  /' "$dir/log" | head -n 20
  bad=1
}

# Lines of all.c on which an error came up, through however many includes.
error_lines() {
  awk '/^In file included from / || /^ +from / {
         if (match($0, /all\.c:[0-9]+/))
           line = substr($0, RSTART + 6, RLENGTH - 6) }
       /error:/ { if (match($0, /all\.c:[0-9]+/))
                    line = substr($0, RSTART + 6, RLENGTH - 6)
                  if (line) print line }' "$dir/log" | sort -nu
}

one_mode() {
  dir=$work/$language-$standard-$(basename "${compiler##* }")
  mkdir "$dir" || return 1
  bad=0
  case $($compiler --version) in
  *clang*) all_errors=-ferror-limit=0 ;;
  *) all_errors=-fmax-errors=0 ;;
  esac
  kinds=any
  [ "$language" = c ] || kinds='any|c++'
  awk -v kinds="^($kinds)\$" '
      BEGIN { gsub(/\+/, "[+]", kinds) }
      $1 ~ kinds { print $2 }' "$here/neighbours.txt" >"$dir/names"

  : >"$dir/single"
  while :; do
    # shellcheck disable=SC2046
    include_in "$dir/all.c" $(cat "$dir/names")
    try "$dir/all.c" && break
    error_lines >"$dir/lines"
    if ! [ -s "$dir/lines" ]; then
      fail "cannot tell which header is wrong"
      return 1
    fi
    awk 'NR == FNR { drop[$1]; next } FNR in drop' \
      "$dir/lines" "$dir/names" >>"$dir/single"
    awk 'NR == FNR { drop[$1]; next } !(FNR in drop)' \
      "$dir/lines" "$dir/names" >"$dir/rest"
    mv "$dir/rest" "$dir/names"
  done
  together=$(grep -c . "$dir/names")
  [ "$together" -ge 100 ] || fail "only $together headers go together"

  names=$(cat "$dir/names")
  # shellcheck disable=SC2086 # names is a list of words
  {
    beside $ours $names || fail "ours before all"
    beside synch.h $names thread.h || fail "synch.h before all, thread.h after"
    beside $names $ours || fail "ours after all"
  }

  alone=0
  while read -r name; do
    include_in "$dir/one.c" "$name"
    try "$dir/one.c" || continue
    alone=$((alone + 1))
    # shellcheck disable=SC2086
    {
      beside $ours "$name" || fail "ours before $name"
      beside "$name" $ours || fail "ours after $name"
    }
  done <"$dir/single"
  echo "$compiler -std=$standard: $together headers together, $alone alone"
  return $bad
}

ours=$(usable)

# Two modes at a time: one compilation seldom fills a processor.
list_modes
half() {
  status=0
  awk -v r="$1" 'NR % 2 == r' "$work/modes" >"$work/modes.$1"
  while read -r language standard compiler; do
    one_mode || status=1
  done <"$work/modes.$1"
  return $status
}
half 0 >"$work/out.0" 2>&1 &
half 1
result=$?
wait $! || result=$?
cat "$work/out.0"
exit $result

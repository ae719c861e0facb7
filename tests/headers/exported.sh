#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The functions that the headers of compat/include declare are in the C library
# or in the symbol map; <atomic.h> has all those of the map, and no others.
. "$(dirname "$0")/common.sh"

compiler=${CC:-cc}
root=$here/../..
failures=0
fail() {
  failures=$((failures + 1))
  echo "FAIL $*"
}

sh "$root/tools/lint/map_names.sh" >"$work/map" || die 'no symbol map'
[ "$(wc -l <"$work/map")" -ge 200 ] || die 'the symbol map is short'

# Names that are declared as functions in the text of our headers.
usable >"$work/usable"
# shellcheck disable=SC2046
include_in "$work/all.c" $(cat "$work/usable")
$compiler -std=gnu17 -D__EXTENSIONS__ -DDEBUG -I"$include" -E "$work/all.c" \
  >"$work/text" || die 'the headers do not compile'
awk -v ours="\"$include/" '
  /^# [0-9]+ "/ {
    own = index($3, ours) == 1 && $3 !~ /\/(thread|synch)\.h"$/
    next
  }
  own && !/^#/' "$work/text" | sed 's/"[^"]*"//g' | tr '\n' ' ' |
  sed 's/;/;\n/g' | grep -oE 'extern [^;{]*[;{]' |
  grep -vE '__inline__|typedef' |
  sed 's/__attribute__.*//; s/__asm__.*//' |
  sed -n 's/^[^(]*[ *]\([A-Za-z_0-9][A-Za-z_0-9]*\) *(.*/\1/p' | sort -u \
  >"$work/functions"
[ "$(wc -l <"$work/functions")" -ge 130 ] || die 'hardly any functions found'

# What nobody defines does not link.
while read -r name; do
  grep -qxF "$name" "$work/map" || echo "$name"
done <"$work/functions" >"$work/others"
{
  while read -r name; do
    echo "extern char $name[]; char *use_$name = $name;"
  done <"$work/others"
  echo 'int main(void) { return 0; }'
} >"$work/link.c"
$compiler -w -fno-builtin -o "$work/linked" "$work/link.c" >"$work/log" 2>&1 ||
  fail "in neither library: $(grep -oE 'undefined reference to .*' "$work/log" |
    sort -u | tr '\n' ' ')"

# The atomic operations, both ways.
grep -E '^(atomic|membar)_' "$work/functions" >"$work/declared"
grep -E '^(atomic|membar)_' "$work/map" >"$work/defined"
diff "$work/declared" "$work/defined" >"$work/diff" ||
  fail "<atomic.h> (<) and the map (>) differ: $(grep '^[<>]' "$work/diff")"

echo "$(wc -l <"$work/functions") functions, $(wc -l <"$work/declared")" \
  "atomic operations, $failures failures"
[ "$failures" -eq 0 ]

#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A header of compat/include defines documented names only: each macro, type,
# function, tag, enumerator and member stands in a manual page; and each header
# in the table of libthread-headers(7).  Names that belong to the compiler and
# the C library anyway (_Like __this) are free.
#
# Macros: the #define lines.  The rest: the words in the header's own part of
# the preprocessed text, but for those that the system's headers and the
# language have.
. "$(dirname "$0")/common.sh"

man=$here/../../man
compiler=${CC:-cc}
failures=0
fail() {
  failures=$((failures + 1))
  echo "FAIL $*"
}

# One word a line.
words() {
  grep -oE '[A-Za-z_][A-Za-z_0-9]*' | sort -u
}

# own FILE HEADER: the text of FILE's preprocessing that stands in HEADER.
own() {
  awk -v header="\"$include/$2\"" '
    /^# [0-9]+ "/ { ours = $3 == header; next }
    ours && !/^#/' "$1" | sed 's/"[^"]*"//g'
}

for page in "$man"/*.[1237]; do
  # What a page says, not what it is made of.
  sed 's/^\.\\".*//; s/\\-/-/g; s/\\&//g' "$page"
done | words >"$work/described"
[ "$(wc -l <"$work/described")" -ge 1000 ] || die 'no manual pages'

# Words of C, and of the library's own headers as they are without overlays.
cat >"$work/language" <<'END'
char
const
do
double
enum
extern
float
inline
int
long
return
short
signed
static
struct
typedef
union
unsigned
void
volatile
while
END

count=0
for name in $(headers); do
  [ "$name" != thread.h ] && [ "$name" != synch.h ] || continue # names.sh
  grep -q "^\.It In $name\( \|$\)" "$man/libthread-headers.7" ||
    fail "$name is not in the table of libthread-headers(7)"
  include_in "$work/one.c" "$name"
  if ! refused | grep -qxF "$name"; then
    $compiler -std=gnu17 -D__EXTENSIONS__ -DDEBUG -I"$include" -E \
      "$work/one.c" >"$work/text" || die "$name does not compile"
    own "$work/text" "$name" | words >"$work/own"
    awk -v ours="\"$include/" '
      /^# [0-9]+ "/ { system_ = index($3, ours) != 1; next }
      system_' "$work/text" | words >"$work/others"
  else
    : >"$work/own"
    : >"$work/others"
  fi
  sed -n 's/^#[ \t]*define[ \t]*\([A-Za-z_0-9]*\).*/\1/p' \
    "$include/$name" >>"$work/own"
  sort -u "$work/own" | grep -vE '^_|^LIBTHREAD_' |
    grep -vxF -f "$work/language" | grep -vxF -f "$work/others" >"$work/names"
  count=$((count + $(wc -l <"$work/names")))
  undocumented=$(grep -vxF -f "$work/described" "$work/names")
  [ -z "$undocumented" ] ||
    fail "$name: in no manual page:" $undocumented # a list of words
done
[ "$count" -ge 100 ] || fail "only $count names"

# And the table lists no header that is not there.
headers >"$work/headers"
sed -n 's/^\.It In \([^ ]*\).*/\1/p' "$man/libthread-headers.7" |
  while read -r name; do
    grep -qxF "$name" "$work/headers" || echo "$name"
  done >"$work/gone"
[ ! -s "$work/gone" ] ||
  fail "libthread-headers(7) lists what is not there: $(tr '\n' ' ' <"$work/gone")"

# Those that it calls an error are those that refuse.
refused >"$work/refused"
sed -n 's/^\.It In \([^ ]*\) Ta no Ta an error$/\1/p' \
  "$man/libthread-headers.7" | sort | diff - "$work/refused" >"$work/diff" ||
  fail "errors in libthread-headers(7) (<), in the tree (>):" \
    "$(grep '^[<>]' "$work/diff")"

echo "$count names, $failures failures"
[ "$failures" -eq 0 ]

#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Makes a shared object with the soname and the versioned names of libthread, but
# for those that libc has: nobody runs it, the linker looks at it.
# usage: implied.sh CC NM MAP SONAME OUTPUT
set -eu
cc=$1 nm=$2 map=$3 soname=$4 output=$5
mkdir -p "$(dirname "$output")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
libc=$("$cc" -print-file-name=libc.so.6)
"$nm" -D --defined-only "$libc" | sed 's/.* //; s/@.*//' | sort -u >"$work/libc"
grep -qx read "$work/libc" || { echo "implied.sh: cannot read $libc" >&2; exit 1; }
sed 's/#.*//; s|/\*.*\*/||g; s/[{}]//g' "$map" | tr ';' '\n' | awk '
  /global:/ { on = 1; sub(/.*global:/, "") }
  /local:/ { on = 0 }
  on && NF { print $1 }' | sort -u | comm -23 - "$work/libc" >"$work/names"
[ -s "$work/names" ] || { echo "implied.sh: $map has no names" >&2; exit 1; }
version=$(sed -n 's/^\([A-Z0-9_.]*\) {.*/\1/p' "$map" | head -n 1)
{
  echo "$version { global:"
  sed 's/$/;/' "$work/names"
  echo "local: *; };"
} >"$work/map"
sed 's/.*/void &(void) {}/' "$work/names" >"$work/names.c"
"$cc" -shared -nostdlib -fno-builtin -w -Wl,-soname,"$soname" \
  -Wl,--version-script="$work/map" -o "$work/implied.so" "$work/names.c"
mv "$work/implied.so" "$output"

#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Prints the names that libthread, or another library, exports, by the symbol
# map and without a version, one a line, sorted.
# usage: map_names.sh [thread|lwp]
set -eu
cd "$(dirname "$0")/../.."
case ${1:-thread} in
  thread) map=src/api/libthread.map names=src/api/unversioned.txt ;;
  lwp) map=compat/sunos4/src/liblwp.map names=/dev/null ;;
  *) exit 2 ;;
esac
{
  sed '/^#/d' "$names"
  sed 's/#.*//; s|/\*.*\*/||g; s/[{}]//g' "$map" | tr ';' '\n' |
    awk '
    /global:/ { on = 1; sub(/.*global:/, "") }
    /local:/ { on = 0 }
    on && NF { print $1 }'
} | sort -u

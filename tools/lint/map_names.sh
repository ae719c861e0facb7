#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Prints the names that the library exports, by the symbol map and without a
# version, one a line, sorted.
set -eu
cd "$(dirname "$0")/../.."
{
  sed '/^#/d' src/api/unversioned.txt
  sed 's/#.*//; s|/\*.*\*/||g; s/[{}]//g' src/api/libthread.map | tr ';' '\n' |
    awk '
    /global:/ { on = 1; sub(/.*global:/, "") }
    /local:/ { on = 0 }
    on && NF { print $1 }'
} | sort -u

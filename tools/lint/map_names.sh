#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Prints the names that the symbol map exports, one a line, sorted.
set -eu
cd "$(dirname "$0")/../.."
sed 's/#.*//; s|/\*.*\*/||g; s/[{}]//g' src/api/libthread.map | tr ';' '\n' |
  awk '
    /global:/ { on = 1; sub(/.*global:/, "") }
    /local:/ { on = 0 }
    on && NF { print $1 }' | sort -u

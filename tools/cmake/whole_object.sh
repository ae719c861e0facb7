#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: whole_object.sh LINKER OBJCOPY OUTPUT BOOST_ARCHIVE OBJECT...
#
# Links the objects of the library, and those of the archive that they need,
# into one.  Its code lies in the section lt_text; hidden names are its own.
set -eu
linker=$1 objcopy=$2 output=$3 archive=$4
shift 4
script=$output.ld
trap 'rm -f "$script" "$output.all"' EXIT
echo 'SECTIONS { lt_text : { *(.text .text.*) } }' >"$script"
"$linker" -r --force-group-allocation -T "$script" -o "$output.all" "$@" \
  "$archive"
"$objcopy" --localize-hidden "$output.all" "$output"

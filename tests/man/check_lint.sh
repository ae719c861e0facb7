#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Runs mandoc's lint over all pages.  Stub pages (".so man3/...") are not linted,
# since mandoc calls every stub fragile; they are formatted in a tree like the
# installed one, which fails where the target is missing.
# usage: check_lint.sh MAN_DIR
set -eu

if ! command -v mandoc >/dev/null; then
  echo "mandoc is not installed (Debian: apt-get install mandoc)" >&2
  exit 1
fi

man_dir=$1
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
bad=0

for page in "$man_dir"/*.[1237]; do
  mkdir -p "$tree/man${page##*.}"
  cp "$page" "$tree/man${page##*.}/"
done
cd "$tree"

for page in man[1237]/*; do
  if grep -q '^\.so ' "$page"; then
    mandoc -T utf8 -W error "$page" >/dev/null || bad=1
  else
    mandoc -T lint -W warning "$page" || bad=1
  fi
done

# A matter of style for mandoc, a rule here.
long=$(awk 'length($0) > 80 { print FILENAME ":" FNR }' man[1237]/*)
if [ -n "$long" ]; then
  echo "lines longer than 80 characters:" "$long" >&2
  bad=1
fi
exit $bad

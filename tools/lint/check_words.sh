#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# No file names a place outside the repository that only its author has.  The
# brackets keep this file from matching itself.
set -euo pipefail
cd "$(dirname "$0")/../.."
mapfile -t files < <(tools/lint/files.sh)
status=0
grep -nE '(^|[^[:alnum:]_.}])/wor[k]/|\.\./share[d]|/tmp/l[t]([^[:alnum:]]|$)' \
  "${files[@]}" || status=$?
[[ $status == 1 ]]

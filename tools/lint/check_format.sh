#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Our own code is formatted as .clang-format says.  Programs of the examples
# and of the compiler wrapper's tests are in the style of their period, and the
# public headers are laid out by hand.
set -euo pipefail
cd "$(dirname "$0")/../.."
mapfile -t files < <(tools/lint/files.sh '^(src|tests|bench|compat/lwp|compat/sunos4/(src|nbio))/.*\.(cc|h)$')
clang-format --dry-run -Werror "${files[@]}"

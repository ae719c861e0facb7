# SPDX-License-Identifier: MIT
"""Compares the manual pages with the public headers, by means of the compiler.

Every prototype of a SYNOPSIS is declared again after the headers that the page
names: one that differs does not compile.  Every value and every size in the
tables of the pages becomes an assertion.
"""

import argparse
import re
import subprocess
import sys

import mdoc

CONSTANT = re.compile(r"^\.It Dv (\w+) Ta (0x[0-9a-fA-F]+|\d+) Ta ")
# In the header a union of function types takes the place of one of them.
OTHERWISE = {"lwp_create"}
SIZE = re.compile(r"^\.It Vt (\w+) Ta (\d+) Ta (\d+) Ta ")


def program(pages, sunos4=False):
    """The C program, and how many facts it checks."""
    pages = [page for page in pages.values()
             if not page.target and page.section in "23" and
             page.is_sunos4() == sunos4]
    headers = {name: None for page in pages for name in page.headers()}
    lines = ["#define __EXTENSIONS__ 1", "#include <signal.h>",
             *(f"#include <{name}>" for name in headers)]
    facts = 0
    for page in pages:
        lines.append(f'#line 1 "{page.path.name}"')
        for name, declaration in page.prototypes():
            if name in OTHERWISE:
                continue
            # A macro cannot be declared again; the coverage check looks for it.
            lines += [f"#ifndef {name}", declaration, "#endif"]
            facts += 1
        for line in page.lines:
            constant, size = CONSTANT.match(line), SIZE.match(line)
            if constant:
                lines.append(f"_Static_assert({constant[1]} == {constant[2]}, "
                             f'"{constant[1]}");')
                facts += 1
            elif size:
                lines.append(f"_Static_assert(sizeof({size[1]}) == {size[2]} && "
                             f"_Alignof({size[1]}) == {size[3]}, "
                             f'"{size[1]}");')
                facts += 1
    return "\n".join(lines) + "\n", facts


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--man", required=True)
    parser.add_argument("--cc", required=True)
    parser.add_argument("--include", required=True, action="append")
    parser.add_argument("--sunos4", action="store_true",
                        help="the pages of liblwp, instead of all others")
    options = parser.parse_args()
    try:
        text, facts = program(mdoc.load(options.man), options.sunos4)
    except mdoc.PageError as error:
        print(error, file=sys.stderr)
        return 1
    done = subprocess.run(
        [options.cc, "-std=gnu11", "-Wall", "-Werror", "-fsyntax-only",
         *(f"-I{name}" for name in options.include), "-x", "c", "-"],
        input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(done.stderr, file=sys.stderr)
        return 1
    if facts == 0:
        print("no prototypes found", file=sys.stderr)
        return 1
    print(f"{facts} facts agree with the headers")
    return 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: MIT
"""The command line of solscan."""

import argparse
import os
import sys

from . import formats, page, table, text, tree


def parser():
    options = argparse.ArgumentParser(
        prog="solscan", description="Which interfaces of Solaris do these sources "
        "use, and what becomes of them with libthread?  See solscan(1).")
    options.add_argument("path", nargs="*", metavar="DIR", help="a source tree, or a file")
    options.add_argument("-a", "--all", action="store_true", help="list every place")
    options.add_argument("-s", "--summary", action="store_true",
                         help="print the summary only")
    options.add_argument("-o", "--output", metavar="FILE",
                         help="write to FILE instead of standard output")
    options.add_argument("--format", choices=("text", "json", "sarif"), default="text")
    options.add_argument("--table", metavar="FILE", default=table.DEFAULT,
                         help="read what is known from FILE")
    options.add_argument("--page", action="store_true",
                         help="print the source of libthread-interfaces(7)")
    options.add_argument("--version", action="version",
                         version=f"solscan {formats.VERSION}")
    return options


def output(options, written):
    if options.output:
        with open(options.output, "w", encoding="utf-8") as file:
            file.write(written)
        return
    data = written.encode("utf-8", "surrogateescape")
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def main(arguments):
    """0: ports as is; 1: changes are needed; 2: it could not be told."""
    options = parser().parse_args(arguments)
    try:
        known = table.load(options.table)
        if options.page:
            output(options, page.make(known))
            return 0
        if not options.path:
            parser().error("which directory?")
        findings = text.Findings(tree.Tree(known, options.path))
        if options.format == "text":
            written = text.report(findings, options.all, options.summary)
        else:
            written = {"json": formats.as_json,
                       "sarif": formats.as_sarif}[options.format](findings)
            for path, why in findings.tree.skipped:
                print(f"solscan: {path}: not read: {why}", file=sys.stderr)
        output(options, written)
        return 1 if findings.changes else 0
    except BrokenPipeError:
        # Whoever read the report has seen enough; nothing more can be told.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    except (tree.ScanError, table.TableError, OSError, UnicodeDecodeError) as error:
        print(f"solscan: {error}", file=sys.stderr)
        return 2

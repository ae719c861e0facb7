# SPDX-License-Identifier: MIT
"""Does what a page tells the reader to type, and compares what is printed.

Every display that begins with "$ " is a piece of one session in a shell: the
lines after "$ " are commands, the others are their output, where "..." stands
for anything, alone in a line for any lines.  A command succeeds, unless the
next one is "echo $?".  The session starts in a directory that has the samples
of the page, and a ./dev that can only install.
"""

import argparse
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

import mdoc

SESSION_SECONDS = 240
TELLS_STATUS = "echo $?"


def steps(page):
    """The session: commands, each with the output that the page shows."""
    found = []
    for section in page.sections:
        for text in page.displays(section):
            if not text.startswith("$ "):
                continue
            for line in text.splitlines():
                if line.startswith("$ "):
                    found.append((line[2:], []))
                else:
                    found[-1][1].append(line)
    if not found:
        raise mdoc.PageError(f"{page.path.name}: nothing to type")
    return found


def matches(expected, actual):
    """Is the text what the lines of the page say?"""
    pattern = ""
    for line in expected:
        if line == "...":
            pattern += r"(?:.*\n)*"
        else:
            pattern += ".*".join(map(re.escape, line.split("..."))) + r"\n"
    return re.fullmatch(pattern, actual) is not None


def explained(session, number):
    """A command may fail if the next one tells its status."""
    return number + 1 < len(session) and session[number + 1][0] == TELLS_STATUS


def script(session):
    """One shell runs all, and keeps output and status of each command."""
    lines = []
    for number, (command, _) in enumerate(session):
        lines += [f"{{ {command}", f'}} >"$OUT/{number}" 2>&1',
                  f'status=$?; echo $status >"$OUT/{number}.status"',
                  "(exit $status)" + ("" if explained(session, number) else " || exit")]
    return "\n".join(lines) + "\n"


def environment(work, out, options):
    kept = {name: value for name, value in os.environ.items()
            if not re.match(r"LIBTHREAD_|_THREAD_|SOLCC_|PKG_CONFIG|MAKE|MFLAGS|"
                            r"LD_|CC$|CXX$|C?C?FLAGS$", name)}
    kept.update(HOME=str(work), OUT=str(out), LC_ALL="C",
                SOLCC_CC=options.cc, SOLCC_CXX=options.cxx)
    return kept


def prepare(work, options):
    for sample in options.sample:
        shutil.copytree(sample, work / pathlib.Path(sample).name)
    dev = work / "dev"
    build = shlex.quote(str(pathlib.Path(options.build).resolve()))
    dev.write_text('#!/bin/sh\n[ "$1" = install ] || exit 2\n'
                   f'exec cmake --install {build} --prefix "$2" >/dev/null\n',
                   encoding="utf-8")
    dev.chmod(0o755)


def compare(session, out):
    faults = []
    for number, (command, expected) in enumerate(session):
        status = out / f"{number}.status"
        if not status.exists():
            faults.append(f"$ {command}\n  was not reached, or did not end")
            break
        failed = status.read_text(encoding="utf-8").strip() != "0"
        actual = (out / str(number)).read_text(encoding="utf-8")
        if failed and not explained(session, number):
            faults.append(f"$ {command}\n  failed:\n{actual}")
        elif not matches(expected, actual):
            faults.append(f"$ {command}\n  expected:\n" + "\n".join(expected) +
                          f"\n  printed:\n{actual}")
    return faults


def run(text, work, variables, stderr):
    """Runs it as a session of its own, of which nothing stays."""
    with subprocess.Popen(["bash", "-c", text], cwd=work, env=variables,
                          stdin=subprocess.DEVNULL, stderr=stderr,
                          start_new_session=True) as shell:
        try:
            shell.wait(SESSION_SECONDS)
        except subprocess.TimeoutExpired:
            pass  # what was not reached is told by compare()
        try:
            os.killpg(shell.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # as it should be


def check(options):
    session = steps(mdoc.Page(options.page))
    with tempfile.TemporaryDirectory() as directory:
        work, out = pathlib.Path(directory, "work"), pathlib.Path(directory, "out")
        work.mkdir()
        out.mkdir()
        prepare(work, options)
        complaints = out / "complaints"
        with complaints.open("w", encoding="utf-8") as stderr:
            run(script(session), work, environment(work, out, options), stderr)
        faults = compare(session, out)
        if faults:
            faults.append(complaints.read_text(encoding="utf-8"))
        return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", required=True)
    parser.add_argument("--build", required=True, help="what ./dev installs")
    parser.add_argument("--cc", required=True)
    parser.add_argument("--cxx", required=True)
    parser.add_argument("--sample", action="append", default=[], help="a directory")
    try:
        faults = check(parser.parse_args())
    except mdoc.PageError as error:
        faults = [str(error)]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

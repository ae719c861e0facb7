# SPDX-License-Identifier: MIT
"""Compiles and runs the example programs of one manual page.

Each program must compile without a warning as C89 and as C11 with GNU
extensions, and must end with status 0 in every model, with exactly the output
that the page shows and nothing on standard error.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

import mdoc

MODELS = ("two-level", "one-to-one", "many-to-one")
STANDARDS = ("gnu89", "gnu11")
RUN_SECONDS = 30


def environment(model):
    """The caller's environment without settings of the library but the model."""
    kept = {k: v for k, v in os.environ.items()
            if not k.startswith(("LIBTHREAD_", "_THREAD_"))}
    kept["LIBTHREAD_MODEL"] = model
    return kept


def compile_program(options, source, program, standard):
    command = [options.cc, f"-std={standard}", "-Wall", "-Werror", "-D_REENTRANT",
               *options.cflag,
               *(f"-I{name}" for name in options.include), "-o", str(program),
               str(source), options.library,
               f"-Wl,-rpath,{pathlib.Path(options.library).parent}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return f"-std={standard}: does not compile\n{done.stderr}"
    return None


def run_program(program, model, expected):
    try:
        done = subprocess.run([str(program)], env=environment(model), text=True,
                              capture_output=True, timeout=RUN_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"{model}: still running after {RUN_SECONDS} s"
    wrong = []
    if done.returncode != 0:
        wrong.append(f"status {done.returncode}")
    if done.stdout != expected:
        wrong.append(f"printed {done.stdout!r} instead of {expected!r}")
    if done.stderr:
        wrong.append(f"wrote to standard error: {done.stderr!r}")
    return f"{model}: {'; '.join(wrong)}" if wrong else None


def check(options):
    page = mdoc.Page(options.page)
    programs = page.programs()
    if not programs:
        return [f"{page.path.name}: no example program"]
    faults = []
    with tempfile.TemporaryDirectory() as directory:
        for number, (text, expected) in enumerate(programs, 1):
            label = f"{page.path.name}, example {number}"
            source = pathlib.Path(directory, f"example{number}.c")
            program = pathlib.Path(directory, f"example{number}")
            source.write_text(text, encoding="utf-8")
            for standard in STANDARDS:
                fault = compile_program(options, source, program, standard)
                if fault:
                    faults.append(f"{label}: {fault}")
                    continue
                for model in MODELS:
                    fault = run_program(program, model, expected)
                    if fault:
                        faults.append(f"{label}: -std={standard}, {fault}")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", required=True)
    parser.add_argument("--cc", required=True)
    parser.add_argument("--include", required=True, action="append")
    parser.add_argument("--library", required=True)
    parser.add_argument("--cflag", action="append", default=[])
    try:
        faults = check(parser.parse_args())
    except mdoc.PageError as error:
        faults = [str(error)]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

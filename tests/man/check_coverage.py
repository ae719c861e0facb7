# SPDX-License-Identifier: MIT
"""Every public name has a page, and every page describes what there is.

Compares the pages with the symbol map, the public headers and the environment
variables that the sources read.
"""

import argparse
import ctypes
import errno
import pathlib
import re
import sys

import mdoc

# Exported for other libraries, without a page of their own; names that begin
# with an underscore are private as well, but for those of LWPs.
PRIVATE = {"lwp_self", "mon_exit1", "mutex_held", "rw_read_held", "rw_write_held",
           "sema_held"}

FUNCTION_PAGE = ("NAME", "SYNOPSIS", "DESCRIPTION", "RETURN VALUES", "EXAMPLES",
                 "ERRORS", "SEE ALSO", "HISTORY")
CONCEPT_PAGE = ("NAME", "SYNOPSIS", "DESCRIPTION", "SEE ALSO", "HISTORY")
# Their text is about many names; none of these needs an example.
CONCEPTS = {"thread.h.3", "synch.h.3", "signal.h.3", "atomic_ops.3", "lwp_timers.7",
            "libthread.7", "libthread-headers.7", "libthread-interfaces.7",
            "libthread-locks.7", "libthread-pthreads.7", "libthread-signals.7",
            "porting.7", "libnbio.3", "lwp.3"}
# Names of pages about functions whose names begin like this, as on Solaris, or
# are others, as on SunOS 4.
GROUPS = {"atomic_add", "atomic_inc", "atomic_dec", "atomic_or", "atomic_and",
          "atomic_cas", "atomic_swap", "atomic_bits", "membar_ops", "lwp_status"}
# Numbers that <synch.h> has and Linux has not.
OWN_ERRORS = {"ELOCKUNMAPPED"}
LWP_ERRORS = {"LE_NONEXIST", "LE_TIMEOUT", "LE_INUSE", "LE_INVALIDARG",
              "LE_NOROOM", "LE_NOTOWNED", "LE_ILLPRIO", "LE_REUSE", "LE_NOWAIT"}
OURS = re.compile(r"^(thr_|mutex_|cond_|rw_|rwlock_|sema_|smt_|gethr|"
                  r"MUTEX_|RW_|SEMA_|THR_|libthread(-\w+)?$|(thread|synch|signal)\.h$|sol|"
                  r"atomic_|membar_|schedctl_|VERIFY|ASSERT|strlc|yield$|isastream$|"
                  r"(get|put)p?msg$|priocntl|processor_|p_online$|pset_|getcpuid$|"
                  r"gethomelgroup$|_?lwp(_|$)|_signotifywait$|"
                  r"libnbio$|pod_|mon_|cv_|msg_|agt_|exc_)")
SUNOS4 = "compat/sunos4"
SPDX = '.\\" SPDX-License-Identifier: MIT'


def exported(map_text):
    """The global names of a linker version script."""
    text = re.sub(r"/\*.*?\*/", "", map_text, flags=re.S)
    text = re.sub(r"#.*", "", text)
    names = set()
    for part in re.findall(r"global:(.*?)(?:local:|\})", text, flags=re.S):
        names |= {word.strip() for word in part.split(";") if word.strip()}
    odd = sorted(name for name in names if not re.fullmatch(r"\w+", name))
    if odd:
        raise mdoc.PageError(f"symbol map: no plain names: {' '.join(odd)}")
    if not names:
        raise mdoc.PageError("symbol map: no global names")
    return names


def in_libc(name):
    """Calls of the C library that this one wraps are described elsewhere."""
    return hasattr(ctypes.CDLL("libc.so.6"), name)


PUBLIC_ALL_THE_SAME = re.compile(r"_lwp_|_signotifywait$")


def public(names):
    return {name for name in names
            if (not name.startswith("_") or PUBLIC_ALL_THE_SAME.match(name))
            and name not in PRIVATE and not in_libc(name)}


def check_form(page):
    """Title, first line and sections."""
    where, faults = page.path.name, []
    if page.lines[0] != SPDX:
        faults.append(f"{where}: the first line is not the licence")
    if page.target:
        return faults
    if page.title() != [page.stem.upper(), page.section]:
        faults.append(f"{where}: .Dt {' '.join(page.title())}")
    if page.names()[0] != page.stem:
        faults.append(f"{where}: NAME begins with {page.names()[0]}")
    if page.section == "1":
        return faults
    needed = CONCEPT_PAGE if where in CONCEPTS else FUNCTION_PAGE
    present = [name for name in page.sections if name in needed]
    if present != list(needed):
        faults.append(f"{where}: sections {present} instead of {list(needed)}")
    if where not in CONCEPTS and not page.programs():
        faults.append(f"{where}: no example program")
    for name in re.findall(r"^\.It Bq Er (\w+)$",
                           "\n".join(page.sections.get("ERRORS", [])), flags=re.M):
        if not hasattr(errno, name) and name not in OWN_ERRORS:
            faults.append(f"{where}: {name} is no error of this system")
    for name in re.findall(r"^\.It Bq Dv (\w+)$",
                           "\n".join(page.sections.get("ERRORS", [])), flags=re.M):
        if name not in LWP_ERRORS:
            faults.append(f"{where}: {name} is no error of liblwp")
    return faults


def check_links(pages):
    """Stubs, the names in NAME, and references lead to pages."""
    faults = []
    for where, page in pages.items():
        if page.target:
            target = pages.get(page.target)
            if target is None or page.stem not in target.names():
                faults.append(f"{where}: {page.target} does not describe it")
            continue
        for name in page.names():
            found = pages.get(f"{name}.{page.section}")
            if found is None or (found is not page and found.target != where):
                faults.append(f"{where}: {name} has no page that leads here")
        for name, section in page.references():
            if OURS.match(name) and f"{name}.{section}" not in pages:
                faults.append(f"{where}: refers to {name}({section})")
    return faults


def check_names(pages, names, headers):
    """The map and the pages of sections 2 and 3 list the same functions."""
    described = set()
    for where, page in pages.items():
        if page.section in "23" and not page.target and where not in CONCEPTS:
            described |= set(page.names())
    faults = [f"{name}: exported, but without a page"
              for name in sorted(public(names) - described)]
    for name in sorted(described - names - GROUPS):
        if not re.search(rf"^[ \t]*#[ \t]*define[ \t]+{name}\b", headers, flags=re.M):
            faults.append(f"{name}: described, but neither exported nor a macro")
    return faults


def check_environment(page, sources, pattern=r'"(_?(?:LIB)?THREAD_[A-Z_]+)"'):
    """The page lists the variables that the sources read."""
    text = "\n".join(page.need("ENVIRONMENT"))
    described = set(re.findall(r"^\.It Ev (\w+)$", text, flags=re.M))
    read = set(re.findall(pattern, sources))
    return [f"{name}: read by the library, not in {page.path.name}"
            for name in sorted(read - described)] + \
           [f"{name}: in {page.path.name}, not read by the library"
            for name in sorted(described - read)]


def read_all(directory, *patterns):
    texts = []
    for pattern in patterns:
        for path in sorted(pathlib.Path(directory).rglob(pattern)):
            texts.append(path.read_text(encoding="utf-8"))
    return "\n".join(texts)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", required=True, type=pathlib.Path)
    root = parser.parse_args().root
    try:
        pages = mdoc.load(root / "man")
        names = exported((root / "src/api/libthread.map").read_text(encoding="utf-8"))
        names |= exported((root / SUNOS4 / "src/liblwp.map").read_text(encoding="utf-8"))
        faults = [fault for page in pages.values() for fault in check_form(page)]
        faults += check_links(pages)
        faults += check_names(pages, names, read_all(root / "include", "*.h") +
                              read_all(root / "compat/include", "*.h") +
                              read_all(root / SUNOS4 / "include", "*.h"))
        faults += check_environment(pages["libthread.7"],
                                    read_all(root / "src", "*.cc", "*.h"))
        faults += check_environment(pages["lwp.3"],
                                    read_all(root / SUNOS4 / "src", "*.cc", "*.h"),
                                    r'"(LIBLWP_[A-Z_]+)"')
    except (mdoc.PageError, OSError, KeyError) as error:
        faults = [str(error)]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

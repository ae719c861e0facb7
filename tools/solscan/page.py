# SPDX-License-Identifier: MIT
"""Makes libthread-interfaces(7) from the table."""

import textwrap

HEAD = r""".\" SPDX-License-Identifier: MIT
.\" Made from tools/solscan/interfaces.tsv by solscan --page: change that.
.Dd November 21, 2026
.Dt LIBTHREAD-INTERFACES 7
.Os
.Sh NAME
.Nm libthread-interfaces
.Nd every interface of Solaris that has to do with threads, and its state here
.Sh SYNOPSIS
.Nm solscan Ar directory
.Sh DESCRIPTION
What programs for Solaris threads use, by header, with its state on Linux:
.Bl -tag -width differs
.It same
compiles, and does what it does on Solaris.
.It differs
is there; the sentence behind it tells what is different.
.It missing
is not there; the sentence tells what to do instead.
.El
.Pp
The release is the first of SunOS whose manual has the interface;
.Dq private
ones were in no manual of Sun, and
.Dq illumos
has its own.
.Xr solscan 1
finds the uses in a source tree, and says the same of them.
Options of the compiler, libraries and
.Li #pragma
are in
.Xr solcc 1 .
"""
TAIL = r""".Sh SEE ALSO
.Xr solcc 1 ,
.Xr solscan 1 ,
.Xr synch.h 3 ,
.Xr thread.h 3 ,
.Xr libthread 7 ,
.Xr libthread-pthreads 7 ,
.Xr libthread-signals 7
.Sh HISTORY
The table covers SunOS 5.2 to 5.11, illumos, and
the lightweight process library of SunOS 4.
"""
MACROS = {"function": "Fn", "macro": "Dv", "type": "Vt", "header": "In",
          "signal": "Dv", "errno": "Er", "variable": "Ev"}
KINDS = tuple(MACROS)
FIRST = ("thread.h", "synch.h")


def escaped(text):
    text = text.replace("\\", r"\e").replace("-", r"\-")
    return r"\&" + text if text[:1] in ".'" else text


def word(row):
    """The name in its macro.  Fn would print parentheses behind names."""
    if row.kind == "function":
        return f"Fn {row.name}"
    if row.kind == "errno" and row.name.isdigit():
        return f"Li {row.name}"
    return f"{MACROS[row.kind]} {row.name}"


def cross_reference(page):
    return f"Xr {page[:-3]} {page[-2]}"


def sentences(advice):
    """A new line for each sentence, as manual pages are written."""
    text = escaped(advice).replace(". ", ".\n")
    return "\n".join(textwrap.fill(line, 79, break_on_hyphens=False,
                                   break_long_words=False)
                     for line in text.split("\n"))


def header_section(header, rows):
    lines = [f".Ss <{header}>" if header != "-" else ".Ss Without a header"]
    there = [row for row in rows if row.state != "missing"]
    if there:
        lines.append('.Bl -column "RECURSIVE_ERRORCHECKMUTEX" "differs" "private" '
                     '"page" -compact')
        lines.append(".It Sy name Ta Sy state Ta Sy since Ta Sy page")
        lines += [f".It {word(row)} Ta {row.state} Ta {row.since} Ta "
                  f"{cross_reference(row.page)}" for row in there]
        lines.append(".El")
    different = [row for row in rows if row.state == "differs"]
    missing = [row for row in rows if row.state == "missing"]
    lines += advised(different, "Different:", first=False)
    lines += advised(missing, "Missing:", first=not there)
    return lines


def advised(rows, title, first):
    """Names and what is to be done about them; the same advice stands once."""
    groups = {}
    for row in rows:
        groups.setdefault((row.advice, row.page), []).append(row)
    if not groups:
        return []
    lines = [] if first else [".Pp"]
    lines += [title, ".Bl -tag -width Ds"]
    for (advice, page), members in groups.items():
        lines += item(members)
        lines += [sentences(advice), "See", f".{cross_reference(page)} ."]
    return lines + [".El"]


def item(members):
    """One .It for several names, continued over lines."""
    lines = []
    for at, row in enumerate(members):
        comma = " ," if at + 1 < len(members) else ""
        prefix = ".It " if at == 0 else ""
        more = " \\" if at + 1 < len(members) else ""
        lines.append(f"{prefix}{word(row)}{comma}{more}")
    return lines


def header_of(row):
    return row.name if row.kind == "header" else row.header


def make(table):
    """The page's source."""
    rows = [row for row in table.rows if row.kind in KINDS and row.kind != "variable"]
    here = {header_of(row) for row in rows if row.state != "missing"}
    lines = []
    for header in [*FIRST, *sorted(here - set(FIRST) - {"-"}), "-"]:
        mine = [row for row in rows if header_of(row) == header]
        mine.sort(key=lambda row: (row.kind != "header", row.name))
        lines += header_section(header, mine)
    lines.append(".Ss Not on Linux")
    lines += advised([row for row in rows if header_of(row) not in here],
                     "Headers, and what they declare:", first=True)
    lines.append(".Ss Variables of the environment")
    lines += header_section("-", [row for row in table.rows if row.kind == "variable"])[1:]
    return HEAD + "\n".join(lines) + "\n" + TAIL

# SPDX-License-Identifier: MIT
"""Reads the mdoc source of the manual pages, as far as the tests need it.

It understands the macros that these pages use, and reports what it does not
understand instead of skipping it.
"""

import pathlib
import re
import shlex

STUB = re.compile(r"^\.so man(\d)/(\S+)\.\1$")
ESCAPES = {
    r"\e": "\\",
    r"\&": "",
    r"\-": "-",
    r"\(aq": "'",
    r"\(dq": '"',
    r"\(rs": "\\",
}


class PageError(Exception):
    """A page is not what it must be; the text says where and why."""


def unescape(text):
    """Turns the roff escapes of one literal line into plain characters."""
    out, position = [], 0
    while position < len(text):
        if text[position] != "\\":
            out.append(text[position])
            position += 1
            continue
        for escape, plain in ESCAPES.items():
            if text.startswith(escape, position):
                out.append(plain)
                position += len(escape)
                break
        else:
            raise PageError(f"unknown escape in: {text}")
    return "".join(out)


class Page:
    """One page: its sections as lists of source lines."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.stem, self.section = self.path.name.rsplit(".", 1)
        self.lines = self.path.read_text(encoding="utf-8").splitlines()
        stub = [m for m in map(STUB.match, self.lines) if m]
        self.target = f"{stub[0][2]}.{stub[0][1]}" if stub else None
        self.sections = {}
        current = None
        for line in self.lines:
            if line.startswith(".Sh "):
                current = line[4:].strip()
                if current in self.sections:
                    raise PageError(f"{self.path.name}: two sections {current}")
                self.sections[current] = []
            elif current is not None:
                self.sections[current].append(line)

    def need(self, section):
        if section not in self.sections:
            raise PageError(f"{self.path.name}: no section {section}")
        return self.sections[section]

    def title(self):
        """The arguments of .Dt: title and section."""
        for line in self.lines:
            if line.startswith(".Dt "):
                return line[4:].split()
        raise PageError(f"{self.path.name}: no .Dt")

    def names(self):
        """What NAME lists."""
        found = []
        for line in self.need("NAME"):
            if line.startswith(".Nm "):
                found.append(line[4:].rstrip(" ,"))
        if not found:
            raise PageError(f"{self.path.name}: NAME is empty")
        return found

    def is_sunos4(self):
        """Is it about liblwp, whose header goes with none of ours?"""
        return any(line.startswith(".In lwp/")
                   for line in self.sections.get("SYNOPSIS", []))

    def references(self):
        """Every .Xr of the page as a pair (name, section)."""
        found = []
        for line in self.lines:
            words = line.lstrip(".").split()
            if not line.startswith("."):
                continue
            for at, word in enumerate(words[:-2]):
                if word == "Xr":
                    found.append((words[at + 1], words[at + 2]))
        return found

    def displays(self, section):
        """The literal displays of a section, as plain text."""
        found, display = [], None
        for line in self.need(section):
            if line.startswith(".Bd -literal"):
                display = []
            elif line == ".Ed":
                found.append("\n".join(display) + "\n")
                display = None
            elif display is not None:
                if line[:1] in (".", "'"):
                    raise PageError(f"{self.path.name}: macro in a display: {line}")
                display.append(unescape(line))
        if display is not None:
            raise PageError(f"{self.path.name}: display without end")
        return found

    def programs(self):
        """The complete programs of EXAMPLES, each with what it prints.

        The display after a program is its output: without it a program that
        ends too early with status 0 would pass.
        """
        if "EXAMPLES" not in self.sections:
            return []
        displays = self.displays("EXAMPLES")
        found = []
        for at, text in enumerate(displays):
            if "main(" not in text:
                continue
            if at + 1 == len(displays) or "main(" in displays[at + 1]:
                raise PageError(f"{self.path.name}: an example without its output")
            found.append((text, displays[at + 1]))
        return found

    def headers(self):
        """The headers of SYNOPSIS."""
        return [line[4:].strip() for line in self.need("SYNOPSIS")
                if line.startswith(".In ")]

    def prototypes(self):
        """The functions of SYNOPSIS as (name, C declaration)."""
        found, kind, name, arguments = [], None, None, []
        for line in self.need("SYNOPSIS"):
            words = shlex.split(line) if line.startswith(".") else []
            macro = words[0] if words else ""
            if macro == ".Ft":
                kind = " ".join(words[1:])
            elif macro == ".Fn":
                found.append((words[1], f"{kind} {words[1]}({', '.join(words[2:])});"))
            elif macro == ".Fo":
                name, arguments = words[1], []
            elif macro == ".Fa":
                arguments += words[1:]
            elif macro == ".Fc":
                found.append((name, f"{kind} {name}({', '.join(arguments)});"))
        return found


def load(directory):
    """All pages of a directory, by file name."""
    paths = sorted(pathlib.Path(directory).glob("*.[1237]"))
    if not paths:
        raise PageError(f"no pages in {directory}")
    return {path.name: Page(path) for path in paths}

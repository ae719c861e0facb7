# SPDX-License-Identifier: MIT
"""A whole source tree: reads its files, and tells uses from own names.

A program may have a function, type or macro with the name of an interface. What
a file defines itself, what a header of the tree that it includes defines, and
functions that any file of the tree defines for others hide the interface there.
Order: files by name, uses by place; nothing depends on the order of the disk.
"""

import os
import pathlib
import re
from typing import NamedTuple

from .build import Build
from .source import Source, Use

SOURCES = {".c", ".h", ".cc", ".cpp", ".cxx", ".c++", ".hh", ".hpp", ".hxx", ".h++",
           ".tcc", ".ipp", ".inl", ".y", ".l", ".yy", ".ll", ".pc", ".i", ".ii"}
BUILDS = {".mk", ".mak", ".make", ".gmk", ".m4", ".pro", ".pri", ".cmake", ".am",
          ".sh", ".ksh", ".csh"}
BUILD_NAMES = re.compile(r"(?i)^(?:gnu|b)?makefile|^imakefile|^cmakelists\.txt$|"
                         r"^configure$|^configure\.(?:in|ac)$|^make\.(?:rules|defs)")
SKIPPED_DIRECTORIES = {"CVS", "SCCS", "RCS", "autom4te.cache"}
# These ask for every option of every system, whatever the program needs.
GENERATED_NAMES = {"ltmain.sh", "libtool.m4", "aclocal.m4", "libtool", "config.guess",
                   "config.sub", "depcomp", "install-sh"}
GENERATED = re.compile(r"Generated (?:by|automatically using|from .* by) (?:GNU )?"
                       r"(?:Autoconf|autoconf|automake|aclocal)")


class ScanError(Exception):
    """What was asked for cannot be read."""


class Place(NamedTuple):
    path: str
    use: Use


class Own(NamedTuple):
    """A definition of the program's own, with the name of an interface."""
    name: str
    path: str
    line: int
    hides: int  # uses that are not counted because of it


def kind_of(path):
    """The class that reads a file, or None; config.h.in is read as config.h."""
    name = path.name[:-3] if path.name.endswith(".in") else path.name
    if BUILD_NAMES.search(path.name):
        return Build
    suffix = pathlib.PurePath(name).suffix.lower()
    if suffix in SOURCES:
        return Source
    return Build if suffix in BUILDS else None


def decode(data):
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


class Tree:
    """What is found below some directories."""

    def __init__(self, table, roots):
        self.table = table
        self.files = {}    # shown path: Source or Build
        self.skipped = []  # (shown path, why)
        self.seen = set()
        for root in roots:
            self.root(root)
        self.files = dict(sorted(self.files.items()))
        self.skipped.sort()
        if not self.files:
            raise ScanError(f"{', '.join(roots)}: no source files")
        self.uses, self.others, self.own = [], [], []
        self.sort_out()

    # ---- Reading ----

    def root(self, root):
        if os.path.isdir(root):
            try:
                os.listdir(root)
            except OSError as error:
                raise ScanError(f"{root}: {error.strerror}") from None
            for directory, directories, names in os.walk(root, onerror=self.unreadable):
                directories[:] = sorted(name for name in directories if name[:1] != "."
                                        and name not in SKIPPED_DIRECTORIES)
                for name in sorted(names):
                    path = os.path.join(directory, name)
                    if kind_of(pathlib.PurePath(path)):
                        self.file(path, kind_of(pathlib.PurePath(path)))
        elif os.path.exists(root):
            self.file(root, kind_of(pathlib.PurePath(root)) or Source)
        else:
            raise ScanError(f"{root}: no such file or directory")

    def unreadable(self, error):
        self.skipped.append((os.path.normpath(error.filename), error.strerror))

    def file(self, path, reader):
        shown = os.path.normpath(path)
        try:
            real = os.path.realpath(path)
            if real in self.seen:
                return
            if not os.path.exists(real):
                self.skipped.append((shown, "leads nowhere"))
                return
            if not os.path.isfile(real):
                self.skipped.append((shown, "not a plain file"))
                return
            self.seen.add(real)
            with open(path, "rb") as opened:
                data = opened.read()
        except OSError as error:
            self.skipped.append((shown, error.strerror))
            return
        if b"\0" in data[:65536]:
            self.skipped.append((shown, "binary"))
            return
        text = decode(data)
        if reader is Build and (os.path.basename(path) in GENERATED_NAMES
                                or GENERATED.search(text[:4096])):
            self.skipped.append((shown, "generated"))
            return
        self.files[shown] = reader(pathlib.PurePath(shown), text, self.table)

    # ---- Whose name is it? ----

    def sort_out(self):
        shared = {definition.name for facts in self.files.values()
                  for definition in facts.definitions if definition.shared}
        includes = Includes(self.files)
        near = {}  # path: names that it or a header of it defines
        for path, facts in self.files.items():
            names = {definition.name for definition in facts.definitions}
            if names:
                for user in includes.users([path]):
                    near.setdefault(user, set()).update(names)
        needed = {row.header for row in self.table.rows if row.only_with_header}
        users = {header: includes.users_of_system(header) for header in needed}
        users["synch.h"] |= includes.users_of_system("thread.h")
        hides = {}
        for path, facts in self.files.items():
            own = near.get(path, ())
            for use in facts.uses:
                row, hidden = use.row, None
                if row.only_with_header and path not in users[row.header]:
                    continue
                if row.kind == "header":
                    hidden = self.own_header(path, facts, use, includes)
                elif row.name in own or row.kind == "function" and row.name in shared:
                    hidden = row.name
                if hidden:
                    hides[hidden] = hides.get(hidden, 0) + 1
                elif use.elsewhere:
                    self.others.append(Place(path, use))
                else:
                    self.uses.append(Place(path, use))
        self.own = [Own(definition.name, path, definition.line,
                        hides.get(definition.name, 0))
                    for path, facts in self.files.items()
                    for definition in facts.definitions if definition.name in hides]

    @staticmethod
    def own_header(path, facts, use, includes):
        """Is an include in quotes one of the tree's own headers?"""
        if not isinstance(facts, Source) or (use.row.name, True) not in facts.includes:
            return None
        if (use.row.name, False) in facts.includes:
            return None
        found = any(candidate != path for candidate in includes.candidates(use.row.name))
        return use.row.name if found else None


class Includes:
    """Who includes whom, also indirectly, among the files of a tree."""

    def __init__(self, files):
        self.files, self.known, self.by_end, self.users_by = files, {}, {}, {}
        for path in files:
            self.by_end.setdefault(os.path.basename(path), []).append(path)
        for path, facts in files.items():
            for name, _ in facts.includes:
                for candidate in self.candidates(name):
                    self.users_by.setdefault(candidate, []).append(path)

    def candidates(self, name):
        """The files that `#include "name"` can mean."""
        if name not in self.known:
            self.known[name] = [path for path in self.by_end.get(os.path.basename(name), ())
                                if ends_with(path, name)]
        return self.known[name]

    def users(self, paths):
        """These files, and all whose includes lead to one of them."""
        found, ahead = set(paths), list(paths)
        while ahead:
            for user in self.users_by.get(ahead.pop(), ()):
                if user not in found:
                    found.add(user)
                    ahead.append(user)
        return found

    def users_of_system(self, header):
        return self.users([path for path, facts in self.files.items()
                           if any(name == header for name, _ in facts.includes)])


def ends_with(path, name):
    """Is path the file that `#include "name"` can mean?"""
    name = os.path.normpath(name)
    while name.startswith("../"):
        name = name[3:]
    return path == name or path.endswith("/" + name)

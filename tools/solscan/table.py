# SPDX-License-Identifier: MIT
"""Reads interfaces.tsv, whose head explains the fields."""

import pathlib
from typing import NamedTuple

KINDS = ("function", "macro", "type", "header", "signal", "errno", "pragma",
         "test", "flag", "library", "variable")
STATES = ("same", "differs", "missing")
NEEDS = ("none", "look", "change")
# Kinds that are identifiers in a source file; each name has one meaning there.
IDENTIFIERS = ("function", "macro", "type", "signal", "errno")
DEFAULT = pathlib.Path(__file__).with_name("interfaces.tsv")


class TableError(Exception):
    """The table is not what its head says; the text tells the line."""


class Row(NamedTuple):
    name: str
    kind: str
    header: str  # "-": nowhere
    only_with_header: bool
    state: str
    need: str
    since: str
    page: str
    advice: str

    def shown(self):
        """The name as reports and pages write it."""
        if self.kind == "header":
            return f"<{self.name}>"
        if self.kind == "pragma":
            return f"#pragma {self.name}"
        if self.kind == "errno" and self.name.isdigit():
            return f"errno == {self.name}"
        return self.name


def parse(line):
    fields = line.split("\t")
    if len(fields) != 8:
        raise TableError(f"{len(fields)} fields instead of 8")
    if not all(field and field == field.strip() for field in fields):
        raise TableError("an empty field, or spaces around one")
    name, kind, header, state, need, since, page, advice = fields
    for word, words in ((kind, KINDS), (state, STATES), (need, NEEDS)):
        if word not in words:
            raise TableError(f"{word} is none of {', '.join(words)}")
    if state == "same" and need != "none":
        raise TableError("what is the same needs nothing")
    return Row(name, kind, header.rstrip("*"), header.endswith("*"), state, need,
               since, page, advice)


class Table:
    """All rows, in the order of the file, and by what they are looked up."""

    def __init__(self, lines):
        self.rows = []
        self.identifiers = {}
        self.by_kind = {kind: {} for kind in KINDS}
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.startswith("#"):
                continue
            try:
                self.add(parse(line.rstrip("\n")))
            except TableError as error:
                raise TableError(f"line {number}: {error}") from None
        if not self.rows:
            raise TableError("no rows")
        # Patterns of options, the longest first: it says most.
        self.patterns = sorted((name for name in self.by_kind["flag"] if "*" in name),
                               key=lambda name: (-len(name), name))

    def add(self, row):
        if row.name in self.by_kind[row.kind]:
            raise TableError(f"{row.kind} {row.name} again")
        self.rows.append(row)
        self.by_kind[row.kind][row.name] = row
        if row.kind in IDENTIFIERS:
            if row.name in self.identifiers:
                raise TableError(f"{row.name} is of two kinds")
            self.identifiers[row.name] = row

    def flag(self, word):
        """The row of an option, or None."""
        flags = self.by_kind["flag"]
        if word in flags and "*" not in word:
            return flags[word]
        for pattern in self.patterns:
            if word.startswith(pattern.rstrip("*")):
                return flags[pattern]
        return None


def load(path=DEFAULT):
    with open(path, encoding="utf-8") as lines:
        try:
            return Table(lines)
        except TableError as error:
            raise TableError(f"{path}: {error}") from None

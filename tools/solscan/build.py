# SPDX-License-Identifier: MIT
"""Makefiles, configure's input, CMake and qmake files, and scripts.

Options and libraries are words wherever they stand, in quotes too; variables of
the environment count in the same files.  Comments do not.
"""

import re

from .source import Use

COMMENT = re.compile(r"(?:^|(?<=\s))(?:#|dnl\b).*")
WORD = re.compile(r"(?<![\w/.$\-])-[A-Za-z#][\w+=%,:./~*-]*")
NAME = re.compile(r"(?<![\w$])\$?\{?(_?[A-Z][A-Z0-9_]{4,})\b")
# -K PIC, -z defs and their like are one option in two words.
SPLIT = re.compile(r"[ \t]+([A-Za-z0-9_/$.%][\w/$().%-]*)")
TWO_WORDS = ("-K", "-z", "-B", "-R", "-l", "-d")
# Options of one letter that other programs have as well.
AMBIGUOUS = {"-G", "-h", "-R", "-z", "-fast"}
COMPILES = re.compile(r"\b(?:cc|CC|CCC|CXX|LD|ld|c89|solcc|solCC|link|LINK)\b|FLAGS|LIBS|"
                      r"SHARED|SHLIB|PIC|DSO|OPT")
LIBRARY_CHECK = re.compile(r"\bAC_(?:CHECK_LIB|SEARCH_LIBS)\s*\(([^)]*)\)")
HEADER_CHECK = re.compile(r"\bAC_CHECK_HEADERS?\s*\(([^)]*)\)")
FUNCTION_CHECK = re.compile(r"\bAC_CHECK_FUNCS?\s*\(([^)]*)\)")
CMAKE_LIBRARIES = re.compile(r"\btarget_link_libraries\s*\(([^)]*)\)|"
                             r"\bcheck_library_exists\s*\(([^)]*)\)", re.I)
PIECE = re.compile(r"[^\s,\[\]\"';]+")


def without_comments(text):
    """The same text with spaces in place of comments: offsets stay."""
    return "\n".join(COMMENT.sub(lambda match: " " * len(match[0]), line)
                     for line in text.split("\n"))


class Build:
    """The uses in one such file; it defines and includes nothing."""

    definitions = ()
    includes = ()

    def __init__(self, path, text, table):
        self.path, self.table, self.uses = path, table, []
        self.lines = [0] + [match.end() for match in re.finditer("\n", text)]
        text = without_comments(text)
        for number, line in enumerate(text.split("\n"), 1):
            self.words(line, number)
            self.variables(line, number)
        if path.name in ("configure.ac", "configure.in") or path.suffix == ".m4":
            self.pieces(LIBRARY_CHECK, text, "library", "-l")
            self.pieces(HEADER_CHECK, text, "header", "")
            self.pieces(FUNCTION_CHECK, text, "function", "")
        if path.name == "CMakeLists.txt" or path.suffix == ".cmake":
            self.pieces(CMAKE_LIBRARIES, text, "library", "-l")
        self.uses = sorted(set(self.uses), key=lambda use: (use.line, use.column,
                                                            use.row.name))

    def words(self, line, number):
        compiles = bool(COMPILES.search(line))
        for match in WORD.finditer(line):
            word = match[0].rstrip(",.:")
            if word in TWO_WORDS:
                rest = SPLIT.match(line, match.end())
                if rest and self.known(word + rest[1], compiles):
                    word += rest[1]
            row = self.known(word, compiles)
            if row:
                self.uses.append(Use(row, number, match.start() + 1, word, False))
            elif word.startswith("-Wl,"):
                self.linker(word, number, match.start() + 1)

    def linker(self, word, number, column):
        """Options that -Wl hands on."""
        at = column + 4
        for part in word[4:].split(","):
            row = self.known(part, True) if part[:2] in ("-R", "-z", "-B", "-h") else None
            if row:
                self.uses.append(Use(row, number, at, part, False))
            at += len(part) + 1

    def known(self, word, compiles):
        library = self.table.by_kind["library"].get(word)
        if library:
            return library
        if word[:2] in ("-R", "-h") and len(word) > 2:
            row = self.table.flag(word)
            return row or (self.table.flag(word[:2]) if compiles else None)
        if word in AMBIGUOUS and not compiles or word == "-z":
            return None
        return self.table.flag(word)

    def variables(self, line, number):
        for match in NAME.finditer(line):
            row = self.table.by_kind["variable"].get(match[1])
            if row:
                self.uses.append(Use(row, number, match.start(1) + 1, match[1], False))

    def pieces(self, pattern, text, kind, prefix):
        """The words in the parentheses that a pattern finds."""
        for match in pattern.finditer(text):
            group = next(at for at, part in enumerate(match.groups(), 1)
                         if part is not None)
            for piece in PIECE.finditer(match[group]):
                row = self.table.by_kind[kind].get(prefix + piece[0])
                if row:
                    offset = match.start(group) + piece.start()
                    line = sum(1 for start in self.lines if start <= offset)
                    self.uses.append(Use(row, line, offset - self.lines[line - 1] + 1,
                                         piece[0], False))

# SPDX-License-Identifier: MIT
"""A file of C or C++ as tokens with their places.

Comments are left out, strings and characters are single tokens, and lines
that end with a backslash are joined, all of which must not move any place:
tokens have offsets in the joined text, Places turns them into those of the
file.  Anything goes in: text that is no C makes odd tokens, but no error.
"""

import bisect
import re
from typing import NamedTuple

JOIN = re.compile(r"\\[ \t]*\r?\n")
TOKEN = re.compile(r"""
    (?P<space>[ \t\r\f\v]+)
  | (?P<newline>\n)
  | (?P<comment>/\*.*?(?:\*/|\Z)|//[^\n]*)
  | (?P<raw>(?:u8|[uUL])?R"(?P<end>[^()\\\s]{0,16})\(.*?(?:\)(?P=end)"|\Z))
  | (?P<string>(?:u8|[uUL])?"(?:\\.|[^"\\\n])*"?)
  | (?P<char>(?:u8|[uUL])?'(?:\\.|[^'\\\n])*'?)
  | (?P<name>[A-Za-z_$][\w$]*)
  | (?P<number>\.?\d(?:[eEpP][+-]|[\w.]|'(?=\w))*)
  | (?P<op>->|::|&&|\|\||[<>=!]=|.)
""", re.X | re.S)
HEADER = re.compile(r'[ \t]*(?:<([^>\n]*)>|"([^"\n]*)")')
INCLUDES = ("include", "include_next", "import")


class Token(NamedTuple):
    kind: str
    text: str
    offset: int  # in the joined text


class Directive(NamedTuple):
    """A line that begins with #.  header: (name, quoted, offset) or None."""
    name: str
    tokens: list
    offset: int
    header: tuple


class Places:
    """From offsets in the joined text to lines and columns of the file."""

    def __init__(self, text):
        self.cuts, self.lengths, parts, last, removed = [], [0], [], 0, 0
        for cut in JOIN.finditer(text):
            parts.append(text[last:cut.start()])
            self.cuts.append(cut.start() - removed)
            removed += cut.end() - cut.start()
            self.lengths.append(removed)
            last = cut.end()
        parts.append(text[last:])
        self.joined = "".join(parts)
        self.lines = [0] + [m.end() for m in re.finditer("\n", text)]

    def of(self, offset):
        """(line, column), both from 1."""
        offset += self.lengths[bisect.bisect_right(self.cuts, offset)]
        line = bisect.bisect_right(self.lines, offset)
        return line, offset - self.lines[line - 1] + 1


class Lexer:
    """The tokens of joined text, one by one."""

    def __init__(self, text):
        self.text = text
        self.position = 0

    def next(self):
        """The next token that is neither space nor comment; None at the end."""
        while self.position < len(self.text):
            match = TOKEN.match(self.text, self.position)
            self.position = match.end()
            kind = "string" if match["raw"] else match.lastgroup
            if kind not in ("space", "comment"):
                return Token(kind, match[0], match.start())
        return None

    def directive(self, offset):
        """What follows a # at the start of a line, up to the line's end."""
        name, found, header = "", [], None
        while True:
            token = self.next()
            if token is None or token.kind == "newline":
                return Directive(name, found, offset, header)
            if name:
                found.append(token)
                continue
            name = token.text
            rest = HEADER.match(self.text, self.position) if name in INCLUDES else None
            if rest:
                which = 1 if rest[2] is None else 2
                header = (rest[which], which == 2, rest.start(which) - 1)
                self.position = rest.end()


def scan(joined):
    """Tokens and Directives, in their order, without newlines."""
    lexer = Lexer(joined)
    start = True  # of a line, not counting spaces and comments
    while (token := lexer.next()) is not None:
        if token.kind == "newline":
            start = True
        elif start and token.text == "#":
            yield lexer.directive(token.offset)
        else:
            start = False
            yield token

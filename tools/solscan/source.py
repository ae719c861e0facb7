# SPDX-License-Identifier: MIT
"""One file of C or C++: what it uses, what it defines itself, what it includes.

Nothing is expanded and no type is known, so this looks at the form of the code:
a name is a use of the interface of that name unless it is a member, is qualified,
or is being declared as something else.  Definitions are noted for all names of
the table; whether one hides a use in another file is the tree's business.
"""

from typing import NamedTuple

from .conditions import Branches
from .lexer import Directive, Places, Token, scan
from .table import Row

# After a type these name no variable.
NOT_A_TYPE = {"const", "volatile", "static", "extern", "register", "typedef",
              "auto", "return", "sizeof", "new", "inline", "else", "do", "case",
              "throw", "restrict", "mutable", "delete", "goto", "friend", "using",
              "explicit", "virtual", "constexpr", "unsigned", "signed", "struct"}
TAGS = ("struct", "union", "class", "enum")
# Between the parameters of a function and its body in C++.
AFTER_PARAMETERS = {"const", "noexcept", "throw", "override", "final", "volatile"}
# Of an #if whose code is for POSIX threads in place of Solaris threads.
ALTERNATIVES = ("PTHREAD", "POSIX", "WIN", "DCE", "EMULAT", "COMPAT")


class Use(NamedTuple):
    row: Row
    line: int
    column: int
    text: str  # as it stands there
    elsewhere: bool  # in a branch that is not for Solaris


class Definition(NamedTuple):
    name: str
    line: int
    shared: bool  # a function that other files can call


class Marker(NamedTuple):
    """Stands between tokens where a conditional begins, turns and ends."""
    name: str


class Source:
    """The facts of one file."""

    def __init__(self, path, text, table):
        self.path, self.table = path, table
        self.uses, self.definitions, self.includes = [], [], []
        self.places = Places(text)
        self.branches, self.alternative = Branches(), []
        self.code, self.where = [], []  # tokens and markers; elsewhere of each
        for item in scan(self.places.joined):
            if isinstance(item, Directive):
                self.directive(item)
            else:
                self.code.append(item)
                self.where.append((self.branches.elsewhere(), any(self.alternative)))
        self.statements()
        for index, token in enumerate(self.code):
            if isinstance(token, Token):
                self.token(index, token)
        self.uses.sort(key=lambda use: (use.line, use.column))

    # ---- Directives ----

    def directive(self, item):
        words, name = item.tokens, item.name
        conditional = self.branches.directive(name, words)
        if conditional:
            self.conditional(name, words)
        elsewhere = self.branches.elsewhere()
        if item.header is not None:
            self.include(item, elsewhere)
        elif name == "define" and words:
            if not elsewhere and not any(self.alternative):
                self.define(words[0], shared=False)
            self.in_directive(words[1:], elsewhere)
        elif name == "pragma" and words:
            self.add(self.table.by_kind["pragma"].get(words[0].text), words[0], elsewhere)
        elif name == "ident":
            self.add(self.table.by_kind["pragma"].get("ident"),
                     Token("name", "ident", item.offset), elsewhere)
        elif conditional:
            for token in words:
                self.add(self.table.by_kind["test"].get(token.text), token, False)
            self.in_directive(words, False)

    def conditional(self, name, words):
        text = " ".join(token.text for token in words)
        other = "!" not in text and name not in ("ifndef", "else", "endif") and any(
            part in word.text.upper() for word in words for part in ALTERNATIVES)
        if name.startswith("if"):
            self.alternative.append(other)
        elif self.alternative:
            self.alternative[-1] = other
            if name == "endif":
                self.alternative.pop()
        kind = name if name == "endif" else "if" if name.startswith("if") else "else"
        self.code.append(Marker(kind))
        self.where.append((False, False))

    def include(self, item, elsewhere):
        name, quoted, offset = item.header
        self.includes.append((name, quoted))
        row = self.table.by_kind["header"].get(name)
        self.add(row, Token("header", f"<{name}>", offset), elsewhere)

    def in_directive(self, words, elsewhere):
        for index, token in enumerate(words):
            row = self.table.identifiers.get(token.text)
            before = words[index - 1].text if index else ""
            if token.kind == "name" and row and before not in (".", "->", "::"):
                after = words[index + 1].text if index + 1 < len(words) else ""
                if self.is_use(row, before, after):
                    self.add(row, token, elsewhere)

    # ---- Code ----

    def add(self, row, token, elsewhere):
        if row is not None:
            line, column = self.places.of(token.offset)
            self.uses.append(Use(row, line, column, token.text, elsewhere))

    def define(self, token, shared):
        if token.text in self.table.identifiers:
            line, _ = self.places.of(token.offset)
            self.definitions.append(Definition(token.text, line, shared))

    def text(self, index):
        """The text of a token; markers are empty."""
        if 0 <= index < len(self.code) and isinstance(self.code[index], Token):
            return self.code[index].text
        return ""

    def kind(self, index):
        if 0 <= index < len(self.code) and isinstance(self.code[index], Token):
            return self.code[index].kind
        return ""

    def closing(self, index):
        """The index of the ) that belongs to the ( at index."""
        depth = 0
        for at in range(index, min(len(self.code), index + 4000)):
            depth += {"(": 1, ")": -1}.get(self.text(at), 0)
            if depth == 0:
                return at
        return len(self.code)

    @staticmethod
    def is_use(row, before, after):
        if before in TAGS:
            return row.kind == "type" and row.name == "lwpinfo"
        if row.kind == "function":
            return after == "(" or "_" in row.name.strip("_")
        return True

    def token(self, index, token):
        elsewhere = self.where[index][0]
        if token.kind == "string":
            name = token.text.strip('"').split("=")[0]
            self.add(self.table.by_kind["variable"].get(name), token, elsewhere)
            return
        if token.kind == "number":
            if self.text(index - 1) in ("==", "!=") and self.text(index - 2) == "errno":
                self.add(self.table.by_kind["errno"].get(token.text), token, elsewhere)
            return
        row = self.table.identifiers.get(token.text)
        if row is None or token.kind != "name":
            return
        before, after = self.text(index - 1), self.text(index + 1)
        if before in (".", "->") or before == "::" and self.kind(index - 2) == "name":
            return
        if self.declares_other(index, before, after):
            return
        if self.is_use(row, before, after):
            self.add(row, token, elsewhere)

    def declares_other(self, index, before, after):
        """Is this `int lock_t;` or `int (*thr_create)();`, a variable of that name?"""
        row = self.table.identifiers[self.text(index)]
        if self.pointer(index):
            return True
        if row.kind in ("type", "function"):
            typed = self.kind(index - 1) == "name" and before not in NOT_A_TYPE
            return typed and after in (";", "=", ",", "[", ")")
        return False

    # ---- Definitions, by the structure of the file ----

    def statements(self):
        """Walks through the braces and notes what is defined outside of bodies."""
        stack, saved, start, index = [], [], 0, 0
        while index < len(self.code):
            item, text = self.code[index], self.text(index)
            if isinstance(item, Marker):
                # Every branch begins with the braces that were open at #if.
                if item.name == "if":
                    saved.append(list(stack))
                elif saved:
                    stack = list(saved[-1]) if item.name == "else" else stack
                    if item.name == "endif":
                        saved.pop()
            elif text == "{":
                stack.append(self.brace(start, index))
                start = index + 1
            elif text == "}":
                if stack:
                    stack.pop()
                # `} name;` still belongs to the typedef before the brace.
                start = index + 1
            elif text == ";":
                start = index + 1
            elif text == "typedef":
                self.typedef(index)
            elif item.kind == "name" and text in self.table.identifiers:
                self.possible_definition(index, start, stack)
            index += 1

    def brace(self, start, index):
        """What kind of block a { opens."""
        words = [self.text(at) for at in range(start, index) if self.text(at)]
        if words and words[0] == "extern" and len(words) == 2 or "namespace" in words:
            return "outside"
        if "enum" in words:
            return "enum"
        if words and words[-1] != ")" and any(tag in words for tag in TAGS):
            return "class"
        return "body"

    def hidden(self, index):
        """Code for other systems, or for another kind of threads, defines nothing."""
        return self.where[index][0] or self.where[index][1]

    def possible_definition(self, index, start, stack):
        inside = [kind for kind in stack if kind != "outside"]
        before, after, token = self.text(index - 1), self.text(index + 1), self.code[index]
        if before in (".", "->", "::") or self.hidden(index):
            return
        if inside and inside[-1] == "enum":
            if after in (",", "=", "}"):
                self.define(token, shared=False)
        elif before in TAGS and before != "enum" and after in ("{", ":"):
            if self.path.suffix.lower() not in (".c", ".h"):
                self.define(token, shared=False)
        elif self.pointer(index):
            if not inside or inside[-1] != "class":
                self.define(token, shared=False)
        elif after == "(" and "body" not in inside:
            self.function(index, start, bool(inside))

    def pointer(self, index):
        """Is this the name in `type (*name)(`, a pointer to a function?"""
        around = [self.text(index + at) for at in (-2, -1, 1, 2)]
        return around == ["(", "*", ")", "("] and self.kind(index - 3) == "name"

    def function(self, index, start, in_class):
        """A name with parentheses outside of bodies: is it a definition?"""
        words = {self.text(at) for at in range(start, index)}
        static = "static" in words
        if "=" in words or "typedef" in words:
            return
        close = self.closing(index + 1)
        after = close + 1
        while self.text(after) in AFTER_PARAMETERS:
            after = self.closing(after + 1) + 1 if self.text(after + 1) == "(" else after + 1
        if in_class or static or self.text(after) == "{":
            self.define(self.code[index], shared=not static and not in_class)
        elif self.kind(after) == "name" and self.knr_body(after):
            self.define(self.code[index], shared=True)

    def knr_body(self, index):
        """Do declarations of parameters and a { follow?"""
        for at in range(index, min(len(self.code), index + 400)):
            text = self.text(at)
            if text == "{":
                return self.text(at - 1) == ";"
            if text in ("}", "=") or text in ("typedef", "extern", "static"):
                return False
        return False

    def typedef(self, index):
        """Notes the names that a typedef defines."""
        if self.hidden(index):
            return
        depth = 0
        for at in range(index + 1, min(len(self.code), index + 4000)):
            text = self.text(at)
            depth += {"{": 1, "}": -1, "(": 1, ")": -1}.get(text, 0)
            if text == ";" and depth == 0:
                return
            after = self.text(at + 1)
            plain = depth == 0 and after in (";", ",", "[")
            pointer = depth == 1 and self.text(at - 1) == "*" and after == ")"
            function = depth == 0 and after == "(" and self.kind(at - 1) == "name"
            if self.kind(at) == "name" and (plain or pointer or function):
                self.define(self.code[at], shared=False)

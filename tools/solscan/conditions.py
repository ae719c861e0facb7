# SPDX-License-Identifier: MIT
"""What #if says about code on Solaris: compiled there, not compiled, or who knows.

The macros of Solaris' compilers are taken as defined, those of other systems as
not defined, all others as unknown: True, False and None.  Code that is False
there uses no interface of Solaris, whatever its names look like.
"""

SOLARIS = {
    "__sun", "__sun__", "sun", "__SVR4", "__svr4__", "SVR4", "__SunOS", "SOLARIS",
    "SOLARIS2", "SOLARIS_THREADS", "__solaris__", "__SOLARIS__", "_SOLARIS_",
    "Solaris", "solaris", "SUNOS5", "SunOS5", "OS_SOLARIS", "unix", "__unix",
    "__unix__",
}
OTHERS = {
    "__linux__", "__linux", "linux", "LINUX", "Linux", "OS_LINUX", "__GLIBC__",
    "__gnu_linux__", "__ANDROID__", "__APPLE__", "__MACH__", "__NeXT__", "MACOSX",
    "__FreeBSD__", "__NetBSD__", "__OpenBSD__", "__DragonFly__", "__bsdi__", "BSD",
    "FREEBSD", "__hpux", "hpux", "HPUX", "__hpux__", "_AIX", "AIX", "__sgi", "sgi",
    "SGI", "IRIX", "__osf__", "OSF1", "__digital__", "__ultrix", "ultrix", "_WIN32",
    "WIN32", "_WIN64", "_MSC_VER", "__WIN32__", "__MINGW32__", "__CYGWIN__",
    "__OS2__", "OS2", "__BEOS__", "__HAIKU__", "__QNX__", "__QNXNTO__", "VMS",
    "__VMS", "MSDOS", "__MSDOS__", "sequent", "_SEQUENT_", "_CRAY", "__USLC__",
    "__UNIXWARE__", "UNIXWARE", "__SCO_VERSION__", "M_UNIX", "__EMSCRIPTEN__",
}


def defined(name):
    if name in SOLARIS:
        return True
    return False if name in OTHERS else None


def negate(value):
    return None if value is None else not value


def both(one, other):
    if one is None:
        return False if other is False else None
    return bool(one) and (None if other is None else bool(other))


def either(one, other):
    return negate(both(negate(one), negate(other)))


class Expression:
    """The condition of one #if: evaluate() gives True, False or None."""

    def __init__(self, tokens):
        self.tokens = [token.text for token in tokens]
        self.position = 0

    def peek(self):
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self):
        text = self.peek()
        self.position += 1
        return text

    def evaluate(self):
        value = self.any()
        if self.position < len(self.tokens):
            return None  # an operator that this does not know
        return value if value is None else bool(value)

    def any(self):
        value = self.all()
        while self.peek() == "||":
            self.take()
            value = either(value, self.all())
        return value

    def all(self):
        value = self.compared()
        while self.peek() == "&&":
            self.take()
            value = both(value, self.compared())
        return value

    def compared(self):
        """Numbers are not compared: what SOLARIS > 250 is depends."""
        value, known = self.single(), True
        while self.peek() not in ("", "&&", "||", ")"):
            operator, known = self.take(), False
            if self.peek() not in ("", "&&", "||", ")"):
                other = self.single()
                # A macro of another system is 0, and not above any number.
                above = operator in (">", ">=") and value is False and other
                value = False if above else None
        return value if known or value is False else None

    def single(self):
        text = self.take()
        if text == "!":
            return negate(self.single())
        if text == "(":
            value = self.any()
            if self.peek() == ")":
                self.take()
            return value
        if text == "defined":
            name = self.take()
            if name == "(":
                name = self.take()
                self.take()
            return defined(name)
        if text[:1].isdigit():
            digits = text.rstrip("uUlL")
            return int(digits) != 0 if digits.isdigit() else None
        if self.peek() == "(":  # a macro with arguments, __has_include among them
            depth = 0
            while self.peek():
                depth += {"(": 1, ")": -1}.get(self.take(), 0)
                if depth == 0:
                    break
            return None
        return defined(text)


class Branches:
    """The stack of conditions around a line."""

    def __init__(self):
        self.stack = []  # of [value of this branch, an earlier one was taken]

    def directive(self, name, tokens):
        """Follows #if and its kin; True if the directive is one of them."""
        if name in ("if", "ifdef", "ifndef"):
            self.stack.append([self.value(name, tokens), False])
        elif name in ("elif", "elifdef", "elifndef", "else"):
            if self.stack:
                value, taken = self.stack[-1]
                taken = either(taken, value)
                value = True if name == "else" else self.value(name[2:], tokens)
                self.stack[-1] = [both(value, negate(taken)), taken]
        elif name == "endif":
            if self.stack:
                self.stack.pop()
        else:
            return False
        return True

    @staticmethod
    def value(name, tokens):
        if name == "if":
            return Expression(tokens).evaluate()
        value = defined(tokens[0].text) if tokens else None
        return negate(value) if name.endswith("ndef") else value

    def elsewhere(self):
        """Is this line certainly not compiled on Solaris?"""
        return any(value is False for value, _ in self.stack)

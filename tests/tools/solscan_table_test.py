# SPDX-License-Identifier: MIT
"""Holds interfaces.tsv against the headers, the symbol map, the manual pages and
solcc: what the table says of this library is true.

usage: solscan_table_test.py ROOT CC [UNITTEST ARGUMENTS]
"""

import ctypes
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(sys.argv.pop(1)).resolve()
CC = sys.argv.pop(1)
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests/man")]
sys.dont_write_bytecode = True

import check_coverage  # noqa: E402
import mdoc  # noqa: E402
from solscan import lexer, page, table  # noqa: E402

HEADERS = [ROOT / "include", ROOT / "compat/include", ROOT / "compat/sunos4/include"]
TABLE = table.load()
PAGES = mdoc.load(ROOT / "man")
# Of libthread and of liblwp, which has an exit(3) of its own.
MAP = {name for path in ("src/api/libthread.map", "compat/sunos4/src/liblwp.map")
       for name in check_coverage.exported((ROOT / path).read_text())} - {"exit"}
UNVERSIONED = {line for line in (ROOT / "src/api/unversioned.txt").read_text().split("\n")
               if line and not line.startswith("#")}
LIBC = ctypes.CDLL("libc.so.6")
# Pages about concepts and tools, not about an interface.
NO_INTERFACE = re.compile(r"\.[17]$")
# Private names that no table of interfaces needs.
INTERNAL = re.compile(r"^(__|_ti_|_thr_)")


def there(kinds):
    return [row for row in TABLE.rows if row.kind in kinds and row.state != "missing"]


def missing(kinds):
    return [row for row in TABLE.rows if row.kind in kinds and row.state == "missing"]


def documents(file, name):
    """Does the page describe this name?  Private aliases as the public name."""
    found = PAGES[file]
    text = "\n".join(found.lines)
    names = {name, f"_{name}", name.lstrip("_"), name.lstrip("_").upper()}
    return bool(names & set(found.names())) or any(
        re.search(rf"(?<![\w-]){re.escape(each)}(?!\w)", text) for each in names)


def file_of(reference):
    return f"{reference[:-3]}.{reference[-2]}"


class MapTest(unittest.TestCase):
    def test_what_is_exported_is_known(self):
        for name in sorted(MAP):
            if INTERNAL.match(name) or name in UNVERSIONED:
                continue
            row = TABLE.identifiers.get(name)
            with self.subTest(name):
                self.assertIsNotNone(row, "exported, but not in the table")
                self.assertIn(row.state, ("same", "differs"))

    def test_what_is_there_is_exported(self):
        for row in there(("function",)):
            if row.header == "pthread.h":
                continue  # some of these are other names of a function
            with self.subTest(row.name):
                self.assertTrue(row.name in MAP or row.name in UNVERSIONED
                                or hasattr(LIBC, row.name))

    def test_what_is_missing_is_not_there(self):
        for row in missing(("function",)):
            with self.subTest(row.name):
                self.assertFalse(row.name in MAP or row.name in UNVERSIONED)
                self.assertFalse(hasattr(LIBC, row.name), "in libc")


class HeaderTest(unittest.TestCase):
    def compile(self, text):
        done = subprocess.run(
            [CC, "-fsyntax-only", "-std=gnu11", "-w", "-D_GNU_SOURCE", "-D__EXTENSIONS__",
             "-ferror-limit=0" if "clang" in CC else "-fmax-errors=0",
             *(f"-isystem{path}" for path in HEADERS), "-x", "c", "-"],
            input=text, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    def test_what_is_there_is_declared(self):
        """Each name is used after its header; each line of errors is a lie."""
        headers = sorted({row.header for row in there(table.IDENTIFIERS)} - {"-"})
        self.assertGreater(len(headers), 5)
        facts = 0
        for header in headers:
            lines = [f"#include <{header}>"]
            for row in there(table.IDENTIFIERS):
                if row.header != header or row.name.isdigit():
                    continue
                name = row.name
                if row.kind == "type":
                    tag = "struct " if name == "lwpinfo" else ""
                    lines.append(f"extern {tag}{name}* pointer_to_{name};")
                else:
                    use = f"void* use_{name}(void) {{ return (void*)&{name}; }}" \
                        if row.kind == "function" else f"enum {{ use_{name} = ({name}) }};"
                    lines += [f"#ifndef {name}", use, "#endif"]
                facts += 1
            status, errors = self.compile("\n".join(lines) + "\n")
            with self.subTest(header):
                self.assertEqual(status, 0, errors)
        self.assertGreater(facts, 150)

    def test_headers(self):
        for row in there(("header",)):
            status, errors = self.compile(f"#include <{row.name}>\n")
            with self.subTest(row.name):
                self.assertEqual(status, 0, errors)
        for row in missing(("header",)):
            status, _ = self.compile(f"#include <{row.name}>\n")
            with self.subTest(row.name):
                # glibc's own, for its threads and its debugger.
                self.assertEqual(status == 0, row.name == "proc_service.h")

    def test_every_header_of_ours_is_known(self):
        for directory in HEADERS:
            for path in sorted(directory.rglob("*.h")):
                name = str(path.relative_to(directory))
                if name.startswith("bits/"):
                    continue
                done = subprocess.run([CC, "-fsyntax-only", "-x", "c", "-"],
                                      input=f"#include <{name}>\n", text=True,
                                      capture_output=True, check=False)
                if done.returncode == 0:
                    continue  # more of a header that every system has
                with self.subTest(name):
                    self.assertIn(name, TABLE.by_kind["header"])

    def test_what_is_missing_is_not_declared(self):
        words = {}
        for directory in HEADERS:
            for path in directory.rglob("*.h"):
                for item in lexer.scan(lexer.Places(path.read_text()).joined):
                    for token in getattr(item, "tokens", [item]):
                        words.setdefault(token.text, path)
        self.assertIn("thr_create", words)
        for row in missing(("function", "macro", "type", "signal")):
            with self.subTest(row.name):
                self.assertNotIn(row.name, words, words.get(row.name))


class PageTest(unittest.TestCase):
    def test_pages_exist_and_name_it(self):
        for row in TABLE.rows:
            file = file_of(row.page)
            with self.subTest(row.name):
                self.assertTrue(file in PAGES, f"no page {row.page}")
            if file not in PAGES:
                continue
            with self.subTest(row.name):
                target = PAGES[file].target
                self.assertIsNone(target, f"{row.page} is only a link to {target}")
            if row.kind in ("function", "macro", "type") and row.name in MAP | {"mutex_t"}:
                self.assertTrue(documents(file, row.name),
                                f"{row.page} does not speak of {row.name}")

    def test_every_page_is_referred_to(self):
        known = {file_of(row.page) for row in TABLE.rows}
        for file, found in sorted(PAGES.items()):
            if not found.target and not NO_INTERFACE.search(file):
                with self.subTest(file):
                    self.assertIn(file, known, "no row refers to it")

    def test_names_of_pages_are_known(self):
        """What a page of ours describes, the table has, and leads to that page."""
        for file, found in sorted(PAGES.items()):
            if found.target or NO_INTERFACE.search(file):
                continue
            for name in found.names():
                row = TABLE.by_kind["header"].get(name) or TABLE.identifiers.get(name)
                parts = any(other.startswith(f"{name}_") for other in found.names())
                if row is None and (name == found.stem or parts):
                    continue  # atomic_add, of the functions atomic_add_8 and so on
                with self.subTest(name):
                    self.assertIsNotNone(row, f"{file}: not in the table")
                    if row.kind == "function":
                        self.assertEqual(file_of(row.page), file)

    def test_variables(self):
        text = "\n".join(PAGES["libthread.7"].need("ENVIRONMENT"))
        described = set(re.findall(r"^\.It Ev (\w+)$", text, flags=re.M))
        for row in there(("variable",)):
            self.assertIn(row.name, described)
        for row in missing(("variable",)):
            self.assertNotIn(row.name, described)

    def test_the_page_is_made_from_the_table(self):
        self.assertEqual((ROOT / "man/libthread-interfaces.7").read_text(),
                         page.make(TABLE),
                         "make it again: tools/solscan/solscan --page")


class SolccTest(unittest.TestCase):
    """Options and libraries: what solcc does is what the table says."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.place = pathlib.Path(directory.name)
        (self.place / "libthread.so").touch()

    def solcc(self, *words):
        done = subprocess.run([ROOT / "tools/solcc", "-###", *words, "a.o"],
                              capture_output=True, text=True, check=False,
                              env={"PATH": "/usr/bin:/bin", "SOLCC_LIBDIR": str(self.place)})
        return done.returncode, done.stdout, done.stderr

    def test_kinds(self):
        for row in TABLE.rows:
            library = re.fullmatch(r"-l\w+", row.name) is not None
            self.assertEqual(row.kind == "library", library, row.name)
            self.assertEqual(row.kind in ("library", "flag"), row.name[0] == "-", row.name)

    def test_options_and_libraries(self):
        tried = 0
        for row in TABLE.rows:
            if row.kind not in ("flag", "library") or "*" in row.name or \
                    row.name in ("-h", "-R", "-Qoption", "-R/usr/lib/lwp", "-xMF", "-xar"):
                continue
            tool = ["-mt", row.name] if row.need == "change" else [row.name]
            status, out, err = self.solcc(*tool)
            with self.subTest(row.name):
                if row.state == "same":
                    cplusplus = row.name in ("-pto", "-noex", "-compat=5", "-compat=g")
                    self.assertEqual((status, err), (0, ""))
                    self.assertTrue(cplusplus or out.startswith("gcc "), out)
                elif row.need == "none" and row.name[:3] not in ("-co", "-pt"):
                    name = re.sub("^-z", "-z ", row.name)
                    self.assertIn(f"{name}: no equal here, ignored", err)
                elif row.need == "change" and row.kind == "flag":
                    self.assertEqual(status, 2, err)
                    self.assertIn(f"solcc: {row.name}: ", err)
                tried += 1
        self.assertGreater(tried, 100)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: MIT
"""Checks the checkers: each of them finds the fault it is there for."""

import os
import pathlib
import tempfile
import unittest

import check_coverage
import check_headers
import check_steps
import mdoc

GOOD = r""".\" SPDX-License-Identifier: MIT
.Dd November 21, 2026
.Dt THR_SAMPLE 3
.Os
.Sh NAME
.Nm thr_sample ,
.Nm thr_other
.Nd a page
.Sh SYNOPSIS
.In thread.h
.Ft int
.Fn thr_sample "int a" "char *b"
.Ft void
.Fo thr_other
.Fa "int a"
.Fa "long b"
.Fc
.Sh DESCRIPTION
See
.Xr thr_other 3 .
.Sh RETURN VALUES
Zero.
.Sh EXAMPLES
.Bd -literal -offset indent
int main(void) { puts("a\eb\en"); return 0; }
.Ed
.Pp
It prints
.Bd -literal
ab
.Ed
.Sh ERRORS
.Bl -tag -width Er
.It Bq Er EINVAL
Bad.
.El
.Sh SEE ALSO
.Xr ls 1
.Sh HISTORY
New.
"""
STUB = '.\\" SPDX-License-Identifier: MIT\n.so man3/thr_sample.3\n'


class PagesTest(unittest.TestCase):
    def load(self, **changes):
        """The good pages with some text replaced, or with another stub."""
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        text = GOOD
        for old, new in changes.get("replace", []):
            self.assertIn(old, text)
            text = text.replace(old, new)
        root = pathlib.Path(directory.name)
        (root / "thr_sample.3").write_text(text)
        if changes.get("stub", STUB):
            (root / "thr_other.3").write_text(changes.get("stub", STUB))
        return mdoc.load(root)

    def form(self, **changes):
        return check_coverage.check_form(self.load(**changes)["thr_sample.3"])

    def test_good_page(self):
        pages = self.load()
        page = pages["thr_sample.3"]
        self.assertEqual(page.names(), ["thr_sample", "thr_other"])
        self.assertEqual(page.programs(),
                         [('int main(void) { puts("a\\b\\n"); return 0; }\n', "ab\n")])
        self.assertEqual([text for _, text in page.prototypes()],
                         ["int thr_sample(int a, char *b);",
                          "void thr_other(int a, long b);"])
        self.assertEqual(check_coverage.check_form(page), [])
        self.assertEqual(check_coverage.check_links(pages), [])
        self.assertEqual(
            check_coverage.check_names(pages, {"thr_sample", "thr_other"}, ""), [])

    def test_faults_of_form(self):
        for old, new in ((".Dt THR_SAMPLE 3", ".Dt THR_SIMPLE 3"),
                         (".Sh RETURN VALUES\n", ""),
                         (".Nm thr_sample ,", ".Nm thr_first ,"),
                         ("MIT", "none"),
                         ("EINVAL", "ENOSUCHERROR"),
                         ("main(", "start(")):
            with self.subTest(new=new):
                self.assertTrue(self.form(replace=[(old, new)]))

    def test_error_that_the_header_defines(self):
        self.assertEqual(self.form(replace=[("EINVAL", "ELOCKUNMAPPED")]), [])

    def test_example_needs_its_output(self):
        cut = GOOD[GOOD.index("It prints"):GOOD.index(".Sh ERRORS")]
        with self.assertRaises(mdoc.PageError):
            self.form(replace=[(cut, "")])

    def test_unknown_escape(self):
        with self.assertRaises(mdoc.PageError):
            self.form(replace=[(r"a\eb", r"a\zb")])

    def test_faults_of_links(self):
        for changes in ({"stub": ""},
                        {"stub": STUB.replace("thr_sample", "thr_none")},
                        {"replace": [("Xr thr_other 3", "Xr thr_none 3")]}):
            with self.subTest(changes=changes):
                self.assertTrue(check_coverage.check_links(self.load(**changes)))

    def test_names(self):
        pages, check = self.load(), check_coverage.check_names
        both = {"thr_sample", "thr_other"}
        self.assertEqual(len(check(pages, both | {"thr_new"}, "")), 1)
        self.assertEqual(check(pages, both | {"_thr_new", "sema_held", "read"}, ""), [])
        self.assertEqual(len(check(pages, {"thr_sample"}, "")), 1)
        self.assertEqual(check(pages, {"thr_sample"}, "#define thr_other(x) 1"), [])

    def test_map(self):
        names = check_coverage.exported(
            "V1 { /* global: no; */ global: a;\n b; # c;\n local: *; };\n"
            "V2 { global: d; } V1;")
        self.assertEqual(names, {"a", "b", "d"})
        for bad in ("V1 { global: thr_*; };", "V1 { local: *; };"):
            with self.assertRaises(mdoc.PageError):
                check_coverage.exported(bad)

    def test_environment(self):
        page = self.load(replace=[
            (".Sh SEE ALSO", ".Sh ENVIRONMENT\n.It Ev LIBTHREAD_A\n.Sh SEE ALSO")])
        page = page["thr_sample.3"]
        check = check_coverage.check_environment
        self.assertEqual(check(page, 'Get("LIBTHREAD_A")'), [])
        self.assertEqual(len(check(page, 'Get("LIBTHREAD_B")')), 2)

    def test_steps(self):
        session = check_steps.steps(self.load(replace=[(
            "See\n", "Type\n.Bd -literal\n$ cd x\n$ false\n\\&...\n$ echo $?\n1\n"
                      ".Ed\nSee\n")])["thr_sample.3"])
        self.assertEqual(session, [("cd x", []), ("false", ["..."]),
                                   ("echo $?", ["1"])])
        self.assertTrue(check_steps.explained(session, 1))
        self.assertFalse(check_steps.explained(session, 0))
        with self.assertRaises(mdoc.PageError):
            check_steps.steps(self.load()["thr_sample.3"])

    def test_output_of_steps(self):
        for expected, actual, same in (
                ([], "", True), ([], "x\n", False), (["x"], "", False),
                (["a ... c"], "a b c\n", True), (["a ... c"], "a b\n", False),
                (["..."], "", True), (["...", "b"], "a\na\nb\n", True),
                (["...", "b"], "a\nb\nc\n", False), (["a.c"], "abc\n", False),
                (["a...c"], "a\nc\n", False)):
            with self.subTest(expected=expected, actual=actual):
                self.assertEqual(check_steps.matches(expected, actual), same)

    def test_session(self):
        """A step that fails ends it; one whose status is asked for does not."""
        for command, reached in (("false", False), ("cat /none", True)):
            session = [(command, ["..."])]
            session += [("echo $?", ["1"])] if reached else []
            session.append(("echo end", ["end"]))
            with tempfile.TemporaryDirectory() as directory, \
                    open(os.devnull, "w", encoding="utf-8") as null:
                out = pathlib.Path(directory)
                check_steps.run(check_steps.script(session), out,
                                dict(os.environ, OUT=directory), null)
                self.assertEqual(check_steps.compare(session, out) == [], reached)

    def test_header_facts(self):
        text, facts = check_headers.program(self.load(replace=[
            ("See\n", "See\n.It Dv THR_X Ta 0x4 Ta text\n"
                      ".It Vt x_t Ta 24 Ta 8 Ta text\n")]))
        self.assertEqual(facts, 4)
        self.assertIn("int thr_sample(int a, char *b);", text)
        self.assertIn("_Static_assert(THR_X == 0x4", text)
        self.assertIn("sizeof(x_t) == 24 && _Alignof(x_t) == 8", text)


if __name__ == "__main__":
    unittest.main()

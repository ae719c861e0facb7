# SPDX-License-Identifier: MIT
"""What solscan says of small trees, in all formats, and of trees it cannot read.

The trees in scan/ have their reports beside them: <tree>.text is the report for
people, <tree>.uses the place, kind, name and state of every use, which JSON and
SARIF must agree with.  usage: solscan_test.py SOLSCAN [UNITTEST ARGUMENTS]
With WRITE=1 in the environment the reports are written, not compared.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
SCAN = HERE / "scan"
ROOT = HERE.parents[1]
SOLSCAN = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else ""
SPDX = "# SPDX-License-Identifier: MIT\n"
TREES = ("cxx", "knr", "server")
LEVELS = {"none": "none", "look": "note", "change": "warning"}


def run(*arguments, cwd=SCAN):
    done = subprocess.run([sys.executable, "-B", SOLSCAN, *arguments], cwd=cwd,
                          capture_output=True, timeout=120, check=False)
    return done.returncode, done.stdout.decode("utf-8", "surrogateescape"), \
        done.stderr.decode()


class ReportTest(unittest.TestCase):
    def same(self, name, text):
        path = SCAN / name
        if os.environ.get("WRITE"):
            path.write_text(SPDX + text, encoding="utf-8")
        self.maxDiff = None
        self.assertEqual(SPDX + text, path.read_text(encoding="utf-8"))

    def test_text(self):
        for tree in TREES:
            with self.subTest(tree):
                status, out, err = run(tree)
                self.assertEqual(err, "")
                self.same(f"{tree}.text", out)
                self.assertEqual(status, 0 if tree == "cxx" else 1)
                self.assertLessEqual(max(map(len, out.splitlines())), 80)
                # The summary is the end of the report.
                _, brief, _ = run("--summary", tree)
                self.assertTrue(out.endswith("-" * 79 + "\n" + brief))
                self.assertLessEqual(len(brief.splitlines()), 24)

    def test_json(self):
        for tree in TREES:
            with self.subTest(tree):
                status, out, _ = run("--format=json", tree)
                report = json.loads(out)
                uses = [(use["file"], use["line"], use["column"], row["kind"],
                         row["name"], row["state"], row["need"])
                        for row in report["interfaces"] for use in row["uses"]]
                uses.sort()
                self.same(f"{tree}.uses", "".join(
                    "{}:{}:{} {} {} {} {}\n".format(*use) for use in uses))
                summary = report["summary"]
                self.assertEqual(summary["uses"], len(uses))
                self.assertEqual(sum(summary[state] for state in (
                    "same", "differs", "missing")), len(report["interfaces"]))
                self.assertEqual(report["verdict"], "changes needed" if status else
                                 "ports as is")
                self.assertEqual(len(summary["changes"]) > 0, status == 1)
                for row in report["interfaces"]:
                    self.assertRegex(row["page"], r"^[\w.-]+\([1-8]\)$")
                    self.assertTrue(row["advice"].endswith("."))

    def test_sarif(self):
        for tree in TREES:
            with self.subTest(tree):
                status, out, _ = run("--format=sarif", tree)
                found = check_sarif(self, json.loads(out))
                expected = (SCAN / f"{tree}.uses").read_text().splitlines()[1:]
                self.assertEqual(sorted(found), sorted(expected))
                warned = any(line.endswith(" change") for line in expected)
                self.assertEqual(warned, status == 1)

    def test_places(self):
        """Each place is where the name begins, in the file as it is."""
        seen = 0
        for tree in TREES:
            for line in (SCAN / f"{tree}.uses").read_text().splitlines()[1:]:
                place, kind, name = line.split()[:3]
                path, row, column = place.split(":")
                text = (SCAN / path).read_text().splitlines()[int(row) - 1]
                rest = text[int(column) - 1:]
                if kind in ("function", "macro", "type", "signal", "test") and \
                        not rest.endswith("\\"):
                    self.assertTrue(rest.startswith(name), line)
                    seen += 1
                elif kind == "header" and path.endswith(".c"):
                    self.assertEqual(rest[:1] + rest[-1:], "<>", line)
                    seen += 1
        self.assertGreater(seen, 40)

    def test_order_of_roots_and_repetition(self):
        one, other = run("knr", "server"), run("server", "knr", "server/../knr")
        self.assertEqual(one, other)

    def test_all(self):
        _, out, _ = run("--all", "knr")
        self.assertRegex(out, r"thr_create +thr_create\(3\)\n +As on Solaris\.\n"
                              r" +knr/crew\.c:\d+:18, \d+:2\n")

    def test_output_file(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "report")
            self.assertEqual(run("-o", path, "knr"), (1, "", ""))
            self.assertEqual(pathlib.Path(path).read_text(), run("knr")[1])

    def test_examples_port_as_they_are(self):
        status, out, err = run("examples", cwd=ROOT)
        self.assertEqual((status, err), (0, ""))
        self.assertIn("It ports as is.", out)
        self.assertIn("thr_create", out)


def check_sarif(test, log):
    """What SARIF 2.1.0 asks of a log; the uses in the form of <tree>.uses."""
    test.assertEqual(log["version"], "2.1.0")
    test.assertTrue(log["$schema"].startswith("https://"))
    test.assertEqual(set(log), {"$schema", "version", "runs"})
    found = []
    for a_run in log["runs"]:
        driver = a_run["tool"]["driver"]
        test.assertEqual(driver["name"], "solscan")
        ids = [rule["id"] for rule in driver["rules"]]
        test.assertEqual(len(ids), len(set(ids)))
        for rule in driver["rules"]:
            for field in ("shortDescription", "fullDescription", "help"):
                test.assertIsInstance(rule[field]["text"], str)
            address = urllib.parse.urlsplit(rule["helpUri"])
            test.assertEqual(address.scheme, "man")
            test.assertRegex(address.path, r"^[\w.-]+\([1-8]\)$")
            test.assertIn(rule["defaultConfiguration"]["level"], LEVELS.values())
        test.assertEqual(a_run["columnKind"], "unicodeCodePoints")
        for invocation in a_run["invocations"]:
            test.assertIs(invocation["executionSuccessful"], True)
        for result in a_run["results"]:
            rule = driver["rules"][result["ruleIndex"]]
            test.assertEqual(rule["id"], result["ruleId"])
            need = rule["properties"]["need"]
            test.assertEqual(result["level"], LEVELS[need])
            # A level other than none is for failures only.
            test.assertEqual(result["kind"], "informational" if need == "none" else "fail")
            test.assertIsInstance(result["message"]["text"], str)
            test.assertEqual(len(result["locations"]), 1)
            physical = result["locations"][0]["physicalLocation"]
            uri = physical["artifactLocation"]["uri"]
            test.assertNotRegex(uri, r"[ %]?\s|^/|\\")
            region = physical["region"]
            test.assertGreaterEqual(min(region["startLine"], region["startColumn"]), 1)
            kind, name = result["ruleId"].split("/", 1)
            found.append("{}:{}:{} {} {} {} {}".format(
                urllib.parse.unquote(uri), region["startLine"], region["startColumn"],
                kind, name, rule["properties"]["state"], need))
    return found


class OddTreesTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)

    def put(self, name, data):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    def uses(self, *arguments):
        status, out, err = run("--format=json", *(arguments or (".",)), cwd=self.root)
        self.assertIn(status, (0, 1), err)
        report = json.loads(out)
        uses = [(use["file"], use["line"], use["column"], row["name"])
                for row in report["interfaces"] for use in row["uses"]]
        return sorted(uses), report

    def test_what_cannot_be_read(self):
        self.put("good.c", "int x = thr_self();\n")
        self.put("binary.c", b"thr_self();\0\x01")
        self.put("objects.o", b"\x7fELF thr_self")
        self.put("configure", "# Generated by GNU Autoconf 2.69\nLIBS=-lthread -G\n")
        self.put("ltmain.sh", "-KPIC\n")
        self.put(".git/old.c", "thr_exit(0);\n")
        (self.root / "gone.h").symlink_to("nowhere.h")
        (self.root / "again.c").symlink_to("good.c")
        os.mkfifo(self.root / "pipe.c")
        uses, report = self.uses()
        self.assertEqual(uses, [("again.c", 1, 9, "thr_self")])
        self.assertEqual([(note["file"], note["why"]) for note in report["skipped"]],
                         [("binary.c", "binary"), ("configure", "generated"),
                          ("gone.h", "leads nowhere"), ("ltmain.sh", "generated"),
                          ("pipe.c", "not a plain file")])
        _, text, _ = run(".", cwd=self.root)
        self.assertIn("  binary.c: binary\n", text)
        _, _, err = run("--format=sarif", ".", cwd=self.root)
        self.assertIn("solscan: gone.h: not read: leads nowhere\n", err)

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_without_permission(self):
        self.put("good.c", "int x;\n")
        self.put("secret.c", "thr_self();\n").chmod(0)
        self.put("closed/a.c", "thr_self();\n")
        (self.root / "closed").chmod(0)
        try:
            uses, report = self.uses()
        finally:
            (self.root / "closed").chmod(0o700)
        self.assertEqual(uses, [])
        self.assertEqual({note["why"] for note in report["skipped"]}, {"Permission denied"})

    def test_refused(self):
        for arguments in ((), ("none",), (".",), ("--format=xml", "."), ("-x",),
                          ("--table=none", ".")):
            with self.subTest(arguments):
                status, out, err = run(*arguments, cwd=self.root)
                self.assertEqual((status, out), (2, ""))
                self.assertIn("solscan", err)

    def test_encodings_and_line_ends(self):
        self.put("latin.c", b"/* \xe9t\xe9 */ char *\xe9 = \"\xe9\"; thr_yield();\r\n")
        self.put("utf.c", "\ufeff/* é */ thr_yield();\r\nx = thr_\\\r\nself();\n")
        uses, _ = self.uses()
        self.assertEqual(uses, [("latin.c", 1, 26, "thr_yield"),
                                ("utf.c", 1, 9, "thr_yield"),
                                ("utf.c", 2, 5, "thr_self")])

    def test_no_c_at_all(self):
        self.put("odd.c", "'\"\\\n/*\n#if ((\n#elif\n#endif\n#endif }}}) thr_self(")
        self.put("odd2.c", "#if 0\nit's\n#else\nthr_self()\n#endif\n#define\n#include\n#")
        self.put("empty.h", "")
        self.put("odd.y", "%{\n#include <thread.h>\n%}\n%%\nrule: 'a' { thr_exit($1); } ;\n")
        uses, _ = self.uses()
        self.assertEqual([use[0] for use in uses], ["odd.c", "odd.y", "odd.y", "odd2.c"])

    def test_files_by_name(self):
        self.put("notes.txt", "thr_self()\n")
        self.put("a.c", "thr_self();\n")
        self.assertEqual(len(self.uses()[0]), 1)
        self.assertEqual(len(self.uses("notes.txt", "a.c")[0]), 2)

    def test_a_name_with_spaces(self):
        self.put("a b/ü.c", "int x = thr_self();\n")
        _, out, _ = run("--format=sarif", ".", cwd=self.root)
        uri = json.loads(out)["runs"][0]["results"][0]["locations"][0][
            "physicalLocation"]["artifactLocation"]["uri"]
        self.assertEqual(uri, "a%20b/%C3%BC.c")

    def test_headers_that_include_each_other(self):
        """Own names reach through a big net of includes, in time."""
        names = [f"h{number}.h" for number in range(600)]
        self.put("all.h", "".join(f'#include "{name}"\n' for name in names))
        for name in names:
            self.put(name, '#include "all.h"\nextern int x;\n')
        self.put("h7.h", '#include "all.h"\n#define thr_self() 1\n')
        self.put("user.c", '#include "h599.h"\nint x = thr_self();\n')
        self.put("other.c", "int x = thr_self();\n")
        uses, report = self.uses()
        self.assertEqual(uses, [("other.c", 1, 9, "thr_self")])
        self.assertEqual(report["own"], [{"name": "thr_self", "file": "h7.h", "line": 2}])

    def test_big_file(self):
        self.put("big.c", "int f(void) { return thr_self(); }\n" * 20000)
        self.assertEqual(len(self.uses()[0]), 20000)


if __name__ == "__main__":
    unittest.main()

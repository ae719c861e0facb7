# SPDX-License-Identifier: MIT
"""The report for programs: JSON, and SARIF 2.1.0 for editors and reviews."""

import json
import urllib.parse

VERSION = "1.0.0"
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_json(findings):
    tree = findings.tree

    def change(group):
        return {"advice": group.advice, "pages": group.pages(), "uses": group.total(),
                "interfaces": [row.shown() for row in group.names]}

    def use(place):
        return {"file": place.path, "line": place.use.line, "column": place.use.column}

    document = {
        "tool": "solscan",
        "version": VERSION,
        "verdict": "changes needed" if findings.changes else "ports as is",
        "summary": {
            "files": len(tree.files), "uses": len(tree.uses), **findings.states(),
            "changes": [change(group) for group in findings.changes],
            "looks": [change(group) for group in findings.looks],
        },
        "interfaces": [
            {"name": row.name, "kind": row.kind, "header": row.header,
             "state": row.state, "need": row.need, "since": row.since,
             "page": row.page, "advice": row.advice,
             "uses": [use(place) for place in places]}
            for row, places in sorted(findings.rows.items())],
        "other_systems": [{"name": place.use.row.name, **use(place)}
                          for place in tree.others],
        "own": [{"name": own.name, "file": own.path, "line": own.line}
                for own in tree.own],
        "skipped": [{"file": path, "why": why} for path, why in tree.skipped],
    }
    return json.dumps(document, indent=2) + "\n"


def rule_id(row):
    return f"{row.kind}/{row.name}"


def rule(row):
    level = {"change": "warning", "look": "note"}.get(row.need, "none")
    help_text = f"{row.advice} See {row.page}."
    return {
        "id": rule_id(row),
        "shortDescription": {"text": f"{row.shown()}: {row.state}"},
        "fullDescription": {"text": row.advice},
        "help": {"text": help_text},
        "helpUri": f"man:{row.page}",
        "defaultConfiguration": {"level": level},
        "properties": {"state": row.state, "need": row.need, "header": row.header,
                       "since": row.since},
    }


def result(place, index):
    row, use = place.use.row, place.use
    found = {
        "ruleId": rule_id(row),
        "ruleIndex": index,
        "kind": "informational",
        "level": "none",
        "message": {"text": f"{row.shown()} ({row.state}): {row.advice} "
                            f"See {row.page}."},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": urllib.parse.quote(place.path)},
            "region": {"startLine": use.line, "startColumn": use.column},
        }}],
    }
    if row.need != "none":
        found["kind"] = "fail"
        found["level"] = "warning" if row.need == "change" else "note"
    return found


def as_sarif(findings):
    rows = sorted(findings.rows)
    index = {row: at for at, row in enumerate(rows)}
    notifications = [
        {"level": "note", "message": {"text": f"not read: {why}"},
         "locations": [{"physicalLocation": {
             "artifactLocation": {"uri": urllib.parse.quote(path)}}}]}
        for path, why in findings.tree.skipped]
    document = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "solscan", "version": VERSION,
                                "rules": [rule(row) for row in rows]}},
            "columnKind": "unicodeCodePoints",
            "invocations": [{"executionSuccessful": True,
                             "toolExecutionNotifications": notifications}],
            "results": [result(place, index[place.use.row])
                        for place in findings.tree.uses],
        }],
    }
    return json.dumps(document, indent=2) + "\n"

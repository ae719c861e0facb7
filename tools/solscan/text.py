# SPDX-License-Identifier: MIT
"""The report for people: lists in 80 columns, and a summary of one screen."""

import textwrap

WIDTH = 79
FEW = 4  # places of an interface, unless all are asked for


def count(number, word):
    return f"{number} {word if number == 1 else word + 's'}"


class Group:
    """Uses with one advice: one thing to do, whatever the number of names."""

    def __init__(self, advice):
        self.advice = advice
        self.names = {}  # row: its places

    def add(self, place):
        self.names.setdefault(place.use.row, []).append(place)

    def total(self):
        return sum(len(places) for places in self.names.values())

    def pages(self):
        return sorted({row.page for row in self.names})


def grouped(uses, need, states=("same", "differs", "missing")):
    """Groups in the order of their first use."""
    groups = {}
    for place in uses:
        row = place.use.row
        if row.need == need and row.state in states:
            groups.setdefault(row.advice, Group(row.advice)).add(place)
    return list(groups.values())


class Findings:
    """What the reports of all formats say of a tree."""

    def __init__(self, tree):
        self.tree = tree
        self.changes = grouped(tree.uses, "change")
        self.looks = grouped(tree.uses, "look")
        self.ignored = grouped(tree.uses, "none", ("missing",))
        self.rows = {}
        for place in tree.uses:
            self.rows.setdefault(place.use.row, []).append(place)

    def states(self):
        return {state: sum(row.state == state for row in self.rows)
                for state in ("same", "differs", "missing")}

    def verdict(self):
        if not self.changes:
            return "ports as is"
        these = "this 1 change" if len(self.changes) == 1 else \
            f"these {len(self.changes)} changes"
        return f"needs {these}"


def location(place):
    return f"{place.path}:{place.use.line}:{place.use.column}"


def fold(text, first, rest):
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=rest,
                         break_long_words=False, break_on_hyphens=False)


def places_of(places, everything):
    """Places as text; a file is named once for its lines."""
    shown = places if everything else places[:FEW]
    parts, last = [], None
    for place in shown:
        mark = f"{place.use.line}:{place.use.column}"
        parts.append(mark if place.path == last else f"{place.path}:{mark}")
        last = place.path
    text = ", ".join(parts)
    more = len(places) - len(shown)
    return f"{text} and {more} more" if more else text


def shown(row, places):
    """Of an option that a pattern knows, the words that are there."""
    if row.kind == "flag" and len({place.use.text for place in places}) == 1:
        return places[0].use.text
    return row.shown()


def advised(title, groups, everything):
    lines = [title, ""]
    for number, group in enumerate(groups, 1):
        lines += fold(f"{group.advice}  See {', '.join(group.pages())}.",
                      f"{number:3}. ", "     ")
        for row, places in group.names.items():
            where = places_of(places, everything)
            name = shown(row, places)
            if len(name) > 22:
                lines.append(f"       {name}")
                name = ""
            lines += fold(where, f"       {name:<22} ", " " * 30)
        lines.append("")
    return lines


def same(findings, everything):
    """What is the same, by header: names, pages, and where."""
    by_header = {}
    for row, places in findings.rows.items():
        if row.state == "same":
            title = {"flag": "options", "library": "libraries", "variable": "environment",
                     "pragma": "pragmas"}.get(row.kind)
            if title is None:
                name = row.name if row.kind == "header" else row.header
                title = f"<{name}>" if name != "-" else "no header"
            by_header.setdefault(title, []).append((row, places))
    lines = [f"The same here, {count(sum(map(len, by_header.values())), 'interface')}:", ""]
    for title in sorted(by_header):
        lines.append(f"  {title}")
        for row, places in sorted(by_header[title]):
            if row.kind == "header" and len(by_header[title]) > 1 and not everything:
                continue
            head = f"    {shown(row, places):<22} {row.page:<21} "
            if everything:
                lines.append(head.rstrip())
                lines += fold(row.advice, "      ", "      ")
                lines += fold(places_of(places, True), "        ", "        ")
                continue
            head += f"{len(places):4}  "
            where, room = location(places[0]), max(WIDTH - len(head), 20)
            if len(where) > room:
                where = "..." + where[3 - room:]
            lines.append(head + where)
        lines.append("")
    return lines


def notes(tree, everything):
    lines = []
    if tree.others:
        lines += fold(f"Not counted, in branches for other systems: "
                      f"{count(len(tree.others), 'use')}.", "", "  ")
        if everything:
            lines += [f"  {place.use.row.shown():<24} {location(place)}"
                      for place in tree.others]
    if tree.own:
        lines.append("Not counted, since the program defines them itself:")
        lines += [f"  {own.name:<24} {own.path}:{own.line}" for own in tree.own]
    if tree.skipped:
        lines.append("Not read:")
        lines += [f"  {path}: {why}" for path, why in tree.skipped]
    return lines + [""] if lines else []


def one_line(number, group):
    """A group in the summary."""
    names = [shown(row, places) for row, places in group.names.items()]
    some = ", ".join(names[:3])
    if len(names) > 3:
        some += f" and {len(names) - 3} more"
    text = f"{number:3}. {some} ({count(group.total(), 'use')}): {group.advice}"
    return text if len(text) <= WIDTH else text[:WIDTH - 3].rstrip() + "..."


def summary(findings):
    tree, states = findings.tree, findings.states()
    lines = [f"{count(len(tree.files), 'file')} read: "
             f"{count(len(tree.uses), 'use')} of "
             f"{count(len(findings.rows), 'interface')} of Solaris; "
             f"{states['same']} the same here, {states['differs']} different, "
             f"{states['missing']} missing."]
    verdict = findings.verdict()
    if not findings.changes:
        lines.append(f"It {verdict}.")
    else:
        lines.append(f"It {verdict}:")
        lines += [one_line(number, group)
                  for number, group in enumerate(findings.changes, 1)]
    if findings.looks:
        lines.append(f"Somebody should look at {count(len(findings.looks), 'difference')}:")
        lines += [one_line(number, group)
                  for number, group in enumerate(findings.looks, 1)]
    return [line for long in lines for line in
            ([long] if len(long) <= WIDTH else fold(long, "", "  "))]


def report(findings, everything=False, brief=False):
    """The whole report, as text."""
    lines = []
    if not brief:
        if findings.changes:
            lines += advised(f"{count(len(findings.changes), 'change')} to make:",
                             findings.changes, everything)
        if findings.looks:
            lines += advised(f"{count(len(findings.looks), 'difference')} to look at:",
                             findings.looks, everything)
        if findings.ignored:
            lines += advised("Not here, and not needed:", findings.ignored, everything)
        if findings.states()["same"]:
            lines += same(findings, everything)
        lines += notes(findings.tree, everything)
        lines += ["-" * WIDTH]
    return "\n".join(lines + summary(findings)) + "\n"

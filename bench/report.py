# SPDX-License-Identifier: MIT
"""The table in Markdown, and what the goals say about the results."""

import cases


def median(data, case, peer, metric):
    found = data["results"].get(case.key, {}).get(peer, {}).get(metric)
    return None if found is None else found["median"]


def base_peer(data):
    """Ratios are to libthread; to pthreads while it is not in the results."""
    measured = {peer for peers in data["results"].values() for peer in peers}
    return cases.UNBOUND if cases.UNBOUND in measured else "pthread"


def figure(value, unit=""):
    """Three significant digits, whole numbers from 100 on."""
    if value >= 100 or value == int(value):
        text = f"{value:,.0f}"
    elif value >= 10:
        text = f"{value:.1f}"
    else:
        text = f"{value:.2f}"
    return f"{text} {unit}".strip()


def ratio_text(ratio):
    if ratio >= 100:
        return f"{ratio:,.0f}×"
    if ratio >= 10:
        return f"{ratio:.1f}×"
    return f"{ratio:.2f}×" if ratio >= 0.1 else f"{ratio:.2g}×"


def judge(data, case, row, goal):
    """(text of the goal, True, False, or None when it cannot be told)."""
    own = median(data, case, cases.UNBOUND, row.metric)
    pthread = median(data, case, "pthread", row.metric)
    if goal.ahead:
        text = "ahead of " + " and ".join(
            cases.TITLES[peer] for peer in goal.ahead)
        others = [median(data, case, peer, row.metric) for peer in goal.ahead]
        if own is None or None in others:
            return text, None
        return text, all(own < other for other in others)
    if goal.factor:
        text = f"≤ {goal.factor:g} × pthreads"
        if own is None or pthread is None:
            return text, None
        return text, own <= goal.factor * pthread
    if goal.more:
        text = f"≤ pthreads + {figure(goal.more, row.unit)}"
        if own is None or pthread is None:
            return text, None
        return text, own <= pthread + goal.more
    if goal.least:
        text = f"≥ {figure(goal.least)}"
        return text, None if own is None else own >= goal.least
    text = f"≤ {figure(goal.limit, row.unit)}"
    return text, None if own is None else own <= goal.limit


def verdicts(data, case, row, goals):
    words = {True: "pass", False: "**FAIL**", None: "not measured"}
    return "; ".join(f"{text}: {words[result]}" for text, result in
                     (judge(data, case, row, goal) for goal in goals))


def cell(data, case, row, peer, base):
    value = median(data, case, peer, row.metric)
    if value is None:
        return "failed" if f"{case.key} {peer}" in data["errors"] else ""
    reference = median(data, case, base, row.metric)
    text = figure(value)
    if peer == base or not reference or row.metric == "reached":
        return text
    return f"{text} ({ratio_text(value / reference)})"


def table(data):
    about = data["machine"]
    base = base_peer(data)
    measured = [peer for peer in cases.ALL if any(
        peer in peers for peers in data["results"].values())]
    lines = [
        "# Benchmark results", "",
        f"{about['processor']}, {about['processors']} processors, Linux "
        f"{about['kernel']}, {about['libc']}; model {about['model']}; medians "
        f"of {about['rounds']} interleaved rounds; load before: "
        f"{about['load_before']:.2f}.", "",
        f"In brackets: the figure divided by that of {cases.TITLES[base]}; "
        "above 1 the other one is slower (or larger). A case is pinned to one "
        "processor where the LWPs column says \"1, pinned\".", "",
        "| case | workload | LWPs | unit | "
        + " | ".join(cases.TITLES[peer] for peer in measured)
        + " | goal of this stage | final goal |",
        "|---|---|---|---|" + "---:|" * len(measured) + "---|---|",
    ]
    for case in cases.CASES:
        if case.key not in data["results"]:
            continue
        for row in case.rows:
            lwps = f"{case.lwps}, pinned" if case.pin else str(case.lwps)
            columns = [case.key, row.title, lwps, row.unit]
            columns += [cell(data, case, row, peer, base)
                        for peer in measured]
            columns.append(verdicts(data, case, row, row.issue))
            columns.append(verdicts(data, case, row, row.final))
            lines.append("| " + " | ".join(columns) + " |")
    if data["errors"]:
        lines += ["", "Without a result:", ""]
        lines += [f"- {key}: {error}"
                  for key, error in sorted(data["errors"].items())]
    return "\n".join(lines) + "\n"

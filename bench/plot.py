# SPDX-License-Identifier: MIT
"""The plot: for each case, how many times slower each peer is, as SVG.

Horizontal bars on a logarithmic scale start at 1, which is libthread's unbound
threads: to the right the peer is slower, to the left it is faster.
"""

import math
from xml.sax.saxutils import escape

import cases
import report

COLOURS = {
    cases.UNBOUND: "#222222",
    cases.BOUND: "#7a7a7a",
    "pthread": "#1f6fb2",
    "fiber": "#d9822b",
    "st": "#3a9357",
    "pth": "#a0528d",
}
LABEL_WIDTH = 500
PLOT_WIDTH = 620
RIGHT = 90
TOP = 118
BAR = 11
GAP = 12


def _text(x, y, text, size=12, anchor="start", fill="#222222", weight=""):
    bold = f' font-weight="{weight}"' if weight else ""
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" '
            f'text-anchor="{anchor}" fill="{fill}"{bold}>{escape(text)}</text>')


def _line(x1, y1, x2, y2, colour, width=1):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'stroke="{colour}" stroke-width="{width}"/>')


def _groups(data, base):
    """(case, row, own figure, [(peer, ratio)]) of everything to be drawn."""
    for case in cases.CASES:
        for row in case.rows:
            own = report.median(data, case, base, row.metric)
            if not own or row.metric == "reached":
                continue
            ratios = []
            for peer in cases.ALL:
                value = report.median(data, case, peer, row.metric)
                if peer != base and value:
                    ratios.append((peer, value / own))
            if ratios:
                yield case, row, own, ratios


def _legend(peers, base):
    parts = [_text(16, 92, f"1 = {cases.TITLES[base]}", 12, weight="bold")]
    x = LABEL_WIDTH
    for peer in peers:
        parts.append(f'<rect x="{x}" y="82" width="12" height="12" '
                     f'fill="{COLOURS[peer]}"/>')
        parts.append(_text(x + 17, 92, cases.TITLES[peer]))
        x += 32 + 7 * len(cases.TITLES[peer])
    return parts


def svg(data):
    base = report.base_peer(data)
    groups = list(_groups(data, base))
    ratios = [ratio for group in groups for _, ratio in group[3]] or [1.0]
    low = math.floor(math.log10(min(min(ratios), 0.99)))
    high = math.ceil(math.log10(max(max(ratios), 1.01)))
    peers = [peer for peer in cases.ALL
             if any(peer == other for group in groups for other, _ in group[3])]

    def at(ratio):
        return (LABEL_WIDTH
                + (math.log10(ratio) - low) / (high - low) * PLOT_WIDTH)

    height = TOP + sum(len(group[3]) * BAR + GAP for group in groups) + 40
    width = LABEL_WIDTH + PLOT_WIDTH + RIGHT
    bottom = height - 34
    about = data["machine"]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}" '
        'font-family="DejaVu Sans, Verdana, sans-serif">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        _text(16, 30, f"Time of other libraries relative to "
              f"{cases.TITLES[base]}", 18, weight="bold"),
        _text(16, 52, f"{about['processor']}, {about['processors']} processors"
              f", Linux {about['kernel']}, {about['libc']}; medians of "
              f"{about['rounds']} interleaved rounds; logarithmic scale", 11,
              fill="#555555"),
        _text(at(1) + 8, 72, "the other one is slower →", 11, fill="#555555"),
        _text(at(1) - 8, 72, "← faster", 11, "end", "#555555"),
        *_legend(peers, base),
    ]
    for power in range(low, high + 1):
        x = at(10 ** power)
        label = f"{10 ** power:,}×" if power >= 0 else f"{10 ** power:g}×"
        parts.append(_line(x, TOP - 12, x, bottom, "#dddddd"))
        parts.append(_text(x, bottom + 16, label, 11, "middle", "#555555"))

    y = TOP
    for case, row, own, bars in groups:
        middle = y + len(bars) * BAR / 2
        parts.append(_text(16, middle + 4, case.key, 12, weight="bold"))
        parts.append(_text(96, middle + 4, row.title, 10.5))
        parts.append(_text(LABEL_WIDTH - 50, middle + 4,
                           report.figure(own, row.unit), 10.5, "end"))
        for peer, ratio in bars:
            left, right = sorted((at(1), at(ratio)))
            parts.append(
                f'<rect x="{left:.1f}" y="{y + 1}" '
                f'width="{max(right - left, 1):.1f}" height="{BAR - 2}" '
                f'fill="{COLOURS[peer]}"/>')
            slower = ratio >= 1
            parts.append(_text(right + 4 if slower else left - 4, y + BAR - 2,
                               report.ratio_text(ratio), 9.5,
                               "start" if slower else "end"))
            y += BAR
        y += GAP
        parts.append(_line(16, y - GAP / 2, width - 16, y - GAP / 2,
                           "#f0f0f0"))
    parts.append(_line(at(1), TOP - 12, at(1), bottom, "#222222", 1.5))
    parts.append("</svg>")
    return "\n".join(parts) + "\n"

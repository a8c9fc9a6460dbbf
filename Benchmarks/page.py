#!/usr/bin/env python3
"""Makes a page and a chart of what Benchmarks/run has printed.

usage: Benchmarks/page.py RESULTS MACHINE PAGE CHART
"""

import html
import re
import sys


def cells(line):
    return [part.strip() for part in line.strip().strip("|").split("|")]


def is_rule(row):
    return all(re.fullmatch(r":?-+:?", cell) for cell in row)


def sections(text):
    """The tables with their headings: (heading, remarks, rows)."""
    found = []
    for line in text.splitlines():
        if line.startswith("|"):
            row = cells(line)
            if not is_rule(row):
                if not found:
                    found.append(("Start and the main job", [], []))
                found[-1][2].append(row)
        elif line.strip():
            if found and not found[-1][2]:
                found[-1][1].append(line.strip())
            else:
                found.append((line.strip(), [], []))
    if found and re.match(r"\d+ cores", found[0][0]):
        # Names the machine, which the page does itself.
        found[0] = ("Start and the main job", *found[0][1:])
    return found


def page(found, machine):
    lines = [
        "# Benchmarks",
        "",
        "Made by `make bench`. Everything on one machine, one thing at a time, medians; each ratio is of the same",
        "run, the first row of its group being 1.00, and less is quicker. What Swapline does in a row is the whole",
        "command with its workers, digests, synced files and history; what it is measured against keeps none of",
        "these. The scripts in `Benchmarks/` say what each row does.",
        "",
        "| machine | |",
        "|---|---|",
    ]
    lines += [f"| {name} | {value} |" for name, value in machine]
    lines += ["", "![Swapline beside others](images/benchmarks.svg)"]
    for heading, remarks, rows in found:
        lines += ["", f"## {heading}", ""]
        if remarks:
            lines += [*remarks, ""]
        if not rows:
            continue
        # A row without a figure is a header.
        named = not any(re.search(r"\d", cell) for cell in rows[0][1:])
        header = rows[0] if named else ["what", "measured", "ratio"][:len(rows[0])]
        body = rows[1:] if named else rows
        lines += ["| " + " | ".join(header) + " |", "|---" + "|---:" * (len(header) - 1) + "|"]
        lines += ["| " + " | ".join(row) + " |" for row in body]
    return "\n".join(lines) + "\n"


# What the scripts call their groups, and what people do.
NAMES = {
    "a": "GIF, drawn", "b": "GIF, filmed", "large": "photographs of 12 MP to 2048 px",
    "result": "results of 2048 px, six files each", "small (": "pictures of 800 px, three files each",
    "small": "video, 1080p to 720p", "remux": "video, index moved to the front", "posters": "five exact stills of a video",
    "keys": "five key frames of a video", "1,000 files": "measuring 1,000 files",
}
PEERS = {"plain": "C on libvips", "thumbs": "vipsthumbnail", "swapline": "Swapline", "pillow": "Pillow"}


def named(job):
    """The group in words."""
    if job in NAMES:
        return NAMES[job]
    word, _, count = job.partition(" (")
    name = NAMES.get(word + " (") or NAMES.get(word)
    return f"{name} ({count}" if name else job


def compared(found):
    """The groups of rows with a ratio: (job, [(who, ratio)])."""
    groups = {}
    for _, _, rows in found:
        for row in rows:
            if len(row) < 3 or ":" not in row[0]:
                continue
            job, who = (part.strip() for part in row[0].split(":", 1))
            try:
                groups.setdefault(job, []).append((who, float(row[2])))
            except ValueError:
                continue
    return [(job, bars) for job, bars in groups.items()
            if len(bars) > 1 and any(who == "swapline" for who, _ in bars)]


def chart(groups):
    width, left, bar, gap, top = 860, 190, 16, 14, 46
    longest = max([ratio for _, bars in groups for _, ratio in bars] + [1])
    longest = min(longest, 3)
    scale = (width - left - 70) / longest
    parts, y = [], top
    for job, bars in groups:
        parts.append(f'<text x="12" y="{y + 13}" class="job">{html.escape(named(job))}</text>')
        y += bar + 4
        for who, ratio in bars:
            length = min(ratio, longest) * scale
            kind = "own" if who == "swapline" else "peer"
            parts.append(f'<text x="{left - 8}" y="{y + 13}" class="who">{html.escape(PEERS.get(who, who))}</text>')
            parts.append(
                f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{bar}" class="{kind}"/>'
                f'<text x="{left + length + 6:.1f}" y="{y + 13}" class="ratio">{ratio:.2f}'
                f'{" →" if ratio > longest else ""}</text>')
            y += bar + 3
        y += gap
    style = (
        "text{font:13px system-ui,sans-serif;fill:#1f2328}.job{font-weight:600}.who{text-anchor:end}"
        ".own{fill:#c2410c}.peer{fill:#9ca3af}.line{stroke:#6b7280;stroke-dasharray:3 3}"
        "@media(prefers-color-scheme:dark){text{fill:#e6edf3}}")
    one = left + scale
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y}" width="{width}" height="{y}" '
        f'role="img" aria-label="Time that Swapline takes beside other programs"><style>{style}</style>'
        f'<text x="12" y="24">Time beside the first of each group; less is quicker</text>'
        f'<line x1="{one:.1f}" x2="{one:.1f}" y1="{top - 10}" y2="{y - gap}" class="line"/>'
        + "".join(parts) + "</svg>\n")


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__.strip())
    results, facts, place, picture = sys.argv[1:]
    with open(results, encoding="utf-8") as file:
        found = sections(file.read())
    with open(facts, encoding="utf-8") as file:
        machine = [tuple(line.strip().split(": ", 1)) for line in file if ": " in line]
    with open(place, "w", encoding="utf-8") as file:
        file.write(page(found, machine))
    with open(picture, "w", encoding="utf-8") as file:
        file.write(chart(compared(found)))


if __name__ == "__main__":
    main()

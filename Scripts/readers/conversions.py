"""What files become in other formats, as Chromium and ffmpeg show it, beside our frames of the file."""

import numpy as np

from . import chromium, ffmpeg, ours, report
from .compare import CLASSES, Difference, calm, distance, fitted, flat, same_shape
from .reading import Reading, form_of
from .tally import Tally

TARGETS = ("gif", "webp", "png", "jpg", "mp4")
# What a target's own encoder may change, beyond the file's class.
CLASSES.update({"gif": (40, 0.05), "webp": (32, 0.1), "png": (2, 0.0), "jpg": (32, 0.1), "mp4": (40, 0.1)})


def timeline(reading, row):
    """When each of our frames ends, in milliseconds, and their pictures."""
    told = row["media"]
    paths = [row["frames"][str(i)] for i in range(row["decoded"])]
    if told["kind"] == "video":
        stamps = getattr(ffmpeg.read(row["file"]), "stamps", [])
        if len(stamps) == len(paths) + 1:
            return (np.array(stamps[1:]) - stamps[0]) * 1000, paths
    delays = [calm(d) for d in told.get("delays") or []]
    if len(delays) != len(paths):
        delays = [1000 * told["duration"] / len(paths)] * len(paths)
    return np.cumsum(delays), paths


def shown(reading, moment, target):
    """The picture of a converted file at `moment` in milliseconds."""
    ends = np.cumsum([d if target == "mp4" else calm(d) for d in reading.facts["delays"]])
    index = min(int(np.searchsorted(ends, moment, side="right")), len(ends) - 1)
    return reading.pictures.get(str(index))


def pair(mine, its, target, holds_alpha):
    """How far two pairs of pictures are apart beyond what the target may change."""
    worst = 0.0
    opaque = (np.abs(mine[0].astype(int) - mine[1]).max(axis=2) < 3)
    clear = (np.abs(mine[0].astype(int) - mine[1]).min(axis=2) > 252)
    for ground, (a, b) in enumerate(zip(mine, its)):
        if not holds_alpha and ground == 1:
            continue
        if b.shape != a.shape:
            b = fitted(b, *a.shape[:2])
        a, b = a.copy(), b.copy()
        if target == "gif":
            # Half transparent pixels become one or the other.
            a[~(opaque | clear)] = b[~(opaque | clear)] = 0
        worst = max(worst, far(a, b, target))
    return worst


def far(a, b, target):
    """`distance`, for lossy targets where neither has an edge."""
    if target in ("png", "gif"):
        return distance(a, b, target)
    limit, share = CLASSES[target]
    where = flat(a)
    if where.mean() < 0.05:
        return 0.0
    apart = np.abs(a.astype(int) - b).max(axis=2)[where]
    beyond = apart > limit
    return 0.0 if beyond.mean() <= share else float(min(1, 0.3 + apart[beyond].mean() / 255 + beyond.mean() / 2))


def moving(reading, row, made, target, out):
    """Compares an animation or a video with one that was made of it."""
    ends, paths = timeline(reading, row)
    holds = target != "mp4"
    who = "ffmpeg" if target == "mp4" else "chromium"
    # Browsers show up to 10 ms as 100, players of videos do not.
    total = sum(d if target == "mp4" else calm(d) for d in made.facts["delays"])
    same = abs(total - ends[-1]) <= max(15, 0.02 * ends[-1])
    out.append(Difference("duration", who, round(float(ends[-1])), round(total), 0.0 if same else 1.0))
    loops = reading.facts.get("loops")
    if loops is not None and "loops" in made.facts:
        told = [c for c in row["converted"][target]["changes"] if "played" in str(c.get("from"))]
        out.append(Difference("loops", who, loops, made.facts["loops"],
                              0.0 if loops == made.facts["loops"] or told else 1.0))
    if row["media"]["isHDR"]:
        return
    starts = np.concatenate([[0], ends[:-1]])
    picked = sorted({0, len(paths) - 1, *np.linspace(0, len(paths) - 1, 8).astype(int).tolist()})
    worst, at = 0.0, None
    for index in picked:
        own = Reading()
        own.add("frame", ours.samples(paths[index]))
        its = shown(made, (starts[index] + ends[index]) / 2, target)
        if its is None:
            continue
        apart = pair(own.pictures["frame"], its, target, holds)
        if apart > worst:
            worst, at = apart, index
            reading.pictures["at"], made.pictures["at"] = own.pictures["frame"], its
    out.append(Difference("pixels", who, f"{at}", "", worst, "at" if at is not None else None))


def sides(reading, made, target, out, who):
    if "first" not in reading.pictures or not made.pictures:
        return
    h, w = reading.pictures["first"][0].shape[:2]
    y, x = next(iter(made.pictures.values()))[0].shape[:2]
    # A video keeps pixels that are not square, and has even sides.
    same = same_shape((h, w), (y, x)) or abs(h - y) + abs(w - x) <= 2 if target == "mp4" else (h, w) == (y, x)
    out.append(Difference("sides", who, f"{w}x{h}", f"{x}x{y}", 0.0 if same else 1.0))


def compare(reading, row, target, browser):
    """The differences between a file and what it became, and the reading of the latter."""
    made, out = row["converted"][target], []
    if made.get("error"):
        return [Difference("refused", "swapline", made["error"], "", 1.0)], Reading(made["error"])
    who = "ffmpeg" if target == "mp4" else "chromium"
    result = ffmpeg.read(made["file"], every=True) if target == "mp4" else browser.read(made["file"], every=True)
    if result.error:
        return [Difference("refused", who, "made", result.error, 1.0)], result
    if target == "mp4":
        stamps = getattr(result, "stamps", [0, row["media"].get("duration") or 0])
        result.facts["delays"] = [1000 * (b - a) for a, b in zip(stamps, stamps[1:])]
    sides(reading, result, target, out, who)
    if row.get("decoded") and row["media"]["frames"] > 1:
        if "delays" not in result.facts:
            # Equal frames were merged into one.
            result.facts["delays"] = [float(timeline(reading, row)[0][-1])]
            result.pictures.setdefault("0", result.pictures.get("first"))
        moving(reading, row, result, target, out)
    elif "first" in reading.pictures and "first" in result.pictures:
        worst = pair(reading.pictures["first"], result.pictures["first"], target, target != "jpg")
        out.append(Difference("pixels", who, "first", "", worst, "first" if worst else None))
    return out, result


def main(program, paths, manifest, options, say):
    tally, browser, count = Tally(manifest), chromium.Chromium(), 0
    try:
        for path, reading, row in ours.read(program, paths, TARGETS):
            _, form, head = form_of(path)
            for target in row.get("converted", {}):
                differences, result = compare(reading, row, target, browser)
                changes = row["converted"][target].get("changes", [])
                notes = [f"{c['kind']}: {c.get('from')} to {c.get('to')}" for c in changes]
                shown_, reading.notes = reading.notes, notes
                tally.add(path, f"{form} to {target}", head, differences, snapshot(reading), {target: result})
                reading.notes = shown_
            count += 1
            if count % 200 == 0:
                say(f"{count} converted")
    finally:
        browser.stop()
    report.write(options.report, tally, f"What {count} files become in other formats")
    left = sum(c["left"] for c in tally.states.values())
    say(f"{left} conversions differ; {options.report}/index.html")
    return 1 if options.strict and left else 0


def snapshot(reading):
    """The reading as it is now: the next target changes it."""
    out = Reading(reading.error)
    out.facts, out.pictures, out.notes = dict(reading.facts), dict(reading.pictures), list(reading.notes)
    return out

"""Differences gathered into kinds, the worst first, with examples."""

import collections
import os

from .compare import WEIGHTS, Difference
from .purposes import Case, purpose

OWNERS = {
    "gif": "animations", "apng": "animations", "webp": "animations", "mp4": "videos", "mkv": "videos",
}
EXAMPLES = 4
# How much a reader's word weighs: less where Swapline is built on the same library, and for ffmpeg
# on stills, whose profiles, turns and TIFF kinds it leaves alone.
WEIGHT = {"ffmpeg": 0.5, "libvips": 0.5, "pillow": 1.0, "chromium": 1.0}


class Kind:
    """Files that differ in one way from the same readers."""

    def __init__(self, key):
        self.owner, self.format, self.measure, self.against, self.agreeing, self.purpose = key
        self.files = []
        self.size = 0.0
        self.examples = []

    @property
    def share(self):
        """The part of the readers that differs, by what their word weighs."""
        against, agreeing = (sum(WEIGHT.get(r, 1) for r in readers)
                             for readers in (self.against, self.agreeing))
        return against / (against + agreeing)

    @property
    def weight(self):
        return WEIGHTS.get(self.measure, 1) * self.share * (0.5 + self.size / len(self.files) / 2)

    @property
    def is_minor(self):
        """Whether those who count agree with us: of animations browsers, else most readers."""
        if self.owner == "animations" and "chromium" in self.against + self.agreeing:
            return "chromium" in self.agreeing
        return self.measure != "itself" and self.share <= 0.5


class Tally:
    def __init__(self, manifest):
        self.manifest = manifest
        self.kinds = {}
        self.states = collections.defaultdict(collections.Counter)
        self.families = collections.defaultdict(set)

    def add(self, path, form, head, differences, ours, others):
        """Takes one file's comparisons."""
        variant = self.manifest.get(path, {"family": "given"})
        self.families[variant["family"]].add(path)
        if variant["family"] == "cut" and not ours.error and not ours.told.get("remarks"):
            differences = [*differences, Difference("itself", "swapline", "cut off, and read without a word", "")]
        by_measure = collections.defaultdict(list)
        for difference in differences:
            by_measure[difference.measure].append(difference)
        state = "agree"
        for measure, found in by_measure.items():
            against = tuple(sorted({d.reader for d in found if d.size > 0}))
            if not against:
                continue
            agreeing = tuple(sorted({d.reader for d in found if d.size == 0} - set(against)))
            case = Case(os.path.basename(path), head, form, variant, measure, against, agreeing, ours, others)
            reason = purpose(case)
            if " to " in form:
                against, agreeing = ("what it became",), ()
            key = (OWNERS.get(form.split()[0], "stills"), form, measure, against, agreeing, reason)
            kind = self.kinds.setdefault(key, Kind(key))
            kind.files.append(path)
            kind.size += max(d.size for d in found)
            if len(kind.examples) < EXAMPLES or (
                    len(kind.examples) < 2 * EXAMPLES
                    and variant["family"] not in {e[0]["family"] for e in kind.examples}):
                worst = max(found, key=lambda d: d.size)
                kind.examples.append((variant, path, worst, ours, others))
            rank = "on purpose" if reason else "minority" if kind.is_minor else "left"
            order = ("agree", "minority", "on purpose", "left")
            state = max(state, rank, key=order.index)
        self.states[form][state] += 1

    def sorted(self):
        return sorted(self.kinds.values(), key=lambda k: (
            k.purpose is not None, k.is_minor, -k.weight, -len(k.files)))

    def variants(self, kind):
        """What the files of a kind have in common, family by family, in words."""
        lines = []
        families = collections.defaultdict(list)
        for path in kind.files:
            variant = self.manifest.get(path, {"family": "given"})
            families[variant["family"]].append(variant)
        for family, members in sorted(families.items(), key=lambda f: -len(f[1])):
            everyone = [self.manifest[p] for p in self.families[family] if p in self.manifest]
            words = []
            for name in members[0]:
                if name == "family":
                    continue
                mine = {m.get(name) for m in members}
                total = {v.get(name) for v in everyone}
                if mine != total and len(mine) <= 6:
                    words.append(f"{name} {'/'.join(sorted(map(str, mine)))}")
            lines.append(f"{family} {len(members)} of {len(self.families[family])}"
                         + (f" ({', '.join(words)})" if words else ""))
        return lines

"""Where Swapline differs on purpose. docs/decisions/readers.md has the reasons at length."""

import re


class Case:
    """One difference of one file, with everything that a rule may look at."""

    def __init__(self, name, head, kind, variant, measure, against, agreeing, ours, others):
        self.name, self.head = name, head
        self.kind, self.variant, self.measure = kind, variant, measure
        # The readers that differ from us, and those that do not.
        self.against, self.agreeing = against, agreeing
        self.ours, self.others = ours, others


# Damage that the generator makes, and that of files with known names.
DAMAGED = ("cut", "half", "crc-idat", "lost-restart", "truncated", "no-palette", "unknown-critical")


def is_damaged(case):
    return case.variant.get("kind", "").startswith(DAMAGED) or any(
        word in case.name for word in ("truncated", "-cut.", "cut-in", "crc-idat"))


def converts_png_colours(case):
    words = (b"gAMA", b"cHRM", b"cICP")
    return case.kind == "png" and case.measure == "pixels" and any(w in case.head for w in words)


# Name, and whether a case is one. The document has the reasons.
RULES = [
    ("EXIF's orientation turns a WebP",
     lambda c: c.kind == "webp" and c.ours.facts.get("orientation", 1) != 1
     and set(c.against) <= {"chromium", "ffmpeg"}),
    ("gAMA, cHRM and cICP of a PNG are not applied, profiles are",
     lambda c: converts_png_colours(c) and "libvips" in c.agreeing),
    ("only the codecs of a short list are decoded",
     lambda c: c.measure == "refused" and c.kind in ("mp4", "mkv")
     and re.search(r"ffv1|qtrle|theora|mpeg2|prores|codec", c.ours.error or "")),
    ("damaged files are refused, not shown in part",
     lambda c: c.measure == "refused" and is_damaged(c)),
    ("an untagged film is BT.709 from 577 rows on",
     lambda c: c.variant["family"] == "film-untagged" and c.measure == "pixels"),
    ("a film lasts from its first picture to its last",
     lambda c: c.measure == "duration" and c.variant["family"] in ("film-start", "film-times")),
    ("a picture file that holds a sequence is its first picture, and says so",
     lambda c: c.kind in ("avif", "heic", "tiff") and c.measure == "frames"),
    ("Chromium shows RGB in H.264 and the range of grey AV1 wrongly",
     lambda c: c.against == ("chromium",) and c.variant.get("pixels") in ("rgb24", "gray")),
    ("Chromium takes the range of an AVIF sequence wrongly",
     lambda c: c.kind == "avif" and c.variant["family"] == "avif-sequence" and c.against == ("chromium",)),
]


def purpose(case):
    """The name of the rule that a case falls under; None for a case that nobody planned."""
    for name, applies in RULES:
        if applies(case):
            return name
    return None

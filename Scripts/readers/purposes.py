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
DAMAGED = ("cut", "half", "bad-", "missing", "too-few", "crc-idat", "lost-restart", "flipped-bits", "unknown-block", "truncated", "no-palette", "unknown-critical")


def is_damaged(case):
    return case.variant["family"] == "cut" or case.variant.get("kind", "").startswith(DAMAGED) or any(
        word in case.name for word in ("truncated", "unknown-block", "cut", "bad-", "missing-", "too-few-", "crc-idat"))


def converts_png_colours(case):
    words = (b"gAMA", b"cHRM", b"cICP")
    return case.kind == "png" and case.measure == "pixels" and any(w in case.head for w in words)


def has_disposal_four(head):
    """Whether a control block of a GIF's beginning has that disposal."""
    at = head.find(b"\x21\xf9\x04")
    while at >= 0:
        if head[at + 3] >> 2 & 7 == 4:
            return True
        at = head.find(b"\x21\xf9\x04", at + 3)
    return False


def lasts_as_its_pictures(case):
    """Whether our length is that of the pictures as ffmpeg tells their times."""
    stamps = getattr(case.others.get("ffmpeg"), "stamps", None)
    return stamps and abs(case.ours.facts["duration"] - (stamps[-1] - stamps[0])) <= 0.05


# Name, and whether a case is one. The document has the reasons.
RULES = [
    ("disposal 4, which GIF89a reserves, leaves the frame; Chromium takes it for 3",
     lambda c: c.kind == "gif" and c.measure == "pixels" and has_disposal_four(c.head)),
    ("a GIF that covers part of its canvas has alpha",
     lambda c: c.kind == "gif" and c.measure == "alpha" and c.ours.shows_alpha()),
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
    ("an untagged video is BT.709 from 577 rows on",
     lambda c: c.variant["family"] == "video-untagged" and c.measure == "pixels"),
    ("a video lasts from its first picture to its last",
     lambda c: c.measure == "duration" and lasts_as_its_pictures(c)),
    ("what is cut off behind the last frame is not missed",
     lambda c: c.measure == "itself" and c.variant.get("missing") and c.kind in ("mp4", "mkv")
     and c.ours.facts.get("frames") == 30),
    ("a picture file that holds a sequence is its first picture, and says so",
     lambda c: c.kind in ("avif", "heic", "tiff") and c.measure == "frames"),
    ("what no program writes for pictures (signed or half floating-point samples) is refused by name",
     lambda c: c.kind == "tiff" and c.measure == "refused" and "not supported" in (c.ours.error or "")),
    ("floating-point samples of a TIFF are linear light",
     lambda c: c.kind == "tiff" and c.variant.get("type", "").startswith("float")),
    ("an extra sample of a TIFF that is not told further is alpha",
     lambda c: c.kind == "tiff" and c.measure in ("alpha", "pixels") and c.variant.get("alpha") == "unspecified"
     and "libvips" in c.agreeing),
    ("a TIFF's palette of values up to 255 is taken for one of 8 bits; ffmpeg and Pillow show it black",
     lambda c: c.variant["family"] == "tiff-palette" and c.variant.get("scale") == "1"
     and "libvips" in c.agreeing),
    ("CIE Lab by littleCMS; libvips and Pillow read some forms wrongly",
     lambda c: c.variant["family"] == "tiff-lab" and c.measure in ("pixels", "alpha")),
    ("an alpha mask in a BMP's header counts, whatever its bits",
     lambda c: c.variant["family"] == "bmp-masks" and "chromium" not in c.against
     and c.variant.get("layout") == "1555"),
    ("edit lists of several parts are followed; Chromium plays through",
     lambda c: "chromium" in c.against and ("two-parts" in c.name or "edit-parts" in c.name)),
    ("EXIF turns a JPEG, XMP does not",
     lambda c: c.kind == "jpg" and c.variant.get("kind") == "xmp-orientation"),
    ("an AVIF's primaries named by number are converted as Chromium does, transfers named so are not",
     lambda c: c.kind == "avif" and c.variant["family"] == "avif-cicp" and c.measure == "pixels"
     and (c.against == ("chromium",) or "chromium" in c.agreeing)),
    ("bytes between a GIF's blocks are passed over where a block follows",
     lambda c: c.kind == "gif" and ("between" in c.variant.get("kind", "") or "between" in c.name)),
    ("the primaries of BT.2020 videos that are not HDR are taken as they are",
     lambda c: c.variant.get("matrix") == "bt2020" and c.against == ("chromium",)),
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

"""Where our reading of a file differs from the others', and by how much."""

import re

import numpy as np

from .reading import PLACES

# How bad a difference is when every other reader sees it the same way: 10 is worst.
WEIGHTS = {
    "refused": 9, "sides": 9, "pixels": 8, "frames": 8, "itself": 10, "sound": 7, "duration": 6,
    "delays": 6, "loops": 5, "alpha": 5, "orientation": 4,
}

# Tolerances by class: the largest difference of a sample, and the share of pixels that may exceed it.
CLASSES = {
    # Samples are told by the file: only rounding of alpha differs.
    "exact": (2, 0.0),
    # 16 bits, an ICC profile or gamma: littleCMS, Skia and lcms-based readers round differently.
    "profile": (4, 0.01),
    # Subsampled chroma and an inverse DCT or YUV conversion: flat areas only, see `flat`.
    "lossy": (7, 0.02),
    # Inks without a profile: every reader has its own idea of ink.
    "ink": (60, 0.05),
}


class Difference:
    def __init__(self, measure, reader, ours, theirs, size=1.0, place=None):
        self.measure, self.reader = measure, reader
        self.ours, self.theirs = ours, theirs
        self.size, self.place = size, place


def class_of(kind, head, ours):
    """The class of a file, by its format, its first bytes and our facts."""
    told = getattr(ours, "told", None) or {}
    if told.get("colorModel") == "cmyk":
        return "ink"
    if kind in ("jpg", "avif", "heic", "mp4", "mkv") or (kind == "webp" and b"VP8 " in head):
        return "lossy"
    if kind == "tiff" and told.get("colorModel") == "other":
        return "profile"
    if told.get("profile") or told.get("bitDepth", 8) > 8 or b"gAMA" in head or b"cHRM" in head:
        return "profile"
    return "exact"


def flat(picture):
    """Where a picture has no edge within two pixels."""
    out = np.ones(picture.shape[:2], bool)
    wide = picture.astype(np.int16)
    for axis in (0, 1):
        for step in (1, 2):
            moved = np.abs(np.roll(wide, step, axis) - wide).max(axis=2) < 10
            out &= moved & np.roll(moved, -step, axis)
    return out


def means(picture):
    """A picture at a quarter of its sides, each pixel the mean of up to sixteen."""
    height, width = (max(1, n // 4) for n in picture.shape[:2])
    cut = picture[: height * 4, : width * 4].astype(float)
    down, across = cut.shape[0] // height, cut.shape[1] // width
    return cut.reshape(height, down, width, across, 3).mean(axis=(1, 3))


def distance(a, b, name):
    """How far two pictures of equal sides are apart beyond the class' tolerance: 0 within, up to 1."""
    limit, share = CLASSES[name]
    apart = np.abs(a.astype(np.int16) - b.astype(np.int16)).max(axis=2)
    if name in ("lossy", "ink"):
        where = flat(a) & flat(b)
        if where.mean() > 0.05:
            apart = apart[where]
        else:
            # Edges everywhere: what their surroundings come to.
            apart = np.abs(means(a) - means(b)).max(axis=2)
            limit, share = limit * 4, 0.1
    beyond = apart > limit
    if beyond.mean() <= share:
        return 0.0
    return float(min(1.0, 0.3 + apart[beyond].mean() / 255 + beyond.mean() / 2))


def fitted(picture, height, width):
    """`picture` at other sides, each pixel the nearest one."""
    rows = np.minimum((np.arange(height) + 0.5) * picture.shape[0] / height, picture.shape[0] - 1)
    columns = np.minimum((np.arange(width) + 0.5) * picture.shape[1] / width, picture.shape[1] - 1)
    return picture[rows.astype(int)][:, columns.astype(int)]


def same_shape(a, b):
    """Whether two pairs of sides have one shape, a pixel of rounding forgiven."""
    (h, w), (y, x) = a, b
    return abs(w * y - x * h) <= 1.5 * max(h + w, x + y) / 2


def calm(delay):
    """Delays of 0 and 10 ms mean 100 ms to browsers."""
    return 100.0 if delay <= 10 else float(delay)


def pictures(ours, theirs, reader, name, is_video, out):
    if "first" not in ours.pictures or "first" not in theirs.pictures:
        return
    sides = ours.pictures["first"][0].shape[:2]
    other = theirs.pictures["first"][0].shape[:2]
    if sides != other and not (is_video and same_shape(sides, other)):
        out.append(Difference("sides", reader, f"{sides[1]}x{sides[0]}", f"{other[1]}x{other[0]}"))
        return
    out.append(Difference("sides", reader, None, None, 0.0))
    worst, at = 0.0, None
    equal = ours.facts.get("frames") == theirs.facts.get("frames") or "frames" not in theirs.facts
    for place in PLACES if equal else ("first",):
        if place not in ours.pictures or place not in theirs.pictures:
            continue
        for mine, its in zip(ours.pictures[place], theirs.pictures[place]):
            if its.shape != mine.shape:
                its = fitted(its, *mine.shape[:2])
            far = distance(mine, its, name)
            if far > worst:
                worst, at = far, place
    if at:
        out.append(Difference("pixels", reader, at, "", worst, at))
    elif equal:
        out.append(Difference("pixels", reader, None, None, 0.0))


def facts(ours, theirs, reader, is_video, out):
    def differ(measure, mine, its, is_same):
        out.append(Difference(measure, reader, mine, its, 0.0 if is_same else 1.0))

    mine, its = ours.facts, theirs.facts
    if "frames" in mine and "frames" in its:
        differ("frames", mine["frames"], its["frames"], mine["frames"] == its["frames"])
    if "delays" in mine and "delays" in its and len(mine["delays"]) == len(its["delays"]):
        pairs = list(zip(mine["delays"], its["delays"]))
        differ("delays", mine["delays"][:8], its["delays"][:8],
               all(abs(calm(a) - calm(b)) <= 1 for a, b in pairs))
    if "loops" in mine and "loops" in its:
        differ("loops", mine["loops"], its["loops"], mine["loops"] == its["loops"])
    if is_video and "duration" in mine and "duration" in its:
        a, b = mine["duration"], its["duration"]
        differ("duration", round(a, 3), round(b, 3), abs(a - b) <= max(0.05, 0.02 * b))
    for measure in ("alpha", "sound", "orientation"):
        if measure in mine and measure in its and (measure != "alpha" or mine["frames"] == 1):
            differ(measure, mine[measure], its[measure], mine[measure] == its[measure])


def said(kind, error):
    """What is wrong with the words of a refusal."""
    if re.search(r": ?\.|: ?$", error):
        yield f"a refusal without a reason: {error}"
    if len(error) > 400:
        yield f"a refusal of {len(error)} characters: {error[:300]}…"
    words = {"jpg": "VipsJpeg", "png": "vipspng", "gif": "gifload", "webp": "webp:", "tiff": "tiff"}
    for other, word in words.items():
        if word in error and other != kind:
            yield f"a refusal that speaks of another file: {error}"
    if "unsupported" in error.lower() and "damaged" in error:
        yield f"what is not supported is called damaged: {error}"
    if "not supported" in error and "damaged" in error:
        yield f"what is not supported is called damaged: {error}"


def itself(ours):
    """What contradicts itself in our own reading."""
    told = getattr(ours, "told", None)
    if not told or not ours.pictures:
        return
    height, width = ours.pictures["first"][0].shape[:2]
    if told["kind"] != "video" and (width, height) != (ours.facts["width"], ours.facts["height"]):
        yield f"probe says {ours.facts['width']}x{ours.facts['height']}, the picture has {width}x{height}"
    if ours.shows_alpha() and not told["hasAlpha"]:
        yield "a transparent picture of a file that is said to have no alpha"
    if told["kind"] == "animation":
        if ours.decoded is not None and ours.decoded != told["frames"]:
            yield f"probe says {told['frames']} frames, {ours.decoded} were decoded"
        if len(told.get("delays") or []) != told["frames"]:
            yield f"{len(told.get('delays') or [])} delays for {told['frames']} frames"
    still = getattr(ours, "still", None)
    if still is not None:
        first = ours.pictures["first"][1]
        # Alpha may be flattened on the way to a still: opaque pixels must be the same.
        opaque = (ours.pictures["first"][0] == first).all(axis=2)
        if still.shape[:2] != first.shape[:2]:
            yield f"a still has {still.shape[1]}x{still.shape[0]}, frame 1 has {width}x{height}"
        elif opaque.any() and np.abs(still[..., :3].astype(int) - first)[opaque].max() > 3:
            yield "a still of the first frame shows other pixels than frame 1"
        elif told["hasAlpha"] and (~opaque).any() and still[..., 3].min() == 255:
            yield "a still of the first frame is opaque, frame 1 is not"


def compare(kind, head, ours, others):
    """Every comparison that could be made: those of size 0 agree."""
    out = []
    is_video = kind in ("mp4", "mkv")
    if ours.error:
        for text in said(kind, ours.error):
            out.append(Difference("itself", "swapline", text, ""))
        for reader, theirs in others.items():
            out.append(Difference("refused", reader, ours.error, "reads it" if not theirs.error
                                  else theirs.error, 0.0 if theirs.error else 1.0))
        return out
    for text in itself(ours):
        out.append(Difference("itself", "swapline", text, ""))
    name = class_of(kind, head, ours)
    for reader, theirs in others.items():
        if theirs.error and not theirs.pictures:
            out.append(Difference("taken", reader, "read", theirs.error, 0.0))
            continue
        facts(ours, theirs, reader, is_video, out)
        if not ours.facts.get("hdr"):
            pictures(ours, theirs, reader, name, is_video, out)
    return out

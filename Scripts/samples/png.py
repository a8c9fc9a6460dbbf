"""PNG: colour types, depths, interlace, tRNS, gamma, chromaticities, profiles.

Source: PNG (third edition), W3C 2025, section 11.
"""

import itertools
import struct
import zlib

import numpy as np

from . import pattern, profiles
from .apng import SIGNATURE, chunk, compressed, header

WIDTH, HEIGHT = 37, 26
DEPTHS = {"gray": (1, 2, 4, 8, 16), "rgb": (8, 16), "palette": (1, 2, 4, 8), "gray-alpha": (8, 16), "rgba": (8, 16)}
CODES = {"gray": 0, "rgb": 2, "palette": 3, "gray-alpha": 4, "rgba": 6}


def samples(kind, depth, width=WIDTH, height=HEIGHT):
    top = (1 << depth) - 1
    index = pattern.indices(width, height)
    if kind == "palette":
        return (index % min(8, 1 << depth))[..., None]
    rgb = pattern.colours(width, height).astype(int)
    clear = pattern.alpha(width, height).astype(int)[..., None]
    gray = (rgb @ [2, 5, 1] // 8)[..., None]
    parts = {"gray": gray, "rgb": rgb, "gray-alpha": np.dstack([gray, clear]), "rgba": np.dstack([rgb, clear])}[kind]
    # Low bytes of 16-bit samples that differ from the high ones.
    return parts * 257 - (parts > 100) * 97 if depth == 16 else (parts * top + 127) // 255


def transparency(kind, depth, values):
    """tRNS: a colour of the drawing, or the palette's steps."""
    if kind == "palette":
        return chunk(b"tRNS", bytes((255, 0, 128, 255, 40))[: min(5, 1 << depth)])
    where = values[HEIGHT // 3, WIDTH // 4]
    return chunk(b"tRNS", struct.pack(f">{len(where)}H", *(int(v) for v in where)))


EXTRAS = {
    "none": b"",
    "gama-1": chunk(b"gAMA", struct.pack(">I", 100000)),
    "gama-2.2": chunk(b"gAMA", struct.pack(">I", 45455)),
    "gama-1.8": chunk(b"gAMA", struct.pack(">I", 55556)),
    "srgb": chunk(b"sRGB", b"\0"),
    "srgb-and-gama-1": chunk(b"sRGB", b"\0") + chunk(b"gAMA", struct.pack(">I", 100000)),
    "chrm-swapped": chunk(b"gAMA", struct.pack(">I", 45455)) + chunk(b"cHRM", struct.pack(
        ">8I", 31270, 32900, 64000, 33000, 15000, 6000, 30000, 60000)),
    "cicp-p3": chunk(b"cICP", bytes((12, 13, 0, 1))),
    "bkgd": None,
    "phys-2-1": chunk(b"pHYs", struct.pack(">IIB", 2000, 1000, 0)),
}


def icc(data):
    return chunk(b"iCCP", b"profile\0\0" + zlib.compress(data))


def png(kind, depth, interlaced=False, clear=False, extra=b"", width=WIDTH, height=HEIGHT):
    values = samples(kind, depth, width, height)
    out = SIGNATURE + header(width, height, depth, CODES[kind], interlaced) + (extra or b"")
    if kind == "palette":
        out += chunk(b"PLTE", pattern.COLOURS[: min(8, 1 << depth)].tobytes())
    if clear:
        out += transparency(kind, depth, values)
    return out + chunk(b"IDAT", compressed(values, depth, interlaced)) + chunk(b"IEND")


def exif(orientation):
    return chunk(b"eXIf", b"MM\0*\0\0\0\x08\0\1" + struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0) + b"\0\0\0\0")


def make(folder):
    for kind, depths in DEPTHS.items():
        for depth, interlaced, clear in itertools.product(depths, (False, True), (False, True)):
            if clear and "a" in kind[-1:] and kind not in ("palette",):
                continue
            folder.add("png", "png", png(kind, depth, interlaced, clear),
                       colour=kind, depth=depth, interlaced=interlaced, trns=clear)
        for depth, (name, extra) in itertools.product(depths, EXTRAS.items()):
            if name == "bkgd":
                extra = b"" if kind == "palette" else chunk(b"bKGD", b"\0\1" * (1 if "gray" in kind else 3))
            if name != "none":
                clear = kind in ("gray", "rgb", "palette") and name.startswith("gama")
                folder.add("png-colour", "png", png(kind, depth, False, clear, extra),
                           colour=kind, depth=depth, extra=name)
        for depth in depths:
            if "gray" in kind:
                names = {"gray-linear": profiles.gray(1.0), "gray-1.8": profiles.gray(1.8), "wrong-space": profiles.rgb("p3")}
            else:
                names = {n: profiles.rgb(n) for n in profiles.PRIMARIES} | {
                    "linear": profiles.rgb("srgb", 1.0), "wrong-space": profiles.gray(1.0)}
            for name, data in names.items():
                clear = kind in ("gray", "rgb", "palette") and name in ("swapped", "gray-linear")
                folder.add("png-icc", "png", png(kind, depth, False, clear, icc(data)),
                           colour=kind, depth=depth, icc=name)
            folder.add("png-icc", "png", png(kind, depth, False, False, icc(b"rubbish" * 30)),
                       colour=kind, depth=depth, icc="rubbish")
    for orientation in range(1, 9):
        folder.add("png-exif", "png", png("rgb", 8, extra=exif(orientation)), orientation=orientation)
    for kind, width, height, interlaced in itertools.product(
            ("gray", "rgba"), (1, 2, 3, 5, 9), (1, 4, 8, 9), (False, True)):
        folder.add("png-sides", "png", png(kind, 8, interlaced, False, b"", width, height),
                   colour=kind, sides=f"{width}x{height}", interlaced=interlaced)
    for name, data in odd():
        folder.add("png-odd", "png", data, kind=name)


def odd():
    """Damage and rare forms that some readers forgive."""
    whole = png("rgb", 8)
    values = samples("rgb", 8)
    data = compressed(values, 8)
    head = SIGNATURE + header(WIDTH, HEIGHT, 8, 2)
    yield "many-idat", head + b"".join(chunk(b"IDAT", data[i:i + 7]) for i in range(0, len(data), 7)) + chunk(b"IEND")
    yield "empty-idat", head + chunk(b"IDAT") + chunk(b"IDAT", data) + chunk(b"IDAT") + chunk(b"IEND")
    yield "no-iend", head + chunk(b"IDAT", data)
    yield "rubbish-behind", whole + b"rubbish" * 20
    yield "crc-idat", head + chunk(b"IDAT", data)[:-1] + b"\0" + chunk(b"IEND")
    yield "crc-text", head + chunk(b"tEXt", b"Title\0word")[:-1] + b"\0" + chunk(b"IDAT", data) + chunk(b"IEND")
    yield "adler", head + chunk(b"IDAT", data[:-1] + b"\0") + chunk(b"IEND")
    yield "half", head + chunk(b"IDAT", zlib.compress(zlib.decompress(data)[: len(zlib.decompress(data)) // 2])) + chunk(b"IEND")
    yield "too-much", head + chunk(b"IDAT", zlib.compress(zlib.decompress(data) + b"more" * 50)) + chunk(b"IEND")
    yield "unknown-ancillary", head + chunk(b"quUx", b"x" * 20) + chunk(b"IDAT", data) + chunk(b"IEND")
    yield "unknown-critical", head + chunk(b"QuUx", b"x" * 20) + chunk(b"IDAT", data) + chunk(b"IEND")
    yield "text-behind", head + chunk(b"IDAT", data) + chunk(b"tEXt", b"Title\0word") + chunk(b"IEND")
    index = samples("palette", 8) % 8
    short = SIGNATURE + header(WIDTH, HEIGHT, 8, 3) + chunk(b"PLTE", pattern.COLOURS[:4].tobytes())
    yield "index-beyond-palette", short + chunk(b"IDAT", compressed(index, 8)) + chunk(b"IEND")
    yield "no-palette", SIGNATURE + header(WIDTH, HEIGHT, 8, 3) + chunk(b"IDAT", compressed(index, 8)) + chunk(b"IEND")
    yield "long-trns", short + chunk(b"tRNS", b"\x80" * 9) + chunk(b"IDAT", compressed(index % 4, 8)) + chunk(b"IEND")
    yield "palette-in-rgb", head + chunk(b"PLTE", pattern.COLOURS.tobytes()) + chunk(b"IDAT", data) + chunk(b"IEND")
    for kind in range(5):
        rows = zlib.decompress(data)
        size = WIDTH * 3
        lines = [np.frombuffer(rows[i * (size + 1) + 1:(i + 1) * (size + 1)], np.uint8).astype(int) for i in range(HEIGHT)]
        out, above = [], np.zeros(size, int)
        for line in lines:
            left = np.concatenate([np.zeros(3, int), line[:-3]])
            corner = np.concatenate([np.zeros(3, int), above[:-3]])
            guess = left + above - corner
            a, b, c = abs(guess - left), abs(guess - above), abs(guess - corner)
            paeth = np.where((a <= b) & (a <= c), left, np.where(b <= c, above, corner))
            told = [0 * left, left, above, (left + above) // 2, paeth][kind]
            out.append(bytes([kind]) + ((line - told) % 256).astype(np.uint8).tobytes())
            above = line
        yield f"filter-{kind}", head + chunk(b"IDAT", zlib.compress(b"".join(out))) + chunk(b"IEND")

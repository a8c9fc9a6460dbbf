"""WebP: stills and animations, lossy and lossless, alpha, blend, dispose, offsets, background.

Source: WebP Container Specification (Google), RFC 9649. Pillow makes the pictures, the container is ours.
"""

import io
import itertools
import struct

import numpy as np
from PIL import Image

from . import pattern, profiles
from .png import exif as png_exif

WIDTH, HEIGHT = 48, 32


def still(rgba, kind):
    """VP8, VP8L or ALPH and VP8 chunks of one picture."""
    data = io.BytesIO()
    opaque = kind == "lossy"
    Image.fromarray(rgba[..., :3] if opaque else rgba).save(
        data, "WEBP", lossless=kind == "lossless", quality=90, exact=True, method=2)
    return [c for c in chunks(data.getvalue()[12:]) if c[0] in (b"VP8 ", b"VP8L", b"ALPH")]


def chunks(data):
    out, at = [], 0
    while at + 8 <= len(data):
        name, size = struct.unpack("<4sI", data[at:at + 8])
        out.append((name, data[at + 8:at + 8 + size]))
        at += 8 + size + size % 2
    return out


def chunk(name, data):
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def three(value):
    return struct.pack("<I", value)[:3]


def riff(*parts):
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def extended(width, height, alpha=False, moves=False, icc=False, exif=False):
    flags = (16 if alpha else 0) | (2 if moves else 0) | (32 if icc else 0) | (8 if exif else 0)
    return chunk(b"VP8X", bytes([flags, 0, 0, 0]) + three(width - 1) + three(height - 1))


PLACES = {"full": (0, 0, WIDTH, HEIGHT), "inner": (8, 6, 26, 18), "edge": (32, 20, 16, 12)}


def drawing(width, height, seed, clear):
    rgb = pattern.colours(width, height, seed)
    alpha = pattern.alpha(width, height) if clear else np.full((height, width), 255, np.uint8)
    return np.dstack([rgb, alpha])


def animation(kind, blend, dispose, place, clear, first="full", delays=(100, 200, 300, 400), loops=0,
              background=b"\0\0\0\0", canvas=(WIDTH, HEIGHT), flag=True):
    frames = []
    for number, delay in enumerate(delays):
        left, top, width, height = PLACES[first if number == 0 else place]
        body = still(drawing(width, height, number, clear), kind)
        frames.append(chunk(b"ANMF", three(left // 2) + three(top // 2) + three(width - 1) + three(height - 1) + three(delay)
                            + bytes([(0 if blend else 2) | dispose]) + b"".join(chunk(*c) for c in body)))
    return riff(extended(*canvas, alpha=clear and flag, moves=True),
                chunk(b"ANIM", background + struct.pack("<H", loops)), *frames)


def make(folder):
    for kind, blend, dispose, place, clear, first in itertools.product(
            ("lossless", "lossy", "lossy-alpha"), (0, 1), (0, 1), PLACES, (False, True), ("full", "inner")):
        if (kind == "lossy") == clear and kind != "lossless":
            continue
        folder.add("webp", "webp", animation(kind, blend, dispose, place, clear, first),
                   kind=kind, blend=blend, dispose=dispose, place=place, clear=clear, first=first)
    for background, dispose, blend in itertools.product(("ffffffff", "ff0000ff", "00ff0080", "00000000"), (0, 1), (0, 1)):
        folder.add("webp-background", "webp", animation(
            "lossless", blend, dispose, "inner", True, "inner", background=bytes.fromhex(background)),
            background=background, dispose=dispose, blend=blend)
    for delay, loops in itertools.product((0, 1, 5, 10, 11, 20, 100, 16777215), (0, 1, 2, 65535)):
        folder.add("webp-time", "webp", animation("lossless", 1, 0, "inner", False, delays=(delay,) * 3, loops=loops),
                   delay=delay, loops=loops)
    for flag in (False, True):
        folder.add("webp-flag", "webp", animation("lossless", 1, 0, "inner", True, flag=flag), alpha_flag=flag)
    folder.add("webp-one", "webp", animation("lossless", 1, 0, "inner", True, delays=(100,)), frames=1)
    folder.add("webp-one", "webp", animation("lossless", 1, 0, "inner", True, "inner", delays=(100,)), frames=1, first="inner")
    for kind, clear in itertools.product(("lossless", "lossy", "lossy-alpha"), (False, True)):
        if (kind == "lossy") == clear and kind != "lossless":
            continue
        body = still(drawing(WIDTH, HEIGHT, 0, clear), kind)
        parts = [chunk(*c) for c in body]
        if len(parts) == 1:
            folder.add("webp-still", "webp", riff(*parts), kind=kind, clear=clear, form="simple")
        folder.add("webp-still", "webp", riff(extended(WIDTH, HEIGHT, clear), *parts), kind=kind, clear=clear, form="extended")
        folder.add("webp-still", "webp", riff(extended(WIDTH, HEIGHT, False), *parts), kind=kind, clear=clear, form="no-alpha-flag")
        for name in ("p3", "swapped"):
            folder.add("webp-icc", "webp", riff(extended(WIDTH, HEIGHT, clear, icc=True), chunk(b"ICCP", profiles.rgb(name)), *parts),
                       kind=kind, clear=clear, icc=name)
        for orientation in range(1, 9):
            tail = chunk(b"EXIF", png_exif(orientation)[8:-4])
            folder.add("webp-orientation", "webp", riff(extended(WIDTH, HEIGHT, clear, exif=True), *parts, tail),
                       kind=kind, clear=clear, orientation=orientation)
    body = [chunk(*c) for c in still(drawing(WIDTH, HEIGHT, 0, True), "lossless")]
    whole = riff(*body)
    folder.add("webp-odd", "webp", whole + b"rubbish" * 9, kind="rubbish-behind")
    folder.add("webp-odd", "webp", whole[:-40], kind="cut")
    folder.add("webp-odd", "webp", riff(*body, chunk(b"abcd", b"x" * 9)), kind="unknown-chunk")
    moving = animation("lossless", 1, 0, "inner", True)
    folder.add("webp-odd", "webp", moving[:-60], kind="cut-animation")
    folder.add("webp-odd", "webp", animation("lossless", 1, 0, "edge", True, canvas=(40, 30)), kind="frame-beyond-canvas")

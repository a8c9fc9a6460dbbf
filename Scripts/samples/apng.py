"""PNG chunks, and animated PNG: blend, dispose, offsets, colour types, delays, hidden first frames.

Source: PNG (third edition), W3C 2025, sections 11 and 12.
"""

import itertools
import struct
import zlib

import numpy as np

from . import pattern

WIDTH, HEIGHT = 24, 18
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(name, data=b""):
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def packed(samples, depth):
    """Rows x columns x samples as the bytes of rows without filter."""
    height = samples.shape[0]
    flat = samples.reshape(height, -1)
    if depth == 16:
        rows = flat.astype(">u2").tobytes()
        size = flat.shape[1] * 2
    elif depth == 8:
        rows, size = flat.astype(np.uint8).tobytes(), flat.shape[1]
    else:
        per = 8 // depth
        wide = -(-flat.shape[1] // per) * per
        full = np.zeros((height, wide), np.uint8)
        full[:, : flat.shape[1]] = flat
        parts = full.reshape(height, -1, per)
        shifts = np.arange(per)[::-1] * depth
        rows = (parts << shifts).sum(axis=2).astype(np.uint8).tobytes()
        size = wide // per
    return b"".join(b"\0" + rows[i * size:(i + 1) * size] for i in range(height))


PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def compressed(samples, depth, interlaced=False):
    """The deflated rows of rows x columns x samples."""
    if not interlaced:
        return zlib.compress(packed(samples, depth))
    parts = [samples[y::dy, x::dx] for x, y, dx, dy in PASSES]
    return zlib.compress(b"".join(packed(p, depth) for p in parts if p.size))


def header(width, height, depth, colour, interlaced=False):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced)))


KINDS = {"gray": 0, "rgb": 2, "palette": 3, "gray-alpha": 4, "rgba": 6}


def samples(kind, width, height, seed):
    index = pattern.indices(width, height, seed)
    rgb, clear = pattern.COLOURS[index], pattern.alpha(width, height)
    if kind == "palette":
        index = index.copy()
        index[pattern.hole(width, height)] = 7
        return index[..., None]
    gray = (rgb.astype(int) @ [2, 5, 1] // 8).astype(np.uint8)
    return {"gray": gray[..., None], "rgb": rgb, "gray-alpha": np.dstack([gray, clear]),
            "rgba": np.dstack([rgb, clear])}[kind]


def colour_chunks(kind):
    if kind != "palette":
        return b""
    clear = bytes([255] * 6 + [128, 0])
    return chunk(b"PLTE", pattern.COLOURS.tobytes()) + chunk(b"tRNS", clear)


PLACES = {"full": (0, 0, WIDTH, HEIGHT), "inner": (5, 4, 13, 11), "edge": (16, 11, 8, 7)}


def animation(kind, blend, dispose, place, hidden=False, interlaced=False, delay=(1, 10), loops=0,
              frames=4, first=None):
    out = [SIGNATURE, header(WIDTH, HEIGHT, 8, KINDS[kind], interlaced)]
    out += [chunk(b"acTL", struct.pack(">II", frames, loops)), colour_chunks(kind)]
    sequence = 0
    if hidden:
        out.append(chunk(b"IDAT", compressed(samples(kind, WIDTH, HEIGHT, 3), 8, interlaced)))
    for number in range(frames):
        is_default = number == 0 and not hidden
        left, top, width, height = PLACES["full"] if is_default else PLACES[place]
        method = first if first is not None and number == 0 else dispose
        out.append(chunk(b"fcTL", struct.pack(
            ">IIIIIHHBB", sequence, width, height, left, top, *delay, method, blend)))
        sequence += 1
        data = compressed(samples(kind, width, height, number), 8, interlaced)
        if is_default:
            out.append(chunk(b"IDAT", data))
        else:
            out.append(chunk(b"fdAT", struct.pack(">I", sequence) + data))
            sequence += 1
    return b"".join(out) + chunk(b"IEND")


def make(folder):
    for kind, blend, dispose, place, hidden, interlaced in itertools.product(
            KINDS, (0, 1), (0, 1, 2), PLACES, (False, True), (False, True)):
        folder.add("apng", "png", animation(kind, blend, dispose, place, hidden, interlaced),
                   colour=kind, blend=blend, dispose=dispose, place=place, hidden=hidden,
                   interlaced=interlaced)
    for first, dispose, blend in itertools.product((0, 1, 2), (0, 1, 2), (0, 1)):
        if first != dispose:
            folder.add("apng-dispose2", "png",
                       animation("rgba", blend, dispose, "inner", first=first),
                       first=first, later=dispose, blend=blend)
    for delay, loops in itertools.product(
            ((0, 100), (1, 100), (1, 50), (5, 0), (0, 0), (1, 1000), (33, 1000), (3, 2), (65535, 1)), (0, 1, 3)):
        folder.add("apng-time", "png", animation("rgb", 0, 0, "inner", delay=delay, loops=loops),
                   delay=f"{delay[0]}:{delay[1]}", loops=loops)
    for hidden in (False, True):
        folder.add("apng-one", "png", animation("rgba", 1, 0, "inner", hidden=hidden, frames=1),
                   hidden=hidden)

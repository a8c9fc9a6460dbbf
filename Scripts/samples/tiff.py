"""TIFF: sample formats, photometric kinds, planes, tiles, alpha, compression, byte order, orientation.

Source: TIFF 6.0 (Adobe 1992), TIFF Technical Notes, BigTIFF (libtiff).
"""

import itertools
import struct
import zlib

import numpy as np

from . import pattern, profiles

WIDTH, HEIGHT = 37, 26
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 12: 8, 16: 8}
LETTERS = {1: "B", 3: "H", 4: "I", 7: "B", 12: "d", 16: "Q"}


def tag(order, big, number, kind, values, place):
    """One entry and what it puts elsewhere."""
    if kind == 2:
        data, count = values + b"\0", len(values) + 1
    elif kind == 5:
        data, count = struct.pack(f"{order}{len(values)}I", *values), len(values) // 2
    elif kind == 7:
        data, count = bytes(values), len(values)
    else:
        data, count = struct.pack(f"{order}{len(values)}{LETTERS[kind]}", *values), len(values)
    room = 8 if big else 4
    head = struct.pack(order + ("HHQ" if big else "HHI"), number, kind, count)
    if len(data) <= room:
        return head + data.ljust(room, b"\0"), b""
    return head + struct.pack(order + ("Q" if big else "I"), place), data + bytes(len(data) % 2)


def packed(samples, bits, order):
    """Rows x columns x samples as bytes, rows ending at whole bytes."""
    if samples.dtype.kind in "f" or bits >= 8:
        kind = samples.dtype.newbyteorder(order)
        return np.ascontiguousarray(samples.astype(kind)).tobytes()
    flat = samples.reshape(samples.shape[0], -1)
    per = 8 // bits
    full = np.zeros((flat.shape[0], -(-flat.shape[1] // per) * per), np.uint8)
    full[:, : flat.shape[1]] = flat
    return (full.reshape(flat.shape[0], -1, per) << (np.arange(per)[::-1] * bits)).sum(axis=2).astype(np.uint8).tobytes()


def runs(data):
    """PackBits without any run."""
    return b"".join(bytes([len(p) - 1]) + p for p in (data[i:i + 128] for i in range(0, len(data), 128)))


def lzw(data):
    """TIFF's LZW with the table cleared so often that codes stay at 9 bits."""
    text = []
    for start in range(0, len(data), 250):
        text.append(format(256, "09b"))
        text += [format(b, "09b") for b in data[start:start + 250]]
    text.append(format(257, "09b"))
    joined = "".join(text)
    joined += "0" * (-len(joined) % 8)
    return int(joined, 2).to_bytes(len(joined) // 8, "big")


SQUEEZE = {"none": (1, lambda d: d), "packbits": (32773, runs), "lzw": (5, lzw), "deflate": (8, zlib.compress),
           "deflate-old": (32946, zlib.compress)}


def predicted(samples):
    """Differences from the sample to the left."""
    out = samples.copy()
    out[:, 1:] = samples[:, 1:] - samples[:, :-1]
    return out


def tiff(samples, bits, photometric, order="<", big=False, planar=1, tile=None, strips=8, squeeze="none",
         predictor=1, format_=None, extra=None, extras=(), orientation=None, palette=None, pages=1):
    """One file; `samples` is rows x columns x samples of the right type. `extras`: more tags."""
    height, width, count = samples.shape
    pieces = []
    for plane in ([samples] if planar == 1 else [samples[..., i:i + 1] for i in range(count)]):
        if tile:
            for y, x in itertools.product(range(0, height, tile), range(0, width, tile)):
                part = plane[y:y + tile, x:x + tile]
                pieces.append(np.pad(part, ((0, tile - part.shape[0]), (0, tile - part.shape[1]), (0, 0)), "edge"))
        else:
            pieces += [plane[y:y + strips] for y in range(0, height, strips)]
    code, press = SQUEEZE[squeeze]
    data = [press(packed(predicted(p) if predictor == 2 else p, bits, order)) for p in pieces]
    mark = b"II" if order == "<" else b"MM"
    out = mark + (struct.pack(order + "HHHQ", 43, 8, 0, 16) if big else struct.pack(order + "HI", 42, 8))
    for page in range(pages):
        # The index comes first: its length is known before its places are.
        entries = [(256, 4, [width]), (257, 4, [height]), (258, 3, [bits] * count), (259, 3, [code]),
                   (262, 3, [photometric]), (277, 3, [count]), (284, 3, [planar])]
        if tile:
            entries += [(322, 4, [tile]), (323, 4, [tile]), (324, 4, None), (325, 4, [len(d) for d in data])]
        else:
            entries += [(273, 4, None), (278, 4, [strips]), (279, 4, [len(d) for d in data])]
        if predictor != 1:
            entries.append((317, 3, [predictor]))
        if format_:
            entries.append((339, 3, [format_] * count))
        if extra is not None:
            entries.append((338, 3, extra))
        if orientation:
            entries.append((274, 3, [orientation]))
        if palette is not None:
            entries.append((320, 3, palette))
        entries = sorted(entries + list(extras))
        start = len(out)
        head = 8 if big else 2
        size = head + len(entries) * (20 if big else 12) + (8 if big else 4)
        for last in (False, True):
            if last:
                first = place
            table, rest, place = b"", b"", start + size
            for number, kind, values in entries:
                if values is None:
                    at = first if last else 0
                    values = []
                    for piece in data:
                        values.append(at)
                        at += len(piece) + len(piece) % 2
                entry, body = tag(order, big, number, kind, values, place)
                table, rest, place = table + entry, rest + body, place + len(body)
        bodies = b"".join(d + bytes(len(d) % 2) for d in data)
        after = place + len(bodies) if page + 1 < pages else 0
        out += struct.pack(order + ("Q" if big else "H"), len(entries)) + table
        out += struct.pack(order + ("Q" if big else "I"), after) + rest + bodies
    return out


def drawing(kind, bits, alpha=None):
    """Samples of 8 or 16 bits or fewer for a photometric kind."""
    rgb, clear = pattern.colours(WIDTH, HEIGHT).astype(int), pattern.alpha(WIDTH, HEIGHT).astype(int)
    gray = rgb @ [2, 5, 1] // 8
    parts = {"white": 255 - gray[..., None], "black": gray[..., None], "rgb": rgb,
             "cmyk": np.dstack([255 - rgb - (255 - rgb).min(axis=2)[..., None], (255 - rgb).min(axis=2)]),
             "palette": pattern.indices(WIDTH, HEIGHT)[..., None] * 17}[kind]
    if alpha is not None:
        if alpha == "associated":
            parts = parts * clear[..., None] // 255
        parts = np.dstack([parts, clear])
    if bits == 16:
        return (parts * 257).astype(np.uint16)
    if bits == 32:
        return (parts * 16843009).astype(np.uint32)
    return ((parts * ((1 << bits) - 1) + 127) // 255).astype(np.uint8)


PHOTOMETRIC = {"white": 0, "black": 1, "rgb": 2, "palette": 3, "cmyk": 5}
KINDS = {"associated": 1, "unassociated": 2, "unspecified": 0}


def make(folder):
    for kind, bits in [("white", b) for b in (1, 2, 4, 8, 16)] + [("black", b) for b in (1, 2, 4, 8, 16, 32)] + [
            ("rgb", 8), ("rgb", 16), ("rgb", 32), ("rgb", 4), ("cmyk", 8), ("cmyk", 16)]:
        for order, squeeze in itertools.product("<>", ("none", "deflate", "lzw", "packbits")):
            folder.add("tiff", "tif", tiff(drawing(kind, bits), bits, PHOTOMETRIC[kind], order, squeeze=squeeze),
                       kind=kind, bits=bits, order="little" if order == "<" else "big", squeeze=squeeze)
    for bits in (1, 2, 4, 8):
        index = pattern.indices(WIDTH, HEIGHT)[..., None] % min(8, 1 << bits)
        colours = np.zeros((1 << bits, 3), int)
        colours[:] = pattern.COLOURS[np.arange(1 << bits) % 8]
        for scale in (257, 1):
            folder.add("tiff-palette", "tif", tiff(index, bits, 3, palette=[int(v) * scale for v in colours.T.ravel()]),
                       bits=bits, scale=scale)
    for kind, bits, planar, tile, squeeze, predictor in itertools.product(
            ("black", "rgb", "cmyk"), (8, 16), (1, 2), (None, 16, 48), ("none", "deflate"), (1, 2)):
        if predictor == 1 or (squeeze == "deflate" and planar == 1):
            folder.add("tiff-layout", "tif",
                       tiff(drawing(kind, bits), bits, PHOTOMETRIC[kind], planar=planar, tile=tile, squeeze=squeeze, predictor=predictor),
                       kind=kind, bits=bits, planar=planar, tile=tile, squeeze=squeeze, predictor=predictor)
    for kind, bits, alpha, order, planar in itertools.product(("black", "rgb", "cmyk", "white"), (8, 16), KINDS, "<>", (1, 2)):
        folder.add("tiff-alpha", "tif",
                   tiff(drawing(kind, bits, alpha), bits, PHOTOMETRIC[kind], order, planar=planar, extra=[KINDS[alpha]]),
                   kind=kind, bits=bits, alpha=alpha, order="little" if order == "<" else "big", planar=planar)
    folder.add("tiff-alpha", "tif", tiff(drawing("rgb", 8, "unassociated"), 8, 2), kind="rgb", bits=8, alpha="untold")
    for kind, type_, code in itertools.product(("black", "rgb"), ("int8", "int16", "int32", "float16", "float32", "float64"), (None,)):
        base = drawing(kind, 8).astype(float)
        bits = int(type_.lstrip("intfloa"))
        if type_.startswith("int"):
            values = (base - 128) * (1 << bits - 8)
        else:
            values = base / 255
        folder.add("tiff-numbers", "tif", tiff(values.astype(type_), bits, PHOTOMETRIC[kind], format_=2 if type_.startswith("int") else 3),
                   kind=kind, type=type_)
    for kind, order, orientation in itertools.product(("rgb", "black", "palette"), "<>", range(1, 9)):
        if kind == "palette":
            index = pattern.indices(WIDTH, HEIGHT)[..., None]
            colours = pattern.COLOURS[np.arange(256) % 8].astype(int)
            data = tiff(index, 8, 3, order, orientation=orientation, palette=[int(v) * 257 for v in colours.T.ravel()])
        else:
            data = tiff(drawing(kind, 8), 8, PHOTOMETRIC[kind], order, orientation=orientation)
        folder.add("tiff-orientation", "tif", data, kind=kind, order="little" if order == "<" else "big", orientation=orientation)
    for big, order, pages in itertools.product((False, True), "<>", (1, 3)):
        folder.add("tiff-form", "tif", tiff(drawing("rgb", 8), 8, 2, order, big, pages=pages), big=big,
                   order="little" if order == "<" else "big", pages=pages)
    for name in profiles.PRIMARIES:
        for bits in (8, 16):
            folder.add("tiff-icc", "tif", tiff(drawing("rgb", bits), bits, 2, extras=[(34675, 7, profiles.rgb(name))]), bits=bits, icc=name)
            folder.add("tiff-icc", "tif", tiff(drawing("rgb", bits, "unassociated"), bits, 2, extra=[2],
                                               extras=[(34675, 7, profiles.rgb(name))]), bits=bits, icc=name, alpha="unassociated")
    for name, data in lab():
        folder.add("tiff-lab", "tif", data, kind=name)
    for sampling in ((1, 1), (2, 1), (2, 2)):
        folder.add("tiff-ycbcr", "tif", ycbcr(*sampling), sampling=f"{sampling[0]}{sampling[1]}")


def lab():
    """CIE Lab of the drawing's colours, in the two ways that TIFF writes it, at 8 and 16 bits."""
    linear = pattern.colours(WIDTH, HEIGHT) / 255.0
    linear = np.where(linear <= 0.04045, linear / 12.92, ((linear + 0.055) / 1.055) ** 2.4)
    matrix = np.array([profiles.PRIMARIES["srgb"][i] for i in range(3)]).T
    scaled = (linear @ matrix.T) / np.array(profiles.D50)
    root = np.where(scaled > 0.008856, np.cbrt(scaled), 7.787 * scaled + 16 / 116)
    values = np.dstack([116 * root[..., 1] - 16, 500 * (root[..., 0] - root[..., 1]), 200 * (root[..., 1] - root[..., 2])])
    cie8 = np.dstack([values[..., 0] * 2.55, values[..., 1] % 256, values[..., 2] % 256])
    yield "cie-8", tiff(np.round(cie8).astype(int).astype(np.uint8), 8, 8)
    icc8 = np.dstack([values[..., 0] * 2.55, values[..., 1] + 128, values[..., 2] + 128])
    yield "icc-8", tiff(np.clip(np.round(icc8), 0, 255).astype(np.uint8), 8, 9)
    cie16 = np.dstack([values[..., 0] * 655.35, values[..., 1] * 256 % 65536, values[..., 2] * 256 % 65536])
    yield "cie-16", tiff(np.round(cie16).astype(np.int64).astype(np.uint16), 16, 8)


def ycbcr(across, down):
    """Subsampled YCbCr without JPEG: clumps of luma with one pair of chroma."""
    from .jpegbytes import ycc
    width, height = 96, 64
    y, cb, cr = ycc(pattern.blocks(width, height))
    clumps = bytearray()
    for row in range(0, height, down):
        for column in range(0, width, across):
            for v in range(down):
                clumps += bytes(int(s) for s in y[row + v, column:column + across])
            clumps += bytes([int(cb[row, column]), int(cr[row, column])])
    data = bytes(clumps)
    entries = [(256, 4, [width]), (257, 4, [height]), (258, 3, [8, 8, 8]), (259, 3, [1]), (262, 3, [6]), (273, 4, [8]),
               (277, 3, [3]), (278, 4, [height]), (279, 4, [len(data)]), (530, 3, [across, down]), (531, 3, [2])]
    at = 8 + len(data)
    size = 2 + len(entries) * 12 + 4
    table, rest = b"", b""
    for number, kind, values in entries:
        entry, body = tag("<", False, number, kind, values, at + size + len(rest))
        table, rest = table + entry, rest + body
    return b"II" + struct.pack("<HI", 42, at) + data + struct.pack("<H", len(entries)) + table + bytes(4) + rest

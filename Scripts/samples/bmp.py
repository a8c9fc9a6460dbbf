"""BMP: depths, headers, masks, alpha, run lengths, upside down.

Source: Windows GDI, BITMAPINFOHEADER to BITMAPV5HEADER; OS/2 BITMAPCOREHEADER.
"""

import itertools
import struct

import numpy as np

from . import pattern

WIDTH, HEIGHT = 37, 26


def rows(samples, bits, flipped):
    """Bottom-up rows, or top-down ones when `flipped`, padded to four bytes."""
    out = []
    for row in samples if flipped else samples[::-1]:
        if bits < 8:
            per = 8 // bits
            full = np.zeros(-(-len(row) // per) * per, np.uint8)
            full[: len(row)] = row
            data = (full.reshape(-1, per) << (np.arange(per)[::-1] * bits)).sum(axis=1).astype(np.uint8).tobytes()
        else:
            data = np.ascontiguousarray(row).tobytes()
        out.append(data + bytes(-len(data) % 4))
    return b"".join(out)


def bmp(bits, data, header="info", palette=(), compression=0, masks=(), flipped=False, size=None, count=0):
    height = -HEIGHT if flipped else HEIGHT
    if header == "core":
        info = struct.pack("<IHHHH", 12, WIDTH, HEIGHT, 1, bits)
        table = b"".join(bytes(c[::-1]) for c in palette)
    else:
        length = {"info": 40, "v2": 52, "v3": 56, "v4": 108, "v5": 124}[header]
        info = struct.pack("<IiiHHIIiiII", length, WIDTH, height, 1, bits, compression,
                           len(data) if size is None else size, 2835, 2835, count, 0)
        if length > 40:
            kept = list(masks) + [0] * (4 - len(masks))
            info += struct.pack("<4I", *kept)[: min(16, length - 40)]
            masks = ()
        if length >= 108:
            info += b"BGRs"[::1] + bytes(48)
        info = info.ljust(length, b"\0")
        table = b"".join(bytes(c[::-1]) + b"\0" for c in palette)
    extra = struct.pack(f"<{len(masks)}I", *masks)
    at = 14 + len(info) + len(extra) + len(table)
    return b"BM" + struct.pack("<IHHI", at + len(data), 0, 0, at) + info + extra + table + data


def run_lengths(index, bits):
    """RLE8 or RLE4 with runs, literal stretches and ends of lines."""
    out = b""
    for row in index[::-1]:
        x = 0
        while x < len(row):
            run = 1
            while x + run < len(row) and row[x + run] == row[x] and run < 255:
                run += 1
            if run >= 3 or len(row) - x < 3:
                value = int(row[x])
                out += bytes([run, value if bits == 8 else value << 4 | value])
                x += run
                continue
            stretch = [int(v) for v in row[x:x + 7]]
            if bits == 8:
                body = bytes(stretch)
            else:
                pairs = stretch + [0] * (len(stretch) % 2)
                body = bytes(pairs[i] << 4 | pairs[i + 1] for i in range(0, len(pairs), 2))
            out += bytes([0, len(stretch)]) + body + bytes(len(body) % 2)
            x += len(stretch)
        out += b"\0\0"
    return out + b"\0\1"


def masked(rgb, clear, masks, kind):
    """Pixels of 16 or 32 bits with each sample shifted into its mask."""
    out = np.zeros(rgb.shape[:2], np.uint32)
    parts = [rgb[..., 0], rgb[..., 1], rgb[..., 2], clear]
    for values, mask in zip(parts, masks):
        if mask:
            low = (mask & -mask).bit_length() - 1
            top = mask >> low
            out |= ((values.astype(np.uint64) * top + 127) // 255).astype(np.uint32) << low
    return out.astype(kind)


def make(folder):
    index = pattern.indices(WIDTH, HEIGHT)
    rgb, clear = pattern.colours(WIDTH, HEIGHT), pattern.alpha(WIDTH, HEIGHT)
    palette = [tuple(int(v) for v in c) for c in pattern.COLOURS]
    for bits, header, flipped in itertools.product((1, 4, 8), ("core", "info", "v4", "v5"), (False, True)):
        if header == "core" and flipped:
            continue
        few = index % 2 if bits == 1 else index
        table = (palette * 32)[: 1 << bits]
        folder.add("bmp", "bmp", bmp(bits, rows(few, bits, flipped), header, table, flipped=flipped),
                   bits=bits, header=header, flipped=flipped)
    for bits in (4, 8):
        folder.add("bmp-short-palette", "bmp", bmp(bits, rows(index, bits, False), "info", palette, count=8), bits=bits)
        folder.add("bmp-runs", "bmp", bmp(bits, run_lengths(index, bits), "info", (palette * 32)[: 1 << bits],
                                          2 if bits == 4 else 1), bits=bits)
    for header, flipped in itertools.product(("core", "info", "v4", "v5"), (False, True)):
        if header != "core" or not flipped:
            folder.add("bmp", "bmp", bmp(24, rows(rgb[..., ::-1], 24, flipped), header, flipped=flipped),
                       bits=24, header=header, flipped=flipped)
    layouts = {
        "555": (16, 0, (0x7C00, 0x3E0, 0x1F, 0)), "565": (16, 3, (0xF800, 0x7E0, 0x1F, 0)),
        "555-masks": (16, 3, (0x7C00, 0x3E0, 0x1F, 0)), "4444": (16, 3, (0xF00, 0xF0, 0xF, 0xF000)),
        "1555": (16, 3, (0x7C00, 0x3E0, 0x1F, 0x8000)),
        "888x": (32, 0, (0xFF0000, 0xFF00, 0xFF, 0)), "888-with-alpha": (32, 0, (0xFF0000, 0xFF00, 0xFF, 0xFF000000)),
        "8888": (32, 3, (0xFF0000, 0xFF00, 0xFF, 0xFF000000)), "rgba": (32, 3, (0xFF, 0xFF00, 0xFF0000, 0xFF000000)),
        "8888-no-alpha": (32, 3, (0xFF0000, 0xFF00, 0xFF, 0)), "101010": (32, 3, (0x3FF00000, 0xFFC00, 0x3FF, 0)),
    }
    for (name, (bits, compression, masks)), header in itertools.product(layouts.items(), ("info", "v3", "v4", "v5")):
        pixels = masked(rgb, clear, masks, "<u2" if bits == 16 else "<u4")
        kept = masks if compression == 3 else ()
        if header == "info":
            kept = kept[:3]
        folder.add("bmp-masks", "bmp", bmp(bits, rows(pixels, bits, False), header, (), compression, kept),
                   layout=name, header=header)
    folder.add("bmp-odd", "bmp", bmp(24, rows(rgb[..., ::-1], 24, False)[:-400]), kind="cut")
    folder.add("bmp-odd", "bmp", bmp(24, rows(rgb[..., ::-1], 24, False), size=0), kind="no-size")

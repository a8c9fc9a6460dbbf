"""A baseline JPEG writer that lets every part be set: components, sampling, colour, markers.

Source: ITU-T T.81 (JPEG), T.871 (JFIF).
"""

import struct

import numpy as np

ZIGZAG = [0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14,
          21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53,
          60, 61, 54, 47, 55, 62, 63]
K = np.arange(8)
DCT = np.cos((2 * K[None, :] + 1) * K[:, None] * np.pi / 16) * np.where(K == 0, np.sqrt(1 / 8), 0.5)[:, None]
# One table for all: 12 sizes of differences, and every (run, size) in 8 bits or less would not fit: 16 bits
# hold them all, as the code words count upwards.
DC = list(range(12))
AC = [0x00, 0xF0] + [run << 4 | size for size in range(1, 11) for run in range(16)]


def segment(marker, data):
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def codes(symbols, bits):
    return {s: (i, bits) for i, s in enumerate(symbols)}


def table(kind, symbols, bits):
    counts = bytes(len(symbols) if b == bits else 0 for b in range(1, 17))
    return segment(0xC4, bytes([kind]) + counts + bytes(symbols))


class Bits:
    def __init__(self):
        self.text = []

    def put(self, value, count):
        if count:
            self.text.append(format(value, f"0{count}b"))

    def bytes(self):
        text = "".join(self.text)
        text += "1" * (-len(text) % 8)
        data = int(text, 2).to_bytes(len(text) // 8, "big") if text else b""
        return data.replace(b"\xff", b"\xff\0")


def amplitude(value):
    size = int(abs(value)).bit_length()
    return size, value if value >= 0 else value + (1 << size) - 1


def blocks_of(plane, quant):
    """Quantised coefficients of a plane whose sides are multiples of 8: rows x columns x 64."""
    rows, columns = plane.shape[0] // 8, plane.shape[1] // 8
    parts = plane.reshape(rows, 8, columns, 8).transpose(0, 2, 1, 3) - 128.0
    spectrum = DCT @ parts @ DCT.T
    return np.round(spectrum / quant).astype(int).reshape(rows, columns, 64)[..., ZIGZAG]


def encode(planes, sampling, ids, before=b"", quant=2, restart=0, end=True, precision=8):
    """`planes`: full-size samples, one per component; `sampling`: (h, v) of each; `before`: segments
    that follow the start. Sides are those of the planes."""
    height, width = planes[0].shape
    most_h, most_v = max(h for h, _ in sampling), max(v for _, v in sampling)
    across, down = -(-width // (8 * most_h)), -(-height // (8 * most_v))
    if len(planes) == 1:
        sampling, most_h, most_v = [(1, 1)], 1, 1
        across, down = -(-width // 8), -(-height // 8)
    parts = []
    for plane, (h, v) in zip(planes, sampling):
        full = np.pad(plane.astype(float), ((0, down * 8 * most_v - height), (0, across * 8 * most_h - width)), "edge")
        y, x = most_v // v, most_h // h
        small = full.reshape(full.shape[0] // y, y, full.shape[1] // x, x).mean(axis=(1, 3))
        parts.append(blocks_of(small, quant))
    out = b"\xff\xd8" + before + segment(0xDB, b"\0" + bytes([quant] * 64))
    frame = struct.pack(">BHHB", precision, height, width, len(planes))
    for number, (h, v) in zip(ids, sampling):
        frame += bytes([number, h << 4 | v, 0])
    out += segment(0xC0, frame)
    out += table(0x00, DC, 4) + table(0x10, AC, 8)
    if restart:
        out += segment(0xDD, struct.pack(">H", restart))
    out += segment(0xDA, bytes([len(planes)]) + b"".join(bytes([n, 0]) for n in ids) + b"\0\x3f\0")
    dc, ac = codes(DC, 4), codes(AC, 8)
    bits, last, count, marks = Bits(), [0] * len(planes), 0, 0
    for row in range(down):
        for column in range(across):
            if restart and count and count % restart == 0:
                out += bits.bytes() + bytes([0xFF, 0xD0 + marks % 8])
                bits, last, marks = Bits(), [0] * len(planes), marks + 1
            count += 1
            for index, (h, v) in enumerate(sampling):
                for y in range(v):
                    for x in range(h):
                        block = parts[index][row * v + y, column * h + x]
                        last[index] = put(bits, block, last[index], dc, ac)
    return out + bits.bytes() + (b"\xff\xd9" if end else b"")


def put(bits, block, before, dc, ac):
    size, value = amplitude(int(block[0]) - before)
    bits.put(*dc[size])
    bits.put(value, size)
    run = 0
    for coefficient in block[1:]:
        if coefficient == 0:
            run += 1
            continue
        while run > 15:
            bits.put(*ac[0xF0])
            run -= 16
        size, value = amplitude(int(coefficient))
        bits.put(*ac[run << 4 | size])
        bits.put(value, size)
        run = 0
    if run:
        bits.put(*ac[0x00])
    return int(block[0])


def ycc(rgb):
    """The planes of full-range BT.601, as JFIF has them."""
    r, g, b = (rgb[..., i].astype(float) for i in range(3))
    y = 0.299 * r + 0.587 * g + 0.114 * b
    return [np.clip(np.round(p), 0, 255) for p in (y, (b - y) / 1.772 + 128, (r - y) / 1.402 + 128)]


JFIF = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")


def adobe(transform):
    return segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([transform]))


def exif(orientation, big=True):
    mark, order = (b"MM\0*", ">") if big else (b"II*\0", "<")
    body = mark + struct.pack(order + "IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    return segment(0xE1, b"Exif\0\0" + body)


def icc(data, parts=1):
    size = -(-len(data) // parts)
    pieces = [data[i:i + size] for i in range(0, len(data), size)]
    return b"".join(segment(0xE2, b"ICC_PROFILE\0" + bytes([i + 1, len(pieces)]) + p) for i, p in enumerate(pieces))

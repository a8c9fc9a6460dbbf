"""GIF files byte by byte, so that every field can be set, wrong ones included.

Source: Graphics Interchange Format, version 89a (CompuServe 1990).
"""

import struct


def lzw(pixels, bits, clears=True):
    """The sub-blocks of compressed `pixels`; without `clears` the full table stays in use."""
    clear, end = 1 << bits, (1 << bits) + 1
    out, held, count = bytearray(), 0, 0
    size = bits + 1

    def put(code):
        nonlocal held, count
        held |= code << count
        count += size
        while count >= 8:
            out.append(held & 255)
            held >>= 8
            count -= 8

    put(clear)
    table, after, word = {}, end + 1, None
    for pixel in pixels:
        if word is None:
            word = pixel
            continue
        longer = table.get((word, pixel))
        if longer is not None:
            word = longer
            continue
        put(word)
        if after < 4096:
            table[(word, pixel)] = after
            after += 1
            if after > 1 << size and size < 12:
                size += 1
        elif clears:
            put(clear)
            table, after, size = {}, end + 1, bits + 1
        word = pixel
    if word is not None:
        put(word)
        # The decoder's table grows with the last code as well.
        if after < 4096 and after + 1 > 1 << size and size < 12:
            size += 1
    put(end)
    if count:
        out.append(held & 255)
    return bytes(out)


def blocks(data, size=255):
    """`data` as sub-blocks with their end."""
    parts = [data[i:i + size] for i in range(0, len(data), size)]
    return b"".join(bytes([len(p)]) + p for p in parts) + b"\0"


def table_bits(palette):
    """The exponent that a colour table's length is told by; the table has 2^(n+1) entries."""
    bits = 0
    while 2 << bits < len(palette):
        bits += 1
    return bits


def table(palette):
    full = 2 << table_bits(palette)
    return b"".join(bytes(c) for c in palette) + b"\0\0\0" * (full - len(palette))


def header(width, height, palette=None, background=0, aspect=0, version=b"89a"):
    flags = 0x70 | (0x80 | table_bits(palette) if palette else 0)
    head = b"GIF" + version + struct.pack("<HHBBB", width, height, flags, background, aspect)
    return head + (table(palette) if palette else b"")


def loop(count, name=b"NETSCAPE2.0"):
    return b"\x21\xff\x0b" + name + b"\x03\x01" + struct.pack("<H", count) + b"\0"


def control(disposal=0, delay=10, transparent=None, waits=False):
    flags = disposal << 2 | (2 if waits else 0) | (0 if transparent is None else 1)
    return b"\x21\xf9\x04" + struct.pack("<BHBB", flags, delay, transparent or 0, 0)


def rows_interlaced(height):
    for start, step in ((0, 8), (4, 8), (2, 4), (1, 2)):
        yield from range(start, height, step)


def image(left, top, indices, palette=None, interlaced=False, bits=None, clears=True, cut=None,
          size=255, extra=b""):
    """One picture. `indices` is rows x columns; `cut` keeps so many pixels of it."""
    height, width = indices.shape
    flags = (0x80 | table_bits(palette) if palette else 0) | (0x40 if interlaced else 0)
    head = b"\x2c" + struct.pack("<HHHHB", left, top, width, height, flags)
    if palette:
        head += table(palette)
    order = list(rows_interlaced(height)) if interlaced else range(height)
    pixels = [int(v) for row in order for v in indices[row]]
    bits = bits or max(2, int(max(pixels, default=0)).bit_length())
    data = lzw(pixels[:cut], bits, clears) + extra
    return head + bytes([bits]) + blocks(data, size)


TRAILER = b"\x3b"

"""ICC profiles, built here: matrix profiles with a gamma curve, and a grey one.

Source: ICC.1:2001-04 (version 2.4).
"""

import struct

D50 = (0.9642, 1.0, 0.8249)
# Columns of red, green and blue, adapted to D50.
PRIMARIES = {
    "srgb": ((0.4360, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)),
    "p3": ((0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419), (0.1572, 0.0666, 0.7841)),
    "adobe": ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446)),
    # Green and blue changed places: whoever ignores the profile is seen at once.
    "swapped": ((0.4360, 0.2225, 0.0139), (0.1431, 0.0606, 0.7141), (0.3851, 0.7169, 0.0971)),
}


def fixed(values):
    return struct.pack(f">{len(values)}i", *(round(v * 65536) for v in values))


def curve(gamma):
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"


def profile(space, tags):
    head = bytearray(128)
    head[4:8] = b"\0\0\0\0"
    head[8:12] = b"\x02\x40\0\0"
    head[12:24] = b"mntr" + space + b"XYZ "
    head[36:40] = b"acsp"
    head[68:80] = fixed(D50)
    table, body, at = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, data in tags:
        data += b"\0" * (-len(data) % 4)
        table += name + struct.pack(">II", at, len(data))
        body += data
        at += len(data)
    out = bytes(head) + table + body
    return struct.pack(">I", len(out)) + out[4:]


def common(name):
    text = name.encode() + b"\0"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + b"\0" * 78
    return [(b"desc", description), (b"cprt", b"text\0\0\0\0none\0"), (b"wtpt", b"XYZ \0\0\0\0" + fixed(D50))]


def rgb(name, gamma=2.2):
    """An RGB profile with the primaries of that name."""
    red, green, blue = PRIMARIES[name]
    tags = common(f"{name} {gamma}")
    for tag, values in ((b"rXYZ", red), (b"gXYZ", green), (b"bXYZ", blue)):
        tags.append((tag, b"XYZ \0\0\0\0" + fixed(values)))
    tags += [(tag, curve(gamma)) for tag in (b"rTRC", b"gTRC", b"bTRC")]
    return profile(b"RGB ", tags)


def gray(gamma=1.0):
    """A grey profile."""
    return profile(b"GRAY", common(f"gray {gamma}") + [(b"kTRC", curve(gamma))])

"""Boxes of mp4 and mov files changed in place. Source: ISO/IEC 14496-12 (ISOBMFF)."""

import struct

HOLDERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"udta"}


def parse(data):
    """Boxes as [name, content]; content is a list of boxes where the box holds others."""
    out, at = [], 0
    while at + 8 <= len(data):
        size, name = struct.unpack(">I4s", data[at:at + 8])
        start = 8
        if size == 1:
            size, start = struct.unpack(">Q", data[at + 8:at + 16])[0], 16
        elif size == 0:
            size = len(data) - at
        body = data[at + start:at + size]
        out.append([name, parse(body) if name in HOLDERS else body])
        at += size
    return out


def serialize(boxes):
    out = []
    for name, content in boxes:
        body = serialize(content) if isinstance(content, list) else content
        out.append(struct.pack(">I4s", len(body) + 8, name) + body)
    return b"".join(out)


def child(boxes, *names):
    """The first box at a path of names."""
    for name in names:
        box = next((b for b in boxes if b[0] == name), None)
        if box is None:
            return None
        boxes = box[1]
    return box


def video_track(boxes):
    """The content of the first track of pictures."""
    for name, content in child(boxes, b"moov")[1]:
        if name == b"trak" and child(content, b"mdia", b"hdlr")[1][8:12] == b"vide":
            return content
    raise ValueError("no track of pictures")


def change(data, body):
    """`data` with its boxes changed by `body`; the index must lie behind the samples."""
    boxes = parse(data)
    names = [b[0] for b in boxes]
    if names.index(b"moov") < names.index(b"mdat"):
        raise ValueError("the index lies before the samples")
    body(boxes)
    return serialize(boxes)


# The eight ways to hold a picture: a, b, c, d of the matrix; the corner that moves it back.
TURNS = {
    "0": (1, 0, 0, 1), "90": (0, 1, -1, 0), "180": (-1, 0, 0, -1), "270": (0, -1, 1, 0),
    "0-mirrored": (-1, 0, 0, 1), "90-mirrored": (0, 1, 1, 0), "180-mirrored": (1, 0, 0, -1),
    "270-mirrored": (0, -1, -1, 0),
}


def matrix_of(name, width, height, moves=True):
    a, b, c, d = TURNS[name]
    x = (width if a < 0 else 0) + (height if c < 0 else 0) if moves else 0
    y = (width if b < 0 else 0) + (height if d < 0 else 0) if moves else 0
    one, fine = 1 << 16, 1 << 30
    return struct.pack(">9i", a * one, b * one, 0, c * one, d * one, 0, x * one, y * one, fine)


def turned(data, name, width, height, moves=True):
    """`data` with the display matrix of that name; without `moves` nothing moves it back."""
    matrix = matrix_of(name, width, height, moves)

    def body(boxes):
        box = child(video_track(boxes), b"tkhd")
        at = 52 if box[1][0] else 40
        box[1] = box[1][:at] + matrix + box[1][at + 36:]

    return change(data, body)


def movie_turned(data, name, width, height):
    """`data` with the matrix in the movie's header instead of the track's."""
    matrix = matrix_of(name, width, height)

    def body(boxes):
        box = child(boxes, b"moov", b"mvhd")
        at = 48 if box[1][0] else 36
        box[1] = box[1][:at] + matrix + box[1][at + 36:]

    return change(data, body)


def edited(data, segments):
    """`data` with an edit list of (seconds, media seconds or None for nothing); None: no list."""
    def body(boxes):
        scale = struct.unpack(">I", child(boxes, b"moov", b"mvhd")[1][12:16])[0]
        track = video_track(boxes)
        media = struct.unpack(">I", child(track, b"mdia", b"mdhd")[1][12:16])[0]
        track[:] = [b for b in track if b[0] != b"edts"]
        if segments is None:
            return
        # What the headers say of the length follows, as far as it is the longest track.
        whole = round(sum(length for length, _ in segments) * scale)
        header = child(track, b"tkhd")
        header[1] = header[1][:20] + struct.pack(">I", whole) + header[1][24:]
        lengths = [struct.unpack(">I", child(content, b"tkhd")[1][20:24])[0]
                   for name, content in child(boxes, b"moov")[1] if name == b"trak"]
        video = child(boxes, b"moov", b"mvhd")
        video[1] = video[1][:16] + struct.pack(">I", max(lengths)) + video[1][20:]
        rows = b"".join(
            struct.pack(">Iihh", round(length * scale), -1 if start is None else round(start * media), 1, 0)
            for length, start in segments)
        box = [b"edts", [[b"elst", struct.pack(">II", 0, len(segments)) + rows]]]
        track.insert(1, box)

    return change(data, body)

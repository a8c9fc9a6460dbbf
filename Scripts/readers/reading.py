"""What one reader found in one file."""

import hashlib
import os
import pickle
import zlib

import numpy as np

PLACES = ("first", "middle", "last")


class Reading:
    """Facts by name, and pictures by place (`first`, `middle`, `last`): over white and over black, each
    rows x columns x 3. A fact that the reader cannot tell is left out."""

    def __init__(self, error=None):
        self.facts = {}
        self.pictures = {}
        self.error = error
        # Of our own reader: what else it said.
        self.notes = []

    def add(self, place, rgba):
        """Takes straight RGBA samples of 8 bits."""
        colour = rgba[..., :3].astype(np.uint16)
        alpha = rgba[..., 3:4].astype(np.uint16)
        white = (colour * alpha + 255 * (255 - alpha) + 127) // 255
        black = (colour * alpha + 127) // 255
        self.pictures[place] = (white.astype(np.uint8), black.astype(np.uint8))

    def shows_alpha(self):
        """Whether a picture lets the ground through."""
        return any(bool((w.astype(int) - b > 2).any()) for w, b in self.pictures.values())


def chosen(count):
    """The frames to look at, by place."""
    out = {"first": 0}
    if count > 2:
        out["middle"] = count // 2
    if count > 1:
        out["last"] = count - 1
    return out


def kind_of(path):
    """The format by content: gif, png, jpg, webp, bmp, tiff, avif, heic, mp4, mkv; None for others."""
    with open(path, "rb") as file:
        head = file.read(64)
    if head[:4] == b"GIF8":
        return "gif"
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return "png"
    if head[:3] == b"\xff\xd8\xff":
        return "jpg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[:2] == b"BM":
        return "bmp"
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "tiff"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "mkv"
    if head[4:8] == b"ftyp":
        brands = head[8:64]
        if b"avif" in brands or b"avis" in brands:
            return "avif"
        if any(b in brands for b in (b"heic", b"heix", b"mif1", b"msf1", b"hevc")):
            return "heic"
        return "mp4"
    if head[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "mp4"
    return None


def form_of(path):
    """The format to count a file under, and its first bytes."""
    kind = kind_of(path)
    with open(path, "rb") as file:
        head = file.read(4096)
    return kind, "apng" if kind == "png" and b"acTL" in head else kind, head


class Cache:
    """Readings of programs that do not change, kept by the file's digest."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)

    def _path(self, name, digest):
        return os.path.join(self.folder, f"{name}-{digest}")

    def get(self, name, digest):
        try:
            with open(self._path(name, digest), "rb") as file:
                return pickle.loads(zlib.decompress(file.read()))
        except FileNotFoundError:
            return None

    def has(self, name, digest):
        return os.path.exists(self._path(name, digest))

    def put(self, name, digest, reading):
        with open(f"{self._path(name, digest)}.{os.getpid()}.new", "wb") as file:
            file.write(zlib.compress(pickle.dumps(reading), 1))
        os.replace(file.name, self._path(name, digest))
        if self.has_begun(name, digest):
            os.remove(self._path(name, digest) + ".begun")

    def begin(self, name, digest):
        """Notes that a reading starts; `put` ends it."""
        open(self._path(name, digest) + ".begun", "wb").close()

    def has_begun(self, name, digest):
        """Whether a reading started and never ended."""
        return os.path.exists(self._path(name, digest) + ".begun")

    def forget_begun(self):
        for name in os.listdir(self.folder):
            if name.endswith((".begun", ".new")):
                os.remove(os.path.join(self.folder, name))


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()[:24]

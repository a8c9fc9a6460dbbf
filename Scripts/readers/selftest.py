"""Whether the comparison finds what it is for: readings made here, each with one fault."""

import copy
import os
import tempfile

import numpy as np

from samples import gif, pattern
from samples.folder import Folder

from . import compare, pillow
from .reading import Reading


def reading():
    """A whole reading of an animation of three frames."""
    out = Reading()
    out.facts = {"width": 40, "height": 30, "frames": 3, "delays": [50, 60, 70], "loops": 0,
                 "alpha": True, "orientation": 1, "format": "gif", "kind": "animation"}
    for number, place in enumerate(("first", "middle", "last")):
        rgb = pattern.colours(40, 30, number)
        out.add(place, np.dstack([rgb, pattern.alpha(40, 30)]))
    out.told = {"kind": "animation", "frames": 3, "delays": [50, 60, 70], "hasAlpha": True}
    out.decoded = 3
    return out


def changed(measure):
    """The reading with one fault of that measure."""
    out = copy.deepcopy(reading())
    if measure == "pixels":
        out.pictures["last"] = tuple(p[:, ::-1] for p in out.pictures["last"])
    elif measure == "sides":
        out.pictures = {k: tuple(p[:-1] for p in v) for k, v in out.pictures.items()}
    elif measure == "frames":
        out.facts["frames"] = 2
    elif measure == "delays":
        out.facts["delays"] = [50, 60, 90]
    elif measure == "loops":
        out.facts["loops"] = 1
    elif measure == "refused":
        out.error = "It is damaged."
    elif measure == "itself":
        out.decoded = 2
    return out


def main():
    """Prints what was tried; False when a fault was not found, or one was seen where none is."""
    found = [d for d in compare.compare("gif", b"", reading(), {"other": reading()}) if d.size]
    good = not found
    print("equal readings agree" if good else f"equal readings differ: {[d.measure for d in found]}")
    for measure in ("pixels", "sides", "frames", "delays", "loops", "refused", "itself"):
        other = {"other": reading()}
        seen = {d.measure for d in compare.compare("gif", b"", changed(measure), other) if d.size}
        good &= measure in seen
        print(f"{measure}: {'found' if measure in seen else 'NOT FOUND'}")
    # What the generator writes is what a reader of its own reads.
    with tempfile.TemporaryDirectory() as place:
        folder = Folder(place)
        folder.add("gif", "gif", gif.animation(1, "none", "inner", "global", delays=(5, 10, 20), loops=3))
        read = pillow.read(os.path.join(place, "gif/plain.gif"))
        right = read.facts["frames"] == 3 and read.facts["delays"] == [50, 100, 200] and read.facts["loops"] == 4
        good &= right
        print(f"a drawn GIF: {'as drawn' if right else read.facts}")
    return good

"""Files as Swapline reads them, through the tool FrameDump and its media workers."""

import json
import os
import shutil
import subprocess
import tempfile
import threading

import numpy as np
from PIL import Image

from .reading import Reading, chosen


def samples(path):
    """Straight RGBA of 8 bits of one of our PNG files."""
    with Image.open(path) as image:
        if image.mode.startswith("I"):
            wide = np.asarray(image).astype(np.int64)
            gray = np.clip((wide + 128) // 257, 0, 255).astype(np.uint8)
            return np.dstack([gray, gray, gray, np.full_like(gray, 255)])
        return np.asarray(image.convert("RGBA"))


def reading(row):
    """One line of FrameDump as a reading."""
    media = row.get("media")
    if not media:
        return Reading(row.get("error") or "no facts")
    out = Reading(row.get("failure"))
    facts = out.facts
    turned = media["orientation"]
    facts["width"], facts["height"] = media["width"], media["height"]
    if turned >= 5:
        facts["width"], facts["height"] = media["height"], media["width"]
    facts["orientation"], facts["frames"], facts["alpha"] = turned, media["frames"], media["hasAlpha"]
    facts["kind"], facts["format"] = media["kind"], media["format"]
    facts["hdr"] = media["isHDR"]
    for key in ("delays", "loops", "duration"):
        if media.get(key) is not None:
            facts[key] = media[key]
    if media["kind"] == "video":
        facts["sound"] = media["hasAudio"]
        # What libavformat counts before decoding is an estimate.
        facts["frames"] = row.get("decoded") or media["frames"]
    out.notes = list(media.get("remarks") or [])
    out.notes += [f"{c['kind']}: {c.get('from')} to {c.get('to')}" for c in row.get("changes", [])]
    try:
        if row.get("frames"):
            for place, index in chosen(row["decoded"]).items():
                out.add(place, samples(row["frames"][str(index)]))
        elif row.get("still"):
            out.add("first", samples(row["still"]))
        if row.get("still") and row.get("frames"):
            out.still = samples(row["still"])
    except (OSError, SyntaxError) as error:
        out.error = f"our own PNG cannot be read: {error}"
    out.decoded = row.get("decoded")
    out.told = media
    return out


def read(program, paths, formats=()):
    """Readings of `paths` with their path, as they come; with `formats` also each file's row, whose
    conversions are there until the next one is asked for."""
    folder = tempfile.mkdtemp(prefix="frame-dump-")
    # The libvips in pyvips-binary sets VIPSHOME for this process and for whatever it starts, which
    # would hide Debian's modules from ours.
    process = subprocess.Popen(
        [program, folder, *([",".join(formats)] if formats else [])], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=dict(os.environ))

    def feed():
        for path in paths:
            process.stdin.write(path + "\n")
        process.stdin.close()

    threading.Thread(target=feed, daemon=True).start()
    try:
        for line in process.stdout:
            row = json.loads(line)
            yield (row["file"], reading(row), row) if formats else (row["file"], reading(row))
            made = [c.get("file") for c in row.get("converted", {}).values()]
            for path in {row.get("still"), *row.get("frames", {}).values(), *made} - {None}:
                if os.path.exists(path):
                    os.remove(path)
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)

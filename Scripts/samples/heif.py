"""HEIC and AVIF: depths, alpha, turns and mirrors, ranges, sampling, profiles, sequences.

Made by heif-enc, avifenc and pillow-heif from drawings; nothing is made where they are missing.
"""

import io
import itertools
import os
import shutil
import subprocess
import tempfile

import numpy as np
from PIL import Image

from . import pattern, profiles

WIDTH, HEIGHT = 96, 64


def drawing(width=WIDTH, height=HEIGHT, clear=False, seed=0):
    rgb = pattern.blocks(width, height, seed)
    if not clear:
        return rgb
    alpha = np.full((height, width), 255, np.uint8)
    alpha[height // 2:, width // 2:] = 0
    alpha[height // 2:, : width // 3] = 128
    return np.dstack([rgb, alpha])


def png(folder, pixels, icc=None, wide=False):
    path = os.path.join(folder, "drawing.png")
    if wide:
        from .apng import SIGNATURE, chunk, compressed, header
        kind = 6 if pixels.shape[2] == 4 else 2
        data = SIGNATURE + header(pixels.shape[1], pixels.shape[0], 16, kind) + chunk(
            b"IDAT", compressed(pixels.astype(int) * 257, 16)) + chunk(b"IEND")
        with open(path, "wb") as file:
            file.write(data)
    else:
        Image.fromarray(pixels).save(path, **({"icc_profile": icc} if icc else {}))
    return path


def run(arguments):
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode:
        print(f"{' '.join(arguments[-3:])}: {done.stderr.decode().strip()[-160:]}")


def avifs(folder, work):
    quick = ["avifenc", "-s", "9", "-j", "1", "--min", "0", "--max", "12"]
    for clear, sampling, depth in itertools.product((False, True), ("444", "422", "420", "400"), ("8", "10", "12")):
        for range_ in ("full", "limited"):
            path = folder.name("avif", "avif", clear=clear, sampling=sampling, depth=depth, range=range_)
            run([*quick, "-y", sampling, "-d", depth, "-r", range_, png(work, drawing(clear=clear), wide=depth != "8"), path])
    for turn, mirror in itertools.product((None, "0", "1", "2", "3"), (None, "0", "1")):
        path = folder.name("avif-turn", "avif", turn=turn, mirror=mirror)
        run([*quick, *(["--irot", turn] if turn else []), *(["--imir", mirror] if mirror else []), png(work, drawing()), path])
    for name in profiles.PRIMARIES:
        path = folder.name("avif-icc", "avif", icc=name)
        run([*quick, "-y", "444", png(work, drawing(), profiles.rgb(name)), path])
    for cicp in ("1/13/0", "1/13/1", "1/13/6", "9/13/9", "12/13/6", "1/8/1", "2/2/2", "9/16/9"):
        path = folder.name("avif-cicp", "avif", cicp=cicp)
        run([*quick, "-y", "444", "--cicp", cicp, png(work, drawing()), path])
    for width, height in ((95, 63), (33, 17), (1, 1), (16, 200)):
        path = folder.name("avif-sides", "avif", sides=f"{width}x{height}")
        run([*quick, png(work, drawing(width, height)), path])
    for lossless in (True,):
        path = folder.name("avif-lossless", "avif", lossless=lossless)
        run(["avifenc", "-s", "9", "--lossless", png(work, drawing()), path])
    for premultiplied in (True,):
        path = folder.name("avif-premultiplied", "avif", premultiplied=premultiplied)
        run([*quick, "-y", "444", "-p", png(work, drawing(clear=True)), path])
    for grid in ("2x1", "2x2"):
        path = folder.name("avif-grid", "avif", grid=grid)
        run([*quick, "--grid", grid, png(work, drawing(256, 128)), path])
    names = []
    for number in range(3):
        Image.fromarray(drawing(seed=number)).save(os.path.join(work, f"{number}.png"))
        names.append(os.path.join(work, f"{number}.png"))
    path = folder.name("avif-sequence", "avif", frames=3)
    run([*quick, "--fps", "5", *names, path])


def heics(folder, work):
    for clear, depth, quality in itertools.product((False, True), ("8", "10"), ("60", "lossless")):
        path = folder.name("heic", "heic", clear=clear, depth=depth, quality=quality)
        run(["heif-enc", *(["-L"] if quality == "lossless" else ["-q", "90"]), *(["-b", depth] if depth != "8" else []),
             "-o", path, png(work, drawing(clear=clear), wide=depth != "8")])
    for sampling in ("420", "422", "444"):
        path = folder.name("heic-sampling", "heic", sampling=sampling)
        run(["heif-enc", "-q", "90", "-p", f"chroma={sampling}", "-o", path, png(work, drawing())])
    for name in profiles.PRIMARIES:
        path = folder.name("heic-icc", "heic", icc=name)
        run(["heif-enc", "-q", "90", "-o", path, png(work, drawing(), profiles.rgb(name))])
    for width, height in ((95, 63), (33, 17), (16, 200)):
        path = folder.name("heic-sides", "heic", sides=f"{width}x{height}")
        run(["heif-enc", "-q", "90", "-o", path, png(work, drawing(width, height))])
    import pillow_heif
    for orientation in range(1, 9):
        made = pillow_heif.from_pillow(Image.fromarray(drawing()))
        exif = Image.Exif()
        exif[0x0112] = orientation
        data = io.BytesIO()
        # As telephones write it: turned by a property of the picture, and told again in EXIF.
        pillow_heif.from_pillow(Image.fromarray(drawing())).save(data, quality=90, exif=exif.tobytes())
        folder.add("heic-orientation", "heic", data.getvalue(), orientation=orientation)
        del made
    for count in (2, 3):
        many = pillow_heif.from_pillow(Image.fromarray(drawing()))
        for number in range(1, count):
            many.add_from_pillow(Image.fromarray(drawing(seed=number)))
        data = io.BytesIO()
        many.save(data, quality=90)
        folder.add("heic-pages", "heic", data.getvalue(), pages=count)


def make(folder):
    with tempfile.TemporaryDirectory() as work:
        if shutil.which("avifenc"):
            avifs(folder, work)
        if shutil.which("heif-enc"):
            heics(folder, work)

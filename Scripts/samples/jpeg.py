"""JPEG: sampling, progressive and arithmetic scans, colour models, orientations, profiles, markers."""

import itertools
import shutil
import subprocess

import numpy as np

from . import jpegbytes as jpeg
from . import pattern, profiles

WIDTH, HEIGHT = 96, 64
SAMPLINGS = {
    "444": [(1, 1), (1, 1), (1, 1)], "422": [(2, 1), (1, 1), (1, 1)], "420": [(2, 2), (1, 1), (1, 1)],
    "440": [(1, 2), (1, 1), (1, 1)], "411": [(4, 1), (1, 1), (1, 1)], "410": [(4, 2), (1, 1), (1, 1)],
    "422-twice": [(2, 2), (1, 2), (1, 2)], "odd": [(2, 2), (2, 1), (1, 2)],
}


def inks(rgb):
    """Cyan, magenta, yellow and black, 255 for full ink."""
    cmy = 255 - rgb.astype(int)
    black = cmy.min(axis=2)
    return [cmy[..., i] - black for i in range(3)] + [black]


def planes(model, rgb):
    if model == "gray":
        return [np.round(rgb @ np.array([0.299, 0.587, 0.114]))]
    if model == "ycc":
        return jpeg.ycc(rgb)
    if model.startswith("rgb"):
        return [rgb[..., i] for i in range(3)]
    ink = inks(rgb)
    if model == "cmyk-plain":
        return ink
    if model == "cmyk":
        return [255 - p for p in ink]
    # YCCK: the inks' complements as YCbCr, black upside down as Adobe writes it.
    return jpeg.ycc(np.dstack([255 - p for p in ink[:3]])) + [255 - ink[3]]


MARKERS = {
    "gray": (jpeg.JFIF, (1,)), "ycc": (jpeg.JFIF, (1, 2, 3)), "rgb-adobe": (jpeg.adobe(0), (1, 2, 3)),
    "rgb-ids": (b"", (82, 71, 66)), "cmyk": (jpeg.adobe(0), (1, 2, 3, 4)), "cmyk-plain": (b"", (67, 77, 89, 75)),
    "ycck": (jpeg.adobe(2), (1, 2, 3, 4)),
}


def picture(model, sampling="444", extra=b"", rgb=None, **options):
    rgb = pattern.blocks(WIDTH, HEIGHT) if rgb is None else rgb
    start, ids = MARKERS[model]
    layout = SAMPLINGS[sampling][: len(ids)] if len(ids) < 4 else SAMPLINGS[sampling] + [SAMPLINGS[sampling][0]]
    return jpeg.encode(planes(model, rgb), layout, ids, start + extra, **options)


def recoded(data, *options):
    """The same coefficients in other scans, by jpegtran; None where it is missing or refuses."""
    if not shutil.which("jpegtran"):
        return None
    done = subprocess.run(["jpegtran", "-copy", "all", *options], input=data, capture_output=True)
    return done.stdout if done.returncode == 0 else None


def make(folder):
    bases = {}
    for model in MARKERS:
        for sampling in SAMPLINGS if model not in ("gray",) else ("444",):
            layout = SAMPLINGS[sampling] + SAMPLINGS[sampling][:1] * (len(MARKERS[model][1]) - 3)
            # T.81 allows ten blocks in a unit.
            if sum(h * v for h, v in layout) <= 10:
                bases[model, sampling] = picture(model, sampling)
    for (model, sampling), data in bases.items():
        for scans, options in (("baseline", None), ("progressive", ["-progressive"]), ("optimised", ["-optimize"]),
                               ("arithmetic", ["-arithmetic"]), ("restart", ["-restart", "3B"])):
            made = data if options is None else recoded(data, *options)
            if made:
                folder.add("jpeg", "jpg", made, model=model, sampling=sampling, scans=scans)
    for model, orientation, sampling in itertools.product(("gray", "ycc", "cmyk", "rgb-adobe"), range(0, 10), ("444", "420")):
        if model != "gray" or sampling == "444":
            folder.add("jpeg-orientation", "jpg", picture(model, sampling, jpeg.exif(orientation, orientation % 2)),
                       model=model, orientation=orientation, sampling=sampling)
    for model in ("ycc", "rgb-adobe"):
        for name in profiles.PRIMARIES:
            for parts in (1, 3):
                folder.add("jpeg-icc", "jpg", picture(model, "444", jpeg.icc(profiles.rgb(name), parts)), model=model, icc=name, parts=parts)
        folder.add("jpeg-icc", "jpg", picture(model, "444", jpeg.icc(profiles.gray())), model=model, icc="wrong-space", parts=1)
        folder.add("jpeg-icc", "jpg", picture(model, "444", jpeg.icc(b"rubbish" * 40)), model=model, icc="rubbish", parts=1)
    for gamma in (1.0, 1.8):
        folder.add("jpeg-icc", "jpg", picture("gray", "444", jpeg.icc(profiles.gray(gamma))), model="gray", icc=f"gray-{gamma}", parts=1)
    folder.add("jpeg-icc", "jpg", picture("gray", "444", jpeg.icc(profiles.rgb("p3"))), model="gray", icc="wrong-space", parts=1)
    folder.add("jpeg-icc", "jpg", picture("cmyk", "444", jpeg.icc(profiles.rgb("p3"))), model="cmyk", icc="wrong-space", parts=1)
    for width, height, sampling in itertools.product((1, 7, 17, 33), (1, 9, 16, 31), ("444", "420", "422", "440")):
        folder.add("jpeg-sides", "jpg", picture("ycc", sampling, rgb=pattern.blocks(width, height)),
                   sides=f"{width}x{height}", sampling=sampling)
    for name, data in odd():
        folder.add("jpeg-odd", "jpg", data, kind=name)


def odd():
    """Damage and rare forms that some readers forgive."""
    whole = picture("ycc", "420")
    rgb = pattern.blocks(WIDTH, HEIGHT)
    yield "no-end", whole[:-2]
    yield "cut-half", whole[: len(whole) * 3 // 4]
    yield "cut-last-block", whole[:-12]
    yield "rubbish-behind", whole + b"rubbish" * 30
    yield "second-picture-behind", whole + picture("gray")
    yield "zeros-behind", whole + bytes(4096)
    yield "fill-bytes", whole[:2] + b"\xff\xff\xff" + whole[2:]
    yield "no-jfif", jpeg.encode(jpeg.ycc(rgb), SAMPLINGS["420"], (1, 2, 3))
    yield "ids-012", jpeg.encode(jpeg.ycc(rgb), SAMPLINGS["444"], (0, 1, 2), jpeg.JFIF)
    yield "ids-012-no-jfif", jpeg.encode(jpeg.ycc(rgb), SAMPLINGS["444"], (0, 1, 2))
    yield "ids-other", jpeg.encode(jpeg.ycc(rgb), SAMPLINGS["444"], (7, 8, 9))
    yield "adobe-1", jpeg.encode(jpeg.ycc(rgb), SAMPLINGS["444"], (1, 2, 3), jpeg.adobe(1))
    yield "adobe-0-and-jfif", jpeg.encode([rgb[..., i] for i in range(3)], SAMPLINGS["444"], (1, 2, 3), jpeg.JFIF + jpeg.adobe(0))
    yield "adobe-2-of-three", jpeg.encode(jpeg.ycc(rgb), SAMPLINGS["444"], (1, 2, 3), jpeg.adobe(2))
    yield "adobe-1-of-four", jpeg.encode(planes("cmyk", rgb), [(1, 1)] * 4, (1, 2, 3, 4), jpeg.adobe(1))
    yield "gray-2x2", jpeg.encode([np.round(rgb @ np.array([0.3, 0.6, 0.1]))], [(2, 2)], (1,), jpeg.JFIF)
    yield "two-components", jpeg.encode(jpeg.ycc(rgb)[:2], [(1, 1)] * 2, (1, 2), jpeg.JFIF)
    yield "density-2-1", picture("ycc", "444").replace(jpeg.JFIF, jpeg.segment(0xE0, b"JFIF\0\1\1\0\0\2\0\1\0\0"), 1)
    yield "two-exifs", picture("ycc", "444", jpeg.exif(6) + jpeg.exif(3))
    yield "exif-before-jfif", picture("ycc", "444").replace(jpeg.JFIF, jpeg.exif(6) + jpeg.JFIF, 1)
    yield "exif-long-type", picture("ycc", "444", jpeg.exif(6).replace(b"\x01\x12\0\x03\0\0\0\1\0\6\0\0", b"\x01\x12\0\x04\0\0\0\1\0\0\0\6"))
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
    yield "xmp-orientation", picture("ycc", "444", jpeg.segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp))
    yield "bad-restart", picture("ycc", "420", restart=2).replace(b"\xff\xd3", b"\xff\xd5", 1)
    lost = picture("ycc", "420", restart=2)
    at = lost.index(b"\xff\xd1")
    yield "lost-restart", lost[:at] + lost[lost.index(b"\xff\xd2"):]
    data = bytearray(picture("ycc", "444"))
    for place in range(len(data) * 2 // 3, len(data) * 2 // 3 + 6):
        data[place] ^= 0x5A if data[place] ^ 0x5A != 0xFF else 0x11
    yield "flipped-bits", bytes(data)

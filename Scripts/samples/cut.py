"""Files that end too early: one of each kind, cut at several places."""

import os
import tempfile

from . import apng, bmp, video, gif, heif, jpeg, png, tiff, webp
from .folder import Folder

# Parts of the file that are kept, and how many bytes are missing at its end.
PARTS = (0.3, 0.6, 0.9)
MISSING = (1, 2, 9, 30)


def whole():
    """A whole file of every kind, by name and extension."""
    yield "gif", "gif", gif.animation(1, "all", "inner", "global")
    yield "gif-still", "gif", gif.animation(0, "none", "full", "global", delays=(10,), loops=None)
    yield "apng", "png", apng.animation("rgba", 1, 1, "inner")
    yield "webp-moving", "webp", webp.animation("lossless", 1, 0, "inner", True)
    for kind in ("lossy", "lossless", "lossy-alpha"):
        parts = [webp.chunk(*c) for c in webp.still(webp.drawing(96, 64, 0, kind != "lossy"), kind)]
        head = [webp.extended(96, 64, True)] if len(parts) > 1 else []
        yield f"webp-{kind}", "webp", webp.riff(*head, *parts)
    base = jpeg.picture("ycc", "420")
    yield "jpeg", "jpg", base
    yield "jpeg-progressive", "jpg", jpeg.recoded(base, "-progressive") or base
    yield "png", "png", png.png("rgba", 8)
    yield "png-interlaced", "png", png.png("rgba", 8, True)
    yield "bmp", "bmp", bmp.bmp(24, bmp.rows(bmp.pattern.colours(bmp.WIDTH, bmp.HEIGHT)[..., ::-1], 24, False))
    for squeeze in ("none", "lzw", "deflate"):
        yield f"tiff-{squeeze}", "tif", tiff.tiff(tiff.drawing("rgb", 8), 8, 2, squeeze=squeeze)
    yield from encoded()


def encoded():
    """What encoders make."""
    with tempfile.TemporaryDirectory() as work:
        quick = [*video.H264, "-pix_fmt", "yuv420p", "-c:a", "aac"]
        kinds = {
            "mp4": ("mp4", quick), "mp4-fast-start": ("mp4", [*quick, "-movflags", "faststart"]),
            "mp4-fragments": ("mp4", [*quick, "-g", "3", "-movflags", "frag_keyframe+empty_moov"]),
            "mov-fast-start": ("mov", [*quick, "-movflags", "faststart"]), "mkv": ("mkv", quick),
            "webm": ("webm", [*video.VP9, "-pix_fmt", "yuv420p", "-c:a", "libopus"]),
        }
        for name, (extension, settings) in kinds.items():
            data = video.encode(f"{work}/video.{extension}", settings, inputs=video.TONE, count=30, rate=30)
            if data:
                yield name, extension, data
        folder = Folder(work)
        path = folder.name("heif", "png")
        os.replace(heif.png(work, heif.drawing()), path)
        for name, command in (("avif", ["avifenc", "-s", "9"]), ("heic", ["heif-enc", "-o"])):
            made = f"{work}/still.{name}"
            heif.run([*command, path, made] if name == "avif" else [*command, made, path])
            if os.path.exists(made):
                with open(made, "rb") as file:
                    yield name, name, file.read()


def make(folder):
    for name, extension, data in whole():
        for part in PARTS:
            folder.add("cut", extension, data[: int(len(data) * part)], of=name, kept=f"{part:.0%}".replace("%", ""))
        for missing in MISSING:
            folder.add("cut", extension, data[:-missing], of=name, missing=missing)

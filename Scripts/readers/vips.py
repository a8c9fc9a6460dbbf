"""Files as libvips reads them: a newer one than Debian's, which Swapline is built on."""

import numpy as np
import pyvips

from .reading import Reading, chosen, kind_of

VERSION = 3
NAME = "libvips"
pyvips.cache_set_max(0)


def can_read(path):
    return kind_of(path) in ("gif", "png", "jpg", "webp", "tiff", "avif", "heic")


def samples(image):
    """Straight RGBA of 8 bits in sRGB."""
    image = image.autorot()
    if image.get_typeof("icc-profile-data"):
        image = image.icc_transform("srgb", embedded=True, intent="relative", depth=8)
    elif image.interpretation != "srgb":
        image = image.colourspace("srgb")
    if image.format != "uchar":
        image = image.cast("uchar", shift=image.format in ("ushort", "short", "uint", "int"))
    if image.bands < 3:
        clear = image[1:] if image.hasalpha() else None
        image = image[0].bandjoin([image[0], image[0]])
        image = image.bandjoin(clear) if clear is not None else image
    image = image if image.bands > 3 else image.addalpha()
    return np.frombuffer(image[:4].write_to_memory(), np.uint8).reshape(image.height, image.width, 4)


def read(path):
    out, kind = Reading(), kind_of(path)
    moves = kind in ("gif", "webp", "avif")
    image = pyvips.Image.new_from_file(path, **({"n": -1} if kind in ("gif", "webp") else {}))
    if image.width * image.height > 60_000_000:
        return Reading(f"{image.width}x{image.height} pixels are too many for this comparison")
    facts = out.facts
    count = image.get("n-pages") if moves and image.get_typeof("n-pages") else 1
    if kind == "avif":
        facts["frames"], count = count, 1
    height = image.get("page-height") if image.get_typeof("page-height") and count > 1 else image.height
    turned = image.get("orientation") if image.get_typeof("orientation") else 1
    facts["width"], facts["height"] = (
        (height, image.width) if turned >= 5 else (image.width, height))
    facts["orientation"] = turned
    facts["alpha"] = bool(image.hasalpha())
    if kind != "avif":
        facts["frames"] = count
    if count > 1:
        if image.get_typeof("delay"):
            facts["delays"] = [float(v) for v in image.get("delay")][:count]
            facts["duration"] = sum(facts["delays"]) / 1000
        if image.get_typeof("loop"):
            facts["loops"] = image.get("loop")
    for place, index in chosen(count).items():
        frame = image.crop(0, index * height, image.width, height) if count > 1 else image
        out.add(place, samples(frame))
    return out

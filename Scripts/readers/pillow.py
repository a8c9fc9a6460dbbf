"""Files as Pillow reads them, HEIC through pillow-heif."""

import io

import numpy as np
import pillow_heif
from PIL import Image, ImageCms, ImageOps

from .reading import Reading, chosen, kind_of

VERSION = 6
NAME = "pillow"
pillow_heif.register_heif_opener()
Image.MAX_IMAGE_PIXELS = 60_000_000
SRGB = ImageCms.createProfile("sRGB")


def can_read(path):
    return kind_of(path) in ("gif", "png", "jpg", "webp", "bmp", "tiff", "avif", "heic")


def has_alpha(image):
    return image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info


def is_wide(samples):
    return samples.min() < 0 or samples.max() > 65535


def samples(image):
    """Straight RGBA of 8 bits in sRGB."""
    profile = image.info.get("icc_profile")
    image = ImageOps.exif_transpose(image)
    if image.mode in ("I;16", "I;16B", "I;16L", "I"):
        wide = np.asarray(image).astype(np.int64)
        # Pillow holds 32 bits with their sign.
        wide = (wide % (1 << 32)) // 65537 if image.mode == "I" and is_wide(wide) else wide
        gray = np.clip((wide + 128) // 257, 0, 255).astype(np.uint8)
        return np.dstack([gray, gray, gray, np.full_like(gray, 255)])
    if image.mode == "F":
        gray = np.clip(np.asarray(image) * 255 + 0.5, 0, 255).astype(np.uint8)
        return np.dstack([gray, gray, gray, np.full_like(gray, 255)])
    clear = None
    if has_alpha(image):
        image = image.convert("RGBA") if image.mode not in ("LA", "RGBA") else image
        clear = np.asarray(image.getchannel("A"))
    if profile:
        image = image.convert("RGB") if image.mode in ("P", "PA") else image
        model = "CMYK" if image.mode == "CMYK" else "L" if image.mode in ("L", "LA") else "RGB"
        image = ImageCms.profileToProfile(
            image.convert(model), ImageCms.ImageCmsProfile(io.BytesIO(profile)), SRGB,
            renderingIntent=1, outputMode="RGB")
    elif image.mode == "LAB":
        image = ImageCms.profileToProfile(
            image, ImageCms.createProfile("LAB"), SRGB, renderingIntent=1, outputMode="RGB")
    colour = np.asarray(image.convert("RGB"))
    if clear is None:
        clear = np.full(colour.shape[:2], 255, np.uint8)
    return np.dstack([colour, clear])


def read(path):
    out = Reading()
    with Image.open(path) as image:
        turned = (image.getexif().get(0x0112, 1) or 1) if image.format not in ("HEIF", "AVIF") else 1
        turned = turned if turned in range(1, 9) else 1
        width, height = image.size
        facts = out.facts
        count = getattr(image, "n_frames", 1)
        if image.format in ("TIFF", "HEIF", "MPO"):
            count = 1
        # A PNG's default picture that is not of the animation is counted as a frame.
        skipped = 1 if image.info.get("default_image") and count > 1 else 0
        count -= skipped
        facts["width"], facts["height"] = (height, width) if turned >= 5 else (width, height)
        if image.format not in ("HEIF", "AVIF"):
            facts["orientation"] = turned
        facts["frames"] = count
        facts["alpha"] = has_alpha(image)
        wanted = {index: place for place, index in chosen(count).items()}
        delays = []
        for index in range(count):
            image.seek(index + skipped)
            image.load()
            delays.append(float(image.info.get("duration", 0)))
            facts["alpha"] = facts["alpha"] or has_alpha(image)
            if index in wanted:
                out.add(wanted[index], samples(image))
        if count > 1:
            facts["delays"] = delays
            facts["duration"] = sum(delays) / 1000
            loops = image.info.get("loop")
            if image.format == "GIF":
                # What the file says is how often it is repeated after the first time.
                facts["loops"] = 1 if loops is None else loops and loops + 1
            elif loops is not None:
                facts["loops"] = loops
    return out

"""Drawings that show every flip, turn, shift and swap of colours."""

import numpy as np

COLOURS = np.array(
    [
        [200, 40, 40], [40, 160, 60], [50, 70, 200], [220, 190, 60],
        [245, 245, 245], [20, 20, 24], [140, 60, 160], [70, 180, 190],
    ], np.uint8)


def indices(width, height, seed=0):
    """A drawing of the numbers 0 to 7: four quarters, an F in light and a dark corner."""
    y, x = np.mgrid[0:height, 0:width]
    quarter = (x * 2 >= width).astype(int) + 2 * (y * 2 >= height)
    out = (quarter + seed) % 4
    u, v = x / max(1, width), y / max(1, height)
    stem = (u > 0.2) & (u < 0.34) & (v > 0.15) & (v < 0.85)
    arms = (u > 0.2) & (u < 0.7) & (((v > 0.15) & (v < 0.3)) | ((v > 0.45) & (v < 0.58) & (u < 0.55)))
    out[stem | arms] = 4
    out[(u > 0.85) & (v < 0.2)] = 5
    out[(u > 0.75) & (v > 0.8)] = 6 + seed % 2
    return out.astype(np.uint8)


def hole(width, height):
    """Where a frame is transparent: an uneven blot right of the middle."""
    y, x = np.mgrid[0:height, 0:width]
    return (x > width * 0.45) & (x < width * 0.8) & (y > height * 0.3) & (y < height * 0.75)


def colours(width, height, seed=0):
    """The drawing in RGB, with a ramp along its lower edge. Rows x columns x 3."""
    out = COLOURS[indices(width, height, seed)]
    rows = max(1, height // 10)
    ramp = np.linspace(0, 255, width).astype(np.uint8)
    out[height - rows:, :, :] = ramp[None, :, None]
    return out


def alpha(width, height):
    """Transparency for the drawing: a hole, half of it in steps, opaque elsewhere."""
    out = np.full((height, width), 255, np.uint8)
    blot = hole(width, height)
    steps = (np.arange(height) * 255 // max(1, height - 1)).astype(np.uint8)
    out[blot] = np.broadcast_to(steps[:, None], (height, width))[blot]
    out[: height // 8, : width // 8] = 0
    return out


def blocks(width, height, seed=0):
    """Colours in blocks of 16 pixels, so that subsampled chroma meets no edge inside a block; an
    asymmetric arrangement."""
    y, x = np.mgrid[0:height, 0:width]
    number = (x // 16) * 3 + (y // 16) * 5 + (x // 16) * (y // 16) + seed
    out = COLOURS[number % 8].copy()
    out[(x < 16) & (y < 16)] = (250, 30, 30)
    return out

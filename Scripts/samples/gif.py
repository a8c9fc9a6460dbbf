"""GIF: disposal, transparency, offsets, palettes, canvas, background, interlace, delays, loops."""

import itertools

import numpy as np

from . import gifbytes as gif
from . import pattern

GLOBAL = [tuple(int(v) for v in c) for c in pattern.COLOURS]
LOCAL = [tuple(255 - v for v in c) for c in GLOBAL]
WIDTH, HEIGHT = 24, 18

PLACES = {
    # Left, top, width and height of the later frames, then of the first one.
    "full": ((0, 0, WIDTH, HEIGHT), (0, 0, WIDTH, HEIGHT)),
    "inner": ((5, 4, 13, 11), (0, 0, WIDTH, HEIGHT)),
    "first-small": ((0, 0, WIDTH, HEIGHT), (7, 3, 11, 9)),
    "all-small": ((9, 6, 10, 9), (3, 2, 10, 9)),
    "beyond": ((14, 10, 16, 14), (0, 0, WIDTH, HEIGHT)),
    "first-beyond": ((5, 4, 13, 11), (0, 0, WIDTH + 6, HEIGHT + 4)),
}


def drawing(place, seed, transparent):
    left, top, width, height = place
    out = pattern.indices(width, height, seed)
    if transparent:
        out[pattern.hole(width, height)] = 7
    return out


def animation(disposal, transparent, place, palette, canvas=(WIDTH, HEIGHT), background=0,
              interlaced=False, delays=(10, 20, 30, 40), loops=0, controls=True, later=None):
    later_place, first_place = PLACES[place]
    out = [gif.header(*canvas, GLOBAL if palette != "local" else None, background)]
    if loops is not None:
        out.append(gif.loop(loops))
    for number, delay in enumerate(delays):
        where = first_place if number == 0 else later_place
        own = LOCAL if palette == "local" or (palette == "mixed" and number % 2) else None
        method = disposal if later is None or number == 0 else later
        # A frame without transparency between those with it: what it covers must vanish.
        clear = transparent == "all" or (transparent == "later" and number > 0)
        if controls:
            out.append(gif.control(method, delay, 7 if clear else None))
        out.append(gif.image(where[0], where[1], drawing(where, number, clear), own, interlaced, 3))
    return b"".join(out) + gif.TRAILER


def make(folder):
    for disposal, transparent, place, palette, background in itertools.product(
            (0, 1, 2, 3, 4, 7), ("none", "all", "later"), PLACES, ("global", "local", "mixed"), (0, 7)):
        if palette == "local" and background:
            continue
        folder.add("gif-dispose", "gif",
                   animation(disposal, transparent, place, palette, background=background),
                   dispose=disposal, transparent=transparent, place=place, palette=palette,
                   background=background)
    for first, later, transparent, place in itertools.product(
            (0, 1, 2, 3), (0, 1, 2, 3), ("none", "all"), ("full", "inner", "all-small")):
        if first != later:
            folder.add("gif-dispose2", "gif",
                       animation(first, transparent, place, "global", later=later),
                       first=first, later=later, transparent=transparent, place=place)
    for canvas, disposal, transparent, place in itertools.product(
            ((24, 18), (0, 0), (10, 8), (40, 30), (640, 480), (320, 200), (1, 1)), (1, 2, 3),
            ("none", "all"), ("full", "inner", "all-small")):
        folder.add("gif-canvas", "gif",
                   animation(disposal, transparent, place, "global", canvas=canvas),
                   canvas=f"{canvas[0]}x{canvas[1]}", dispose=disposal, transparent=transparent,
                   place=place)
    for place, transparent, palette in itertools.product(PLACES, ("none", "all"), ("global", "local")):
        folder.add("gif-interlace", "gif",
                   animation(1, transparent, place, palette, interlaced=True),
                   place=place, transparent=transparent, palette=palette)
    for delay, loops in itertools.product((0, 1, 2, 3, 5, 6, 9, 100, 65535), (None, 0, 1, 2, 5, 65535)):
        folder.add("gif-time", "gif",
                   animation(1, "none", "inner", "global", delays=(delay,) * 3, loops=loops),
                   delay=delay, loops=loops)
    for place, palette, transparent in itertools.product(
            ("full", "first-small", "first-beyond"), ("global", "local"), ("none", "all")):
        for canvas in ((24, 18), (10, 8), (640, 480), (0, 0)):
            for control in (True, False):
                folder.add("gif-still", "gif",
                           animation(0, transparent if control else "none", place, palette,
                                     canvas=canvas, delays=(10,), loops=None, controls=control),
                           place=place, palette=palette, transparent=transparent,
                           canvas=f"{canvas[0]}x{canvas[1]}", control=control)
    for name, data in odd():
        folder.add("gif-odd", "gif", data, kind=name)


def odd():
    """Rare forms that readers stumble over."""
    full = pattern.indices(WIDTH, HEIGHT)
    head = gif.header(WIDTH, HEIGHT, GLOBAL)
    second = gif.control(1, 10) + gif.image(4, 4, pattern.indices(12, 10, 1), bits=3)
    first = gif.control(1, 10) + gif.image(0, 0, full, bits=3)
    both = first + second + gif.TRAILER
    yield "plain", head + both
    yield "gif87a", gif.header(WIDTH, HEIGHT, GLOBAL, version=b"87a") + gif.image(0, 0, full, bits=3) + gif.TRAILER
    yield "no-control", head + gif.image(0, 0, full, bits=3) + gif.image(4, 4, pattern.indices(12, 10, 1), bits=3) + gif.TRAILER
    yield "no-trailer", head + first + second
    yield "rubbish-behind", head + both + b"rubbish" * 9
    yield "rubbish-between", head + first + b"\0\0\0" + second + gif.TRAILER
    yield "no-loop", head + both
    yield "loop-late", head + first + gif.loop(3) + second + gif.TRAILER
    yield "loop-twice", head + gif.loop(3) + gif.loop(0) + both
    yield "loop-animexts", head + gif.loop(4, b"ANIMEXTS1.0") + both
    yield "loop-other-name", head + gif.loop(4, b"SOMEBODY1.0") + both
    yield "comment", head + b"\x21\xfe" + gif.blocks(b"a word " * 60) + both
    yield "plain-text", head + first + gif.control(1, 10) + b"\x21\x01\x0c" + bytes(
        (2, 0, 2, 0, 10, 0, 8, 0, 5, 8, 4, 5)) + gif.blocks(b"AB") + second + gif.TRAILER
    yield "control-twice", head + gif.control(2, 50, 3) + first + second + gif.TRAILER
    yield "waits-for-user", head + gif.control(1, 10, waits=True) + gif.image(0, 0, full, bits=3) + second + gif.TRAILER
    yield "bits-8", head + gif.control(1, 10) + gif.image(0, 0, full, bits=8) + second + gif.TRAILER
    yield "index-beyond-table", gif.header(WIDTH, HEIGHT, GLOBAL[:4]) + gif.control(1, 10) + gif.image(0, 0, full, bits=3) + second + gif.TRAILER
    yield "background-beyond-table", gif.header(WIDTH, HEIGHT, GLOBAL[:4], 200) + gif.control(2, 10) + gif.image(4, 3, full[:10, :10] % 4, bits=3) + second + gif.TRAILER
    yield "no-table", gif.header(WIDTH, HEIGHT) + both
    yield "two-colours", gif.header(WIDTH, HEIGHT, GLOBAL[:2]) + gif.control(1, 10) + gif.image(0, 0, full % 2) + gif.TRAILER
    yield "one-pixel", gif.header(1, 1, GLOBAL[:2]) + gif.image(0, 0, full[:1, :1] % 2) + gif.TRAILER
    yield "cut-data", head + gif.control(1, 10) + gif.image(0, 0, full, bits=3, cut=200) + second + gif.TRAILER
    yield "cut-data-last", head + first + gif.control(1, 10) + gif.image(4, 4, pattern.indices(12, 10, 1), bits=3, cut=40) + gif.TRAILER
    yield "too-much-data", head + gif.control(1, 10) + gif.image(0, 0, full, bits=3, extra=b"\x55" * 40) + second + gif.TRAILER
    yield "small-blocks", head + gif.control(1, 10) + gif.image(0, 0, full, bits=3, size=3) + second + gif.TRAILER
    yield "aspect", gif.header(WIDTH, HEIGHT, GLOBAL, aspect=113) + both
    yield "aspect-49", gif.header(WIDTH, HEIGHT, GLOBAL, aspect=49) + both
    yield "transparent-beyond", head + gif.control(1, 10, 200) + gif.image(0, 0, full, bits=3) + second + gif.TRAILER
    yield "last-frame-empty", head + first + gif.control(1, 10) + gif.image(0, 0, np.zeros((0, 0), np.uint8), bits=3) + gif.TRAILER
    noise = np.random.default_rng(1).integers(0, 256, (120, 130)).astype(np.uint8)
    wide = [tuple(int(v) for v in c) for c in np.random.default_rng(2).integers(0, 256, (256, 3))]
    yield "full-table", gif.header(130, 120, wide) + gif.image(0, 0, noise) + gif.TRAILER
    yield "full-table-no-clear", gif.header(130, 120, wide) + gif.image(0, 0, noise, clears=False) + gif.TRAILER
    yield "full-table-interlaced", gif.header(130, 120, wide) + gif.image(0, 0, noise, interlaced=True) + gif.TRAILER
    for count in (2, 3, 5, 17, 33, 65, 129):
        few = noise[:40, :50] % count
        yield f"colours-{count}", gif.header(50, 40, wide[:count]) + gif.image(0, 0, few) + gif.TRAILER
    many = head + gif.loop(0)
    for number in range(60):
        many += gif.control(number % 4, 3, 7 if number % 3 else None) + gif.image(
            number % 13, number % 9, drawing((0, 0, 6 + number % 7, 5 + number % 6), number, number % 3), bits=3)
    yield "many-frames", many + gif.TRAILER
    equal = head + gif.loop(0)
    for number in range(6):
        equal += gif.control(1, 10) + gif.image(0, 0, pattern.indices(WIDTH, HEIGHT, number // 3), bits=3)
    yield "equal-frames", equal + gif.TRAILER
    holes = head + gif.loop(0) + first
    for number in range(3):
        holes += gif.control(1, 10, 7) + gif.image(0, 0, np.full((2, 2), 7, np.uint8), bits=3)
    yield "empty-looking-frames", holes + gif.TRAILER

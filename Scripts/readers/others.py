"""All other readers over many files; what they found is kept, because they do not change."""

import concurrent.futures
import os
import resource
import signal
from concurrent.futures.process import BrokenProcessPool

from . import chromium, ffmpeg
from .reading import Cache, Reading, digest


def modules():
    """The readers that are here, and why others are not."""
    found, missing = {}, []
    for name, needs in (("ffmpeg", None), ("vips", "pyvips"), ("pillow", "Pillow")):
        try:
            module = __import__(f"readers.{name}", fromlist=["NAME"])
            if name == "ffmpeg" and not ffmpeg.program():
                missing.append("ffmpeg: apt-get install ffmpeg")
            else:
                found[module.NAME] = module
        except ImportError as error:
            missing.append(f"{needs}: {error}")
    if not chromium.program():
        missing.append("chromium: apt-get install chromium")
    return found, missing


def key(module):
    return f"{getattr(module, 'NAME', 'chromium')}-{module.VERSION}"


def _start():
    resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _late(*_):
    raise TimeoutError("took longer than 40 s")


def _read(folder, name, path, mark):
    found, _ = modules()
    module, cache = found[name], Cache(folder)
    # Stays when the reader takes the process with it.
    cache.begin(key(module), mark)
    signal.signal(signal.SIGALRM, _late)
    signal.alarm(40)
    try:
        reading = module.read(path)
    except Exception as error:  # noqa: BLE001 - whatever a reader says of a file is a finding
        text = str(error).strip().split("\n")
        reading = Reading((text[-1] or type(error).__name__)[:200])
    finally:
        signal.alarm(0)
    cache.put(key(module), mark, reading)


def fill(paths, folder, names, say):
    """Has every reader of `names` read every file that it has not read before."""
    found, _ = modules()
    cache = Cache(folder)
    marks = {path: digest(path) for path in paths}

    # Files of equal bytes are read once.
    marks = {path: mark for mark, path in {mark: path for path, mark in marks.items()}.items()}
    cache.forget_begun()

    def missing():
        for name, module in found.items():
            if name in names:
                for path, mark in marks.items():
                    if cache.has_begun(key(module), mark):
                        cache.put(key(module), mark, Reading("the reader crashed"))
                    elif module.can_read(path) and not cache.has(key(module), mark):
                        yield folder, name, path, mark

    while jobs := list(missing()):
        say(f"{len(jobs)} readings by {', '.join(sorted({j[1] for j in jobs}))}")
        with concurrent.futures.ProcessPoolExecutor(os.cpu_count(), initializer=_start) as pool:
            try:
                for _ in pool.map(_read, *zip(*jobs), chunksize=8):
                    pass
            except BrokenProcessPool:
                say("a reader crashed; going on behind that file")
    if "chromium" in names and chromium.program():
        _browse(marks, cache, found, say)


def _browse(marks, cache, found, say):
    jobs = [(path, mark) for path, mark in marks.items() if chromium.Chromium.can_read(path)
            and not cache.has(key(chromium), mark)]
    if not jobs:
        return
    say(f"{len(jobs)} readings by Chromium")
    browser = chromium.Chromium()
    try:
        for path, mark in jobs:
            times = {}
            known = cache.get(key(ffmpeg), mark) if "ffmpeg" in found else None
            stamps = getattr(known, "stamps", None)
            if stamps:
                # The middle of the time that each frame is shown.
                for place, index in known.picked.items():
                    times[place] = (stamps[index] + stamps[index + 1]) / 2
            else:
                times["first"] = 0
            cache.put(key(chromium), mark, browser.read(path, times))
    finally:
        browser.stop()


def readings(path, folder, names):
    """What the others found in one file, by reader."""
    cache, mark, out = Cache(folder), digest(path), {}
    found, _ = modules()
    for name, module in [*found.items(), ("chromium", chromium)]:
        if name in names:
            reading = cache.get(key(module), mark)
            if reading is not None:
                out[name] = reading
    return out

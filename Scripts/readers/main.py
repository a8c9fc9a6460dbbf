"""The command: reads every file with every reader and writes the findings."""

import argparse
import json
import os
import sys
import time

from . import conversions, others, ours, report, selftest
from .compare import compare
from .reading import form_of, kind_of
from .tally import Tally

ALL = ("ffmpeg", "libvips", "pillow", "chromium")


def files_in(folders):
    """The media files below `folders`, and the variant of those that generate-media made."""
    paths, manifest = [], {}
    for folder in folders:
        folder = os.path.abspath(folder)
        if os.path.isfile(folder):
            paths.append(folder)
            continue
        listing = os.path.join(folder, "manifest.json")
        if os.path.exists(listing):
            with open(listing) as file:
                manifest.update({os.path.join(folder, k): v for k, v in json.load(file).items()})
        for root, folders_in, names in sorted(os.walk(folder)):
            folders_in.sort()
            paths += [os.path.join(root, name) for name in sorted(names)]
    return [p for p in paths if os.path.getsize(p) and kind_of(p)], manifest


def main(root):
    parser = argparse.ArgumentParser(
        prog="compare-readers",
        description="Compares what Swapline reads in media files with what ffmpeg, libvips, Pillow"
                    " and Chromium read in them.")
    parser.add_argument("folders", nargs="*", metavar="FOLDER", help="a folder of media files, or a file")
    parser.add_argument("--report", default=os.path.join(root, ".build/compare/report"),
                        help="where the findings go (default: .build/compare/report)")
    parser.add_argument("--program", default=None, help="FrameDump (default: the newest one built)")
    parser.add_argument("--readers", default=",".join(ALL), help=f"some of {','.join(ALL)}")
    parser.add_argument("--only", default="", help="only paths that contain this")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth file")
    parser.add_argument("--strict", action="store_true",
                        help="end with 1 when a difference is left that nobody planned")
    parser.add_argument("--conversions", action="store_true",
                        help="compare what files become in other formats with the files")
    parser.add_argument("--self-test", action="store_true", help="try the comparison itself, on nothing else")
    options = parser.parse_args()
    if options.self_test:
        return 0 if selftest.main() else 1
    if not options.folders:
        parser.error("name a folder")
    names = options.readers.split(",")
    start = time.monotonic()

    def say(line):
        print(f"{time.monotonic() - start:6.0f} s  {line}", file=sys.stderr, flush=True)

    program = options.program or newest(root)
    if not program:
        parser.error("FrameDump is not built: swift build --product FrameDump --product swapline-media")
    for line in others.modules()[1]:
        say(f"left out, {line}")
    paths, manifest = files_in(options.folders)
    paths = [p for p in paths if options.only in p][::options.every]
    if options.conversions:
        say(f"{len(paths)} files")
        return conversions.main(program, paths, manifest, options, say)
    cache = os.path.join(root, ".build/compare/readings")
    say(f"{len(paths)} files")
    others.fill(paths, cache, names, say)
    tally = Tally(manifest)
    rows = {}
    for path, reading in ours.read(program, paths):
        kind, form, head = form_of(path)
        rest = others.readings(path, cache, names)
        tally.add(path, form, head, compare(kind, head, reading, rest), reading, rest)
        rows[path] = reading.error
        if len(rows) % 500 == 0:
            say(f"{len(rows)} compared")
    for path in set(paths) - set(rows):
        say(f"Swapline gave no answer for {path}")
    report.write(options.report, tally, f"Readers compared over {len(rows)} files")
    left = sum(c["left"] for c in tally.states.values())
    say(f"{left} of {len(rows)} files differ; {options.report}/index.html")
    return 1 if options.strict and (left or len(rows) < len(paths)) else 0


def newest(root):
    """The FrameDump that was built last."""
    found = [os.path.join(root, ".build", c, "FrameDump") for c in ("release", "debug")]
    found = [f for f in found if os.path.exists(f)]
    return max(found, key=os.path.getmtime, default=None)

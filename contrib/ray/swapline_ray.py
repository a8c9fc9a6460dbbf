#!/usr/bin/env python3
"""Runs the parts that `swapline split` made as tasks of Ray, and merges what comes of them.

    swapline_ray.py PIPELINE PARTS --out DIR --run NAME --ledger postgres://… [--facts DIR] [-- MORE OF swapline run]

PARTS and DIR lie on a file system that all machines of the cluster see at the same path. What a swap needs, keys
of providers and PGPASSWORD, is in the environment in which Ray was started there.

Ray never retries a swap, nor a task: a shard is given out again by this program, when it ends with 75 or its worker
has vanished, and the ledger says what was paid already. It ends as `swapline merge` does: 0 all done, 4 some items
failed, 75 shards are left; or with 5 when the budget is reached, 1 when a shard cannot be run at all.
"""

import argparse
import collections
import ctypes
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import ray

DONE, BUDGET, LATER = (0, 4), 5, 75
# Cut off from outside: by a signal, as a shell or Python says it.
CUT = (130, 137, 143, -signal.SIGINT, -signal.SIGKILL, -signal.SIGTERM)


@ray.remote(max_retries=0)
def attempt(words):
    """Runs a command; gives its exit code and the end of what it said."""
    # With its worker goes the command, as on a machine that is taken away: what was accepted is waited for.
    libc = ctypes.CDLL(None)
    done = subprocess.run(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace",
        preexec_fn=lambda: libc.prctl(1, signal.SIGTERM),
    )  # fmt: skip
    return done.returncode, done.stderr[-2000:]


def run(words, parts, tries, pause, cpus, say=print):
    """Runs every part by the command that `words` gives for it, each until it is done; gives the parts' exit codes,
    without those that are left."""
    start = attempt.options(num_cpus=cpus)
    waiting = collections.deque((0, part) for part in parts)  # when it may begin, which
    begun, ends, under_way = collections.Counter(), {}, {}
    most = max(1, int(2 * ray.cluster_resources().get("CPU", 1) / cpus))
    while waiting or under_way:
        for _ in range(len(waiting)):
            begin, part = waiting.popleft()
            if len(under_way) >= most or begin > time.monotonic():
                waiting.append((begin, part))
                continue
            begun[part] += 1
            under_way[start.remote(words(part))] = part
        ready, _ = ray.wait(list(under_way), timeout=0.5) if under_way else (time.sleep(0.5), ())
        for task in ready or ():
            part = under_way.pop(task)
            try:
                code, text = ray.get(task)
            except ray.exceptions.RayError as error:
                code, text = LATER, f"its worker has vanished: {type(error).__name__}\n"
            if code in DONE or code == BUDGET:
                ends[part] = code
                say(f"[{len(ends)} of {len(parts)}] {part.stem}: {'done' if code == 0 else 'done, some failed' if code == 4 else 'budget reached'}")
                if code == BUDGET:
                    waiting.clear()
            elif (code == LATER or code in CUT) and begun[part] < tries:
                say(f"{part.stem} is given out again ({begun[part]} of {tries} tries, code {code}): {text.strip()[-300:]}")
                waiting.append((time.monotonic() + pause * min(30, begun[part]), part))
            else:
                if code not in (LATER, *CUT):
                    ends[part] = code
                say(f"{part.stem} is given up with code {code}:\n{text}")
    return ends


def facts(out):
    """What is known of each item that is done, as a Dataset: a row an item, `asset` being all of its asset.json."""
    def rows(row):
        shard = pathlib.Path(row["item"])
        for path in sorted(shard.glob("*/asset.json")):
            asset = json.loads(path.read_text())
            result, swap = asset.get("result") or {}, asset.get("swap") or {}
            yield {
                "id": path.parent.name, "shard": shard.name, "folder": str(path.parent), "asset": json.dumps(asset),
                "result": result.get("file") or "", "width": int(result.get("width") or 0),
                "height": int(result.get("height") or 0), "provider": swap.get("provider") or "",
                "credits": float(swap.get("credits") or 0),
            }  # fmt: skip

    shards = sorted(str(path.parent) for path in pathlib.Path(out).glob("*-of-*/done.json"))
    return ray.data.from_items(shards).flat_map(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("pipeline", "parts"):
        parser.add_argument(name)
    for name in ("--out", "--run", "--ledger"):
        parser.add_argument(name, required=True)
    parser.add_argument("--tries", type=int, default=20, help="how often a shard is begun at most (20)")
    parser.add_argument("--pause", type=float, default=10, help="seconds before the second try, more before later ones (10)")
    parser.add_argument("--cpus", type=int, default=2, help="cores for each shard (2)")
    parser.add_argument("--facts", help="a folder for the facts of all items, as JSON lines")
    mark = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    asked, more = parser.parse_args(sys.argv[1:mark]), sys.argv[mark + 1:]  # what follows is `swapline run`'s
    swapline = os.environ.get("SWAPLINE", "swapline")
    parts = sorted(path for path in pathlib.Path(asked.parts).resolve().glob("*-of-*.*") if path.suffix in (".csv", ".jsonl"))
    if not parts:
        sys.exit(f"{asked.parts} holds no parts: swapline split --items … --out {asked.parts}")

    def words(part):
        shard = "/".join(str(int(number)) for number in part.stem.split("-of-"))
        return [swapline, "run", os.path.abspath(asked.pipeline), "--items", str(part), "--out", os.path.abspath(asked.out),
                "--run", asked.run, "--shard", shard, "--ledger", asked.ledger, "--workers", str(asked.cpus),
                "--quiet", *more]  # fmt: skip

    # A shard that comes again after a lost machine is this program's, so Ray need not watch over its memory of tasks.
    ray.init(log_to_driver=False, include_dashboard=False)
    ends = run(words, parts, asked.tries, asked.pause, asked.cpus, lambda text: print(text, file=sys.stderr, flush=True))
    merged = subprocess.run([swapline, "merge", asked.out, "--ledger", asked.ledger]).returncode
    if asked.facts:
        facts(asked.out).write_json(os.path.abspath(asked.facts))
    broken = [code for code in ends.values() if code not in (*DONE, BUDGET)]
    sys.exit(BUDGET if BUDGET in ends.values() else 1 if broken else merged)


if __name__ == "__main__":
    main()

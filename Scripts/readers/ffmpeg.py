"""Files as the programs ffprobe and ffmpeg read them."""

import json
import shutil
import subprocess

import numpy as np

from .reading import Reading, chosen, kind_of

VERSION = 6
NAME = "ffmpeg"
# No tone mapping, no guessing: colours converted exactly, chroma between samples interpolated.
FLAGS = "accurate_rnd+full_chroma_int+full_chroma_inp+bitexact+bicubic"


def program():
    return shutil.which("ffmpeg") and shutil.which("ffprobe")


def can_read(path):
    return kind_of(path) in ("gif", "png", "jpg", "webp", "bmp", "tiff", "avif", "mp4", "mkv")


def run(arguments):
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace").strip()


def pam(data):
    """The pictures of a stream of PAM files, one after the other, as rows x columns x 4."""
    at = 0
    while at < len(data):
        end = data.index(b"ENDHDR\n", at) + 7
        head = dict(line.split(" ", 1) for line in data[at:end].decode().split("\n")[1:-2])
        width, height, depth = int(head["WIDTH"]), int(head["HEIGHT"]), int(head["DEPTH"])
        size = width * height * depth
        yield np.frombuffer(data, np.uint8, size, end).reshape(height, width, depth)
        at = end + size


def read(path, every=False):
    kind = kind_of(path)
    code, text, error = run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_format", "-show_frames",
         "-show_entries", "frame=stream_index,pts_time,best_effort_timestamp_time,pkt_duration_time,duration_time",
         path])
    facts = json.loads(text or b"{}")
    streams = facts.get("streams", [])
    pictures = [s for s in streams if s.get("codec_type") == "video"
                and not s.get("disposition", {}).get("attached_pic")]
    if not pictures:
        return Reading(error.split("\n")[0][:200] or f"no pictures (exit {code})")
    stream = pictures[0]
    out = Reading()
    if kind in ("mp4", "mkv"):
        out.facts["sound"] = any(s.get("codec_type") == "audio" for s in streams)
        if "duration" in facts.get("format", {}):
            out.facts["duration"] = float(facts["format"]["duration"])
    alpha = stream.get("tags", {}).get("alpha_mode") == "1"
    decoder = {"vp8": ["-c:v", "libvpx"], "vp9": ["-c:v", "libvpx-vp9"]}.get(
        stream.get("codec_name"), []) if alpha else []
    code, data, error = run(
        ["ffmpeg", "-v", "error", "-nostdin", *decoder, "-i", path, "-map", f"0:{stream['index']}",
         "-vsync", "passthrough", "-frames:v", "400",
         "-vf", f"scale=w='max(1,round(iw*if(sar,sar,1)))':h=ih:flags={FLAGS}:in_color_matrix=auto"
         ":in_range=auto:out_range=full,setsar=1,format=rgba",
         "-c:v", "pam", "-f", "image2pipe", "-"])
    frames = list(pam(data))
    if not frames:
        return Reading(error.split("\n")[0][:200] or f"no frames (exit {code})")
    # As shown: pixels made square, the picture turned.
    out.facts["height"], out.facts["width"] = frames[0].shape[:2]
    out.facts["frames"] = len(frames)
    wanted = {str(i): i for i in range(len(frames))} if every else chosen(len(frames))
    for place, index in wanted.items():
        out.add(place, frames[index])
    times = [f for f in facts.get("frames", []) if f.get("stream_index") == stream["index"]]
    stamps = [float(f["best_effort_timestamp_time"]) for f in times if "best_effort_timestamp_time" in f]
    if len(stamps) == len(frames) and len(frames) > 1:
        steps = [round((b - a) * 1000, 3) for a, b in zip(stamps, stamps[1:])]
        last = times[-1].get("duration_time") or times[-1].get("pkt_duration_time")
        steps.append(round(float(last) * 1000, 3) if last else steps[-1])
        if kind not in ("mp4", "mkv"):
            out.facts["delays"] = steps
        # A browser's clock starts at 0, or earlier where the first picture does.
        start = min(0, stamps[0])
        out.picked = chosen(len(frames))
        out.stamps = [s - start for s in stamps] + [stamps[-1] - start + steps[-1] / 1000]
    return out

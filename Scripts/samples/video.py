"""Videos: codecs, pixel formats, display matrices, pixels that are not square, edit lists, ranges and
matrices of colour, transparency, fields, start times. Drawn here, encoded by Debian's ffmpeg."""

import itertools
import subprocess

import numpy as np

from . import boxes, pattern

WIDTH, HEIGHT, COUNT = 96, 64, 10
QUIET = ["ffmpeg", "-v", "error", "-nostdin", "-y"]
SAME = ["-fflags", "+bitexact", "-flags", "+bitexact", "-threads", "1"]
H264 = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "12"]
HEVC = ["-c:v", "libx265", "-preset", "ultrafast", "-crf", "12", "-tag:v", "hvc1", "-x265-params",
        "log-level=none:pools=1:frame-threads=1:info=0"]
VP9 = ["-c:v", "libvpx-vp9", "-crf", "15", "-b:v", "0", "-deadline", "realtime", "-cpu-used", "8"]
VP8 = ["-c:v", "libvpx", "-crf", "6", "-b:v", "2M", "-deadline", "realtime", "-cpu-used", "8"]
AV1 = ["-c:v", "libaom-av1", "-crf", "12", "-cpu-used", "8", "-row-mt", "0"]
TONE = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=1"]


def drawn(width=WIDTH, height=HEIGHT, count=COUNT, alpha=False):
    frames = []
    for number in range(count):
        frame = pattern.blocks(width, height, number)
        if alpha:
            clear = np.full((height, width), 255, np.uint8)
            y, x = np.mgrid[0:height, 0:width]
            clear[(x >= width // 2) & (y >= height // 2)] = 0
            clear[(x < 32) & (y >= height // 2)] = 128
            frame = np.dstack([frame, clear])
        frames.append(frame.tobytes())
    return b"".join(frames)


def encode(path, settings, width=WIDTH, height=HEIGHT, count=COUNT, alpha=False, before=(), inputs=(),
           rate=10, filters=None, maps=()):
    """Writes one video from the drawing; leaves no file where the encoder cannot."""
    command = [
        *QUIET, *before, "-f", "rawvideo", "-pix_fmt", "rgba" if alpha else "rgb24",
        "-s", f"{width}x{height}", "-r", str(rate), "-i", "-", *inputs, *maps,
        *(["-vf", filters] if filters else []), *settings, *SAME, path]
    done = subprocess.run(command, input=drawn(width, height, count, alpha), capture_output=True)
    if done.returncode:
        subprocess.run(["rm", "-f", path])
        print(f"{path}: {done.stderr.decode().strip().splitlines()[-1][:160]}")
        return None
    with open(path, "rb") as file:
        return file.read()


def colour(matrix, range_):
    """A conversion to YUV with what is written into the file about it."""
    names = {"bt709": "bt709", "bt601": "smpte170m", "bt2020": "bt2020nc"}
    full = "pc" if range_ == "full" else "tv"
    convert = (f"scale=out_color_matrix={matrix if matrix != 'bt601' else 'smpte170m'}:out_range={full}"
               ":flags=accurate_rnd+full_chroma_int")
    return convert, ["-colorspace", names[matrix], "-color_primaries",
                     "bt2020" if matrix == "bt2020" else "smpte170m" if matrix == "bt601" else "bt709",
                     "-color_trc", "smpte170m" if matrix == "bt601" else "bt709", "-color_range", full]


def matrices(folder):
    ratios = {"1-1": None, "4-3": "4/3", "3-4": "3/4", "16-11": "16/11", "2-1": "2/1", "1-3": "1/3"}
    for name, ratio in ratios.items():
        for sound in (False, True):
            data = encode(
                folder.path + "/base.mp4", [*H264, "-pix_fmt", "yuv420p", *(["-c:a", "aac"] if sound else ["-an"])],
                inputs=TONE if sound else (), filters=f"setsar={ratio}" if ratio else None)
            for turn in boxes.TURNS:
                folder.add("video-matrix", "mp4", boxes.turned(data, turn, WIDTH, HEIGHT),
                           turn=turn, sar=name, sound=sound)
            if not sound:
                for turn in boxes.TURNS:
                    folder.add("video-matrix-unmoved", "mp4",
                               boxes.turned(data, turn, WIDTH, HEIGHT, False), turn=turn, sar=name)
    data = encode(folder.path + "/base.mp4", [*H264, "-pix_fmt", "yuv420p"])
    for turn in boxes.TURNS:
        folder.add("video-matrix-movie", "mp4", boxes.movie_turned(data, turn, WIDTH, HEIGHT), turn=turn)
    data = encode(folder.path + "/base.mov", [*HEVC, "-pix_fmt", "yuv420p"])
    for turn in boxes.TURNS:
        folder.add("video-matrix", "mov", boxes.turned(data, turn, WIDTH, HEIGHT), codec="hevc", turn=turn)
    for ratio, (extension, codec) in itertools.product(
            ratios, (("mkv", H264), ("webm", VP9), ("webm", VP8), ("mov", HEVC))):
        if ratio != "1-1":
            path = folder.name("video-sar", extension, sar=ratio, codec=codec[1])
            encode(path, [*codec, "-pix_fmt", "yuv420p"], filters=f"setsar={ratios[ratio]}")


def edits(folder):
    lists = {
        "none": None, "whole": [(1.0, 0)], "skips-start": [(0.7, 0.3)], "cuts-end": [(0.5, 0)],
        "skips-and-cuts": [(0.4, 0.3)], "waits": [(0.3, None), (1.0, 0)],
        "waits-and-skips": [(0.2, None), (0.6, 0.4)], "two-parts": [(0.3, 0), (0.3, 0.6)],
        "repeats": [(0.5, 0), (0.5, 0)], "swapped": [(0.5, 0.5), (0.5, 0)], "beyond": [(3.0, 0)],
    }
    for frames, sound in itertools.product((0, 2), (False, True)):
        data = encode(folder.path + "/base.mp4",
                      [*H264, "-bf", str(frames), "-pix_fmt", "yuv420p", *(["-c:a", "aac"] if sound else ["-an"])],
                      inputs=TONE if sound else ())
        for name, segments in lists.items():
            # B frames are stored behind what they show: the first picture's time is above 0.
            late = 0.2 if frames else 0
            moved = segments and [(n, None if s is None else s + late) for n, s in segments]
            folder.add("video-edits", "mp4", boxes.edited(data, moved), edits=name, b=frames, sound=sound)


def colours(folder):
    for matrix, range_, (name, codec, extension) in itertools.product(
            ("bt601", "bt709", "bt2020"), ("limited", "full"),
            (("h264", H264, "mp4"), ("hevc", HEVC, "mp4"), ("vp9", VP9, "webm"), ("av1", AV1, "mkv"))):
        filters, tags = colour(matrix, range_)
        path = folder.name("video-colour", extension, matrix=matrix, range=range_, codec=name)
        encode(path, [*codec, "-pix_fmt", "yuv420p", *tags], filters=filters, count=3)
    for width, height in ((96, 64), (720, 576), (1280, 720)):
        for name, codec, extension in (("h264", H264, "mp4"), ("vp8", VP8, "webm")):
            path = folder.name("video-untagged", extension, sides=f"{width}x{height}", codec=name)
            encode(path, [*codec, "-pix_fmt", "yuv420p"], width, height, 2,
                   filters=f"scale=out_color_matrix={'bt709' if height >= 720 else 'smpte170m'}")
    for place in ("left", "center", "topleft", "top", "bottomleft", "bottom"):
        path = folder.name("video-siting", "mp4", siting=place)
        encode(path, [*H264, "-pix_fmt", "yuv420p", "-chroma_sample_location", place], count=3)
    for name, transfer in (("pq", "smpte2084"), ("hlg", "arib-std-b67")):
        path = folder.name("video-hdr", "mp4", transfer=name)
        encode(path, [*HEVC, "-pix_fmt", "yuv420p10le", "-color_primaries", "bt2020", "-color_trc", transfer,
                      "-colorspace", "bt2020nc"], count=3)


def codecs(folder):
    formats = {
        "h264": (H264, "mp4", ("yuv420p", "yuvj420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "gray")),
        "h264rgb": (["-c:v", "libx264rgb", "-crf", "12"], "mp4", ("rgb24",)),
        "hevc": (HEVC, "mp4", ("yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "gray", "gbrp", "yuv420p12le")),
        "vp9": (VP9, "webm", ("yuv420p", "yuv422p", "yuv440p", "yuv444p", "yuv420p10le", "gbrp")),
        "vp8": (VP8, "webm", ("yuv420p",)),
        "av1": (AV1, "mp4", ("yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "gray")),
        "mpeg4": (["-c:v", "mpeg4", "-q:v", "2"], "mp4", ("yuv420p",)),
        "mpeg2": (["-c:v", "mpeg2video", "-q:v", "2"], "mkv", ("yuv420p",)),
        "mjpeg": (["-c:v", "mjpeg", "-q:v", "2"], "mov", ("yuvj420p", "yuvj422p", "yuvj444p")),
        "prores": (["-c:v", "prores_ks"], "mov", ("yuv422p10le", "yuv444p10le")),
        "qtrle": (["-c:v", "qtrle"], "mov", ("rgb24",)),
        "png": (["-c:v", "png"], "mov", ("rgb24",)),
        "ffv1": (["-c:v", "ffv1"], "mkv", ("yuv420p", "bgr0")),
        "theora": (["-c:v", "libtheora", "-q:v", "9"], "mkv", ("yuv420p",)),
    }
    for name, (settings, extension, kinds) in formats.items():
        for kind in kinds:
            path = folder.name("video-codec", extension, codec=name, pixels=kind)
            encode(path, [*settings, "-pix_fmt", kind], count=4)
    for name, settings, extension in (("vp9", VP9, "webm"), ("vp8", VP8, "webm"), ("av1", AV1, "mp4"), ("h264-444", [*H264, "-pix_fmt", "yuv444p"], "mp4")):
        for width, height in ((95, 64), (96, 63), (95, 63), (33, 17), (2, 2), (16, 200)):
            path = folder.name("video-sides", extension, codec=name, sides=f"{width}x{height}")
            encode(path, settings, width, height, 3)
    for width, height in ((98, 66), (94, 62), (66, 34), (16, 16)):
        path = folder.name("video-sides", "mp4", codec="h264", sides=f"{width}x{height}")
        encode(path, [*H264, "-pix_fmt", "yuv420p"], width, height, 3)


def alphas(folder):
    kinds = {
        "vp9": (VP9, "webm", "yuva420p"), "vp8": ([*VP8, "-auto-alt-ref", "0"], "webm", "yuva420p"),
        "vp9-mkv": (VP9, "mkv", "yuva420p"), "prores": (["-c:v", "prores_ks", "-profile:v", "4444"], "mov", "yuva444p10le"),
        "qtrle": (["-c:v", "qtrle"], "mov", "argb"), "png": (["-c:v", "png"], "mov", "rgba"),
        "ffv1": (["-c:v", "ffv1"], "mkv", "bgra"),
    }
    for (name, (settings, extension, kind)), sides in itertools.product(
            kinds.items(), ((96, 64), (95, 63), (64, 96))):
        for ratio in ("1-1", "2-1"):
            path = folder.name("video-alpha", extension, codec=name, sides=f"{sides[0]}x{sides[1]}", sar=ratio)
            encode(path, [*settings, "-pix_fmt", kind], *sides, 5, True,
                   filters=f"setsar={ratio.replace('-', '/')}")
    for name in ("vp9", "vp8"):
        settings, extension, kind = kinds[name]
        path = folder.name("video-alpha", extension, codec=name, opaque=True)
        encode(path, [*settings, "-pix_fmt", kind], count=4)


def fields(folder):
    for order, (name, settings, extension) in itertools.product((1, 0), (
            ("h264", [*H264, "-flags", "+ildct+ilme"], "mp4"),
            ("mpeg2", ["-c:v", "mpeg2video", "-q:v", "2", "-flags", "+ildct+ilme"], "mkv"),
            ("prores", ["-c:v", "prores_ks", "-flags", "+ildct+ilme"], "mov"))):
        path = folder.name("video-fields", extension, codec=name, first="upper" if order else "lower")
        encode(path, [*settings, "-top", str(order), "-pix_fmt", "yuv422p10le" if name == "prores" else "yuv420p"],
               count=6)


def times(folder):
    quick = [*H264, "-pix_fmt", "yuv420p"]
    for extension, codec in (("mp4", quick), ("mov", quick), ("mkv", quick), ("webm", [*VP9, "-c:a", "libopus"])):
        sound = ["-c:a", "libopus" if extension == "webm" else "aac"]
        for name, before in (("late-picture", ["-itsoffset", "0.5"]), ("early-picture", ["-itsoffset", "-0.3"])):
            path = folder.name("video-start", extension, start=name)
            encode(path, [*codec, *sound], before=before, inputs=TONE)
        for shift in ("1.5", "3600"):
            path = folder.name("video-start", extension, start=f"all-{shift}")
            encode(path, [*codec, *sound, "-output_ts_offset", shift], inputs=TONE)
        for name, change in (("jump", "if(gte(N,5),PTS+2/TB,PTS)"), ("slower", "PTS+N*N*0.01/TB"), ("start", "PTS+0.7/TB")):
            path = folder.name("video-times", extension, times=name)
            encode(path, [*codec, "-vsync", "vfr", "-an"], filters=f"setpts='{change}'")
        for rate in ("1", "29.97", "120"):
            path = folder.name("video-rate", extension, rate=rate)
            encode(path, [*codec, "-an"], rate=rate, count=6)
        for count in (1, 2, 3):
            path = folder.name("video-count", extension, frames=count)
            encode(path, [*codec, "-an"], count=count)
    for name, flags in (("fragments", "frag_keyframe+empty_moov"), ("fragments-each", "frag_every_frame+empty_moov+default_base_moof"),
                        ("fast-start", "faststart"), ("delay-moov", "frag_keyframe+delay_moov"), ("negative-cts", "negative_cts_offsets")):
        for frames in (0, 2):
            path = folder.name("video-box", "mp4", flags=name, b=frames)
            encode(path, [*quick, "-bf", str(frames), "-g", "4", "-movflags", flags])
    for name, settings in (("sound-first", ["-map", "1:a", "-map", "0:v"]), ("two-videos", ["-map", "0:v", "-map", "0:v"])):
        for extension in ("mp4", "mkv"):
            path = folder.name("video-tracks", extension, tracks=name)
            encode(path, [*settings, *quick, "-c:a", "aac"], inputs=TONE)


def make(folder):
    import os
    os.makedirs(folder.path, exist_ok=True)
    for part in (matrices, edits, colours, codecs, alphas, fields, times):
        part(folder)
    for name in ("base.mp4", "base.mov"):
        if os.path.exists(os.path.join(folder.path, name)):
            os.remove(os.path.join(folder.path, name))

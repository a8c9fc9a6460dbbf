"""Files as Chromium shows them: a page in a headless browser asks this process for one file after the
other and posts what its image decoder, <img> and <video> make of it. Loopback only."""

import http.server
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading

import numpy as np

from .reading import Reading, kind_of

VERSION = 4
TYPES = {
    "gif": "image/gif", "png": "image/png", "jpg": "image/jpeg", "webp": "image/webp",
    "bmp": "image/bmp", "avif": "image/avif", "mp4": "video/mp4", "mkv": "video/webm",
}
PAGE = os.path.join(os.path.dirname(__file__), "chromium.html")


def program():
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, body, kind="application/json", status=200, headers=()):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        owner = self.server.owner
        if self.path == "/":
            with open(PAGE, "rb") as file:
                self.answer(file.read(), "text/html; charset=utf-8")
        elif self.path == "/next":
            job = owner.next_job()
            self.answer(json.dumps(job).encode())
        elif self.path.startswith("/file/"):
            path, kind = owner.files[int(self.path.split("/")[2])]
            with open(path, "rb") as file:
                data = file.read()
            self.ranged(data, TYPES[kind])
        else:
            self.answer(b"", status=404)

    def ranged(self, data, kind):
        wanted = self.headers.get("Range")
        if not wanted or not wanted.startswith("bytes="):
            return self.answer(data, kind, headers=[("Accept-Ranges", "bytes")])
        start, _, end = wanted[6:].partition("-")
        start = int(start or 0)
        end = min(int(end), len(data) - 1) if end else len(data) - 1
        if start >= len(data):
            return self.answer(b"", kind, 416, [("Content-Range", f"bytes */{len(data)}")])
        self.answer(data[start:end + 1], kind, 206, [
            ("Accept-Ranges", "bytes"), ("Content-Range", f"bytes {start}-{end}/{len(data)}")])

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.owner.results.put((int(self.path.split("/")[2]), body))
        self.answer(b"{}")


class Chromium:
    """A browser that reads files; start it once, and `stop` it."""

    name = "chromium"

    def __init__(self):
        self.jobs, self.results, self.files = queue.Queue(), queue.Queue(), {}
        self.count = 0
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.owner = self
        self.server.handle_error = lambda *_: None
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.browser, self.profile = None, None

    def start(self):
        self.profile = tempfile.mkdtemp(prefix="compare-readers-")
        address = f"http://127.0.0.1:{self.server.server_address[1]}/"
        self.browser = subprocess.Popen(
            [program(), "--headless=new", "--no-sandbox", "--disable-gpu", "--mute-audio",
             "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
             "--autoplay-policy=no-user-gesture-required", "--force-color-profile=srgb",
             f"--user-data-dir={self.profile}", address],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

    def stop(self):
        if self.browser:
            os.killpg(self.browser.pid, 9)
            self.browser.wait()
            shutil.rmtree(self.profile, ignore_errors=True)
        self.browser = None

    def next_job(self):
        try:
            return self.jobs.get(timeout=20)
        except queue.Empty:
            return {}

    @staticmethod
    def can_read(path):
        return kind_of(path) in TYPES

    def read(self, path, times=None, every=False):
        """The reading of one file; of videos at `times`, seconds by place; of animations with `every`
        frame by its number instead of by place."""
        if not self.browser:
            self.start()
        self.count += 1
        number, kind = self.count, kind_of(path)
        self.files[number] = (path, kind)
        self.jobs.put({"id": number, "type": TYPES[kind], "times": times or {}, "every": every})
        while True:
            try:
                got, body = self.results.get(timeout=30)
            except queue.Empty:
                self.stop()
                self.jobs = queue.Queue()
                return Reading("the browser did not answer within 30 s")
            if got == number:
                del self.files[number]
                return parse(body)


def parse(body):
    size = int.from_bytes(body[:4], "little")
    head = json.loads(body[4:4 + size])
    out = Reading(head.get("error"))
    # A length without an end becomes null on the way.
    out.facts = {k: v for k, v in head.get("facts", {}).items() if v is not None}
    at = 4 + size
    for picture in head.get("pictures", []):
        width, height = picture["width"], picture["height"]
        both = []
        for _ in range(2):
            raw = np.frombuffer(body, np.uint8, width * height * 4, at)
            both.append(raw.reshape(height, width, 4)[..., :3].copy())
            at += width * height * 4
        out.pictures[picture["place"]] = tuple(both)
    return out

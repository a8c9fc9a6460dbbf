"""A server on loopback that answers as badly as servers in the wild do.

Used by Scripts/bad-inputs. Takes a good JPEG as its only argument, prints its port, and serves until
it is ended. Paths under /crun-… play a provider's API.
"""
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

with open(sys.argv[1], "rb") as file:
    PICTURE = file.read()
SEEN = {}
LOCK = threading.Lock()


def count(path):
    with LOCK:
        SEEN[path] = SEEN.get(path, 0) + 1
        return SEEN[path]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body=b"", kind="text/plain", headers=(), length=None):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self):
        self.wfile.flush()
        self.close_connection = True
        self.connection.close()

    def do_GET(self):
        try:
            self.get()
        except OSError:
            self.close_connection = True

    def get(self):
        path = self.path.split("?")[0]
        if path.startswith("/crun-"):
            return self.crun(path)
        status = {"/404.jpg": 404, "/403.jpg": 403, "/500.jpg": 500, "/410.jpg": 410, "/418.jpg": 418}
        if path in status:
            return self.answer(status[path], b"<html>sorry</html>", "text/html")
        if path == "/ok.jpg":
            return self.answer(200, PICTURE, "image/jpeg")
        if path == "/wakes.jpg":
            # Ill twice, then well.
            ill = count(path) <= 2
            return self.answer(503 if ill else 200, b"" if ill else PICTURE, "image/jpeg")
        if path == "/loop.jpg":
            return self.answer(302, headers=[("Location", "/loop.jpg")])
        if path == "/to-private.jpg":
            return self.answer(302, headers=[("Location", "http://10.0.0.1/a.jpg")])
        if path == "/to-metadata.jpg":
            return self.answer(302, headers=[("Location", "http://169.254.169.254/latest/")])
        if path == "/to-file.jpg":
            return self.answer(302, headers=[("Location", "file:///etc/passwd")])
        if path == "/slow.jpg":
            time.sleep(30)
            return None
        if path == "/drip.jpg":
            self.send_response(200)
            self.send_header("Content-Length", str(len(PICTURE)))
            self.end_headers()
            for byte in PICTURE:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.2)
            return None
        if path == "/cut.jpg":
            return self.cut()
        if path == "/always-cut.jpg":
            self.answer(200, PICTURE[:1000], "image/jpeg", length=len(PICTURE))
            return self.hang_up()
        if path == "/short.jpg":
            # Names fewer bytes than the picture has.
            return self.answer(200, PICTURE[:5000], "image/jpeg")
        if path == "/vast.jpg":
            self.answer(200, PICTURE[:1000], "image/jpeg", length=10_000_000_000)
            return self.hang_up()
        if path == "/endless.jpg":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            piece = b"\xff" * 65536
            while True:
                self.wfile.write(b"10000\r\n" + piece + b"\r\n")
        if path == "/html.jpg":
            return self.answer(200, b"<!doctype html><title>Log in</title>", "image/jpeg")
        if path == "/empty.jpg":
            return self.answer(200, b"", "image/jpeg")
        if path == "/garbage.jpg":
            self.wfile.write(b"\x00\x01\x02 this is not HTTP\r\n\r\n")
            return self.hang_up()
        return self.answer(404)

    def cut(self):
        # The first answer breaks off in the middle; later ones go on where they are asked to.
        start = 0
        wanted = self.headers.get("Range")
        if wanted:
            start = int(wanted.split("=")[1].split("-")[0])
        mark = [("ETag", '"one"'), ("Accept-Ranges", "bytes")]
        if count("/cut.jpg") == 1:
            half = len(PICTURE) // 2
            self.answer(200, PICTURE[:half], "image/jpeg", mark, length=len(PICTURE))
            return self.hang_up()
        if start:
            mark.append(("Content-Range", f"bytes {start}-{len(PICTURE) - 1}/{len(PICTURE)}"))
        return self.answer(206 if start else 200, PICTURE[start:], "image/jpeg", mark)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            self.crun(self.path.split("?")[0])
        except OSError:
            self.close_connection = True

    def crun(self, path):
        temper = path.split("/")[1]
        if path.endswith("/posts"):
            return self.answer(200, str(SEEN.get(temper, 0)).encode())
        if self.command == "POST":
            count(temper)
        if temper == "crun-hangs-up":
            return self.hang_up()
        if temper == "crun-html":
            return self.answer(200, b"<html>It works!</html>", "text/html")
        if temper == "crun-500":
            return self.answer(500, b"<html>oops</html>", "text/html")
        if temper == "crun-garbage":
            return self.answer(200, b'{"code": 200, "data": [1, 2', "application/json")
        if self.command == "POST":
            body = {"code": 200, "message": "ok", "data": {"task_id": "t1"}}
        else:
            body = {"code": 200, "message": "ok", "data": self.task(temper)}
        return self.answer(200, json.dumps(body).encode(), "application/json")

    def task(self, temper):
        here = f"http://127.0.0.1:{self.server.server_address[1]}"
        result = {
            "crun-result-gone": {"code": 200, "media_urls": [here + "/404.jpg"]},
            "crun-result-html": {"code": 200, "media_urls": [here + "/html.jpg"]},
            "crun-result-file": {"code": 200, "media_urls": ["file:///etc/passwd"]},
            "crun-unchanged": {"code": 200, "media_urls": [here + "/ok.jpg"]},
            "crun-fails": {"code": 501, "message": "no face was found"},
        }.get(temper)
        status = {"crun-fails": "failed", "crun-stuck": "processing"}.get(temper, "success")
        return {"task_id": "t1", "status": status, "result": result}


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(server.server_address[1], flush=True)
server.serve_forever()

"""A server of files on the loopback device that can be told to misbehave."""

from __future__ import annotations

import hashlib
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FileServer:
    """Serves ``files`` (path to bytes). ``faults`` are taken one a request: a number of bytes after which the
    connection is closed, a status, ``"stall"``, which calls ``stalled()`` and keeps the client waiting until it asks
    again, ``"no ranges"``, or a function that answers; ``requests`` records (path, Range). ``delay``: seconds between
    the parts of an answer. Answers under way end with the server: nothing of it runs beside later tests."""

    def __init__(self, files, etags=True, redirects=None, delay=0.0):
        self.files, self.etags, self.redirects, self.delay = dict(files), etags, redirects or {}, delay
        self.faults, self.requests, self.stalled = [], [], lambda: None
        self.over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}"

    def stall(self):
        """Keep the client waiting until it asks again."""
        self.stalled()
        number = len(self.requests)
        while len(self.requests) == number and not self.over.wait(0.01):
            pass

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self._server.shutdown()
        self._server.server_close()


def _handler(served):
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            path = self.path.lstrip("/")
            wanted = self.headers.get("Range")
            served.requests.append((path, wanted))
            fault = served.faults.pop(0) if served.faults else None
            if callable(fault):
                return fault(self)
            if path in served.redirects:
                self.send_response(302)
                self.send_header("Location", served.redirects[path])
                self.send_header("Content-Length", "0")
                return self.end_headers()
            if fault in (404, 500, 503) or path not in served.files:
                return self.send_error(fault if isinstance(fault, int) else 404)
            if fault == "stall":
                return served.stall()
            self.send_file(served.files[path], None if fault == "no ranges" else wanted, fault)

        def send_file(self, data, wanted, fault):
            tag = f'"{hashlib.md5(data).hexdigest()}"'
            start = int(wanted[6:-1]) if wanted and self.headers.get("If-Range", tag) == tag else 0
            if start and start >= len(data):
                return self.send_error(416)
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(data) - start))
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            if served.etags:
                self.send_header("ETag", tag)
            self.end_headers()
            body = data[start : start + fault] if isinstance(fault, int) else data[start:]
            step = max(1, len(body) // 8) if served.delay else len(body) or 1
            for i in range(0, len(body), step):
                with suppress(ConnectionError):
                    self.wfile.write(body[i : i + step])
                if served.over.wait(served.delay):
                    break

    return Handler

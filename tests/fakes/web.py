"""A web server on this machine that serves one file and misbehaves on request."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Web:
    """What the server does; changed by tests, read by its threads."""

    body: bytes = b""
    ranges: bool = True
    """Whether it answers for a part of the file."""
    cuts: list[int] = field(default_factory=list)
    """After how many bytes each of the next answers breaks off."""
    codes: list[int] = field(default_factory=list)
    """What the next requests are refused with."""
    leads_to: dict[str, str] = field(default_factory=dict)
    """Redirects by path."""
    says_length: bool = True
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Path and Range header of every request."""
    headers: list[dict[str, str]] = field(default_factory=list)
    port: int = 0

    def url(self, path: str = "/weights") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def serving() -> Iterator[Web]:
    """The server, while the block runs."""
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range", "")
            web.asked.append((self.path, asked))
            web.headers.append(dict(self.headers))
            if target := web.leads_to.get(self.path):
                self.send_response(302)
                self.send_header("Location", target)
                self.end_headers()
                return
            if web.codes:
                self.send_error(web.codes.pop(0))
                return
            begin = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
            begin = begin if web.ranges else 0
            if begin and begin >= len(web.body):
                self.send_error(416)
                return
            self.send_response(206 if begin else 200)
            if begin:
                last = len(web.body) - 1
                self.send_header("Content-Range", f"bytes {begin}-{last}/{len(web.body)}")
            if web.says_length:
                self.send_header("Content-Length", str(len(web.body) - begin))
            self.end_headers()
            stop = begin + web.cuts.pop(0) if web.cuts else len(web.body)
            self.wfile.write(web.body[begin:stop])

        def log_message(self, *_: object) -> None:
            """Silence."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that hangs up in the middle is what the tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    web.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

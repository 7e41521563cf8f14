"""A web server on this machine that answers as told, and breaks off, stalls and lies as told."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Answer:
    """One HTTP answer; JSON unless `body` says otherwise.

    `seconds` passes before a word is said, and again before every `drip` bytes of the body. Only the
    first `kept` bytes of the announced length are sent; then the connection is closed, or reset.
    """

    payload: Any = None
    status: int = 200
    body: str | bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    drip: int = 0
    kept: int | None = None
    reset: bool = False

    @property
    def content(self) -> bytes:
        content = json.dumps(self.payload) if self.body is None else self.body
        return content if isinstance(content, bytes) else content.encode()


Route = Callable[[str, dict[str, str], str], Answer]
HTML = Answer(
    body="<!DOCTYPE html><html><body>Sorry, blocked</body></html>", headers={"Content-Type": "text/html"}
)


class _Handler(BaseHTTPRequestHandler):
    route: Route

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        answer = type(self).route(parts.path, query, self.headers.get("X-Orig-Host", ""))
        content = answer.content
        time.sleep(answer.seconds)
        try:
            self.send_response(answer.status)
            for key, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self._send(content if answer.kept is None else content[: answer.kept], answer)
        except OSError:
            return  # the client has gone
        if answer.reset:
            self.wfile.flush()
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        if answer.kept is not None:
            self.close_connection = True

    def _send(self, content: bytes, answer: Answer) -> None:
        step = answer.drip or len(content) or 1
        for begin in range(0, len(content), step):
            self.wfile.write(content[begin : begin + step])
            self.wfile.flush()
            if answer.drip:
                time.sleep(answer.seconds)

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a stalled answer is not waited for

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a reset connection cannot be flushed


@contextmanager
def serving(route: Route) -> Iterator[str]:
    """Serve `route(path, query, host)` and yield the base address."""
    handler = type("Handler", (_Handler,), {"route": staticmethod(route)})
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def silent() -> Iterator[str]:
    """Yield the address of a server that accepts every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def refused() -> str:
    """Return an address on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

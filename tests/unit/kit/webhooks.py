"""A real HTTP server on loopback that takes what a web hook posts, and answers as it is told."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

__all__ = ["Hook", "serving"]


class Hook:
    """What was posted, and how the next posts are answered."""

    def __init__(self) -> None:
        self.posts: list[tuple[dict[str, str], Any]] = []
        self.others: list[str] = []
        """The methods of requests that are no posts."""
        self.status = 200
        self.delay = 0.0
        self.cut_off = False
        """Whether the connection is closed without an answer."""
        self.location: str | None = None
        self.address = ""

    @property
    def keys(self) -> list[str]:
        """The keys of all messages posted, in order."""
        return [message["key"] for _, body in self.posts for message in body["messages"]]


@contextmanager
def serving() -> Generator[Hook]:
    """Serve until the block ends."""
    hook = Hook()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(hook.delay)
            if hook.cut_off:
                self.close_connection = True
                return
            if hook.status < 300:
                hook.posts.append((dict(self.headers.items()), body))
            self.send_response(hook.status)
            if hook.location is not None:
                self.send_header("Location", hook.location)
            self.end_headers()

        def do_GET(self) -> None:
            hook.others.append("GET")
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Say nothing where the other side is gone before it is answered."""

    with Server(("127.0.0.1", 0), Handler) as server:
        hook.address = f"http://127.0.0.1:{server.server_port}/hook?token=secret"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield hook
        finally:
            server.shutdown()
            thread.join()

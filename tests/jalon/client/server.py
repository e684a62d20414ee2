"""A small HTTP server that returns given answers and records its requests."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HANG_UP = "hang up"


@dataclass(frozen=True)
class Told:
    """One answer to return."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One recorded request."""

    method: str
    path: str
    key: str | None
    body: Any
    authorization: str | None


@dataclass
class Script:
    """Answers in their order; the last one is repeated. `url` is the server's address."""

    url: str
    answers: list[Told | str] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def tell(self, *answers: Told | str) -> None:
        """Sets the answers to the next requests."""
        self.answers = list(answers)

    @property
    def keys(self) -> list[str | None]:
        """The idempotency keys of the writes."""
        return [each.key for each in self.asked if each.method != "GET"]

    @property
    def paths(self) -> list[str]:
        """The paths of the requests."""
        return [each.path for each in self.asked]


@contextmanager
def served() -> Iterator[Script]:
    """A server without answers yet."""
    script = Script("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, *_what: object) -> None:
            """Keeps the output of the tests clean."""

        def _answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            script.asked.append(
                Asked(
                    self.command,
                    self.path,
                    self.headers.get("Idempotency-Key"),
                    json.loads(content) if content else None,
                    self.headers.get("Authorization"),
                )
            )
            told = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
            if isinstance(told, str):
                self.close_connection = True
                return
            sent = told.body.encode() if isinstance(told.body, str) else json.dumps(told.body).encode()
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    script.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield script
    server.shutdown()
    server.server_close()
    thread.join()

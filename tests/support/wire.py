"""Requests written byte by byte, as no client library would send them, and the answers read off the wire."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from typing import Any

import httpx

LIMIT_SECONDS = 30.0


@dataclass(frozen=True)
class WireAnswer:
    """The last answer on the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @classmethod
    def read(cls, received: bytes) -> WireAnswer:
        """The answer after any 100 Continue."""
        head, _, body = received.partition(b"\r\n\r\n")
        if head.startswith(b"HTTP/1.1 100"):
            return cls.read(body)
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        return cls(int(first.split()[1]), headers, body)

    @property
    def problem(self) -> dict[str, Any]:
        """The problem that the answer holds."""
        assert self.headers["content-type"] == "application/problem+json", self
        found: dict[str, Any] = json.loads(self.body)
        assert found["detail"]
        assert found["status"] == self.status
        return found


@dataclass(frozen=True)
class Wire:
    """A server, spoken to byte by byte. `key` goes with each request unless it is None."""

    url: str
    key: str | None = None

    def send(self, sent: bytes) -> WireAnswer:
        """The answer to these bytes, once the server has ended the connection."""
        address = httpx.URL(self.url)
        with socket.create_connection((address.host, address.port or 80), timeout=LIMIT_SECONDS) as line:
            line.sendall(sent)
            received = b""
            while part := line.recv(65536):
                received += part
        return WireAnswer.read(received)

    def ask(
        self, method: str, path: str | bytes, *headers: bytes, body: bytes | None = None, version: str = "1.1"
    ) -> WireAnswer:
        """The answer to one request, with the length of its body."""
        target = path.encode("latin-1") if isinstance(path, str) else path
        lines = [
            f"{method} ".encode() + target + f" HTTP/{version}".encode(),
            b"Host: jalon",
            b"Connection: close",
            *headers,
        ]
        if self.key is not None:
            lines.append(f"Authorization: Bearer {self.key}".encode())
        if body is not None:
            lines.append(f"Content-Length: {len(body)}".encode())
        return self.send(b"\r\n".join(lines) + b"\r\n\r\n" + (body or b""))

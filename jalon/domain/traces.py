"""The trace of a request: one id for everything that follows from it, in every process (W3C Trace Context)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Self

_TRACEPARENT = re.compile(
    r"(?!ff)(?P<version>[0-9a-f]{2})-(?P<id>(?!0{32})[0-9a-f]{32})-(?P<span>(?!0{16})[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})(?P<more>-.*)?"
)


@dataclass(frozen=True, slots=True)
class Trace:
    """A place in a trace: the trace's id in 32 hexadecimal digits, and the span that what follows belongs to, in 16.

    `sampled`: its spans are exported where an exporter is configured. As text it is a `traceparent`.
    """

    id: str
    span: str
    sampled: bool = True

    @classmethod
    def parse(cls, traceparent: str | None) -> Self | None:
        """Reads a `traceparent`; None for any other text."""
        found = _TRACEPARENT.fullmatch(traceparent or "")
        if found is None or (found["version"] == "00" and found["more"]):
            return None
        return cls(found["id"], found["span"], bool(int(found["flags"], 16) & 1))

    @classmethod
    def of(cls, cause: str) -> Self:
        """The trace of what nobody requested, such as a deadline. The same cause has the same trace, also in a replay."""
        digest = hashlib.sha256(cause.encode()).hexdigest()
        return cls(digest[:32], digest[32:48])

    def step(self, name: str) -> Trace:
        """The span of a step of this trace, the same in a replay. `name` is unique within the trace."""
        digest = hashlib.sha256(f"{self.id}/{self.span}/{name}".encode()).hexdigest()
        return Trace(self.id, digest[:16], self.sampled)

    def __str__(self) -> str:
        return f"00-{self.id}-{self.span}-{self.sampled:02x}"

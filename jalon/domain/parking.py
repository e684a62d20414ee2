"""The cause of parked and stalled steps, and the fingerprint that groups those of one step and one cause."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


def fingerprint(step: str, cause: str) -> str:
    """Twelve hex digits, equal for equal steps and causes; the occurrence of an e-mail's step does not count.

    `cause_fingerprint` of the schema makes the same digits.
    """
    return hashlib.sha256(f"{step.split('/', maxsplit=1)[0]}:{cause}".encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause as a step records it: the type of the error, and the code of a provider or server where there is one."""

    error: str
    code: str | None = None

    @classmethod
    def of(cls, text: str) -> Cause:
        """The parts of a recorded cause, as in "ProviderRefusedRequest:merchant_suspended"."""
        error, _, code = text.partition(":")
        return cls(error, code.strip() or None)

    def __str__(self) -> str:
        return f"{self.error}:{self.code}" if self.code else self.error

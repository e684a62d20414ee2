"""The fingerprint of parked and stalled steps, which groups those of one step and one cause."""

from __future__ import annotations

import hashlib


def fingerprint(step: str, cause: str) -> str:
    """Twelve hex digits, equal for equal steps and causes; the occurrence of an e-mail's step does not count."""
    return hashlib.sha256(f"{step.split('/', maxsplit=1)[0]}:{cause}".encode()).hexdigest()[:12]

"""A signature, as the signed copy of a contract shows it (H4, H23)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, as which function in the company, and the sentence that was ticked, in the words of the page."""

    name: str
    title: str | None
    consent: str

    @classmethod
    def of(cls, evidence: Mapping[str, Any]) -> Signature:
        """What the evidence of a signature says of it."""
        signer = evidence["signer"]
        return cls(signer["name"], signer["title"], evidence["consent"]["text"])

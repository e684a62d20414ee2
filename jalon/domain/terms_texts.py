"""The text of a terms document, as it is archived and read again (T11, T12)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TermsText:
    """One layer of the terms of sale in one version; `title` and `text` are by language."""

    layer: str
    version: str
    title: Mapping[str, str]
    text: Mapping[str, str]

    @property
    def content(self) -> bytes:
        """The exact bytes to archive, in every language: canonical JSON."""
        parts = {"layer": self.layer, "version": self.version, "title": self.title, "text": self.text}
        return json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()

    @property
    def sha256(self) -> str:
        """Hex digest of `content`."""
        return hashlib.sha256(self.content).hexdigest()

    @classmethod
    def read(cls, content: bytes) -> TermsText:
        """The text of archived bytes."""
        return cls(**json.loads(content))

    def language(self, *preferred: str) -> str:
        """The first of these languages in which there is a text, else the first that it has."""
        return next((language for language in preferred if language in self.text), next(iter(self.text)))

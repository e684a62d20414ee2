"""Terms of sale as answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ConfigDict

from api.http.answers import Answer

_EXAMPLE: dict[str, Any] = {
    "layer": "general",
    "text": {"en": "1. The price is paid in advance.", "fr": "1. Le prix est payé d’avance."},
    "title": {"en": "General terms", "fr": "Conditions générales"},
    "version": "2025-06",
}


class TermsText(Answer):
    """One layer of the terms of sale in one version. `title` and `text` are by language; the text is plain, its lines as written."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    layer: str
    text: Mapping[Literal["fr", "en"], str]
    title: Mapping[Literal["fr", "en"], str]
    version: str


class TermsReference(Answer):
    """A document of the terms of sale in force: its text is at `/v1/terms/{sha256}`, and for people at `page`."""

    layer: str
    version: str
    title: Mapping[Literal["fr", "en"], str]
    sha256: str
    page: str

"""Calls of support: one order or subscription as its customer on the line asks for it."""

from __future__ import annotations

from typing import Any, Literal

from jalon.client.calls import Call, path_to, query_of

Language = Literal["en", "fr"]


def overview(entity: str, lang: Language | None = None) -> Call[dict[str, Any]]:
    """What it waits for, whose turn it is and until when, what was paid, whether the e-mail arrived, and what can be done."""
    return Call("GET", _of(entity), query=query_of(lang=lang))


def _of(entity: str, *parts: str | int) -> str:
    return path_to("support", "entities", entity, *parts)

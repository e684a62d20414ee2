"""Calls of support about one order or subscription."""

from __future__ import annotations

from typing import Any, Literal

from jalon.client.calls import Call, body_of, path_to, query_of
from jalon.client.shapes import Page

Language = Literal["en", "fr"]


def overview(entity: str, lang: Language | None = None) -> Call[dict[str, Any]]:
    """What an order or a subscription waits for, what was paid, and what can be done, in words of this language."""
    return Call("GET", path_to("support", "entities", entity), query=query_of(lang=lang))


def history(
    entity: str,
    *,
    lang: Language | None = None,
    with_subscriptions: bool = False,
    limit: int | None = None,
    after: str | None = None,
) -> Call[Page[dict[str, Any]]]:
    """A page of all that was recorded about it, the latest record first; with `with_subscriptions` of an order's subscriptions, too."""
    include = "subscriptions" if with_subscriptions else None
    return Call(
        "GET", _of(entity, "history"), query=query_of(lang=lang, include=include, limit=limit, after=after)
    )


def write_note(entity: str, text: str) -> Call[dict[str, Any]]:
    """Adds a note for staff."""
    return Call("POST", _of(entity, "notes"), body_of(text=text))


def _of(entity: str, *parts: str | int) -> str:
    return path_to("support", "entities", entity, *parts)


def tasks(limit: int | None = None, after: str | None = None) -> Call[Page[dict[str, Any]]]:
    """One page of what waits for support, the longest waiting first."""
    return Call("GET", path_to("support", "tasks"), query=query_of(limit=limit, after=after))

"""Calls of support about one order or subscription."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from jalon.client.calls import Call, body_of, path_to, query_of
from jalon.client.shapes import Data, Entity, Page, Subscription

Language = Literal["en", "fr"]


def overview(entity: str, lang: Language | None = None) -> Call[dict[str, Any]]:
    """What an order or a subscription waits for, what was paid, and what can be done, in words of this language."""
    return Call("GET", path_to("support", "entities", entity), query=query_of(lang=lang))


def await_change(entity: str, seen: str | None = None, wait: int | None = None) -> Call[dict[str, Any]]:
    """The mark of an entity, once it is another than `seen`, or after so many seconds."""
    return Call("GET", path_to("support", "changes", entity), query=query_of(seen=seen, wait=wait))


def history(
    entity: str,
    *,
    lang: Language | None = None,
    with_subscriptions: bool = False,
    kinds: Sequence[str] = (),
    limit: int | None = None,
    after: str | None = None,
) -> Call[Page[dict[str, Any]]]:
    """A page of all that was recorded about it, or of these kinds, the latest record first.

    With `with_subscriptions` that of an order's subscriptions is merged in.
    """
    include = "subscriptions" if with_subscriptions else None
    query = query_of(lang=lang, include=include, limit=limit, after=after)
    return Call("GET", _of(entity, "history"), query={**query, **({"kind": tuple(kinds)} if kinds else {})})


def write_note(entity: str, text: str) -> Call[dict[str, Any]]:
    """Adds a note for staff."""
    return Call("POST", _of(entity, "notes"), body_of(text=text))


def mail(entity: str, message: str) -> Call[dict[str, Any]]:
    """An e-mail rendered again from what it was sent with; its links open nothing."""
    return Call("GET", _of(entity, "mails", message))


def resend(entity: str, message: str, reason: str) -> Call[Entity]:
    """Sends an e-mail once more, where it is still true."""
    return Call("POST", _of(entity, "mails", message, "resend"), body_of(reason=reason))


def extend(
    entity: str,
    what: str,
    reason: str,
    *,
    until: date | None = None,
    by: int | None = None,
    subject: str | None = None,
) -> Call[Entity]:
    """Moves a deadline to the end of a later day, or by so many days."""
    day = until.isoformat() if until else None
    return Call(
        "POST",
        path_to("ops", "entities", entity, "extend"),
        body_of(what=what, until=day, by=by, subject=subject, reason=reason),
    )


def export_person(person: str) -> Call[dict[str, Any]]:
    """Everything that the store holds about a person."""
    return Call("GET", path_to("people", person, "export"))


def as_customer(entity: str) -> Call[dict[str, Any]]:
    """The page that the customer sees, as HTML in which nothing acts."""
    return Call("GET", _of(entity, "as-customer"))


def ask_admin_recovery(
    entity: str, *, email: str, name: str, reason: str, evidence: str
) -> Call[dict[str, Any]]:
    """Asks that another person follow an admin whom nobody reaches."""
    body = body_of(email=email, name=name, reason=reason, evidence=evidence)
    return Call("POST", _of(entity, "admin-recoveries"), body)


def approve_admin_recovery(entity: str, recovery: int, reason: str) -> Call[Subscription]:
    """Approves it as a second person, and begins the transfer."""
    return Call("POST", _of(entity, "admin-recoveries", recovery, "approve"), body_of(reason=reason))


def admin_recoveries(entity: str) -> Call[Data[dict[str, Any]]]:
    """The requests to put another person in as admin, the latest first."""
    return Call("GET", _of(entity, "admin-recoveries"))


def refuse_admin_recovery(entity: str, recovery: int, reason: str) -> Call[dict[str, Any]]:
    """Refuses it, so that nobody can approve it any more."""
    return Call("POST", _of(entity, "admin-recoveries", recovery, "refuse"), body_of(reason=reason))


def _of(entity: str, *parts: str | int) -> str:
    return path_to("support", "entities", entity, *parts)


def tasks(limit: int | None = None, after: str | None = None) -> Call[Page[dict[str, Any]]]:
    """One page of what waits for support, the longest waiting first."""
    return Call("GET", path_to("support", "tasks"), query=query_of(limit=limit, after=after))

"""Calls about subscriptions: activation, seats, renewal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jalon.client.calls import Call, body_of, path_to, query_of
from jalon.client.shapes import Page, PaymentMethod, Signer, Subscription, Timeline
from jalon.domain.statuses import SubscriptionStatus

SUBSCRIPTIONS = "subscriptions"


def read(subscription: str, *, live: bool = False) -> Call[Subscription]:
    """One subscription with its present status; with `live` as its workflow answers."""
    query = query_of(live="true" if live else None)
    return Call("GET", path_to(SUBSCRIPTIONS, subscription), query=query)


def list_subscriptions(
    *,
    store: str | None = None,
    status: SubscriptionStatus | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Call[Page[Subscription]]:
    """Subscriptions, newest first."""
    return Call(
        "GET", path_to(SUBSCRIPTIONS), query=query_of(store=store, status=status, limit=limit, after=after)
    )


def activate(
    subscription: str, signer: Signer | None = None, document_sha256: str | None = None
) -> Call[Subscription]:
    """Clicks Activate (H3). Where the click is the signature, a signer and the document's hash are required (X1)."""
    body = body_of(signer=signer, document_sha256=document_sha256)
    return Call("POST", path_to(SUBSCRIPTIONS, subscription, "activate"), body)


def sign(subscription: str, signer: Signer, document_sha256: str) -> Call[Subscription]:
    """Signs the contract (H4), the document with this hash."""
    body = body_of(signer=signer, document_sha256=document_sha256)
    return Call("POST", path_to(SUBSCRIPTIONS, subscription, "sign"), body)


def assign_seat(
    subscription: str, email: str, name: str, *, language: str | None = None, seat: int | None = None
) -> Call[Subscription]:
    """Assigns a seat to a person: the first free one, or the one named (T1, H21)."""
    body = body_of(email=email, name=name, language=language, seat=seat)
    return Call("POST", path_to(SUBSCRIPTIONS, subscription, "seats"), body)


def list_seats(
    subscription: str, limit: int | None = None, after: str | None = None
) -> Call[Page[dict[str, Any]]]:
    """A page of the subscription's seats by number, free ones among them."""
    query = query_of(limit=limit, after=after)
    return Call("GET", path_to(SUBSCRIPTIONS, subscription, "seats"), query=query)


def reinvite_seat(subscription: str, seat: int) -> Call[Subscription]:
    """Sends an open invitation again, with a new link and new hours (T2, T3)."""
    return Call("POST", path_to(SUBSCRIPTIONS, subscription, "seats", seat, "reinvite"), {})


def reassign_seat(
    subscription: str,
    seat: int,
    email: str,
    name: str,
    *,
    language: str | None = None,
    reason: str | None = None,
) -> Call[Subscription]:
    """Gives a seat to another person; the access of whoever has it ends at once (H22). Support says why."""
    body = body_of(email=email, name=name, language=language, reason=reason)
    return Call("POST", path_to(SUBSCRIPTIONS, subscription, "seats", seat, "reassign"), body)


def revoke_seat(subscription: str, seat: int) -> Call[Subscription]:
    """Revokes a seat; access ends at once (H22)."""
    return Call("POST", path_to(SUBSCRIPTIONS, subscription, "seats", seat, "revoke"), {})


def keep_seats(subscription: str, seats: Sequence[int]) -> Call[Subscription]:
    """Names the seats that stay at a renewal with fewer, until the cutoff (X25)."""
    return Call("POST", path_to(SUBSCRIPTIONS, subscription, "keep-seats"), {"seats": list(seats)})


def transfer_admin(
    subscription: str,
    *,
    seat: int | None = None,
    email: str | None = None,
    name: str | None = None,
    language: str | None = None,
) -> Call[Subscription]:
    """Names the next admin: a listed user by seat, who takes over at once, or a person by email and name (P11, X11)."""
    body = body_of(seat=seat, email=email, name=name, language=language)
    return Call("POST", path_to(SUBSCRIPTIONS, subscription, "transfer-admin"), body)


def accept_transfer(subscription: str, transfer: int) -> Call[Subscription]:
    """Accepts a pending transfer for the person who was asked (X11)."""
    return Call("POST", path_to(SUBSCRIPTIONS, subscription, "transfer-admin", transfer, "accept"), {})


def call_off_transfer(subscription: str, transfer: int) -> Call[Subscription]:
    """Calls a pending transfer off: the admin stays (X11)."""
    return Call("POST", path_to(SUBSCRIPTIONS, subscription, "transfer-admin", transfer, "call-off"), {})


def stop_renewal(subscription: str, reason: str | None = None) -> Call[Subscription]:
    """Stops automatic renewal, until the cutoff (D15, D16). A reason is needed where `stop_needs_reason` says so (H24)."""
    return Call("POST", path_to(SUBSCRIPTIONS, subscription, "stop-renewal"), body_of(reason=reason))


def resume_renewal(subscription: str, reason: str | None = None) -> Call[Subscription]:
    """Resumes automatic renewal, until the same cutoff (D15). Support says why."""
    return Call("POST", path_to(SUBSCRIPTIONS, subscription, "resume-renewal"), body_of(reason=reason))


def change_payment_method(subscription: str, method: PaymentMethod) -> Call[Subscription]:
    """Pays with another method from now on (P9, P10)."""
    return Call("PATCH", path_to(SUBSCRIPTIONS, subscription), body_of(payment_method=method))


def timeline(subscription: str) -> Call[Timeline]:
    """The subscription's timeline."""
    return Call("GET", path_to(SUBSCRIPTIONS, subscription, "timeline"))

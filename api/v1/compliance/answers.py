"""Holds as answers: of orders, and of people who join a subscription."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from api.http.answers import Answer, where_known
from api.v1.lists import ClockOfStore, Page
from api.v1.orders.answers import Hold, Order, order_answer
from api.v1.subscriptions.answers import HeldPerson, Subscription, subscription_answer
from jalon.domain.kinds import SUBSCRIPTION
from jalon.persistence.people.parties import Party


class CertificateAnswer(Answer):
    """One question of the end-use certificate with its answer; `on_yes` is the consequence of a yes."""

    question: str
    asks: str
    answer: str | bool | list[str] | None
    on_yes: Literal["reject", "hold"] | None


class CertificateEvidence(Answer):
    """The answers of a certificate in plain text; `erased` where the person was erased, and the answers with them."""

    record: str
    answers: list[CertificateAnswer] | None = where_known()
    erased: Literal[True] | None = where_known()


class HoldEvidence(Answer):
    """A hold with the evidence for the reviewer's decision.

    Where a person is held who joins the `subscription`, the hold names them and their seat, which is null for the new admin; order and
    certificate are those by which it was bought (X19). Of several it is the oldest; the `holds` of the subscription are all. `now` is the
    present instant of the store.
    """

    order: Order
    subscription: Subscription | None
    hold: HeldPerson | Hold
    certificate: CertificateEvidence | None
    now: datetime


class HoldPage(Page[Order | Subscription]):
    """A page of orders on export hold, and of subscriptions of which a new admin or a user is held, the oldest hold first."""

    clocks: list[ClockOfStore]


def held_answer(
    view: Mapping[str, Any], people: Mapping[str, Party], role: str, result: Mapping[str, Any] | None = None
) -> Order | Subscription:
    """The order or the subscription of a stored view as an answer."""
    show = subscription_answer if SUBSCRIPTION.is_id(view["id"]) else order_answer
    return show(view, people, role, result)

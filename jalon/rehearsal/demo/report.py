"""The result of one order, from API, mailbox and payment sandbox: timeline, e-mails that arrived, charges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from jalon.client.errors import ApiError, NotAnswered
from jalon.domain.money import decimals
from jalon.rehearsal.demo.journey import RENEWALS, Journey, JourneyFailed
from jalon.rehearsal.demo.selection import NothingOffered


@dataclass(frozen=True, slots=True)
class Report:
    """One store's part of the demo. `trouble` is None where the order reached its second renewal.

    `life` is the API's timeline with its subscriptions. `emails` and `charges` are those of the mailbox and the payment sandbox, oldest
    first; amounts are in major units.
    """

    store: str
    order_id: str | None
    subscription_ids: list[str]
    status: str | None
    zone: str
    life: Mapping[str, Any]
    emails: list[dict[str, Any]]
    charges: list[dict[str, Any]]
    trouble: str | None

    def as_json(self) -> dict[str, Any]:
        """The store's entry in `jalon demo --json`."""
        events = [each for each in self.life.get("timeline", ()) if each["kind"] == "event"]
        return {
            "store": self.store,
            "order_id": self.order_id,
            "subscription_ids": self.subscription_ids,
            "status": self.status,
            "timeline": [{key: each[key] for key in ("at", "event", "rule")} for each in events],
            "emails": [{key: each[key] for key in ("to", "template", "subject")} for each in self.emails],
            "charges": [{key: each[key] for key in ("at", "amount", "currency")} for each in self.charges],
        }


def travel(journey: Journey) -> Report:
    """Runs the order and gathers its result, also where it failed."""
    trouble = None
    try:
        journey.travel()
    except (ApiError, JourneyFailed, NotAnswered, NothingOffered) as stopped:
        trouble = str(stopped)
    try:
        return _gather(journey, trouble)
    except (ApiError, NotAnswered) as shut:
        return _report(journey, {}, [], [], trouble or str(shut))


def _gather(journey: Journey, trouble: str | None) -> Report:
    life: Mapping[str, Any] = journey.timeline() if journey.order else {}
    zone = ZoneInfo(journey.told["zone"])
    charges = [_charge(each, zone) for each in journey.contacts.charges(journey.store)]
    emails = journey.contacts.mails(journey.buyer["email"])
    return _report(journey, life, emails, charges, trouble or _objection(journey, emails, charges))


def _report(
    journey: Journey,
    life: Mapping[str, Any],
    emails: list[dict[str, Any]],
    charges: list[dict[str, Any]],
    trouble: str | None,
) -> Report:
    return Report(
        journey.store,
        journey.order,
        journey.subscriptions,
        life.get("status"),
        journey.told["zone"],
        life,
        emails,
        charges,
        trouble,
    )


def _charge(charge: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    major = Decimal(charge["amount"]).scaleb(-decimals(charge["currency"]))
    metadata = charge["metadata"]
    return {
        "at": datetime.fromisoformat(charge["at"]).astimezone(zone).isoformat(),
        "amount": str(major),
        "currency": charge["currency"],
        "entity": metadata["entity"],
        "term": int(metadata["cycle"]),
    }


def _objection(journey: Journey, emails: list[dict[str, Any]], charges: list[dict[str, Any]]) -> str | None:
    """The reason why the result is wrong, or None: every renewal must be charged once and announced, as mailbox and sandbox show."""
    paid = Counter((each["entity"], each["term"]) for each in charges)
    renewals = {(each, term) for each in journey.subscriptions for term in range(1, RENEWALS + 1)}
    if twice := [each for each, count in paid.items() if count > 1]:
        return f"charged twice: {twice}"
    if unpaid := renewals - paid.keys():
        return f"never charged: {sorted(unpaid)}"
    renewed = sum(each["template"] == "renewed" for each in emails)
    if renewed != len(renewals):
        return f"{renewed} e-mails say that a term was renewed, {len(renewals)} were"
    return None

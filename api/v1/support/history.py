"""One merged history of an entity, in words: commands, events, e-mails, payments, documents, notes, and what operators did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from api.http.answers import Answer
from api.http.rendering import in_zone
from api.v1.lists import Page
from api.v1.support.spoken import Spoken
from jalon.domain.kinds import ORDER
from jalon.domain.money import Money
from jalon.persistence.entities.entities import Entity
from jalon.persistence.entities.histories import Item, ItemKind, Source, Wanted
from jalon.persistence.entities.overviews import TermsKept
from jalon.persistence.ids import PREFIXES
from jalon.persistence.people.parties import Party
from jalon.persistence.people.vault import PersonErased, Vault
from workflows.shared_steps.payments import PaymentReported

RESET = "entity_reset"
_KINDS: Mapping[Source, ItemKind] = {
    Source.EVENT: ItemKind.EVENT,
    Source.RECEIPT: ItemKind.COMMAND,
    Source.AUDIT: ItemKind.OPERATOR,
    Source.MAIL: ItemKind.MAIL,
    Source.PAYMENT: ItemKind.PAYMENT,
    Source.DOCUMENT: ItemKind.DOCUMENT,
    Source.NOTE: ItemKind.NOTE,
}
_TOLD_OF_BODIES = (
    "reason",
    "step",
    "action",
    "decision",
    "turn",
    "seat",
    "seats",
    "transfer",
    "note",
    "how",
    "what",
    "to",
)
"""What a history shows of a command's body. Others are people's ids, and tokens of payment methods."""


class HistoryLine(Answer):
    """One thing that was recorded, with its why: the receipt that caused it, the rule that it serves, the policy in force.

    `at` is the store's time, `recorded_at` real time. `superseded`: a reset took another course, so that it holds no more.
    """

    at: datetime
    recorded_at: datetime
    kind: ItemKind
    what: str
    words: str
    entity: str
    actor: str | None
    role: str | None
    rule: str | None
    receipt: str | None
    policy_hash: str | None
    trace: str | None
    superseded: bool
    data: Mapping[str, Any]


class History(Page[HistoryLine]):
    """A page of a history, the latest record first."""


@dataclass(frozen=True, slots=True)
class Around:
    """What the lines of a page refer to: the entity that was asked for, people and notes by id, and the terms, the latest first."""

    asked: Entity
    people: Mapping[str, Party]
    notes: Mapping[str, str]
    terms: Sequence[TermsKept]


def opened_notes(vault: Vault, items: Sequence[Item]) -> dict[str, str]:
    """The texts of the notes by number. Those of an erased person are left out."""
    found = {}
    for item in items:
        if item.sealed is not None:
            with suppress(PersonErased):
                found[item.place[0]] = vault.open_bytes(item.wrapped_key, item.sealed).decode()
    return found


def history_line(item: Item, around: Around, spoken: Spoken, zone: str) -> HistoryLine:
    """One item as staff read it, in the words of a language."""
    kind = kind_of(item)
    return HistoryLine(
        at=in_zone(item.at, zone),
        recorded_at=item.recorded_at,
        kind=kind,
        what=item.what,
        words=_words(item, kind, spoken, around),
        entity=item.entity,
        actor=_name(item.actor, around.people),
        role=item.role,
        rule=item.rule or _rule_of_refusal(item),
        receipt=item.receipts[0] if item.receipts else None,
        policy_hash=_policy(item, around.asked, around.terms),
        trace=item.trace.split("-")[1] if item.trace else None,
        superseded=item.superseded,
        data=_data(item),
    )


def wanted_of(kinds: Sequence[ItemKind]) -> Wanted:
    """What is read for these kinds; everything where none is named."""
    return Wanted(frozenset(kinds or ItemKind), PaymentReported.name)


def kind_of(item: Item) -> ItemKind:
    """What an item is for people: a report of a provider is a webhook, a reset no act of an operator."""
    if item.source is Source.RECEIPT and item.what == PaymentReported.name:
        return ItemKind.WEBHOOK
    if item.source is Source.AUDIT and item.what == RESET:
        return ItemKind.RESET
    return _KINDS[item.source]


def people_named(items: Sequence[Item]) -> list[str]:
    """The ids of the people who acted, or were written to."""
    actors = (item.actor for item in items if item.actor and item.actor.startswith(f"{PREFIXES['party']}_"))
    readers = (str(item.data["to"]) for item in items if item.source is Source.MAIL)
    return list(dict.fromkeys([*actors, *readers]))


def _name(actor: str | None, people: Mapping[str, Party]) -> str | None:
    known = people.get(actor or "")
    return known.name or known.email if known else actor


def _policy(item: Item, asked: Entity, terms: Sequence[TermsKept]) -> str | None:
    """The policy in force: that of the running term or of the placement, before it that of the latest terms frozen until then."""
    began = asked.view.get("term_start") or asked.view.get("placed_at")
    if item.entity == asked.id and began is not None and item.at >= datetime.fromisoformat(began):
        current: str | None = asked.view.get("policy_hash")
        return current
    before = [each for each in terms if each.recorded_at <= item.recorded_at and each.policy_hash]
    own = (each.policy_hash for each in before if each.entity == item.entity)
    return next(own, None) or next((each.policy_hash for each in before if ORDER.is_id(each.entity)), None)


def _violations(item: Item) -> list[Mapping[str, Any]]:
    return (
        list((item.data.get("outcome") or {}).get("violations", ())) if item.source is Source.RECEIPT else []
    )


def _rule_of_refusal(item: Item) -> str | None:
    return next((each["rule"] for each in _violations(item)), None)


def _data(item: Item) -> dict[str, Any]:
    """The facts of an item. Of a command what it asked for in words, and of a refusal its violations."""
    if item.source is not Source.RECEIPT:
        return {key: value for key, value in item.data.items() if value is not None}
    body = item.data["body"]
    told = {key: body[key] for key in _TOLD_OF_BODIES if body.get(key) is not None}
    known = {"state": item.data["state"], "deferred": item.data["deferred"], "asked": told}
    return known | ({"violations": _violations(item)} if _violations(item) else {})


def _words(item: Item, kind: ItemKind, spoken: Spoken, around: Around) -> str:
    if kind is ItemKind.RESET:
        return spoken.own["lines"]["reset"]
    if item.source is Source.EVENT:
        return spoken.own["events"].get(item.what, item.what.replace("_", " "))
    if item.source is Source.NOTE:
        return around.notes.get(item.place[0]) or spoken.own["lines"]["note_erased"]
    if item.source in (Source.RECEIPT, Source.AUDIT):
        return _asked(item, spoken, around.people)
    return _sent_or_moved(item, spoken)


def _asked(item: Item, spoken: Spoken, people: Mapping[str, Party]) -> str:
    """What somebody asked for and what became of it, or what an operator did."""
    what = spoken.own["commands"].get(item.what, item.what.replace("_", " "))
    if item.source is Source.AUDIT:
        return spoken.say("lines", "operator", what=what, who=_name(item.actor, people) or "")
    why = " ".join(str(each["message"]) for each in _violations(item))
    return spoken.say("lines", f"command_{item.data['state']}", what=what, why=why)


def _sent_or_moved(item: Item, spoken: Spoken) -> str:
    """What left: an e-mail, a payment, or a document that is kept."""
    own = spoken.own
    if item.source is Source.MAIL:
        code = str(item.data["code"] or "")
        facts = {
            "mail": own["mails"].get(item.what, item.what),
            "when": spoken.fmt.moment(item.at),
            "code": code,
        }
        return spoken.say("mail", "erased" if code == "erased" else str(item.data["state"]), **facts)
    if item.source is Source.PAYMENT:
        amount = Money(Decimal(item.data["amount"]), item.data["currency"])
        facts = {"purpose": own["purposes"].get(item.what, item.what), "amount": spoken.fmt.money(amount)}
        return spoken.say("lines", "payment", state=own["payment_states"][item.data["state"]], **facts)
    return spoken.say("lines", "document", kind=item.what.replace("_", " "))

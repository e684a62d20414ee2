"""The rows that an order leaves in each table, from its cart to where it stands."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from jalon.domain.searching import fold, person_keys
from jalon.persistence.people.vault import Vault
from jalon.rehearsal.fill.book import Book, Life, Stage
from jalon.rehearsal.fill.views import DAY, HASH, order_view, signed_id, subscription_view

Row = tuple[Any, ...]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "entity": (
        *(
            "store_id",
            "id",
            "kind",
            "order_id",
            "number",
            "status",
            "view",
            "buyer_id",
            "purchase_order_number",
        ),
        *("epoch", "seq", "next_due_at", "busy", "parked", "created_at", "updated_at"),
    ),
    "party": (
        *("store_id", "id", "email_hash", "language", "wrapped_key", "body", "undeliverable", "created_at"),
    ),
    "personal_record": ("store_id", "id", "party_id", "kind", "body", "created_at"),
    "receipt": (
        *(
            "id",
            "store_id",
            "entity_kind",
            "entity_id",
            "after_seq",
            "command",
            "body",
            "actor",
            "role",
            "principal",
        ),
        *("idempotency_key", "fingerprint", "received_at", "accepted_at", "state", "delivered", "outcome"),
    ),
    "transition": ("store_id", "entity_id", "epoch", "seq", "digest", "at", "recorded_at"),
    "timeline": ("store_id", "entity_id", "epoch", "seq", "n", "at", "event", "rule", "actor", "data"),
    "audit": ("store_id", "entity_id", "at", "actor", "role", "action", "rule", "data"),
    "outbox": ("store_id", "entity_id", "type", "at", "data", "recorded_at"),
    "document": (
        *("store_id", "id", "entity_id", "party_id", "kind", "language", "media_type", "sha256", "body"),
        "created_at",
    ),
    "mail": (
        *(
            "key",
            "store_id",
            "entity_id",
            "party_id",
            "template",
            "message_id",
            "state",
            "refusal",
            "attempts",
        ),
        *("at", "accepted_at"),
    ),
    "payment": (
        *("key", "store_id", "entity_id", "purpose", "cycle", "generation", "amount", "currency", "provider"),
        *("state", "outcome", "at", "sent_at", "settled_at"),
    ),
    "search_text": ("store_id", "subject", "field", "key", "whole", "since"),
    "stalled": ("store_id", "entity_id", "step", "cause", "fingerprint"),
    "provider_event": ("provider", "id", "received_at", "body"),
}
"""The tables that are filled, a table after those that it refers to, with the columns that are written."""

COMPANY = "Études Lefèvre"
"""The company of everybody: a text that very many bear."""
KEPT = timedelta(days=30)
SWEEP = timedelta(hours=1)
_TOLD = frozenset(("transition", "timeline", "audit", "outbox"))
_ORDER = (("open_cart", "cart_opened"), ("place", "order_placed"), ("line_settled", "order_completed"))
_SUBSCRIPTION = (
    ("begin", "subscription_begun"),
    ("take_step", "contract_opened"),
    ("take_step", "activation_clicked"),
    ("take_step", "contract_signed"),
    ("assign_seat", "payment_captured"),
)
REFUSAL = "550"
_REFUSED = "contract_ready"
_MAILS = ("order_processing", "contract_ready", "subscription_active")


class Rows:
    """Makes the rows of a book's orders; a person's rows come with the first order that names them."""

    def __init__(self, book: Book, vault: Vault, tables: Collection[str] = COLUMNS.keys()) -> None:
        self._book = book
        self._vault = vault
        self._told = not _TOLD.isdisjoint(tables)
        self._keys: dict[str, bytes] = {}

    def of(self, life: Life) -> Iterator[tuple[str, Row]]:
        """Each row with its table. Of what an order's course tells, nothing comes where none of its tables is asked for."""
        for number in (life.buyer, *life.holders):
            yield from self._person(life, number)
        buyer = party_id(life.store, life.buyer)
        names = f"rec{life.order[3:]}"
        told = {"name": f"Buyer {life.buyer}", "company": COMPANY, "language": "fr"}
        yield (
            "personal_record",
            (life.store, names, buyer, "names", self._vault.seal(self._keys[buyer], told), life.at),
        )
        yield "entity", self._order(life, buyer, names)
        yield from self._course(life, "order", life.order, _order_steps(life))
        if life.begun:
            yield "entity", self._subscription(life, buyer, names)
            yield from self._course(life, "subscription", life.subscription, _subscription_steps(life))
            if life.stage is not Stage.PENDING:
                yield "document", _signed(life, buyer)
            yield from _payments(life)
        yield from _mails(life, buyer)
        if life.stalled:
            yield (
                "stalled",
                (life.store, life.order, "record", "ProjectionUnreadable: a field is missing", "0" * 12),
            )

    def _person(self, life: Life, number: int) -> Iterator[tuple[str, Row]]:
        party = party_id(life.store, number)
        if party in self._keys:
            return
        key = self._keys[party] = self._vault.new_person_key()
        email = email_of(life.store, number)
        told = {"email": email, "name": f"Buyer {number}", "company": COMPANY}
        body = self._vault.seal(key, told)
        refusal = REFUSAL if _unreached(number) else None
        yield "party", (life.store, party, self._vault.email_hash(email), "fr", key, body, refusal, life.at)
        for each in person_keys(email=email, name=told["name"], company=COMPANY):
            yield "search_text", (life.store, party, str(each.field), each.key, each.whole, life.at)

    def _order(self, life: Life, buyer: str, names: str) -> Row:
        view = order_view(life, buyer, names)
        due = None if life.begun else life.next_at
        return self._entity(life, life.order, "order", None, view, len(_order_steps(life)), due)

    def _subscription(self, life: Life, buyer: str, names: str) -> Row:
        holders = tuple(party_id(life.store, number) for number in life.holders)
        view = subscription_view(life, buyer, names, holders)
        seq = len(_subscription_steps(life))
        return self._entity(life, life.subscription, "subscription", life.order, view, seq, life.next_at)

    def _entity(
        self, life: Life, entity: str, kind: str, order: str | None, view: str, seq: int, due: datetime | None
    ) -> Row:
        parked = int(life.parked and kind == "subscription")
        wanted = fold(life.purchase_order_number)
        status = json.loads(view)["status"]
        where = (
            life.store,
            entity,
            kind,
            order,
            life.order_number,
            status,
            view,
            party_id(life.store, life.buyer),
        )
        return (*where, wanted, 0, seq, due, False, parked, life.at, life.at + DAY)

    def _course(
        self, life: Life, kind: str, entity: str, steps: tuple[tuple[str, str], ...]
    ) -> Iterator[tuple[str, Row]]:
        for seq, (command, event) in enumerate(steps, 1):
            yield "receipt", self._receipt(life, kind, entity, seq, command)
            if not self._told:
                continue
            at = life.at + timedelta(minutes=7 * seq)
            digest = hashlib.sha256(f"{entity}{seq}".encode()).digest()
            told = json.dumps({"product": "Design Suite", "sku": life.sku, "quantity": 3})
            yield "transition", (life.store, entity, 0, seq, digest, at, at)
            for n, name in enumerate((event, "mail_scheduled")):
                yield "timeline", (life.store, entity, 0, seq, n, at, name, "P5", "storefront", told)
                yield "outbox", (life.store, entity, f"{kind}.{name}", at, told, at)
            yield "audit", (life.store, entity, at, "Salomé Support", "support", command, "P5", told)

    def _receipt(self, life: Life, kind: str, entity: str, seq: int, command: str) -> Row:
        """Receipts are kept thirty days, so those of all orders lie there, the last hour's sweep of forgetting still to come."""
        age = (KEPT + SWEEP) * (self._book.orders - life.number) / self._book.orders
        at = self._book.until - age
        pending = life.number % 2_000 == 0 and seq == 1
        key, outcome = f"{entity}/{seq}", None if pending else json.dumps({"status": 200})
        body = json.dumps({"quantity": 3, "terms_accepted": True, "note": "x" * 200})
        who = ("Local storefront", "storefront", "storefront", key, b"\0" * 32)
        what = (f"req{entity[3:]}{seq}{kind[0]}", life.store, kind, entity, seq - 1, command, body)
        return (*what, *who, at, at, "pending" if pending else "applied", not pending, outcome)


def party_id(store: str, number: int) -> str:
    """The id of a person of the store."""
    return f"pty_{store.replace('-', '_')}_{number:07}"


def number_of(party: str) -> int:
    """The number of a person within the store, from the id."""
    return int(party.rpartition("_")[2])


def email_of(store: str, number: int) -> str:
    """The address of a person of the store."""
    return f"buyer-{number}@{store}.example.com"


def _order_steps(life: Life) -> tuple[tuple[str, str], ...]:
    return _ORDER[: 3 if life.begun else 2 if life.placed else 1]


def _subscription_steps(life: Life) -> tuple[tuple[str, str], ...]:
    return _SUBSCRIPTION[:2] if life.stage is Stage.PENDING else _SUBSCRIPTION


def _unreached(person: int) -> bool:
    return person % 500 == 137  # noqa: PLR2004


def _signed(life: Life, buyer: str) -> Row:
    where = (life.store, signed_id(life), life.subscription, buyer, "signed_contract", "fr")
    return (*where, "application/pdf", HASH, b"%PDF", life.at + DAY)


def _mails(life: Life, buyer: str) -> Iterator[tuple[str, Row]]:
    for template in _MAILS if life.begun else _MAILS[:1]:
        at = life.at + timedelta(minutes=8)
        key = f"{life.order}/{template}"
        intent = (key, life.store, life.order, buyer, template, f"<{key[:40]}@example.com>")
        if template == _REFUSED and _unreached(life.buyer):
            yield "mail", (*intent, "refused", REFUSAL, 1, at, None)
        else:
            yield "mail", (*intent, "accepted", None, 1, at, at)


def _payments(life: Life) -> Iterator[tuple[str, Row]]:
    for purpose, paid in (("mandate", "succeeded"), ("charge", "succeeded")):
        if life.stage is Stage.PENDING and purpose == "charge":
            continue
        # An order is completed once it has a mandate; its lines are charged.
        entity = life.order if purpose == "mandate" else life.subscription
        at, key = life.at + DAY, f"{entity}/{purpose}/0"
        outcome = json.dumps({"reference": f"{purpose}_{life.number}", "state": paid})
        where = (key, life.store, entity, purpose, 0, 0, "1200.00", "EUR", "sandbox")
        yield "payment", (*where, paid, outcome, at, at, at)
        if purpose == "charge":
            yield "provider_event", ("filled", f"evt_{life.number}", at, outcome.encode())

"""An overview costs one transaction of few statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter
from sqlalchemy import event

from api.v1.support.overview import overview_of
from api.v1.support.reading import read_known
from api.v1.support.spoken import Spoken
from api.web.hosted.pages import Pages
from jalon.domain.kinds import ORDER
from jalon.domain.money import Money
from jalon.domain.projections import OrderLine, OrderProjection, WaitingFor
from jalon.domain.statuses import OrderStatus
from jalon.domain.transition import Transition
from jalon.local.machine import Machine
from jalon.persistence.entities import transitions
from jalon.persistence.ids import new_id
from jalon.persistence.people.parties import Parties
from jalon.persistence.people.vault import Vault
from jalon.persistence.sessions import Sessions
from jalon.policy.authoring.loader import load_stores
from jalon.policy.model.store_policy import StorePolicy
from jalon.settings import ROOT, Settings

STATEMENTS_AT_MOST = 11
"""BEGIN, and a statement for each of: family, mails, clock, since when, payments, terms, stalled steps, trace, people."""
AT = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Held:
    """What an overview is read with."""

    parties: Parties
    policies: Mapping[str, StorePolicy]

    def is_live(self, _: str) -> bool:
        return False


def placed(store: str, entity: str, buyer: str) -> Transition:
    """The transition of an order that waits for its screening."""
    price = Money.from_dict({"amount": "1200.00", "currency": "EUR"})
    order = OrderProjection(
        id=entity,
        store=store,
        number="FAS-2026-ABCDEF",
        purchase_order_number=None,
        agenda=(),
        payment=None,
        waiting_for=WaitingFor.SCREENING,
        delayed_at=None,
        policy_hash="0" * 64,
        status=OrderStatus.SUBMITTED,
        standing=OrderStatus.SUBMITTED,
        language="fr",
        country="FR",
        audience="company",
        currency="EUR",
        lines=(
            OrderLine(
                sku="anchor-design-premium", quantity=1, term="P1Y", licence_kind="individual", price=price
            ),
        ),
        total=price,
        created_at=AT,
        placed_at=AT,
        declined_at=None,
        cancel_requested_at=None,
        terms_sha256=None,
        buyer=buyer,
        buyer_names=None,
        certificate=None,
        hold=None,
        parked=(),
    )
    view = TypeAdapter(OrderProjection).dump_python(order, mode="json")
    return Transition(store, "order", entity, 1, AT, "submitted", view, None, False, (), (), (), ())


async def test_an_overview_takes_one_transaction_of_few_statements(
    postgres: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in postgres.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("JALON_TEMPORAL_ADDRESS", "127.0.0.1:1")
    settings, policies = Settings.read(), load_stores(ROOT / "stores")
    sessions, parties = (
        Sessions.connect(postgres.environment["JALON_DATABASE_URL"]),
        Parties(Vault(b"v" * 32)),
    )
    store, entity, pages = "fastening", new_id(ORDER), Pages(ROOT / "templates")
    said: list[str] = []
    event.listen(sessions.engine.sync_engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    async with sessions.of(store) as tx:
        buyer = await parties.meet(tx, store, email="ana@example.com", name="Ana", language="fr")
        await transitions.record(tx, placed(store, entity, buyer))
    said.clear()
    async with sessions.of(store) as tx:
        known = await read_known(tx, Held(parties, policies), entity)  # type: ignore[arg-type]
    await sessions.close()
    spoken = Spoken.of(ROOT / "templates", "fr", known.policy.store.zone)
    whole = overview_of(known, spoken, pages, settings, "support")
    assert whole.sentence == "Nous traitons la commande, et vous n’avez rien à faire."
    assert len(said) <= STATEMENTS_AT_MOST

"""A purge destroys the customer's data once its retention is over, and the audit says what it destroyed (D17)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.kinds import ORDER
from jalon.persistence.entities import records, transitions
from jalon.persistence.ids import new_id
from jalon.persistence.operations import audits, clocks
from jalon.persistence.people import drafts
from jalon.persistence.people.parties import Parties
from jalon.persistence.sessions import Sessions
from tests.jalon.persistence.conftest import AT, transition

TICK = timedelta(microseconds=1)


async def keep(
    tx: AsyncConnection,
    parties: Parties,
    store: str,
    entity: str,
    retained_until: datetime | None,
    order: str | None = None,
) -> None:
    """Records the entity, on a clock that stands at AT, with a contract, its signed copy, an invoice and the customer's data."""
    await clocks.create(tx, store, AT)
    until = None if retained_until is None else retained_until.isoformat()
    view = {"id": entity, "retained_until": until, "order_id": order}
    await transitions.record(tx, transition(store, entity, 1, view=view))
    ana = await parties.meet(tx, store, email="ana@example.com", name="Ana", company=None, language="fr")
    for kind in ("contract", "signed_contract", "invoice", "customer_data"):
        document = records.Document(new_id("document"), entity, "fr", f"sha of {kind}", "text/html", ana, b"")
        await records.keep_document(tx, store, document, kind, AT)


async def kept(tx: AsyncConnection, entity: str) -> set[str]:
    """The kinds of the entity's documents."""
    return set(await tx.scalars(text("select kind from document where entity_id = :e"), {"e": entity}))


@pytest.mark.rule("D17")
@pytest.mark.parametrize("retained_until", [AT - TICK, AT])
async def test_a_purge_destroys_the_customers_data_and_tells_the_audit_once(
    sessions: Sessions, parties: Parties, here: str, entity: str, retained_until: datetime
) -> None:
    async with sessions.of(here) as tx:
        await keep(tx, parties, here, entity, retained_until)
        for _ in range(2):
            await records.purge(tx, entity)
        assert await kept(tx, entity) == {"contract", "signed_contract", "invoice"}
        (told,) = await tx.execute(text("select * from audit where entity_id = :e"), {"e": entity})
        assert (told.actor, told.action, told.rule, told.at) == ("system", "purge_data", "D17", AT)
        assert [(each["kind"], each["sha256"]) for each in told.data["documents"]] == [
            ("customer_data", "sha of customer_data")
        ]
        assert told.data["certificate_drafts"] == 0
        assert (await audits.verify(tx, {})).broken == ()


@pytest.mark.rule("D17")
async def test_what_was_begun_of_a_certificate_goes_with_the_data(
    sessions: Sessions, parties: Parties, here: str, entity: str
) -> None:
    order, neighbour = new_id(ORDER), new_id(ORDER)
    async with sessions.of(here) as tx:
        await keep(tx, parties, here, entity, AT, order)
        ana = await parties.meet(tx, here, email="ana@example.com", name="Ana", company=None, language="fr")
        for each in (order, neighbour):
            await drafts.save(tx, parties, here, each, ana, {"end_use": "Bridges"})
        await records.purge(tx, entity)
        left = await tx.scalars(
            text("select entity_id from certificate_draft where store_id = :s"), {"s": here}
        )
        assert set(left) == {neighbour}
        told = await tx.scalar(
            text("select data from audit where action = 'purge_data' and entity_id = :e"), {"e": entity}
        )
        assert told["certificate_drafts"] == 1


@pytest.mark.rule("D17")
async def test_a_purge_that_finds_no_document_is_evidenced_once_too(
    sessions: Sessions, here: str, entity: str
) -> None:
    async with sessions.of(here) as tx:
        await clocks.create(tx, here, AT)
        view = {"id": entity, "retained_until": AT.isoformat()}
        await transitions.record(tx, transition(here, entity, 1, view=view))
        for _ in range(2):
            await records.purge(tx, entity)
        (told,) = await tx.execute(text("select * from audit where entity_id = :e"), {"e": entity})
        assert (told.action, told.data) == ("purge_data", {"documents": [], "certificate_drafts": 0})


@pytest.mark.rule("D17")
@pytest.mark.parametrize("retained_until", [AT + TICK, None])
async def test_what_is_retained_still_is_not_purged(
    sessions: Sessions, parties: Parties, here: str, entity: str, retained_until: datetime | None
) -> None:
    async with sessions.of(here) as tx:
        await keep(tx, parties, here, entity, retained_until)
    with pytest.raises(DBAPIError, match=f"the data of {entity} is retained still"):
        async with sessions.of(here) as tx:
            await records.purge(tx, entity)
    async with sessions.of(here) as tx:
        assert await kept(tx, entity) == {"contract", "signed_contract", "invoice", "customer_data"}


async def test_another_stores_data_is_not_purged(
    sessions: Sessions, parties: Parties, here: str, entity: str
) -> None:
    async with sessions.of(here) as tx:
        await keep(tx, parties, here, entity, AT)
    with pytest.raises(DBAPIError, match="is retained still"):
        async with sessions.of(f"{here}-other") as tx:
            await records.purge(tx, entity)
    async with sessions.of(here) as tx:
        assert "customer_data" in await kept(tx, entity)

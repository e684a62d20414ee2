"""One store never reads another's rows: for the application's role, for the owner's, and without any store named."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from jalon.domain.kinds import ORDER
from jalon.persistence.entities import transitions
from jalon.persistence.ids import new_id
from jalon.persistence.inbox import receipts
from jalon.persistence.operations import clocks
from jalon.persistence.people.parties import Parties
from jalon.persistence.sessions import Sessions
from tests.jalon.persistence.conftest import AT, transition

SHARED_BY_ALL = {"api_key", "api_heartbeat", "provider_event", "alembic_version"}
TABLES_OF_A_STORE = (
    "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
    " where n.nspname = 'public' and c.relkind = 'r' order by 1"
)


async def fill(sessions: Sessions, parties: Parties, store: str) -> str:
    entity = new_id(ORDER)
    async with sessions.of(store) as tx:
        await clocks.create(tx, store, AT)
        await parties.meet(tx, store, email="ana@example.com", name="Ana", company=None, language="fr")
        await transitions.record(tx, transition(store, entity, 1))
    return entity


async def test_every_table_of_a_store_forces_row_level_security_on_its_owner_too(owner: Sessions) -> None:
    async with owner.unscoped() as tx:
        tables = {row.relname for row in await tx.execute(text(TABLES_OF_A_STORE))}
        forced = {
            row.relname
            for row in await tx.execute(
                text("select relname from pg_class where relrowsecurity and relforcerowsecurity")
            )
        }
    assert tables - SHARED_BY_ALL == forced & tables


async def test_neither_role_is_above_the_rules(sessions: Sessions, owner: Sessions) -> None:
    asked = text("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
    for role in (sessions, owner):
        async with role.unscoped() as tx:
            assert (await tx.execute(asked)).scalar_one() is False
    async with sessions.unscoped() as tx:
        owned = text(
            "select count(*) from pg_class c join pg_roles r on r.oid = c.relowner where rolname = current_user"
        )
        assert (await tx.execute(owned)).scalar_one() == 0


@pytest.mark.parametrize("role", ["application", "owner"])
async def test_a_transaction_sees_the_stores_it_names_and_no_other(
    role: str, sessions: Sessions, owner: Sessions, parties: Parties, here: str
) -> None:
    mine, other = await fill(sessions, parties, here), await fill(sessions, parties, f"{here}-other")
    reader = sessions if role == "application" else owner
    asked = text("select id from entity where id in (:mine, :other) order by id")
    names = {"mine": mine, "other": other}
    async with reader.of(here) as tx:
        assert [row.id for row in await tx.execute(asked, names)] == [mine]
    async with reader.of(here, f"{here}-other") as tx:
        assert [row.id for row in await tx.execute(asked, names)] == sorted((mine, other))
    async with reader.unscoped() as tx:
        assert [row.id for row in await tx.execute(asked, names)] == []
        for table in ("party", "test_clock", "transition", "receipt", "payment", "mail", "audit", "document"):
            assert (await tx.execute(text(f"select count(*) from {table}"))).scalar_one() == 0


async def test_a_scope_ends_with_its_transaction(sessions: Sessions, parties: Parties, here: str) -> None:
    await fill(sessions, parties, here)
    one = Sessions.connect(sessions.engine.url.render_as_string(hide_password=False), pool_size=1)
    async with one.of(here) as tx:
        assert (await tx.execute(text("select count(*) from entity"))).scalar_one() == 1
    async with one.unscoped() as tx:
        assert (await tx.execute(text("select count(*) from entity"))).scalar_one() == 0
    await one.close()


@pytest.mark.parametrize("role", ["application", "owner"])
async def test_nothing_is_written_into_a_store_that_was_not_named(
    role: str, sessions: Sessions, owner: Sessions, here: str, entity: str
) -> None:
    writer = sessions if role == "application" else owner
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with writer.of(here) as tx:
            await transitions.record(tx, transition(f"{here}-other", entity, 1))


async def test_the_same_address_in_two_stores_is_two_people(
    sessions: Sessions, parties: Parties, here: str
) -> None:
    for store in (here, f"{here}-other"):
        await fill(sessions, parties, store)
    async with sessions.of(here) as tx:
        (known,) = await parties.find(tx, "ANA@example.com ")
    async with sessions.of(f"{here}-other") as tx:
        assert await parties.find(tx, "ana@example.com") != [known]
        assert await parties.read(tx, known) == {}


FIXED = {
    "audit": "reason", "timeline": "data", "transition": "digest", "hold_decision": "decision", "frozen_terms": "body",
    "outbox": "data", "personal_record": "body", "policy_version": "body", "document": "body", "outage": "ended_at",
    "provider_event": "body", "payment": "amount", "mail": "message_id", "party": "wrapped_key", "receipt": "body",
    "entity": "store_id", "api_key": "role", "test_clock": "store_id",
}  # fmt: skip
"""A column of each table that the application never changes, of rows that it never deletes."""


@pytest.mark.parametrize("table", FIXED)
async def test_what_was_recorded_is_never_rewritten(sessions: Sessions, table: str, here: str) -> None:
    for statement in (f"update {table} set {FIXED[table]} = {FIXED[table]}", f"delete from {table}"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with sessions.of(here) as tx:
                await tx.execute(text(statement))


async def test_every_table_is_fixed_or_a_note_of_what_stands_still(owner: Sessions) -> None:
    asked = text("select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'")
    async with owner.unscoped() as tx:
        tables = set(await tx.scalars(asked))
    assert tables - FIXED.keys() == {"alembic_version", "api_heartbeat", "stalled"}


async def test_a_receipt_of_another_store_cannot_be_read_by_its_id(sessions: Sessions, here: str) -> None:
    receipt = new_id("receipt")
    request = receipts.NewReceipt(
        receipt, here, "order", new_id(ORDER), "cancel", {}, "a", "ops", "k", receipt, b""
    )
    async with sessions.of(here) as tx:
        await receipts.record(tx, request, AT, 0.0)
    async with sessions.of(f"{here}-other") as tx:
        assert await receipts.find(tx, receipt) is None

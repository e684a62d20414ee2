"""One store never reads another's rows: for the application's role, for the owner's, and without any store named."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from jalon.domain.kinds import ORDER
from jalon.persistence.entities import transitions
from jalon.persistence.ids import new_id
from jalon.persistence.inbox import receipts
from jalon.persistence.money.provider_events import keep_provider_event
from jalon.persistence.operations import clocks, keys, outages
from jalon.persistence.people.parties import Parties
from jalon.persistence.sessions import Sessions
from tests.jalon.persistence.conftest import AT, transition

TABLES = "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
NOT_HELD = f"{TABLES} and not (relrowsecurity and relforcerowsecurity)"


async def fill(sessions: Sessions, parties: Parties, store: str) -> str:
    entity = new_id(ORDER)
    async with sessions.of(store) as tx:
        await clocks.create(tx, store, AT)
        await parties.meet(tx, store, email="ana@example.com", name="Ana", company=None, language="fr")
        await transitions.record(tx, transition(store, entity, 1))
    return entity


async def test_every_table_forces_row_level_security_on_its_owner_too(owner: Sessions) -> None:
    async with owner.unscoped() as tx:
        assert set(await tx.scalars(text(NOT_HELD))) == set()
        await tx.execute(text("create table of_a_release_to_come (store_id text not null)"))
        assert set(await tx.scalars(text(NOT_HELD))) == {"of_a_release_to_come"}
        await tx.rollback()


async def test_the_application_writes_through_no_view(owner: Sessions) -> None:
    asked = text(
        """select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')
           and (has_table_privilege('jalon_app', oid, 'insert, update, delete'))"""
    )
    async with owner.unscoped() as tx:
        assert set(await tx.scalars(asked)) == set()


async def test_what_runs_with_the_owners_rights_is_the_applications_only_and_finds_its_own_tables(
    owner: Sessions,
) -> None:
    asked = text(
        """select proname from pg_proc where pronamespace = 'public'::regnamespace and prosecdef
           and (proconfig is distinct from array['search_path=public, pg_temp']
                or has_function_privilege('public', oid, 'execute'))"""
    )
    async with owner.unscoped() as tx:
        assert set(await tx.scalars(asked)) == set()


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
    "outage_withdrawal": "reason",
    "provider_event": "body", "payment": "amount", "mail": "message_id", "party": "wrapped_key", "receipt": "body",
    "terms_text": "content", "entity": "store_id", "seat_holder": "party_id", "api_key": "role", "test_clock": "store_id",
    "sign_in_code": "code_hash", "portal_session": "party_id", "support_note": "body", "admin_recovery": "reason",
    "admin_recovery_decision": "reason",
    "certificate_draft": "party_id", "parked_step": "fingerprint", "cause_occurrence": "release", "cause_note": "fingerprint",
    "staff_link": "role", "search_text": "key",
    "repair": "version", "repair_item": "plan", "invariant_check": "only_one",
    "emergency_stop": "what",
}  # fmt: skip
"""A column of each table that the application never changes, of rows that it never deletes."""


@pytest.mark.parametrize("table", FIXED)
async def test_what_was_recorded_is_never_rewritten(sessions: Sessions, table: str, here: str) -> None:
    for statement in (f"update {table} set {FIXED[table]} = {FIXED[table]}", f"delete from {table}"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with sessions.of(here) as tx:
                await tx.execute(text(statement))


async def test_every_table_is_fixed_or_a_note_of_what_stands_still(owner: Sessions) -> None:
    async with owner.unscoped() as tx:
        tables = set(await tx.scalars(text(TABLES)))
    assert tables - FIXED.keys() == {"alembic_version", "api_heartbeat", "invariant_violation", "stalled"}


@pytest.mark.parametrize(
    "statement",
    [
        "select key_hash from api_key",
        "insert into api_key (id, key_hash, person, role, stores) values ('key_eve', '', 'Eve', 'admin', '{*}')",
        "update api_key set role = 'admin'",
        "update api_key set revoked_at = null",
        "update known_key set role = 'admin'",
        "insert into known_key (id, person, role, stores) values ('key_eve', 'Eve', 'admin', '{*}')",
    ],
)
async def test_the_application_changes_no_key(sessions: Sessions, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with sessions.unscoped() as tx:
            await tx.execute(text(statement))


async def test_a_key_is_known_without_its_token_in_every_scope(sessions: Sessions, here: str) -> None:
    async with sessions.of(here) as tx:
        token = await keys.issue(tx, person="Ana", role="ops", stores=(here,))
        found = await keys.find(tx, token)
        assert found is not None
        assert await keys.read(tx, found.id) == found
        assert found in await keys.list_keys(tx)
        assert found.accepted_at is None
        former, token = token, await keys.accept(tx, token) or ""
        assert await keys.find(tx, former) is None
        assert await keys.accept(tx, former) is None
        accepted = await keys.find(tx, token)
        assert accepted is not None
        assert (accepted.id, accepted.accepted_at is None) == (found.id, False)
        assert await keys.revoke(tx, found.id)
        assert not await keys.revoke(tx, found.id)
        assert await keys.find(tx, token) is None
        assert await keys.accept(tx, token) is None


async def test_what_concerns_every_store_is_not_written_under_the_scope_of_one(
    sessions: Sessions, here: str
) -> None:
    outage = """insert into outage (store_id, started_at, ended_at, source, actor, reason)
                values (null, '2020-01-01', '2020-01-02', 'heartbeat', 'eve', 'a try')"""
    beat = "insert into api_heartbeat (process, seen_at) values ('eve', '2020-01-01')"
    for statement in (outage, beat):
        with pytest.raises(ProgrammingError, match="row-level security"):
            async with sessions.of(here) as tx:
                await tx.execute(text(statement))
        async with sessions.unscoped() as tx:
            await tx.execute(text(statement))
            await tx.rollback()


async def test_a_providers_report_is_kept_in_every_scope_and_read_in_none_of_a_store(
    sessions: Sessions, here: str
) -> None:
    async with sessions.of(here) as tx:
        for new in (True, False):
            assert await keep_provider_event(tx, f"evt_{here}", "sandbox", b"{}") is new
    asked = text("select count(*) from provider_event where id = :id")
    for reader, count in ((sessions.of(here), 0), (sessions.unscoped(), 1)):
        async with reader as tx:
            assert (await tx.execute(asked, {"id": f"evt_{here}"})).scalar_one() == count
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with sessions.unscoped() as tx:
            await tx.execute(text("insert into provider_event (provider, id, body) values ('a', 'b', '')"))


async def test_an_outage_of_all_is_declared_by_name_and_read_in_every_store(
    sessions: Sessions, here: str
) -> None:
    spans = {"started_at": AT, "ended_at": AT + timedelta(hours=1)}
    async with sessions.of(here) as tx:
        mine = await outages.declare(tx, store=here, **spans, actor="ana", reason="mine")
        ours = await outages.declare(tx, store=None, **spans, actor="ana", reason="ours")
        assert (mine.store, ours.store, ours.source, ours.actor) == (here, None, "declared", "ana")
        assert ours.started_at == AT
    async with sessions.of(f"{here}-other") as tx:
        seen = [each.id for each in await outages.list_outages(tx, 10)]
        assert ours.id in seen
        assert mine.id not in seen
        await tx.rollback()


async def test_a_receipt_of_another_store_cannot_be_read_by_its_id(sessions: Sessions, here: str) -> None:
    receipt = new_id("receipt")
    request = receipts.NewReceipt(
        receipt, here, "order", new_id(ORDER), "cancel", {}, "a", "ops", "k", receipt, b""
    )
    async with sessions.of(here) as tx:
        await receipts.record(tx, request, AT, 0.0)
    async with sessions.of(f"{here}-other") as tx:
        assert await receipts.find(tx, receipt) is None

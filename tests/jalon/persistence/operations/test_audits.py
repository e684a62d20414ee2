"""The database continues the audit's chains, and an entry that was changed or taken away shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import text

from jalon.domain.audit_chains import Chain, Head
from jalon.domain.transition import AuditEntry
from jalon.persistence.entities import transitions
from jalon.persistence.operations import audits, worklists
from jalon.persistence.operations.audits import Fault
from jalon.persistence.sessions import Sessions
from tests.jalon.persistence.conftest import AT, transition

TICK = timedelta(microseconds=1)


def entry(number: int) -> AuditEntry:
    return AuditEntry(AT, "ana", "ops", f"act {number}", "T6", "because", {"n": number})


async def fill(sessions: Sessions, store: str, entity: str) -> None:
    """Records four entries of the entity: two in one transition, one in another, one beside the workflow."""
    async with sessions.of(store) as tx:
        await transitions.record(tx, transition(store, entity, 1, audit=(entry(0), entry(1))))
    async with sessions.of(store) as tx:
        await transitions.record(tx, transition(store, entity, 2, audit=(entry(2),)))
        await worklists.record_audit(tx, store, entity, entry(3))


async def broken(
    sessions: Sessions, store: str, signed: Mapping[Chain, Head] | None = None
) -> list[tuple[str | None, Fault]]:
    """The entries that do not fit, and why."""
    async with sessions.of(store) as tx:
        return [(each.action, each.fault) for each in (await audits.verify(tx, signed or {})).broken]


async def signed_now(sessions: Sessions, *stores: str) -> dict[Chain, Head]:
    """The heads as they would be signed now."""
    async with sessions.of(*stores) as tx:
        return await audits.heads(tx, None)


async def test_what_was_recorded_is_verified(sessions: Sessions, here: str, entity: str) -> None:
    await fill(sessions, here, entity)
    async with sessions.of(here) as tx:
        found = await audits.verify(tx, {})
    assert (found.entries, found.chains, found.beyond, found.broken) == (4, 1, 1, ())


async def test_nobody_but_the_database_makes_a_digest(sessions: Sessions, here: str, entity: str) -> None:
    await fill(sessions, here, entity)
    forged = text(
        """insert into audit (store_id, entity_id, at, actor, role, action, data, previous, digest, recorded_at)
           values (:store, :entity, now(), 'eve', 'ops', 'forged', '{}', 'x', 'y', '2000-01-01')"""
    )
    async with sessions.of(here) as tx:
        await tx.execute(forged, {"store": here, "entity": entity})
        recorded = text("select recorded_at > now() - interval '1 hour' from audit where action = 'forged'")
        assert (await tx.execute(recorded)).scalar_one()
    assert await broken(sessions, here) == []


@pytest.mark.parametrize(
    ("tampering", "shows"),
    [
        ("update audit set actor = 'eve' where action = 'act 1'", [("act 1", Fault.CHANGED)]),
        ("update audit set reason = null where action = 'act 3'", [("act 3", Fault.CHANGED)]),
        ("update audit set data = '{}' where action = 'act 0'", [("act 0", Fault.CHANGED)]),
        ("delete from audit where action = 'act 1'", [("act 2", Fault.MISPLACED)]),
        ("delete from audit where action = 'act 0'", [("act 1", Fault.MISPLACED)]),
        (
            "update audit set actor = 'eve', digest = sha256('x') where action = 'act 1'",
            [("act 1", Fault.CHANGED), ("act 2", Fault.MISPLACED)],
        ),
    ],
)
async def test_an_entry_that_was_changed_or_taken_away_shows(
    sessions: Sessions,
    owner: Sessions,
    here: str,
    entity: str,
    tampering: str,
    shows: list[tuple[str, Fault]],
) -> None:
    await fill(sessions, here, entity)
    async with owner.of(here) as tx:
        await tx.execute(text(tampering))
    assert await broken(sessions, here) == shows


REWRITE = """
    do $$ declare
        each audit;
        former bytea := '';
    begin
        update audit set actor = 'eve' where action = 'act 1';
        for each in select * from audit order by entity_id, id loop
            each.previous := former;
            former := audit_digest(each);
            update audit set previous = each.previous, digest = former where id = each.id;
        end loop;
    end $$"""


@pytest.mark.parametrize(
    ("tampering", "shows"),
    [
        ("delete from audit where action = 'act 3'", [(None, Fault.MISSING)]),
        ("delete from audit where action in ('act 2', 'act 3')", [(None, Fault.MISSING)]),
        ("delete from audit", [(None, Fault.MISSING)]),
        ("delete from audit where action = 'act 1'", [("act 2", Fault.MISPLACED)]),
        (REWRITE, [("act 3", Fault.NOT_THE_SIGNED_ONE)]),
    ],
)
async def test_what_was_signed_cannot_be_taken_from_the_end_or_written_anew(
    sessions: Sessions, owner: Sessions, here: str, entity: str, tampering: str, shows: list[object]
) -> None:
    await fill(sessions, here, entity)
    signed = await signed_now(sessions, here)
    assert await broken(sessions, here, signed) == []
    async with owner.of(here) as tx:
        await tx.execute(text(tampering))
    assert await broken(sessions, here, signed) == shows


async def test_the_verification_believes_no_function_of_the_database(
    sessions: Sessions, owner: Sessions, here: str, entity: str
) -> None:
    await fill(sessions, here, entity)
    lies = "create or replace function audit_digest(entry audit) returns bytea language sql as 'select entry.digest'"
    async with owner.of(here) as tx:
        await tx.execute(text(lies))
        await tx.execute(text("update audit set actor = 'eve' where action = 'act 3'"))
        found = await audits.verify(tx, {})
        await tx.rollback()
    assert [(each.action, each.fault) for each in found.broken] == [("act 3", Fault.CHANGED)]


async def test_a_chain_goes_on_after_its_signed_head(sessions: Sessions, here: str, entity: str) -> None:
    await fill(sessions, here, entity)
    signed = await signed_now(sessions, here)
    for beyond in (0, 1):
        async with sessions.of(here) as tx:
            found = await audits.verify(tx, signed)
            assert (found.beyond, found.broken) == (beyond, ())
            await worklists.record_audit(tx, here, entity, entry(4))


async def test_the_heads_are_the_last_entries_of_each_store_that_moved(
    sessions: Sessions, here: str, entity: str
) -> None:
    other = f"{here}-other"
    await fill(sessions, here, entity)
    await fill(sessions, other, f"{entity}-other")
    heads = await signed_now(sessions, here, other)
    assert set(heads) == {Chain(here, entity), Chain(other, f"{entity}-other")}
    assert set(await signed_now(sessions, here)) == {Chain(here, entity)}
    async with sessions.of(here, other) as tx:
        last = (await tx.execute(text("select max(recorded_at) from audit"))).scalar_one()
        assert set(await audits.heads(tx, last)) == set()
        assert set(await audits.heads(tx, last - TICK)) == {Chain(other, f"{entity}-other")}
        assert (await audits.verify(tx, heads)).broken == ()


async def test_a_long_audit_is_verified_page_by_page(
    sessions: Sessions, owner: Sessions, here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audits, "PAGE", 2)
    for number in range(3):
        await fill(sessions, here, f"ord_{here}_{number}")
    assert set(await signed_now(sessions, here)) == {Chain(here, f"ord_{here}_{n}") for n in range(3)}
    monkeypatch.setattr(audits, "PAGE", 3)
    async with owner.of(here) as tx:
        assert (await audits.verify(tx, {})).entries == 12
        await tx.execute(text("update audit set actor = 'eve' where action = 'act 2'"))
    assert await broken(sessions, here) == [("act 2", Fault.CHANGED)] * 3

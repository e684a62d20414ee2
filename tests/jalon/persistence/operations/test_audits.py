"""The database continues the audit's chains, and an entry that was changed or taken away shows."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from jalon.domain.transition import AuditEntry
from jalon.persistence.entities import transitions
from jalon.persistence.operations import audits, worklists
from jalon.persistence.sessions import Sessions
from tests.jalon.persistence.conftest import AT, transition


def entry(number: int) -> AuditEntry:
    return AuditEntry(AT, "ana", "ops", f"act {number}", "T6", "because", {"n": number})


async def fill(sessions: Sessions, store: str, entity: str) -> None:
    """Records four entries of the entity: two in one transition, one in another, one beside the workflow."""
    async with sessions.of(store) as tx:
        await transitions.record(tx, transition(store, entity, 1, audit=(entry(0), entry(1))))
    async with sessions.of(store) as tx:
        await transitions.record(tx, transition(store, entity, 2, audit=(entry(2),)))
        await worklists.record_audit(tx, store, entity, entry(3))


async def broken(sessions: Sessions, store: str) -> list[tuple[str, bool]]:
    """The entries that do not fit, and whether what was before them is another."""
    async with sessions.of(store) as tx:
        return [(each.action, each.misplaced) for each in (await audits.verify(tx)).broken]


async def test_what_was_recorded_is_verified(sessions: Sessions, here: str, entity: str) -> None:
    await fill(sessions, here, entity)
    async with sessions.of(here) as tx:
        found = await audits.verify(tx)
    assert (found.entries, found.chains, found.broken) == (4, 1, ())


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
        ("update audit set actor = 'eve' where action = 'act 1'", [("act 1", False)]),
        ("update audit set reason = null where action = 'act 3'", [("act 3", False)]),
        ("update audit set data = '{}' where action = 'act 0'", [("act 0", False)]),
        ("delete from audit where action = 'act 1'", [("act 2", True)]),
        ("delete from audit where action = 'act 0'", [("act 1", True)]),
        (
            "update audit set actor = 'eve', digest = sha256('x') where action = 'act 1'",
            [("act 1", False), ("act 2", True)],
        ),
    ],
)
async def test_an_entry_that_was_changed_or_taken_away_shows(
    sessions: Sessions, owner: Sessions, here: str, entity: str, tampering: str, shows: list[tuple[str, bool]]
) -> None:
    await fill(sessions, here, entity)
    async with owner.of(here) as tx:
        await tx.execute(text(tampering))
    assert await broken(sessions, here) == shows

"""The relay signs the heads of the audit once an hour, and misses no transaction that was open at that time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jalon.domain.audit_chains import Chain, Head
from jalon.domain.transition import AuditEntry
from jalon.inbox.signed_heads import HeadKeeper
from jalon.integrations.audit_heads import HeadsFile, SignedHeads, read_signed
from jalon.persistence.operations import audits, worklists
from jalon.persistence.sessions import Sessions

HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)
KEY = Ed25519PrivateKey.from_private_bytes(b"a key for tests that signs heads")


@pytest.fixture
def file(tmp_path: Path) -> HeadsFile:
    """A file that is not there yet."""
    return HeadsFile(tmp_path / "heads.jsonl", KEY)


def read(file: HeadsFile) -> SignedHeads:
    """What the file says."""
    return read_signed(file.path, KEY.public_key())


async def act(sessions: Sessions, store: str, entity: str) -> None:
    """Records an audit entry."""
    async with sessions.of(store) as tx:
        await worklists.record_audit(
            tx, store, entity, AuditEntry(datetime.now(UTC), "ana", "ops", "act", None, None, {})
        )


async def now_in(sessions: Sessions, *stores: str) -> dict[Chain, Head]:
    """The heads as they are now."""
    async with sessions.of(*stores) as tx:
        return await audits.heads(tx, None)


async def test_a_line_is_signed_once_an_hour(sessions: Sessions, here: str, file: HeadsFile) -> None:
    first, second = (HeadKeeper(sessions, (here,), file) for _ in range(2))
    now = datetime.now(UTC) - 2 * HOUR
    signed = [
        await first.sign_if_due(now),
        await second.sign_if_due(now),
        await second.sign_if_due(now + HOUR - TICK),
        await second.sign_if_due(now + HOUR),
        await first.sign_if_due(now + HOUR + TICK),
    ]
    assert signed == [True, False, False, True, False]
    assert (read(file).lines, read(file).last_at) == (2, now + HOUR)


async def test_a_line_names_the_chains_of_every_store_that_moved(
    sessions: Sessions, here: str, entity: str, file: HeadsFile
) -> None:
    other = f"{here}-other"
    keeper = HeadKeeper(sessions, (here, other), file)
    now = datetime.now(UTC) - 2 * HOUR
    await act(sessions, here, entity)
    await act(sessions, other, f"{entity}-other")
    assert await keeper.sign_if_due(now)
    assert read(file).heads == await now_in(sessions, here, other)
    size = file.path.stat().st_size
    await act(sessions, other, f"{entity}-other")
    assert await keeper.sign_if_due(now + HOUR)
    assert read(file).heads == await now_in(sessions, here, other)
    added = file.path.read_bytes()[size:].decode()
    assert f"{entity}-other" in added
    assert f'"{entity}"' not in added


async def test_an_entry_that_was_not_committed_yet_is_in_the_next_line(
    sessions: Sessions, here: str, entity: str, file: HeadsFile
) -> None:
    keeper = HeadKeeper(sessions, (here,), file)
    now = datetime.now(UTC)
    async with sessions.of(here) as tx:
        entry = AuditEntry(now, "ana", "ops", "act", None, None, {})
        await worklists.record_audit(tx, here, entity, entry)
        assert await keeper.sign_if_due(datetime.now(UTC))
        assert read(file).heads == {}
    assert await keeper.sign_if_due(datetime.now(UTC) + HOUR)
    assert read(file).heads.keys() == {Chain(here, entity)}


async def test_nothing_is_signed_while_another_relay_signs(
    sessions: Sessions, here: str, file: HeadsFile
) -> None:
    keeper = HeadKeeper(sessions, (here,), file)
    with file.open():
        assert not await keeper.sign_if_due(datetime.now(UTC))
    assert await keeper.sign_if_due(datetime.now(UTC))

"""The people of a local machine keep their keys over restarts, as long as the database has them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from jalon.local.machine import Machine
from jalon.local.seed_keys import PEOPLE, seed_keys
from jalon.persistence.operations import keys
from jalon.persistence.sessions import Sessions


def _url(postgres: Machine) -> str:
    return postgres.environment["JALON_DATABASE_URL"]


async def _key_of(url: str, token: str) -> keys.Key | None:
    sessions = Sessions.connect(url)
    try:
        async with sessions.unscoped() as tx:
            return await keys.find(tx, token)
    finally:
        await sessions.close()


async def _revoke(url: str, key: str) -> None:
    sessions = Sessions.connect(url)
    try:
        async with sessions.unscoped() as tx:
            assert await keys.revoke(tx, key)
    finally:
        await sessions.close()


def test_everyone_has_a_key_of_their_role_and_keeps_it(postgres: Machine, tmp_path: Path) -> None:
    first = seed_keys(tmp_path, _url(postgres))
    assert first.keys() == PEOPLE.keys()
    for name, token in first.items():
        key = asyncio.run(_key_of(_url(postgres), token))
        assert key is not None
        assert (key.person, key.role) == PEOPLE[name]
        assert key.accepted_at is not None
    assert seed_keys(tmp_path, _url(postgres)) == first
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0


def test_compliance_is_two_people(postgres: Machine, tmp_path: Path) -> None:
    people = {person for person, role in PEOPLE.values() if role == "compliance"}
    assert len(people) == 2


def test_a_key_the_database_no_longer_knows_is_replaced(postgres: Machine, tmp_path: Path) -> None:
    first = seed_keys(tmp_path, _url(postgres))
    key = asyncio.run(_key_of(_url(postgres), first["ops"]))
    assert key is not None
    asyncio.run(_revoke(_url(postgres), key.id))
    second = seed_keys(tmp_path, _url(postgres))
    assert second["ops"] != first["ops"]
    assert {**second, "ops": first["ops"]} == first

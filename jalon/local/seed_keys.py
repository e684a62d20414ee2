"""The people of a local machine: one API key each, issued once and stored in its folder."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.local.keyring import write_private
from jalon.persistence.operations.keys import EVERY_STORE, accept, find, issue
from jalon.persistence.sessions import Sessions

# Two different people release a hold, so compliance has two. Each key is accepted, as its person would do.
PEOPLE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "storefront": ("Local storefront", "storefront"),
        "partner": ("Local partner", "partner"),
        "support": ("Salomé Support", "support"),
        "ops": ("Octave Ops", "ops"),
        "compliance": ("Camille Compliance", "compliance"),
        "compliance_second": ("Dominique Compliance", "compliance"),
        "admin": ("Alix Admin", "admin"),
    }
)


def seed_keys(folder: Path, database_url: str) -> dict[str, str]:
    """The token of each of PEOPLE: the stored one if the database has its key, else a new one."""
    file = folder / "keys.json"
    kept: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    held = asyncio.run(_known_or_issued(database_url, kept))
    if held != kept:
        write_private(file, json.dumps(held, indent=2))
    return held


async def _known_or_issued(database_url: str, kept: Mapping[str, str]) -> dict[str, str]:
    sessions = Sessions.connect(database_url)
    try:
        async with sessions.unscoped() as tx:
            return {name: await _token(tx, kept.get(name), *whose) for name, whose in PEOPLE.items()}
    finally:
        await sessions.close()


async def _token(tx: AsyncConnection, kept: str | None, person: str, role: str) -> str:
    if kept is not None and await find(tx, kept) is not None:
        return kept
    issued = await issue(tx, person=person, role=role, stores=(EVERY_STORE,))
    return await accept(tx, issued) or issued

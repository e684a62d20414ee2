"""The people of a local machine: one API key per role, issued once and kept in its folder."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from persistence.keys import issue

from local.keyring import write_private
from persistence.sessions import Sessions

EVERY_STORE = ("*",)

# A hold is released by two different people, so compliance has two.
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


def admit(folder: Path, database_url: str) -> dict[str, str]:
    """The token of each of PEOPLE, from the folder or, for those without one, issued now."""
    file = folder / "keys.json"
    held: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    missing = [name for name in PEOPLE if name not in held]
    if missing:
        held.update(asyncio.run(_issue(database_url, missing)))
        write_private(file, json.dumps(held, indent=2, ensure_ascii=False))
    return held


async def _issue(database_url: str, names: list[str]) -> dict[str, str]:
    sessions = Sessions.connect(database_url)
    try:
        async with sessions.unscoped() as session:
            return {
                name: await issue(session, person=PEOPLE[name][0], role=PEOPLE[name][1], stores=EVERY_STORE)
                for name in names
            }
    finally:
        await sessions.close()

"""`jalon db rebuild-search`: writes what support searches anew, after a restore of a backup that left it out."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from cryptography.exceptions import InvalidTag
from rich.console import Console
from rich.progress import Progress

from jalon.cli.connection import LOCAL_FOLDER, DataOption, Refused
from jalon.cli.transaction import application_url, database_faults
from jalon.local.folder import MachineFolder
from jalon.persistence.people.remembering import Part, totals, write_page
from jalon.persistence.people.vault import Vault
from jalon.persistence.sessions import Sessions
from jalon.policy.authoring.loader import load_stores
from jalon.settings import KeyRing

KEYS = "JALON_PERSON_KEYS"
PAGE = 500
"""The entities, payments or people of one transaction, which keeps others from changing them for some tenths of a second."""


class Place:
    """How far a rebuild has come: a part, and the last id or key of it that was written."""

    def __init__(self, said: str | None) -> None:
        name, _, self.last = (said or "").partition("/")
        if said is not None and (name not in set(Part) or not self.last):
            raise Refused(
                f'"{said}" is no place of a rebuild: write it as it was printed, as in people/pty_01h…'
            )
        self.part = Part(name) if said is not None else next(iter(Part))

    def __str__(self) -> str:
        return f"{self.part}/{self.last}"


def rebuild_search(
    after: Annotated[
        str | None,
        typer.Option("--after", metavar="PLACE", help="Go on where a rebuild ended, as it printed."),
    ] = None,
    stores: Annotated[
        Path,
        typer.Option(
            "--stores",
            metavar="FOLDER",
            help="The folder of store files whose orders are found.",
            envvar="JALON_STORES_DIR",
        ),
    ] = Path("stores"),
    data: DataOption = LOCAL_FOLDER,
) -> None:
    """Write the texts that support searches anew, after a restore of a backup that left them out.

    Orders may go on meanwhile. Names and addresses are read with JALON_PERSON_KEYS, else with the key of the machine in --data.
    """
    place = Place(after)
    with database_faults(), _stopping_at(place):
        written = asyncio.run(
            _rebuild(application_url(data), _vault(data), tuple(load_stores(stores)), place)
        )
    said = ", ".join(f"{many:,} {part}" for part, many in written.items())
    typer.echo(f"support finds all of {said}")


@contextmanager
def _stopping_at(place: Place) -> Iterator[None]:
    """Says where to go on, however the block ends before its time."""
    try:
        yield
    except InvalidTag:
        raise Refused(
            f"{KEYS} does not open the people of this database: name the key ring of its installation"
        ) from None
    except BaseException:
        if place.last:
            typer.echo(f"go on with `jalon db rebuild-search --after {place}`", err=True)
        raise


def _vault(data: Path) -> Vault:
    given = os.environ.get(KEYS)
    if given is None:
        if not MachineFolder(data).was_started:
            raise Refused(f"no machine was started in {data}: give the key ring of people in {KEYS}")
        # Loads the driver of PostgreSQL, which completing a command line does without.
        from jalon.local.keyring import read_or_make  # noqa: PLC0415

        given = read_or_make(data).person_keys
    try:
        ring = KeyRing.parse(given)
    except ValueError as fault:
        raise Refused(f"{KEYS}: {fault}") from None
    return Vault(ring.keys[ring.active])


async def _rebuild(url: str, vault: Vault, stores: tuple[str, ...], place: Place) -> dict[Part, int]:
    sessions = Sessions.connect(url, pool_size=1)
    left = list(Part)[list(Part).index(place.part) :]
    try:
        async with sessions.of(*stores) as tx:
            expected = await totals(tx)
        with Progress(console=Console(stderr=True)) as progress:
            for part in left:
                if part is not place.part:
                    place.part, place.last = part, ""
                bar = progress.add_task(part.value, total=None if place.last else expected[part])
                while written := await _write(sessions, vault, stores, place):
                    progress.advance(bar, written)
    finally:
        await sessions.close()
    return {part: expected[part] for part in left}


async def _write(sessions: Sessions, vault: Vault, stores: tuple[str, ...], place: Place) -> int:
    """Writes the page after the place, and moves the place; how many it holds."""
    async with sessions.of(*stores) as tx:
        page = await write_page(tx, vault, place.part, place.last, PAGE)
    place.last = page.upto or place.last
    return page.written

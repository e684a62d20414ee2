"""`jalon audit`: whether what people and deadlines did is still as it was recorded."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from pydantic_core import to_jsonable_python

from jalon.cli.connection import LOCAL_FOLDER, DataOption, JsonOption, Refused
from jalon.cli.grouping import group
from jalon.cli.terminal import print_json
from jalon.cli.transaction import on_database
from jalon.integrations.audit_heads import SignedHeads, read_public_key, read_signed
from jalon.local.keyring import AuditFiles
from jalon.persistence.operations import audits
from jalon.policy.authoring.loader import load_stores

app = group("The audit: who did what, and which deadlines took effect.")


@app.callback()
def _group() -> None:
    """Keeps `verify` a command of its own: a group of one command would be that command."""


@app.command()
def verify(
    stores: Annotated[
        Path,
        typer.Option(
            "--stores",
            metavar="FOLDER",
            help="The folder of store files whose audit is verified.",
            envvar="JALON_STORES_DIR",
        ),
    ] = Path("stores"),
    heads: Annotated[
        Path | None,
        typer.Option(
            "--heads",
            metavar="FILE",
            help="The file of signed heads. The local machine's, if none is named.",
            envvar="JALON_AUDIT_HEADS_FILE",
        ),
    ] = None,
    public_key: Annotated[
        Path | None,
        typer.Option(
            "--public-key", metavar="FILE", help="The file of the public key that verifies them, in PEM."
        ),
    ] = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Recompute the chain of every entity, person and store, and compare it with the signed heads.

    Exit code 1 where an entry was changed or is missing, or where the heads are not as they were signed.
    """
    named = tuple(load_stores(stores))
    signed = _signed(heads, public_key, AuditFiles(data))
    expected = {chain: head for chain, head in signed.heads.items() if chain.store in named}
    found = on_database(data, lambda tx: audits.verify(tx, expected), named)
    if as_json:
        counts = {"entries": found.entries, "chains": found.chains, "stores": len(named)}
        told_of = {"signed_lines": signed.lines, "signed_at": signed.last_at, "later_chains": found.beyond}
        print_json(to_jsonable_python({"ok": not found.broken, **counts, **told_of, "broken": found.broken}))
    else:
        _tell(found, signed, named)
    if found.broken:
        raise typer.Exit(1)


def _tell(found: audits.Verified, signed: SignedHeads, named: tuple[str, ...]) -> None:
    counted = _of(found.entries, "entry", "entries"), _of(found.chains, "chain"), _of(len(named), "store")
    typer.echo("{} in {} of {}".format(*counted))
    _tell_signed(signed, found.beyond, {chain.store for chain in signed.heads} - {*named})
    for each in found.broken:
        told = "" if each.at is None else f" ({each.action}, {each.at.isoformat()})"
        typer.echo(f"  {each.store} {each.entity} entry {each.id}{told}: {each.fault}")
    if not found.broken:
        typer.echo("every entry is as it was recorded")


def _signed(heads: Path | None, public_key: Path | None, local: AuditFiles) -> SignedHeads:
    """The signed heads, none where no file is named and the database is not the local machine's. Raises HeadsUnusable and Refused."""
    if heads is None:
        elsewhere = "JALON_DATABASE_URL" in os.environ
        if elsewhere or not local.heads.exists():
            if public_key is not None:
                raise Refused("--public-key verifies a file of signed heads: name it with --heads")
            return SignedHeads()
        heads = local.heads
    return read_signed(heads, read_public_key(public_key or local.public_key))


def _tell_signed(signed: SignedHeads, beyond: int, elsewhere: set[str]) -> None:
    if signed.last_at is None:
        typer.echo("no signed heads: the last entries of a chain can be missing without a sign (--heads)")
        return
    typer.echo(
        f"{_of(signed.lines, 'signed line')}, the last of {signed.last_at.isoformat(timespec='seconds')}; "
        f"{_of(beyond, 'chain')} with later entries than that"
    )
    if elsewhere:
        typer.echo(f"not compared, since no store file is given: {', '.join(sorted(elsewhere))}")


def _of(number: int, one: str, more: str | None = None) -> str:
    return f"{number} {one if number == 1 else more or f'{one}s'}"

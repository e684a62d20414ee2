"""`jalon keys`: who may call the API, in which role and for which stores."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Annotated

import typer
from pydantic_core import to_jsonable_python

from jalon.cli.connection import LOCAL_FOLDER, ApiOption, DataOption, JsonOption, KeyOption, Refused, connect
from jalon.cli.grouping import group
from jalon.cli.terminal import Listing, print_json, print_listing
from jalon.cli.transaction import on_database
from jalon.client import operations
from jalon.domain.staff import STAFF_ROLES
from jalon.local.folder import MachineFolder
from jalon.persistence.operations import keys, staff_links

app = group(
    "API keys: issue, accept, list, revoke; links that sign staff in. Each belongs to a named person or system."
)


@app.command()
def issue(
    person: Annotated[
        str, typer.Option("--person", metavar="NAME", help="The person or system the key belongs to.")
    ],
    role: Annotated[str, typer.Option("--role", metavar="ROLE", help=f"{', '.join(keys.ROLES)}.")],
    store: Annotated[
        list[str] | None,
        typer.Option("--store", metavar="STORE", help="A store it is good for; again for more. All if none."),
    ] = None,
    data: DataOption = LOCAL_FOLDER,
) -> None:
    """Make a key and show its token, this once."""
    stores = tuple(store) if store else (keys.EVERY_STORE,)
    try:
        typer.echo(on_database(data, lambda tx: keys.issue(tx, person=person, role=role, stores=stores)))
    except (keys.UnknownRole, keys.NoPerson) as error:
        raise typer.BadParameter(str(error)) from None


@app.command("list")
def list_keys(data: DataOption = LOCAL_FOLDER, as_json: JsonOption = False) -> None:
    """Every key ever issued; tokens are not kept."""
    found = on_database(data, keys.list_keys)
    if as_json:
        print_json({"data": [to_jsonable_python(each) for each in found]})
        return
    rows = [
        (key.id, key.role, key.person, ", ".join(key.stores), *map(_shown, _instants(key))) for key in found
    ]
    columns = ("id", "role", "person", "stores", "issued", "accepted", "revoked", "session until")
    print_listing(Listing(columns=columns, rows=rows, keep=3), "no key was issued yet")


def _instants(key: keys.Key) -> tuple[datetime | None, ...]:
    return key.created_at, key.accepted_at, key.revoked_at, key.expires_at


@app.command()
def link(
    person: Annotated[
        str | None,
        typer.Option(
            "--person",
            metavar="NAME",
            help="Whom it signs in; needs the database. Else the owner of the key.",
        ),
    ] = None,
    role: Annotated[
        str | None, typer.Option("--role", metavar="ROLE", help=f"{', '.join(STAFF_ROLES)}.")
    ] = None,
    store: Annotated[
        list[str] | None,
        typer.Option(
            "--store", metavar="STORE", help="A store the session is good for; again for more. All if none."
        ),
    ] = None,
    local: Annotated[
        str,
        typer.Option(
            "--as", metavar="NAME", help="One of the local machine's people, as `jalon up` lists them."
        ),
    ] = "support",
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
) -> None:
    """Make a link that signs a member of staff in at the console, once, within 15 minutes."""
    if person is None:
        with connect(api, key, data, local) as client:
            typer.echo(client.send(operations.sign_in_link())["url"])
        return
    base = api or os.environ.get("JALON_PUBLIC_URL") or MachineFolder(data).addresses.get("api")
    if role is None or base is None:
        raise Refused("give --role" if role is None else "where is the console? Give --api")
    stores, issuer = tuple(store) if store else (keys.EVERY_STORE,), keys.COMMAND_LINE
    try:
        made = on_database(
            data,
            lambda tx: staff_links.make(
                tx, person=person, role=role, stores=stores, issued_by=issuer, accepted=False
            ),
        )
    except (keys.UnknownRole, keys.NoPerson) as error:
        raise typer.BadParameter(str(error)) from None
    typer.echo(f"{base.rstrip('/')}{made.path}")


@app.command()
def accept(api: ApiOption = None, key: KeyOption = None, data: DataOption = LOCAL_FOLDER) -> None:
    """Exchange the token of your own key for one that its issuer never saw, and show it, this once.

    A reviewer does so before they release a hold. The former token ends.
    """
    if key is None:
        raise Refused("which key? Give the token that you were sent with --key, or in JALON_API_KEY")
    with connect(api, key, data, "") as client:
        typer.echo(client.send(operations.accept_key())["token"])


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(metavar="ID", help="key_…, as `jalon keys list` shows it.")],
    data: DataOption = LOCAL_FOLDER,
) -> None:
    """End a key for good."""
    if not on_database(data, lambda tx: keys.revoke(tx, key)):
        raise Refused(f"there is no key {key} to revoke, or it was revoked before")
    typer.echo(f"{key} is revoked")


def _shown(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}"

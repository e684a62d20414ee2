"""`jalon stops`: the emergency stop of charges or e-mail, store by store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import typer
from rich.text import Text

from jalon.cli.connection import (
    LOCAL_FOLDER,
    ApiOption,
    DataOption,
    JsonOption,
    KeyOption,
    ReasonOption,
    StoreOption,
    connect,
)
from jalon.cli.grouping import Listed, group
from jalon.cli.terminal import Listing, print_json, print_listing
from jalon.client import operations
from jalon.pole import instant

app = group("The emergency stop of charges or e-mail, store by store.", cls=Listed)

StoreArgument = Annotated[str, typer.Argument(metavar="STORE", help="The store.")]
WhatArgument = Annotated[Literal["charges", "mail"], typer.Argument(metavar="WHAT", help="charges, or mail.")]


@app.command("list")
def list_stops(
    store: StoreOption = None,
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """List what is stopped, and what was."""
    with connect(api, key, data, "ops") as client:
        found = client.send(operations.stops(store))
    if as_json:
        print_json(found)
    else:
        _print(found["data"])


@app.command("set")
def set_stop(
    store: StoreArgument,
    what: WhatArgument,
    reason: ReasonOption,
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Stop the charges or the e-mail of a store at once. Nothing parks; everything goes on once the stop is lifted."""
    _change(api, key, data, operations.change_stop(store, what, reason, stopped=True), as_json=as_json)


@app.command("lift")
def lift_stop(
    store: StoreArgument,
    what: WhatArgument,
    reason: ReasonOption,
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Let the charges or the e-mail of a store go on."""
    _change(api, key, data, operations.change_stop(store, what, reason, stopped=False), as_json=as_json)


def _change(api: str | None, key: str | None, data: Any, call: Any, *, as_json: bool) -> None:
    with connect(api, key, data, "ops") as client:
        changed = client.send(call)
    if as_json:
        print_json(changed)
    else:
        _print([changed])


def _print(found: Sequence[Mapping[str, Any]]) -> None:
    rows = [
        (
            each["store"],
            each["what"],
            Text("stopped", "red") if each["stopped"] else "goes on",
            instant(each["since"], "UTC") if each["since"] else "",
            each["actor"] or "",
            each["reason"] or "",
        )
        for each in found
    ]
    columns = ("store", "what", "state", "since (UTC)", "by", "reason")
    print_listing(Listing(columns=columns, rows=rows, keep=4), "your key sees no store")

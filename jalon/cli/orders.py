"""`jalon orders`: find orders and subscriptions, look at one, list what is stuck, and repair it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
from jalon.cli.grouping import group
from jalon.cli.naming import EntityArgument, id_of
from jalon.cli.standing import buyer, heading, status
from jalon.cli.terminal import Cell, Listing, print_json, print_listing, print_out
from jalon.client import operations
from jalon.client.calls import Call
from jalon.client.shapes import Timeline
from jalon.pole import draw, instant, words

if TYPE_CHECKING:
    from jalon.client.sync import Client

SETTLES_WITHIN, LOOK_AGAIN_SECONDS = 5.0, 0.7
"""How long a repair is watched before what it led to is drawn, and how long nothing must be added meanwhile, in seconds."""

app = group("Find an order or subscription, look at it, list what is stuck, and repair it.")

StepOption = Annotated[
    str, typer.Option("--step", metavar="STEP", help="The parked step, as `show` names it.")
]


@app.command()
def find(
    text: Annotated[
        str,
        typer.Argument(metavar="TEXT", help="A number, e-mail, name, company or id, or a part of one."),
    ],
    limit: Annotated[
        int, typer.Option("--limit", metavar="NUMBER", min=1, max=100, help="How many at most.")
    ] = 20,
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Find orders and subscriptions by what is known of them.

    Ends with 1 where nothing is found.
    """
    with connect(api, key, data, "support") as client:
        answer = client.send(operations.search(text, limit))
    found = answer["data"]
    if as_json:
        print_json(answer)
    else:
        columns = ("number", "status", "id", "store", "buyer", "waits for", "subscriptions", "found by")
        rows = [_found(each) for each in found]
        print_listing(
            Listing(columns=columns, rows=rows, keep=3), f"nothing is found by {text} with your key"
        )
    if not found:
        raise typer.Exit(1)


def _found(each: Mapping[str, Any]) -> tuple[Cell, ...]:
    standing = str(each.get("standing") or each.get("status") or "")
    begun = each.get("subscriptions") or ()
    subscriptions = (f"{one['id']} {one['quantity']} × {one['product']} {one['standing']}" for one in begun)
    matched = each.get("matched") or {}
    return (
        each["number"] or "",
        status(standing),
        each["id"],
        each["store"],
        buyer(each.get("buyer")) or "",
        each.get("waits_for") or "",
        "; ".join(subscriptions),
        words(" ".join(filter(None, (matched.get("field"), matched.get("how"))))),
    )


@app.command()
def show(
    entity: EntityArgument,
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Show an order with its subscriptions: the buyer, what it waits for and until when, what happened, what comes next."""
    with connect(api, key, data, "support") as client:
        found = id_of(client, entity)
        _print(client, found, client.send(operations.timeline(found)), as_json)


@app.command()
def stuck(
    store: StoreOption = None,
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """List what does not go on, by cause: parked steps, which wait for an operator, and stalled ones."""
    with connect(api, key, data, "ops") as client:
        causes = client.send(operations.parked(store))
    if as_json:
        print_json(causes)
    elif not causes["data"]:
        typer.echo("nothing is stuck")
    for cause in () if as_json else causes["data"]:
        typer.echo("\n".join(lines_of(cause)))


@app.command()
def park(
    entity: EntityArgument,
    step: StepOption,
    reason: ReasonOption,
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Set a step aside until an operator decides."""
    _act(connect(api, key, data, "ops"), entity, lambda found: operations.park(found, step, reason), as_json)


@app.command()
def retry(
    entity: EntityArgument,
    step: StepOption,
    reason: ReasonOption,
    edit: Annotated[
        str | None, typer.Option("--edit", metavar="JSON", help="An object of input to correct first.")
    ] = None,
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Try a parked step again, with its input corrected where --edit says how."""
    corrected = None if edit is None else object_of("--edit", edit)
    _act(
        connect(api, key, data, "ops"),
        entity,
        lambda found: operations.retry(found, step, reason, corrected),
        as_json,
    )


@app.command()
def skip(
    entity: EntityArgument,
    step: StepOption,
    reason: ReasonOption,
    evidence: Annotated[
        str,
        typer.Option(
            "--evidence",
            metavar="TEXT",
            help='What proves that the step was done outside: a line, or an object as in {"reference": "TR-1"}.',
        ),
    ],
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Go on without a parked step that was done elsewhere."""
    proof = object_of("--evidence", evidence) if evidence.lstrip().startswith("{") else evidence
    _act(
        connect(api, key, data, "ops"),
        entity,
        lambda found: operations.skip(found, step, reason, proof),
        as_json,
    )


@app.command()
def compensate(
    entity: EntityArgument,
    step: StepOption,
    reason: ReasonOption,
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Undo what already took effect outside and end the order or line."""
    _act(
        connect(api, key, data, "ops"),
        entity,
        lambda found: operations.compensate(found, step, reason),
        as_json,
    )


def lines_of(cause: Mapping[str, Any]) -> Iterator[str]:
    """A cause for the terminal: what it stops and since when, how it goes on, and whom it stops, a line each with the whole id."""
    kind = "stalled" if cause["stalled"] else "parked"
    way_out = (
        "it goes on by itself once the cause is mended"
        if cause["stalled"]
        else f"mend the cause, then: jalon orders retry ORDER --step {cause['step']} --reason …"
    )
    yield f"{cause['count']} {kind} at {cause['step']} since {instant(cause['since'], 'UTC')} UTC: {cause['cause']}"
    yield f"  {way_out}"
    for each in cause["entities"]:
        yield "  ".join(("", each["id"], each["number"] or "", each["status"] or "", each["store"])).rstrip()
    if left_out := cause["count"] - len(cause["entities"]):
        yield f"  and {left_out} more"


def _act(client: Client, named: str, call: Callable[[str], Call[Any]], as_json: bool) -> None:
    with client:
        entity = id_of(client, named, exactly=True)
        before = client.send(operations.timeline(entity))
        client.send(call(entity))
        _print(client, entity, _gone_on(client, entity, before), as_json)


def _gone_on(client: Client, entity: str, before: Timeline) -> Timeline:
    """The timeline once the command shows in it and nothing was added for a moment; what stands there after SETTLES_WITHIN seconds."""
    deadline = time.monotonic() + SETTLES_WITHIN
    last, now = before, client.send(operations.timeline(entity))
    while (now == before or now != last) and time.monotonic() < deadline:
        time.sleep(LOOK_AGAIN_SECONDS)
        last, now = now, client.send(operations.timeline(entity))
    return now


def object_of(option: str, text: str) -> dict[str, Any]:
    """The JSON object that an option was given. Raises BadParameter."""
    try:
        value = json.loads(text, parse_constant=_no_number)
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise typer.BadParameter(f"{option} is no JSON: {error}") from None
    if not isinstance(value, dict):
        raise typer.BadParameter(f"{option} takes a JSON object")
    return value


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def _print(client: Client, entity: str, timeline: Timeline, as_json: bool) -> None:
    read = client.send(operations.read(entity))
    if as_json:
        print_json({**timeline, **{name: value for name, value in read.items() if name in BOUGHT}})
    else:
        print_out(*heading(timeline, read), draw(timeline))


BOUGHT = frozenset(
    {"lines", "product", "quantity", "term", "total", "amount", "purchase_order_number", "order_id"}
)
"""What the JSON of `show` takes from the entity, beside its timeline."""

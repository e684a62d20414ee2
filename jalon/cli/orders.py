"""`jalon orders`: look at one order or subscription, list what is stuck, and repair it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any

import typer
from rich.console import Console

from jalon.cli.connection import LOCAL_FOLDER, ApiOption, DataOption, KeyOption, Refused, connect
from jalon.client import operations
from jalon.client.calls import Call
from jalon.client.shapes import Timeline
from jalon.client.sync import Client
from jalon.domain.kinds import KINDS, ORDER
from jalon.pole import draw

SETTLES_WITHIN, LOOK_AGAIN_SECONDS = 5.0, 0.7
"""How long a repair is watched before what it led to is drawn, and how long nothing must be added meanwhile, in seconds."""

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Look at an order or subscription, list what is stuck, and repair it.",
)

EntityArgument = Annotated[
    str, typer.Argument(metavar="ORDER", help="ord_…, sub_…, or the order's number, as in DRA-2026-A2T4SS.")
]
StepOption = Annotated[str, typer.Option(help="The parked step, as the timeline names it.")]
ReasonOption = Annotated[str, typer.Option(help="Why; kept in the audit.")]
JsonOption = Annotated[bool, typer.Option("--json", help="The API's answer as it is.")]


@app.command()
def show(
    entity: EntityArgument,
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Draw what happened, what it waits for, and what will happen next."""
    with connect(api, key, data, "support") as client:
        _print(client.send(operations.timeline(_id_of(client, entity))), as_json)


@app.command()
def stuck(
    store: Annotated[str | None, typer.Option(help="Only this store.")] = None,
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """List what does not go on, by cause: parked steps, which wait for an operator, and stalled ones."""
    with connect(api, key, data, "ops") as client:
        causes = client.send(operations.parked(store))
    if as_json:
        typer.echo(json.dumps(causes, ensure_ascii=False, indent=2))
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
) -> None:
    """Set a step aside until an operator decides."""
    _act(connect(api, key, data, "ops"), entity, lambda found: operations.park(found, step, reason))


@app.command()
def retry(
    entity: EntityArgument,
    step: StepOption,
    reason: ReasonOption,
    edit: Annotated[str | None, typer.Option(help="JSON object of input to correct first.")] = None,
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
) -> None:
    """Try a parked step again, with its input corrected when --edit says how."""
    corrected = None if edit is None else _object(edit)
    _act(
        connect(api, key, data, "ops"),
        entity,
        lambda found: operations.retry(found, step, reason, corrected),
    )


@app.command()
def skip(
    entity: EntityArgument,
    step: StepOption,
    reason: ReasonOption,
    evidence: Annotated[str, typer.Option(help="What proves that the step was done outside.")],
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
) -> None:
    """Go on without a parked step that was done elsewhere."""
    _act(connect(api, key, data, "ops"), entity, lambda found: operations.skip(found, step, reason, evidence))


@app.command()
def compensate(
    entity: EntityArgument,
    step: StepOption,
    reason: ReasonOption,
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
) -> None:
    """Undo what already took effect outside and end the order."""
    _act(connect(api, key, data, "ops"), entity, lambda found: operations.compensate(found, step, reason))


def lines_of(cause: Mapping[str, Any]) -> Iterator[str]:
    """A cause for the terminal: what it stops and since when, how it goes on, and whom it stops, a line each with the whole id."""
    kind = "stalled" if cause["stalled"] else "parked"
    way_out = (
        "it goes on by itself once the cause is mended"
        if cause["stalled"]
        else f"mend the cause, then: jalon orders retry ORDER --step {cause['step']} --reason …"
    )
    yield f"{cause['count']} {kind} at {cause['step']} since {cause['since'][:16].replace('T', ' ')}: {cause['cause']}"
    yield f"  {way_out}"
    for each in cause["entities"]:
        yield "  ".join(("", each["id"], each["number"] or "", each["status"] or "", each["store"])).rstrip()
    if left_out := cause["count"] - len(cause["entities"]):
        yield f"  and {left_out} more"


def _id_of(client: Client, text: str) -> str:
    """The id itself, or that of the only order with this number. Raises Refused."""
    if KINDS.of_id(text) is not None:
        return text
    found = [each for each in client.send(operations.search(text))["data"] if each["kind"] == ORDER.name]
    if len(found) == 1:
        return str(found[0]["id"])
    if not found:
        raise Refused(f"no order is found by {text} with your key: give its number or id, as in its e-mails")
    listed = "\n".join(f"  {each['id']}  {each['number']}  {each['standing']}" for each in found)
    raise Refused(f"{len(found)} orders are found by {text}: name one by its id\n{listed}")


def _act(client: Client, named: str, call: Callable[[str], Call[Any]]) -> None:
    with client:
        entity = _id_of(client, named)
        before = client.send(operations.timeline(entity))
        client.send(call(entity))
        _print(_gone_on(client, entity, before), as_json=False)


def _gone_on(client: Client, entity: str, before: Timeline) -> Timeline:
    """The timeline once the command shows in it and nothing was added for a moment; what stands there after SETTLES_WITHIN seconds."""
    deadline = time.monotonic() + SETTLES_WITHIN
    last, now = before, client.send(operations.timeline(entity))
    while (now == before or now != last) and time.monotonic() < deadline:
        time.sleep(LOOK_AGAIN_SECONDS)
        last, now = now, client.send(operations.timeline(entity))
    return now


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text, parse_constant=_no_number)
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise typer.BadParameter(f"--edit is no JSON: {error}") from None
    if not isinstance(value, dict):
        raise typer.BadParameter("--edit takes a JSON object")
    return value


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def _print(timeline: Timeline, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(timeline, ensure_ascii=False, indent=2))
    else:
        Console().print(draw(timeline))

"""`jalon orders`: look at one order or subscription, and repair its parked work."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.console import Console

from jalon.cli.connection import LOCAL_FOLDER, ApiOption, DataOption, KeyOption, connect
from jalon.client import operations
from jalon.client.calls import Call
from jalon.client.shapes import Timeline
from jalon.client.sync import Client
from jalon.pole import draw

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Look at an order or subscription, and repair its parked work.",
)

EntityArgument = Annotated[str, typer.Argument(metavar="ID", help="ord_… or sub_…")]
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
        _print(client.send(operations.timeline(entity)), as_json)


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
    _act(connect(api, key, data, "ops"), operations.park(entity, step, reason), entity)


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
    call = operations.retry(entity, step, reason, None if edit is None else _object(edit))
    _act(connect(api, key, data, "ops"), call, entity)


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
    _act(connect(api, key, data, "ops"), operations.skip(entity, step, reason, evidence), entity)


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
    _act(connect(api, key, data, "ops"), operations.compensate(entity, step, reason), entity)


def _act(client: Client, call: Call[Any], entity: str) -> None:
    with client:
        client.send(call)
        _print(client.send(operations.timeline(entity)), as_json=False)


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise typer.BadParameter(f"--edit is no JSON: {error}") from None
    if not isinstance(value, dict):
        raise typer.BadParameter("--edit takes a JSON object")
    return value


def _print(timeline: Timeline, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(timeline, ensure_ascii=False, indent=2))
    else:
        Console().print(draw(timeline))

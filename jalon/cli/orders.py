"""`jalon orders`: look at one order or subscription, and repair its parked work."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.console import Console

from jalon.cli.connection import LOCAL_FOLDER, ApiOption, Connection, DataOption, KeyOption, connect
from jalon.domain.kinds import KINDS, ORDER
from jalon.pole import draw

app = typer.Typer(no_args_is_help=True, help="Look at an order or subscription, and repair its parked work.")

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
    resources = connect(api, key, data, "support")
    _print(_life(resources, entity), as_json)


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
    _act(connect(api, key, data, "ops"), entity, "park", {"step": step, "reason": reason})


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
    body: dict[str, Any] = {"step": step, "reason": reason}
    if edit is not None:
        body["edit"] = _object(edit)
    _act(connect(api, key, data, "ops"), entity, "retry", body)


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
    body = {"step": step, "reason": reason, "evidence": evidence}
    _act(connect(api, key, data, "ops"), entity, "skip", body)


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
    _act(connect(api, key, data, "ops"), entity, "compensate", {"step": step, "reason": reason})


def _act(resources: Connection, entity: str, action: str, body: dict[str, Any]) -> None:
    resources.post(f"/v1/ops/entities/{entity}/{action}", body)
    _print(_life(resources, entity), as_json=False)


def _life(resources: Connection, entity: str) -> dict[str, Any]:
    kind = KINDS.of_id(entity) or ORDER
    more = {"include": "subscriptions"} if kind is ORDER else {}
    life: dict[str, Any] = resources.get(f"/v1/{kind.plural}/{entity}/timeline", **more)
    return life


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise typer.BadParameter(f"--edit is no JSON: {error}") from None
    if not isinstance(value, dict):
        raise typer.BadParameter("--edit takes a JSON object")
    return value


def _print(timeline: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(timeline, ensure_ascii=False, indent=2))
    else:
        Console().print(draw(timeline))

"""`jalon repairs plan`: what a repair of many steps would do, before anything is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import typer

from jalon.cli.connection import (
    LOCAL_FOLDER,
    ApiOption,
    DataOption,
    JsonOption,
    KeyOption,
    ReasonOption,
    connect,
)
from jalon.cli.naming import id_of
from jalon.cli.orders import object_of
from jalon.cli.standing import money
from jalon.cli.terminal import Cell, Listing, facts, print_json, print_listing, print_out
from jalon.client import repairs
from jalon.pole import instant, words

PlanArgument = Annotated[str, typer.Argument(metavar="PLAN", help="The plan's id.")]


def plan(
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="Of the repair, as its incident's.")],
    reason: ReasonOption,
    action: Annotated[
        Literal["retry", "skip", "compensate", "reset"],
        typer.Option("--action", metavar="ACTION", help="retry, skip, compensate or reset."),
    ] = "retry",
    cause: Annotated[
        str | None, typer.Option("--cause", metavar="FINGERPRINT", help="All that this cause stopped.")
    ] = None,
    store: Annotated[
        str | None, typer.Option("--store", metavar="STORE", help="Of the cause, only this store.")
    ] = None,
    order: Annotated[
        list[str] | None,
        typer.Option("--order", metavar="ORDER", help="One order or subscription; again for more."),
    ] = None,
    step: Annotated[
        str | None, typer.Option("--step", metavar="STEP", help="The step of each --order that stopped.")
    ] = None,
    edit: Annotated[
        str | None, typer.Option("--edit", metavar="JSON", help="For retry: an object of input to correct.")
    ] = None,
    evidence: Annotated[
        str | None, typer.Option("--evidence", metavar="TEXT", help="For skip: what proves that it was done.")
    ] = None,
    canary: Annotated[
        int | None,
        typer.Option("--canary", metavar="NUMBER", min=0, help="So many go first: 3, where unsaid."),
    ] = None,
    per_minute: Annotated[
        int | None,
        typer.Option("--per-minute", metavar="NUMBER", min=1, help="No more than so many a minute."),
    ] = None,
    stop_at: Annotated[
        float | None,
        typer.Option(
            "--stop-at",
            metavar="RATE",
            min=0,
            max=1,
            help="Stop once more than this did not heal: 0.5, where unsaid.",
        ),
    ] = None,
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Say what a repair would do, and do nothing yet.

    Name a --cause, or each --order with its --step. Ends with 1 where nothing is left to do.
    """
    if (cause is None) == (not order) or (order and step is None and action != "reset"):
        raise typer.BadParameter("name either a --cause, or each --order with its --step")
    proof: str | Mapping[str, str] | None = evidence
    if evidence is not None and evidence.lstrip().startswith("{"):
        proof = object_of("--evidence", evidence)
    stopped = step or "workflow_task"
    with connect(api, key, data, "ops") as client:
        named = [(id_of(client, each, exactly=True), stopped) for each in order or ()]
        made = client.send(
            repairs.plan(
                name,
                action,
                reason,
                cause=cause,
                store=store,
                steps=named or None,
                edit=None if edit is None else object_of("--edit", edit),
                evidence=proof,
                canary=canary,
                per_minute=per_minute,
                stop_at_error_rate=stop_at,
            )
        )
    _tell_plan(made, as_json=as_json)


def planned(
    plan_id: PlanArgument,
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Show a plan that was made, as the steps stand now."""
    with connect(api, key, data, "ops") as client:
        made = client.send(repairs.read_plan(plan_id))
    _tell_plan(made, as_json=as_json)


def _tell_plan(made: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(made)
    else:
        print_out(*facts(_of_plan(made)))
        columns = ("left out", "step", "code", "why")
        rows = [(each["entity"], each["step"], each["code"], each["message"]) for each in made["refused"]]
        if rows:
            typer.echo("")
            print_listing(Listing(columns=columns, rows=rows, keep=2), "")
        if made["count"]:
            typer.echo(f"\nstart it: jalon repairs start {made['plan']} --version {made['version']} --wait")
    if not made["count"]:
        raise typer.Exit(1)


def _of_plan(made: Mapping[str, Any]) -> Iterator[tuple[str, Cell | None]]:
    left_out = made.get("refused_count", len(made["refused"]))
    yield "plan", made["plan"]
    yield "version", f"{made['version']}, good until {instant(made['expires_at'], 'UTC')} UTC"
    yield "name", made["name"]
    yield "action", f"{made['action']} of {made['count']}" + (f", {left_out} left out" if left_out else "")
    yield "money", money(made["money"])
    for field in ("will", "will_not_repeat", "might"):
        for each in made[field]:
            yield words(field), _sum(each)
    for each in made.get("held", ()):
        yield "held", each
    pace = f", {made['per_minute']} a minute at most" if made.get("per_minute") else ""
    if "canary" in made:
        yield (
            "pace",
            f"{made['canary']} first, the rest once they healed{pace}; stops beyond {made['stop_at_error_rate']:.0%} not healed",
        )
    if made["needs_second_person"]:
        yield "approval", "a second person has to approve it"


def _sum(told: Any) -> str:
    if isinstance(told, str):
        return told
    amount = money(told.get("money"))
    what = told["words"] if told["what"] in told["words"] else f"{told['what']}: {told['words']}"
    return f"{told['count']} × {what}" + (f" ({amount})" if amount else "")

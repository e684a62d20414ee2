"""`jalon repairs`: plan a repair of many steps, start it by its plan's version, and watch what heals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from jalon.cli.connection import (
    LOCAL_FOLDER,
    ApiOption,
    DataOption,
    JsonOption,
    KeyOption,
    ReasonOption,
    Refused,
    connect,
)
from jalon.cli.following import ends_well, follow
from jalon.cli.grouping import Listed, group
from jalon.cli.paging import LimitOption, page
from jalon.cli.planning import PlanArgument, plan, planned
from jalon.cli.terminal import Cell, Listing, facts, print_json, print_listing, print_out
from jalon.client import repairs
from jalon.client.calls import Call
from jalon.pole import instant, words

if TYPE_CHECKING:
    from jalon.client.sync import Client

app = group(
    "Repair many steps at once: plan, start by the plan's version, watch what heals, report.", cls=Listed
)

NOT_ALL_HEALED = 3
"""The exit code of a repair that ended without healing everything."""
OUTCOMES = ("healed", "parked_again", "parked_other", "refused")
RepairArgument = Annotated[
    str, typer.Argument(metavar="REPAIR", help="Its id, as `jalon repairs list` shows it.")
]
WaitOption = Annotated[
    bool,
    typer.Option("--wait", help="Stay until it ended. Ends with 3 where not everything healed."),
]


app.command()(plan)
app.command()(planned)


@app.command()
def start(
    plan_id: PlanArgument,
    version: Annotated[
        str, typer.Option("--version", metavar="VERSION", help="The version of the plan that you read.")
    ],
    wait: WaitOption = False,
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Start a plan by the version that was read. Where what it found has changed, nothing is started."""
    with connect(api, key, data, "ops") as client:
        started = _started(client, plan_id, version)
        if wait:
            started = follow(client, started)
    _tell(started, waited=wait, as_json=as_json)


def _started(client: Client, plan_id: str, version: str) -> repairs.Repair:
    """The repair that the plan began. Raises ApiError, and Refused with the fresh plan where what the plan found has changed."""
    from jalon.client.errors import ApiError  # noqa: PLC0415 (loaded with the client)

    try:
        return client.send(repairs.start(plan_id, version))
    except ApiError as fault:
        if fresh := fault.problem.get("plan"):
            raise Refused(f"{fault.text}\n  read it: jalon repairs planned {fresh}") from None
        raise


@app.command()
def status(
    repair: RepairArgument,
    wait: WaitOption = False,
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Show a repair: how many healed, parked again or were refused, and which did not heal."""
    with connect(api, key, data, "ops") as client:
        found = client.send(repairs.read(repair))
        if wait:
            found = follow(client, found)
    _tell(found, waited=wait, as_json=as_json)


@app.command()
def items(
    repair: RepairArgument,
    outcome: Annotated[
        Literal["healed", "parked_again", "parked_other", "refused"] | None,
        typer.Option("--outcome", metavar="|".join(OUTCOMES), help="Only those with this outcome."),
    ] = None,
    limit: LimitOption = 10_000,
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """List the steps of a repair, with what became of each."""
    with connect(api, key, data, "ops") as client:
        found = page(
            client, lambda size, after: repairs.items(repair, outcome, limit=size, after=after), limit
        )
    if as_json:
        print_json(found)
    else:
        print_listing(_items(found["data"]), "there is none")


@app.command("list")
def list_repairs(
    limit: LimitOption = 50,
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """List the repairs that were started, the latest first."""
    with connect(api, key, data, "ops") as client:
        found = page(client, lambda size, after: repairs.listed(limit=size, after=after), limit)
    if as_json:
        print_json(found)
        return
    columns = ("repair", "state", "healed", "of", "name", "action", "by", "started (UTC)", "why")
    rows = [
        (
            each["id"],
            words(each["state"]),
            str(each["counts"]["healed"]),
            str(each["counts"]["total"]),
            each["name"],
            each["action"],
            each["started_by"] or "",
            instant(each["started_at"], "UTC") if each.get("started_at") else "",
            each.get("why") or "",
        )
        for each in found["data"]
    ]
    listing = Listing(columns=columns, rows=rows, keep=4, right=frozenset({"healed", "of"}))
    print_listing(listing, "no repair was started yet")


@app.command()
def report(
    repair: RepairArgument, api: ApiOption = None, key: KeyOption = None, data: DataOption = LOCAL_FOLDER
) -> None:
    """Print what happened, in Markdown, for a post-mortem."""
    with connect(api, key, data, "ops") as client:
        typer.echo(client.send(repairs.read(repair))["report"].rstrip())


def _mover(call: Callable[[str, str], Call[repairs.Repair]], said: str) -> None:
    @app.command(call.__name__, help=said)
    def move(
        repair: RepairArgument,
        reason: ReasonOption,
        api: ApiOption = None,
        key: KeyOption = None,
        data: DataOption = LOCAL_FOLDER,
        as_json: JsonOption = False,
    ) -> None:
        with connect(api, key, data, "ops") as client:
            moved = client.send(call(repair, reason))
        _tell(moved, waited=False, as_json=as_json)


_mover(repairs.approve, "Approve a repair as its second person. Only then does it begin.")
_mover(repairs.pause, "Pause a repair: no further step gets its command.")
_mover(repairs.resume, "Resume a repair that somebody paused, or that stopped by itself.")
_mover(repairs.abort, "End a repair for good. Steps that have their command go on, and are still counted.")


def _tell(repair: Mapping[str, Any], *, waited: bool, as_json: bool) -> None:
    if as_json:
        print_json(repair)
    else:
        print_out(*facts(_of_repair(repair)))
        rest = [each for outcome in OUTCOMES[1:] for each in repair[outcome]]
        if rest:
            typer.echo("")
            print_listing(_items(rest), "")
            left = sum(repair["counts"][outcome] for outcome in OUTCOMES[1:]) - len(rest)
            if left:
                typer.echo(f"and {left} more: jalon repairs items {repair['id']}")
    if waited and not ends_well(repair):
        raise typer.Exit(NOT_ALL_HEALED)


def _of_repair(repair: Mapping[str, Any]) -> Iterator[tuple[str, Cell | None]]:
    counts = repair["counts"]
    why = f": {repair['why']}" if repair.get("why") else ""
    yield "repair", repair["id"]
    yield "name", repair["name"]
    yield "state", f"{words(repair['state'])}{why}"
    if repair["state"] == "awaiting_approval":
        yield "approve", f"a second person: jalon repairs approve {repair['id']} --reason …"
    yield "action", f"{repair['action']} of {counts['total']}; {repair['reason']}"
    for outcome in (*OUTCOMES, "pending"):
        yield words(outcome), str(counts[outcome])
    yield "started by", repair["started_by"]
    yield "approved by", repair["approved_by"]


def _items(found: list[Any]) -> Listing:
    columns = ("outcome", "number", "id", "step", "stopped now at", "store", "why")
    rows = [
        (
            words(each["outcome"]),
            each["number"] or "",
            each["entity"],
            each["step"],
            each["found_step"] or "",
            each["store"],
            each["message"] or each["found_cause"] or "",
        )
        for each in found
    ]
    return Listing(columns=columns, rows=rows, keep=3)

"""`jalon causes`: what is stuck, by cause, and what people say of a cause."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
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
from jalon.cli.paging import LimitOption, page
from jalon.cli.spans import span_of
from jalon.cli.standing import money
from jalon.cli.terminal import Cell, Listing, facts, print_json, print_listing, print_out
from jalon.client import operations
from jalon.pole import instant, words

app = group(
    "What is stuck, by cause: list the causes, look at one, say who minds it, ignore it for a while.",
    cls=Listed,
)

FingerprintArgument = Annotated[
    str, typer.Argument(metavar="FINGERPRINT", help="The cause, as `jalon causes list` shows it.")
]
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@app.command("list")
def list_causes(
    store: StoreOption = None,
    state: Annotated[
        Literal["open", "ignored", "all"],
        typer.Option("--state", metavar="open|ignored|all", help="Which of them."),
    ] = "open",
    limit: LimitOption = 50,
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """List what is stuck, the most frequent cause first: parked and stalled steps, failing tasks, undeliverable e-mail."""
    with connect(api, key, data, "ops") as client:
        found = page(
            client, lambda size, after: operations.causes(store, state, limit=size, after=after), limit
        )
    if as_json:
        print_json(found)
        return
    columns = (
        "cause", "count", "kind", "step", "error", "money", "nearest deadline", "first seen (UTC)", "last seen (UTC)",
        "release", "owner", "ignored", "note",
    )  # fmt: skip
    rows = [_row(each) for each in found["data"]]
    print_listing(Listing(columns=columns, rows=rows, keep=4, right=frozenset({"count"})), "nothing is stuck")
    if found["has_more"]:
        typer.echo(f"there are more than {limit}: ask with a greater --limit")


def _row(cause: Mapping[str, Any]) -> Sequence[Cell]:
    return (
        cause["fingerprint"],
        str(cause["count"]),
        cause["kind"],
        cause["step"],
        _error(cause),
        money(cause["money"]),
        Text(_deadline(cause["nearest_deadline"]), "red"),
        _utc(cause["first_seen_at"]),
        _utc(cause["last_seen_at"]),
        cause["release"] or "",
        cause["owner"] or "",
        _ignored(cause["ignored"]),
        cause["note"] or "",
    )


@app.command()
def show(
    fingerprint: FingerprintArgument,
    store: StoreOption = None,
    limit: LimitOption = 100,
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Show one cause: what it means, what it stops, what is at stake, and the way on."""
    with connect(api, key, data, "ops") as client:
        cause = client.send(operations.cause(fingerprint, store))
        stuck = page(
            client,
            lambda size, after: operations.cause_entities(fingerprint, store, limit=size, after=after),
            limit,
        )
    if as_json:
        print_json({**cause, "entities": stuck["data"], "has_more": stuck["has_more"]})
        return
    _print_cause(cause)
    if stuck["data"]:
        columns = ("number", "id", "status", "step", "store", "since (store's time, UTC)", "reason")
        rows = [_stuck(each) for each in stuck["data"]]
        typer.echo("")
        print_listing(Listing(columns=columns, rows=rows, keep=2), "")
        if left := cause["count"] - len(rows):
            typer.echo(f"and {left} more: ask with a greater --limit")


def _print_cause(cause: Mapping[str, Any]) -> None:
    print_out(
        Text(f"{cause['fingerprint']}  ", "bold").append(f"{cause['count']} {cause['kind']}", "red"),
        *facts(_facts(cause)),
    )


def _facts(cause: Mapping[str, Any]) -> Iterator[tuple[str, Cell | None]]:
    yield "step", cause["step"]
    yield "error", _error(cause)
    yield "means", cause["words"]
    yield "way out", cause.get("way_out")
    yield "stores", ", ".join(cause.get("stores") or ())
    yield "money", money(cause["money"])
    yield "deadline", Text(_deadline(cause["nearest_deadline"]), "red")
    yield "first seen", f"{_utc(cause['first_seen_at'])} UTC"
    yield "last seen", f"{_utc(cause['last_seen_at'])} UTC, {cause['times_seen']} times in all"
    yield "release", cause["release"]
    yield "owner", cause["owner"]
    yield "note", cause["note"]
    yield "ignored", _ignored(cause["ignored"])
    if cause["count"]:
        yield (
            "repair",
            f"jalon repairs plan --cause {cause['fingerprint']} --action retry --name … --reason …",
        )


def _stuck(each: Mapping[str, Any]) -> Sequence[Cell]:
    since, reason = _utc(each["since"]), each["reason"] or ""
    return each["number"] or "", each["id"], each["status"] or "", each["step"], each["store"], since, reason


@app.command()
def note(
    fingerprint: FingerprintArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT", help='The note; "" takes it away.')],
    store: StoreOption = None,
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Note what is known of a cause."""
    with connect(api, key, data, "ops") as client:
        changed = client.send(operations.change_cause(fingerprint, {"note": text.strip() or None}, store))
    _changed(changed, as_json)


@app.command()
def own(
    fingerprint: FingerprintArgument,
    person: Annotated[str, typer.Argument(metavar="PERSON", help='Who minds the cause; "" for nobody.')],
    store: StoreOption = None,
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Say who minds a cause."""
    with connect(api, key, data, "ops") as client:
        changed = client.send(operations.change_cause(fingerprint, {"owner": person.strip() or None}, store))
    _changed(changed, as_json)


@app.command()
def ignore(
    fingerprint: FingerprintArgument,
    reason: ReasonOption,
    until: Annotated[
        str | None,
        typer.Option(
            "--until",
            metavar="WHEN",
            help="An instant as in 2026-05-04T08:00Z, or from now on as in 30m, 8h, 3d.",
        ),
    ] = None,
    more: Annotated[
        int | None, typer.Option("--more", metavar="NUMBER", min=1, help="Until so many more stop for it.")
    ] = None,
    store: StoreOption = None,
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Leave a cause out of the list until an instant, or until so many more stop for it."""
    if (until is None) == (more is None):
        raise typer.BadParameter("give either --until or --more")
    ignored = {"reason": reason, **({"more": more} if until is None else {"until": when(until)})}
    with connect(api, key, data, "ops") as client:
        changed = client.send(operations.change_cause(fingerprint, {"ignore": ignored}, store))
    _changed(changed, as_json)


@app.command()
def unignore(
    fingerprint: FingerprintArgument,
    store: StoreOption = None,
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Mind a cause again."""
    with connect(api, key, data, "ops") as client:
        changed = client.send(operations.change_cause(fingerprint, {"ignore": None}, store))
    _changed(changed, as_json)


def _changed(cause: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(cause)
    else:
        _print_cause(cause)


def when(text: str) -> str:
    """The instant that a person names, in RFC 3339. Raises BadParameter."""
    if span := re.fullmatch(r"(\d{1,5})([mhd])", text.strip()):
        return (datetime.now(UTC) + int(span[1]) * UNITS[span[2]]).isoformat(timespec="seconds")
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise typer.BadParameter(
            f"--until takes an instant as in 2026-05-04T08:00Z, or 30m, 8h, 3d; not {text}"
        ) from None
    if at.tzinfo is None:
        raise typer.BadParameter(f"--until {text} has no zone: write Z for UTC, or an offset as in +02:00")
    return at.isoformat()


def _error(cause: Mapping[str, Any]) -> str:
    return ":".join(filter(None, (cause["error"], cause["provider_code"])))


def _deadline(deadline: Mapping[str, Any] | None) -> str:
    if deadline is None:
        return ""
    rule = f", {deadline['rule']}" if deadline.get("rule") else ""
    left = f"{span_of(deadline['seconds'])} left" if deadline["seconds"] > 0 else "passed"
    return f"{left} ({words(deadline['what'])}{rule}) of {deadline['entity']}"


def _ignored(ignored: Mapping[str, Any] | None) -> str:
    if ignored is None:
        return ""
    until = f"until {_utc(ignored['until'])} UTC" if ignored["until"] else f"for {ignored['more']} more"
    return f"{until} by {ignored['by']}: {ignored['reason']}"


def _utc(at: str | None) -> str:
    return "" if at is None else instant(at, "UTC")

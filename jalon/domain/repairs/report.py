"""The text of a repair for a post-mortem: who did what and when, and what became of each entity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jalon.domain.repairs.names import ItemState, RepairState


@dataclass(frozen=True, slots=True)
class Told:
    """What a report tells of. `found` and `refusals` are (step or code, words, times); instants are real time."""

    id: str
    name: str
    action: str
    reason: str
    cause: str | None
    stores: Sequence[str]
    state: RepairState
    why: str | None
    planned_by: str
    planned_at: datetime
    started_by: str | None
    started_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    ended_at: datetime | None
    counts: Mapping[ItemState, int]
    found: Sequence[tuple[str, str, int]]
    refusals: Sequence[tuple[str, str, int]]


def report_of(told: Told) -> str:
    """The report in Markdown, readable as plain text."""
    total = sum(told.counts.values())
    lines = [f"# Repair: {told.name}", ""]
    lines.append(f"{told.action} of {total} step(s) in {', '.join(told.stores)}. Reason: {told.reason}")
    if told.cause:
        lines.append(f"Cause: {told.cause}.")
    lines += ["", "## What happened", "", *_happened(told), "", "## Outcome", ""]
    lines += ["| outcome | count |", "|---|--:|", *_outcomes(told)]
    if told.found:
        lines += ["", "## Where steps parked again", ""]
        lines += [f"- {times} × {step}: {cause}" for step, cause, times in told.found]
    if told.refusals:
        lines += ["", "## What was refused", ""]
        lines += [f"- {times} × {code}: {message}" for code, message, times in told.refusals]
    return "\n".join(lines) + f"\n\nRepair {told.id}; its lists name every entity.\n"


def _happened(told: Told) -> list[str]:
    happened = [(told.planned_at, f"planned by {told.planned_by}")]
    if told.started_at and told.started_by:
        happened.append((told.started_at, f"started by {told.started_by}"))
    if told.approved_at and told.approved_by:
        happened.append((told.approved_at, f"approved by {told.approved_by}"))
    if told.ended_at:
        happened.append((told.ended_at, f"ended: {told.state}"))
    lines = [f"- {at:%Y-%m-%d %H:%M:%S} UTC: {words}" for at, words in happened]
    if told.why:
        lines.append(f"- {told.state}: {told.why}")
    return lines


def _outcomes(told: Told) -> list[str]:
    pending = told.counts.get(ItemState.UNSENT, 0) + told.counts.get(ItemState.SENT, 0)
    rows = [
        ("healed", told.counts.get(ItemState.HEALED, 0)),
        ("parked again for the same cause", told.counts.get(ItemState.PARKED_AGAIN, 0)),
        ("parked for another cause", told.counts.get(ItemState.PARKED_OTHER, 0)),
        ("refused", told.counts.get(ItemState.REFUSED, 0)),
        ("not sent" if told.state is RepairState.ABORTED else "pending", pending),
    ]
    return [f"| {words} | {count} |" for words, count in rows]

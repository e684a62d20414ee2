"""One step of an entity's life, as it is recorded for people: projection, timeline, audit, receipts and messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class TimelineEntry:
    """Something that happened at `at` (store time). `actor` is a person or system when somebody did it."""

    at: datetime
    event: str
    rule: str | None = None
    actor: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AuditEntry:
    """Who did what and why; expiries are audited under the actor `system` (G6)."""

    at: datetime
    actor: str
    role: str
    action: str
    rule: str | None = None
    reason: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Settled:
    """What became of a receipt: `outcome` holds the command's result, or the violations that refused it."""

    receipt: str
    applied: bool
    outcome: dict[str, Any]


@dataclass(frozen=True)
class EntityMessage:
    """A command from one entity to another, written as a receipt with the transition that sends it. `key` names it once."""

    key: str
    kind: str
    entity: str
    command: str
    at: datetime
    body: dict[str, Any]


@dataclass(frozen=True)
class Transition:
    """One step of an entity's life, recorded in one database transaction and keyed by (entity, epoch, seq)."""

    store: str
    kind: str
    entity: str
    seq: int
    at: datetime
    status: str
    view: dict[str, Any]
    next_due_at: datetime | None
    busy: bool
    timeline: tuple[TimelineEntry, ...]
    audit: tuple[AuditEntry, ...]
    settled: tuple[Settled, ...]
    messages: tuple[EntityMessage, ...]

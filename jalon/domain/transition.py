"""A transition of an entity as it is recorded: projection, timeline, audit, receipts and messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class TimelineEntry:
    """One event at `at` (store time). `actor` is the person or system that acted, if one did."""

    at: datetime
    event: str
    rule: str | None = None
    actor: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AuditEntry:
    """One audit entry: who did what and why. Expiries are audited under the actor `system` (G6)."""

    at: datetime
    actor: str
    role: str
    action: str
    rule: str | None = None
    reason: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Settled:
    """The outcome of a receipt: `outcome` holds the command's result, or the violations that refused it."""

    receipt: str
    applied: bool
    outcome: dict[str, Any]


@dataclass(frozen=True)
class EntityMessage:
    """A command from one entity to another, recorded as a receipt with the transition that sends it. `key` identifies it."""

    key: str
    kind: str
    entity: str
    command: str
    at: datetime
    body: dict[str, Any]


@dataclass(frozen=True)
class Transition:
    """One transition of an entity, recorded in one database transaction and keyed by (entity, epoch, seq)."""

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

"""A write as it is submitted: its request, its target, and what makes its command."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.persistence.inbox.targets import TargetState
from workflows.engine.commands import Command


class RequestLog(Protocol):
    """The log context of an HTTP request. `spent` is the monotonic seconds since its last byte arrived."""

    store: str | None
    entity: str | None
    caller: str | None
    role: str | None

    @property
    def spent(self) -> float: ...


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A write as it was sent: its key, the keyed hash of method, path and body, and the context of its HTTP request."""

    key: str
    fingerprint: bytes
    context: RequestLog


@dataclass(frozen=True, slots=True)
class AdministrativeWrite:
    """The outcome that a write without a workflow stores in its receipt."""

    name: str
    body: dict[str, Any]

    def as_body(self) -> dict[str, Any]:
        """The body of the receipt."""
        return self.body


Compose = Callable[[AsyncConnection, TargetState], Awaitable[Command | AdministrativeWrite]]
"""Makes the command in the transaction of its receipt, so that personal data is stored with the receipt or not at all."""


@dataclass(frozen=True, slots=True)
class Target:
    """The entity of a write. `store` is given if it is `new`. A provider's `hint` is accepted while the test clock advances."""

    kind: str
    entity: str
    store: str | None = None
    new: bool = False
    hint: bool = False

"""What can be stuck."""

from __future__ import annotations

from enum import StrEnum


class StuckKind(StrEnum):
    """The kinds of what is stuck. Outgoing webhooks will be undeliverable, too."""

    PARKED = "parked"
    STALLED = "stalled"
    FAILING_TASK = "failing_task"
    UNDELIVERABLE = "undeliverable"

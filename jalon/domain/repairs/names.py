"""The names of a repair's actions, states and outcomes."""

from __future__ import annotations

import re
from enum import StrEnum

from jalon.domain.texts import same_name


class RepairAction(StrEnum):
    """What is done to each entity of a repair."""

    RETRY = "retry"
    SKIP = "skip"
    COMPENSATE = "compensate"
    RESET = "reset"


class RepairState(StrEnum):
    """Where a repair stands. A plan that nobody started is `planned`; the job itself stops, and a person pauses."""

    PLANNED = "planned"
    AWAITING_APPROVAL = "awaiting_approval"
    CANARY = "canary"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    ABORTED = "aborted"
    DONE = "done"


OVER = frozenset({RepairState.ABORTED, RepairState.DONE})
"""The states of a repair that sends nothing any more."""
SENDING = frozenset({RepairState.CANARY, RepairState.RUNNING})


class ItemState(StrEnum):
    """What became of one entity of a repair. Until it is settled, it is pending."""

    UNSENT = "unsent"
    SENT = "sent"
    HEALED = "healed"
    PARKED_AGAIN = "parked_again"
    PARKED_OTHER = "parked_other"
    REFUSED = "refused"


OUTCOMES = (ItemState.HEALED, ItemState.PARKED_AGAIN, ItemState.PARKED_OTHER, ItemState.REFUSED)
"""The four lists of a report."""


def slug_of(name: str) -> str:
    """The name of a repair as a part of its workflow id: small letters, digits and hyphens."""
    words = re.findall(r"[a-z0-9]+", same_name(name))
    return "-".join(words)[:60].strip("-") or "repair"

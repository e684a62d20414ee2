"""The requests of a repair in bulk, and their answers. Entities go by reference: their ids stay in PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass

from activities.contracts.base import ActivityRef, Done
from jalon.domain.repairs.course import Progress


@dataclass(frozen=True)
class RepairRef:
    """One repair, and the stores that it is of."""

    repair: str
    stores: tuple[str, ...]


@dataclass(frozen=True)
class RepairSending:
    """The next entities of a repair, at most so many, get their command."""

    of: RepairRef
    most: int


@dataclass(frozen=True)
class RepairSent:
    """How many got it."""

    sent: int


@dataclass(frozen=True)
class RepairMove:
    """The repair goes into another state by its own decision."""

    of: RepairRef
    state: str
    why: str | None


OBSERVE_REPAIR = ActivityRef("observe_repair", RepairRef, Progress)
SEND_REPAIR = ActivityRef("send_repair", RepairSending, RepairSent)
MOVE_REPAIR = ActivityRef("move_repair", RepairMove, Done)
END_REPAIR = ActivityRef("end_repair", RepairRef, Done)

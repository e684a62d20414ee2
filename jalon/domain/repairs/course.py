"""What a repair does next, decided from counts alone: the canary first, then the rest by its pace, until all is settled."""

from __future__ import annotations

from dataclasses import dataclass

from jalon.domain.repairs.names import OVER, SENDING, RepairState

BATCH = 50
"""The most entities that are sent their command at once."""
PAUSE_SECONDS = 1.0
JUDGED_FROM = 20
"""The settled entities from which an error rate means something."""
QUIET_SECONDS = (1.0, 1.0, 2.0, 2.0, 4.0, 4.0, 8.0)
"""The waits between two looks at outcomes while nothing changes. The last one repeats."""
ASLEEP_SECONDS = 300.0
"""The wait of a repair that a person has to wake."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The counts of a repair as they stand. `failed` are settled and not healed, without those that the plan had refused.

    `canary_unsent` and `canary_pending` are of the first entities alone. `held_up`: an entity could not be sent its command, since the
    clock of its store advances. `forgiven` and `forgiven_of` are the failed and the settled when somebody resumed the repair.
    """

    state: RepairState
    unsent: int
    pending: int
    healed: int
    failed: int
    canary_unsent: int
    canary_pending: int
    per_minute: int | None
    stop_at_error_rate: float
    forgiven: int
    forgiven_of: int

    @property
    def settled(self) -> int:
        """How many have an outcome."""
        return self.healed + self.failed


@dataclass(frozen=True, slots=True)
class Sends:
    """The next entities get their command; then the repair waits."""

    most: int
    wait: float


@dataclass(frozen=True, slots=True)
class Waits:
    """Nothing is sent. The outcomes are looked at again later; `asleep` waits for a person."""

    asleep: bool = False


@dataclass(frozen=True, slots=True)
class Becomes:
    """The repair goes into another state, for a reason."""

    state: RepairState
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Ends:
    """Nothing is left to do."""


Move = Sends | Waits | Becomes | Ends


def next_move(progress: Progress) -> Move:
    """What the repair does now."""
    if progress.state in OVER:
        return Waits() if progress.pending else Ends()
    if progress.state not in SENDING:
        return Waits(asleep=not progress.pending)
    if progress.state is RepairState.CANARY:
        return _canary(progress)
    if (rate := _error_rate(progress)) is not None:
        why = f"{rate:.0%} of the entities did not heal, {progress.stop_at_error_rate:.0%} at most are borne"
        return Becomes(RepairState.STOPPED, why)
    if progress.unsent:
        return _by_pace(progress)
    return Waits() if progress.pending else Becomes(RepairState.DONE)


def _canary(progress: Progress) -> Move:
    if progress.canary_unsent:
        return Sends(progress.canary_unsent, PAUSE_SECONDS)
    if progress.canary_pending:
        return Waits()
    failed = progress.failed - progress.forgiven
    if failed > 0:
        return Becomes(RepairState.STOPPED, f"{failed} of the canary did not heal")
    return Becomes(RepairState.RUNNING)


def _by_pace(progress: Progress) -> Move:
    if progress.per_minute is None:
        return Sends(BATCH, PAUSE_SECONDS)
    most = min(max(progress.per_minute // 12, 1), BATCH)
    return Sends(most, 60.0 * most / progress.per_minute)


def _error_rate(progress: Progress) -> float | None:
    """The rate of those that did not heal, where it is higher than is borne."""
    settled = progress.settled - progress.forgiven_of
    if settled < JUDGED_FROM:
        return None
    rate = (progress.failed - progress.forgiven) / settled
    return rate if rate > progress.stop_at_error_rate else None


def look_again_after(quiet_looks: int) -> float:
    """The seconds until outcomes are looked at again, after so many looks that showed nothing new."""
    return QUIET_SECONDS[min(quiet_looks, len(QUIET_SECONDS) - 1)]

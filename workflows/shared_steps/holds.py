"""A hold for compliance: its reasons, and the reviewers' decisions, of which one rejects and two different people's release (T6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic_core import to_jsonable_python

from activities.contracts.records import ReceivedCommand
from jalon.domain import events
from jalon.domain.compliance.export import Decision, Reason, ScreeningOutcome
from jalon.domain.error_codes import ErrorCode
from jalon.domain.refusals import hold_not_open, nothing_on_hold
from jalon.domain.texts import same_name
from jalon.domain.transition import AuditEntry
from workflows.engine.commands import Command, Refused, refused

REVIEWERS = 2
"""The number of different people who must release a hold."""
DECIDED = {"release": events.HoldRelease, "reject": events.HoldReject}
SKIPPED = ScreeningOutcome(
    Decision.HOLD,
    (Reason("screening_skipped", "T6", "Screening was skipped by an operator; review by hand."),),
)
"""What stands for the outcome of a screening that an operator skipped."""


@dataclass(frozen=True)
class DecideHold(Command):
    """A reviewer releases or rejects the hold that they saw, the one numbered `turn`."""

    decision: str
    reason: str
    turn: int


@dataclass
class Hold:
    """A hold and the reviewers' decisions on it, by person. `turn` numbers the holds of one entity."""

    opened_at: datetime
    reasons: tuple[dict[str, Any], ...]
    turn: int
    decisions: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, opened_at: datetime, reasons: Sequence[Reason], turn: int) -> Hold:
        """A hold on which nobody has decided yet."""
        return cls(opened_at, tuple(to_jsonable_python(reason) for reason in reasons), turn)

    @property
    def is_rejected(self) -> bool:
        """Whether a reviewer rejected."""
        return "reject" in self.decisions.values()

    @property
    def is_released(self) -> bool:
        """Whether enough reviewers spoke for the release."""
        return not self.is_rejected and len(self.decisions) >= REVIEWERS


def no_hold(kind: str, status: str) -> Refused:
    """The refusal of a decision where nothing is held."""
    return Refused((nothing_on_hold(kind, status),))


def not_open(turn: int) -> Refused:
    """The refusal of a decision on a hold that is not open, while another one is."""
    return Refused((hold_not_open(turn),))


def decided(entity: Any, hold: Hold, request: DecideHold, message: ReceivedCommand) -> Refused | None:
    """Records the decision of a reviewer; refused where it is about another hold, or where this person has decided already (T6)."""
    if request.turn != hold.turn:
        return not_open(request.turn)
    if same_name(message.actor) in {same_name(reviewer) for reviewer in hold.decisions}:
        said = "You decided on this hold already; a second, different person must decide."
        return refused(ErrorCode.SAME_REVIEWER, said, "T6")
    before = dict(hold.decisions)
    hold.decisions[message.actor] = request.decision
    now = entity.state.now
    event = DECIDED[request.decision](turn=hold.turn)
    entity.transition.record_event(now, event, actor=message.actor)
    action = f"hold_{request.decision}"
    facts = {
        "turn": hold.turn,
        "before": {"decisions": before},
        "after": {"decisions": dict(hold.decisions)},
    }
    entity.transition.audit(AuditEntry(now, message.actor, message.role, action, "T6", request.reason, facts))
    return None

"""The state machine of a subscription whose order was screened: the list and the reviewers answer whenever they like (X19)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from activities.contracts.screening import PersonScreened
from jalon.domain.due import Due
from tests.workflows.subscription.screened import CLEAR, MATCH, screened_course
from tests.workflows.subscription.test_subscription_machine import OPENED, TICK
from workflows.engine.commands import Command
from workflows.engine.effects import Skipped
from workflows.engine.step import StepName, person_step
from workflows.shared_steps.holds import DecideHold
from workflows.subscription.commands import (
    AcceptTransfer,
    AssignSeat,
    CallOffTransfer,
    ReassignSeat,
    RevokeSeat,
    StopRenewal,
    TransferAdmin,
)

FOUND: dict[str, PersonScreened | Skipped] = {
    "clear": PersonScreened(CLEAR, True),
    "new": PersonScreened(CLEAR, False),
    "match": PersonScreened(MATCH, True),
    "skipped": Skipped({"reference": "by hand"}),
}


class ScreenedUsers(RuleBasedStateMachine):
    """Names users and admins, and answers their screenings and holds, at ever later instants."""

    @initialize()
    def begin(self) -> None:
        """Begins an active subscription with three seats."""
        self.patch, self.now = pytest.MonkeyPatch(), OPENED
        self.course = screened_course(self.patch)

    def teardown(self) -> None:
        """Restores the engine's own continue-as-new."""
        if hasattr(self, "patch"):
            self.patch.undo()

    @property
    def _asked(self) -> list[str]:
        return [step for step in self.course.life.aside.asked if step.startswith(StepName.PERSON_SCREENING)]

    @precondition(lambda self: self.course.ended is None)
    @rule(
        command=st.one_of(
            st.builds(AssignSeat, st.sampled_from(["i_1", "n_1", "n_2"]), st.sampled_from([None, 2])),
            st.builds(ReassignSeat, st.sampled_from(["i_1", "n_2"]), st.integers(1, 2)),
            st.builds(RevokeSeat, st.integers(1, 3)),
            st.sampled_from([TransferAdmin("n_9"), AcceptTransfer(1), AcceptTransfer(2), CallOffTransfer(1)]),
        )
    )
    def the_admin_says(self, command: Command) -> None:
        """Names a user or an admin, or takes that back."""
        self.course.say(command, self.now)

    @precondition(lambda self: self._asked)
    @rule(found=st.sampled_from(["match", "match", *FOUND]), last=st.booleans())
    def the_list_answers(self, found: str, last: bool) -> None:
        """Answers the first or the last screening under way."""
        step = self._asked[-1 if last else 0]
        self.course.screened(int(step.partition("/")[2]), FOUND[found])

    @precondition(lambda self: self.course.state.on_hold)
    @rule(
        turn=st.integers(-1, 3),
        actor=st.sampled_from(["vera", "victor"]),
        decision=st.sampled_from(["release", "release", "reject"]),
    )
    def a_reviewer_decides(self, turn: int, actor: str, decision: str) -> None:
        """Decides on any open hold, or on none that is open, which is refused; only the second of two people releases."""
        before = self._decided
        turn += min(before)
        taken = self.course.say(DecideHold(decision, "seen", turn), self.now, actor)
        assert isinstance(taken, dict) == (turn in before and actor not in before[turn])
        if isinstance(taken, dict):
            over = decision == "reject" or len(before[turn]) == 1
            expected = before | {turn: before[turn] | {actor: decision}}
            assert self._decided == {
                each: said for each, said in expected.items() if each != turn or not over
            }
        else:
            assert self._decided == before

    @property
    def _decided(self) -> dict[int, dict[str, str]]:
        return {hold.turn: dict(hold.decisions) for _, hold in self.course.state.on_hold}

    @rule(days=st.sampled_from([0, 1, 9, 31]), offset=st.sampled_from([-TICK, TICK]))
    def time_passes(self, days: int, offset: timedelta) -> None:
        """Moves the time on, or to a microsecond beside the next deadline."""
        entry = self.course.state.agenda.next()
        to = self.now + timedelta(days=days) if days or entry is None else entry.due_at + offset
        self.now = max(self.now, to)
        self.course.meet(self.now)

    @precondition(lambda self: self.now > OPENED + timedelta(days=40))
    @rule()
    def it_ends(self) -> None:
        """Lets the subscription end with its term."""
        self.course.say(StopRenewal("over"), self.now)
        self.now = max(self.now, self.course.state.term_end)
        self.course.meet(self.now)

    @invariant()
    def its_holds_agree(self) -> None:
        """Checks that what is held waits for a screening or has its end on the agenda, and that nothing else does."""
        if not hasattr(self, "course"):
            return
        state = self.course.state
        waiting = [*state.seats.values(), *([state.transfer] if state.transfer else [])]
        assert all((seat.state == "held") == (seat.agreed is not None) for seat in state.seats.values())
        assert all((seat.state == "free") == (seat.party is None) for seat in state.seats.values())
        numbers = [each.agreed.number for each in waiting if each.agreed is not None]
        assert len(numbers) == len(set(numbers)), "one number a screening"
        on_agenda = {entry.key for entry in state.agenda.entries if entry.what == Due.HOLD_MAX}
        assert on_agenda == {Due.HOLD_MAX.numbered(hold.turn) for _, hold in state.on_hold}
        unfound = [each.agreed.number for each in waiting if each.agreed and each.hold is None]
        assert set(self._asked) == {person_step(number) for number in unfound}
        assert all(each == 1 for name, each in self.course.mails.items() if "user-" in name)


TestScreenedUsers = ScreenedUsers.TestCase
TestScreenedUsers.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)

"""The lifecycle of a subscription: its steps in order, term after term."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import workflow

from activities.contracts.records import ReceivedCommand
from jalon.domain.statuses import SubscriptionStatus
from workflows.engine.effects import Compensated
from workflows.engine.lifecycle import EntityStart
from workflows.engine.state import known
from workflows.engine.step import Outcome, Steps
from workflows.shared_steps import operations, support
from workflows.subscription.life import SubscriptionLife
from workflows.subscription.state import SubscriptionState
from workflows.subscription.steps import (
    activation,
    charge,
    endings,
    fewer_seats,
    joining,
    mandate,
    notice,
    retention,
    reviews,
    seats,
    switch,
    switching,
    telling,
    term,
    transfer,
)


@dataclass(frozen=True)
class SubscriptionStart(EntityStart):
    """The argument of a run of a subscription."""

    state: SubscriptionState | None = None


@workflow.defn(name="Subscription")
class SubscriptionWorkflow(SubscriptionLife):
    """pending_activation → active → (renewal notice, stop cutoff) → term end → next term, again and again, or
    ended → data_retained → purged.

    It is void when the activation window closes (P5) or a first charge is never settled (X3); `past_due_since` holds
    while a renewal's charge is. A term that nobody could be told of in time begins, and `charge_waits_for` holds until its customer had
    the time to refuse it; where the whole term passes so, it is the last (X16).
    One run is at most one term.
    """

    steps = Steps.of(
        step.STEP
        for step in (
            activation,
            charge,
            term,
            notice,
            telling,
            switch,
            seats,
            fewer_seats,
            transfer,
            switching,
            joining,
            reviews,
            retention,
            operations,
            support,
        )
    )

    @workflow.init
    def __init__(self, start: SubscriptionStart) -> None:
        self.begin(start, start.state or SubscriptionState(start.store, start.id, start.live, start.now))

    @workflow.run
    async def run(self, start: SubscriptionStart) -> str:
        """Runs one term, then continues as the next term or ends; returns the final status."""
        self.resume_mail()
        mandate.release(self)
        switching.screen(self)
        joining.resume(self)
        try:
            await self._live()
        except Compensated:
            endings.give_up(self, "compensated")
            self._parking.settle_all()
        if self.state.status is SubscriptionStatus.ENDED:
            await retention.until_purged(self)
        await self.finish()
        return self.state.status

    async def outcome_of(self, message: ReceivedCommand) -> Outcome:
        """The outcome of a command; whom it concerns at a renewal with fewer seats hears of it (X25)."""
        outcome = await super().outcome_of(message)
        fewer_seats.tell(self)
        return outcome

    async def _live(self) -> None:
        if self.state.anchor is None:
            await activation.until_steps_done(self)
            if not (self.is_over() or self.steps_complete):
                await self.next_run()
            await activation.until_charged(self)
            if not self.is_over():
                term.first_term(self)
        elif not self.state.term_open:
            await term.renew(self)
        await term.until_charged(self)
        await term.until_over(self)
        if self.is_over():
            return
        if not self.term_over:
            await self.next_run()
        if not (self.charge_waits or switch.is_stopped(self)) and known(self.state.line).renewal.automatic:
            await self.next_run()
        endings.end(self, known(self.state.term_end))

    async def next_run(self) -> None:
        """The only caller of continue-as-new: one run is at most one term, and ends earlier when its history grows long."""
        await self.drain()
        if self.term_over:
            self.state.term += 1
            self.state.term_start, self.state.generation, self.state.term_open = self.state.term_end, 1, False
        workflow.continue_as_new(
            SubscriptionStart(
                self.state.store, self.state.id, self.state.live, self.state.now, state=self.state
            )
        )

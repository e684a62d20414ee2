"""The life of a subscription."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from temporalio import workflow

from activities.contracts import ReceivedCommand
from jalon.domain.emails import DeadlineExtended
from jalon.domain.statuses import SUBSCRIPTION_OVER, SubscriptionStatus
from jalon.domain.terms import StoreTerms
from jalon.domain.transition import EntityMessage
from workflows.commands import LineSettled
from workflows.engine.agenda import Due, Entry
from workflows.engine.effects import Compensated
from workflows.engine.entity import Entity
from workflows.engine.step import Steps
from workflows.shared_steps import operations
from workflows.state import SubscriptionState, known
from workflows.subscription.steps import activation, charge, retention, seats, term
from workflows.subscription.view import subscription_view

EXTENDED: dict[str, Literal["activation", "payment", "invitation", "renewal_stop"]] = {
    Due.ACTIVATION_WINDOW: "activation",
    Due.RECOVERY: "payment",
    Due.INVITATION: "invitation",
    Due.STOP_CUTOFF: "renewal_stop",
}


@dataclass(frozen=True)
class SubscriptionStart:
    """A run starts with the order's `begin` message, or with the state that the run before it left."""

    store: str
    subscription: str
    live: bool
    begin: ReceivedCommand | None = None
    state: SubscriptionState | None = None


@workflow.defn(name="Subscription")
class SubscriptionWorkflow(Entity[SubscriptionState]):
    """pending_activation → active → (renewal notice, stop cutoff) → term end → next term, again and again, or
    ended → data_retained → purged.

    It is void when the activation window closes (P5) or a first charge is never settled (X3); `past_due_since` holds
    while a renewal's charge is.
    One run is at most one term.
    """

    kind = "subscription"
    steps = Steps.of(step.STEP for step in (activation, charge, term, seats, retention, operations))

    @workflow.init
    def __init__(self, start: SubscriptionStart) -> None:
        self.term_over = False
        if start.state is not None:
            self.begin(start.state)
            return
        first = known(start.begin)
        self.begin(SubscriptionState(start.store, start.subscription, start.live, first.at))
        self._enqueue([first])

    @workflow.run
    async def run(self, start: SubscriptionStart) -> str:
        """Lives one term, then continues as the next or ends; returns the status it ended in."""
        self.resume_mail()
        try:
            await self._live()
        except Compensated:
            self.give_up("compensated")
        if self.state.status is SubscriptionStatus.ENDED:
            await retention.until_purged(self)
        await self.finish()
        return self.state.status

    async def _live(self) -> None:
        if self.state.anchor is None:
            await activation.until_active(self)
            if not self.is_over():
                term.first_term(self)
        elif not self.state.term_open:
            await term.renew(self)
        await term.until_over(self)
        if self.is_over():
            return
        if not self.term_over:
            await self.next_run()
        if not term.is_stopped(self) and known(self.state.line).renewal.automatic:
            await self.next_run()
        retention.end(self, known(self.state.term_end))

    async def next_run(self) -> None:
        """The only caller of continue-as-new: one run is at most one term, and ends earlier when its history grows long."""
        await self.drain()
        if self.term_over:
            self.state.term += 1
            self.state.term_start, self.state.generation, self.state.term_open = self.state.term_end, 1, False
        workflow.continue_as_new(
            SubscriptionStart(self.state.store, self.state.id, self.state.live, state=self.state)
        )

    def is_over(self) -> bool:
        """Whether the right to use is over for good, or never came."""
        return self.state.status in SUBSCRIPTION_OVER

    @property
    def steps_complete(self) -> bool:
        """Whether every activation step of the frozen terms is done."""
        line = self.state.line
        return line is not None and all(step in self.state.steps_done for step in line.activation.steps)

    def activation_answer(self) -> dict[str, Any]:
        """Where the activation stands, for the caller of a step."""
        missing = [
            step for step in known(self.state.line).activation.steps if step not in self.state.steps_done
        ]
        return {"subscription": self.state.id, "next_step": missing[0] if missing else None}

    def notify_order(self, outcome: str) -> None:
        """Tells the order that its line is active or void."""
        settled = LineSettled(self.state.id, outcome)
        self.transition.send(
            EntityMessage(
                f"line/{outcome}",
                "order",
                self.state.order_id,
                settled.name,
                self.state.now,
                settled.as_body(),
            )
        )

    def unrecovered(self, entry: Entry) -> None:
        """A charge was never settled: a pending line is void, a running one ends (X3)."""
        if self.state.anchor is None:
            activation.void(self, "payment_not_recovered", "X3", entry.due_at)
        else:
            retention.end(self, self.state.now)

    def give_up(self, cause: str) -> None:
        """An operator compensated a parked charge: nothing was taken, so the line ends as if it had not been paid."""
        if self.is_over():
            return
        if self.state.anchor is None:
            activation.void(self, cause, None, self.state.now)
        else:
            retention.end(self, self.state.now)

    def line_facts(self) -> dict[str, Any]:
        """What every e-mail about the line says of it."""
        return {"order_number": self.state.number, "product": known(self.state.line).product}

    def subscription_facts(self) -> dict[str, Any]:
        """What every e-mail about the running subscription says of it."""
        return self.line_facts() | {
            "subscription_number": self.state.id,
            "quantity": known(self.state.line).quantity,
        }

    def as_view(self) -> dict[str, Any]:
        """The subscription for people, without personal data."""
        return subscription_view(self.state)

    def terms_of_store(self) -> StoreTerms:
        """The store's terms this term lives by."""
        return known(self.state.terms)

    def support_route(self) -> str | None:
        """The support of this product (T14)."""
        return known(self.state.line).support_email

    def deadline_moved(self, entry: Entry, former: datetime) -> None:
        """The customer sees the new date, and the state lives by it."""
        state = self.state
        if entry.what == Due.ACTIVATION_WINDOW:
            state.activation_by = entry.due_at
        elif entry.what == Due.STOP_CUTOFF:
            state.stop_by = entry.due_at
        elif entry.what == Due.INVITATION:
            state.seats[int(entry.subject.split(".")[0]) - 1].open_until = entry.due_at
        if entry.what in EXTENDED:
            email = DeadlineExtended(
                **self.line_facts(), deadline=EXTENDED[entry.what], former_by=former, new_by=entry.due_at
            )
            party = (
                state.seats[int(entry.subject.split(".")[0]) - 1].party
                if entry.what == Due.INVITATION
                else state.buyer
            )
            self.mail(email, f"extended/{entry.key}/{entry.due_at.isoformat()}", known(party))

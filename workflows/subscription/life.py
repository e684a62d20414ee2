"""What the steps of a subscription share: its state, its e-mails, and its order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from activities.contracts.records import ReceivedCommand
from jalon.domain.emails import DeadlineExtended, Email
from jalon.domain.error_codes import ErrorCode
from jalon.domain.kinds import ORDER, SUBSCRIPTION
from jalon.domain.refusals import not_the_admin
from jalon.domain.statuses import SUBSCRIPTION_OVER, SubscriptionStatus
from jalon.domain.terms import StoreTerms
from jalon.domain.transition import AuditEntry, EntityMessage
from workflows.engine.agenda import Due, Entry
from workflows.engine.commands import Command, Refused, refused
from workflows.engine.entity import Entity
from workflows.engine.state import known
from workflows.engine.step import Outcome, StepName
from workflows.messages import LineSettled
from workflows.subscription.state import SubscriptionState
from workflows.subscription.view import subscription_view

EXTENDED: dict[str, Literal["activation", "payment", "invitation", "renewal_stop"]] = {
    Due.ACTIVATION_WINDOW: "activation",
    Due.RECOVERY: "payment",
    Due.INVITATION: "invitation",
    Due.STOP_CUTOFF: "renewal_stop",
}


THE_ADMIN = "buyer"
"""The role of whoever acts as the admin in person, signed in or by the link of an e-mail."""


SUPPORT = "support"
"""The role of staff who act for a customer on the line."""


class SubscriptionLife(Entity[SubscriptionState]):
    """A subscription as its steps use it. `term_over` is set when the term of this run has ended.

    `charged_under` is the reference of the mandate that a charge under way uses.
    """

    kind = SUBSCRIPTION
    effects = frozenset(StepName) - {StepName.PAYMENT, StepName.SCREENING}
    term_over = False
    charged_under: str | None = None

    def is_over(self) -> bool:
        """Whether the right to use has ended for good, or never began."""
        return self.state.status in SUBSCRIPTION_OVER

    @property
    def steps_complete(self) -> bool:
        """Whether every activation step of the frozen terms is done."""
        line = self.state.line
        return line is not None and all(step in self.state.steps_done for step in line.activation.steps)

    @property
    def charge_waits(self) -> bool:
        """Whether the charge of the running term waits for a notice of its renewal (X16)."""
        return self.state.charge_waits_for is not None

    def present(self) -> datetime:
        """The instant as the customer has it."""
        return self.state.present()

    def overtaken(self, entry: Entry) -> bool:
        """Whether a later entry of the same kind is due as well, as after an outage of ours: the latest that is still true comes (X21)."""
        due = (each.due_at for each in self.state.agenda.entries if each.what == entry.what)
        return any(entry.due_at < each <= self.present() for each in due)

    def activation_answer(self) -> dict[str, Any]:
        """The state of the activation, for the caller of a step."""
        missing = [
            step for step in known(self.state.line).activation.steps if step not in self.state.steps_done
        ]
        return {"subscription": self.state.id, "next_step": missing[0] if missing else None}

    async def outcome_of(self, message: ReceivedCommand) -> Outcome:
        """The outcome of a command. A former admin's is refused, also one that was under way at the switch (H12)."""
        former = self.state.admin_since is not None and message.actor != self.state.admin
        if former and message.role == THE_ADMIN:
            return Refused((not_the_admin(),))
        return await super().outcome_of(message)

    def users_closed(self) -> Refused | None:
        """Why users are not managed now, or None (P1, P10)."""
        if self.state.status is not SubscriptionStatus.ACTIVE:
            said = f"This subscription is {self.state.status}; seats are managed once it is activated."
            return refused(ErrorCode.NOT_ACTIVE, said, "P10")
        if not known(self.state.line).user_management:
            return refused(ErrorCode.NO_USER_MANAGEMENT, "This product has no user management.", "P1")
        return None

    def notify_order(self, outcome: str) -> None:
        """Reports to the order that its line is active or void."""
        self.tell_order(f"line/{outcome}", LineSettled(self.state.id, outcome))

    def tell_order(self, key: str, command: Command) -> None:
        """Sends a command to the order of the line with the next transition."""
        body = command.as_body()
        self.transition.send(
            EntityMessage(key, ORDER.name, self.state.order_id, command.name, self.state.now, body)
        )

    def line_facts(self) -> dict[str, Any]:
        """The facts that every e-mail about the line contains."""
        return {"order_number": self.state.number, "product": known(self.state.line).product}

    def subscription_facts(self) -> dict[str, Any]:
        """The facts that every e-mail about the running subscription contains."""
        return self.line_facts() | {
            "subscription_number": self.state.id,
            "quantity": known(self.state.line).quantity,
        }

    def audit_staff(
        self,
        message: ReceivedCommand,
        rule: str,
        reason: str | None,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
    ) -> None:
        """Adds the audit entry of what support did for the customer, who does it alone otherwise."""
        if message.role == SUPPORT:
            facts: dict[str, Any] = {"receipt": message.id, "before": before, "after": after}
            self.transition.audit(
                AuditEntry(self.state.now, message.actor, message.role, message.command, rule, reason, facts)
            )

    def mail_admin(
        self, email: Email, occurrence: str, about: str | None = None, people: tuple[str, ...] = ()
    ) -> None:
        """Sends an e-mail to the admin, or to whoever is the admin when it can leave (H12)."""
        admin, route = self.state.admin, self.support_route()
        self._mail.send(email, occurrence, admin, "", about, people, route, to_admin=True)

    def as_view(self) -> dict[str, Any]:
        """The subscription as people read it, without personal data."""
        return subscription_view(self.state)

    def terms_of_store(self) -> StoreTerms:
        """The store's terms that apply to this term."""
        return known(self.state.terms)

    def support_route(self) -> str | None:
        """The support contact of this product (T14)."""
        return known(self.state.line).support_email

    def deadline_moved(self, entry: Entry, former: datetime) -> None:
        """Notifies the customer of the new date, and updates the state to it."""
        state = self.state
        if entry.what == Due.ACTIVATION_WINDOW:
            state.activation_by = entry.due_at
        elif entry.what == Due.STOP_CUTOFF:
            state.stop_by = entry.due_at
            self._hold_term_open(entry.due_at)
        elif entry.what == Due.RECOVERY:
            state.settle_by = entry.due_at
        elif entry.what == Due.INVITATION:
            state.seats[int(entry.subject.split(".")[0])].open_until = entry.due_at
        if entry.what in EXTENDED:
            email = DeadlineExtended(
                **self.line_facts(), deadline=EXTENDED[entry.what], former_by=former, new_by=entry.due_at
            )
            occurrence = f"extended/{entry.key}/{entry.due_at.isoformat()}"
            if entry.what == Due.INVITATION:
                self.mail(email, occurrence, known(state.seats[int(entry.subject.split(".")[0])].party))
            else:
                self.mail_admin(email, occurrence)

    def _hold_term_open(self, until: datetime) -> None:
        """Keeps the term's end behind a cutoff that moved beyond it: what may still be stopped is neither renewed nor charged (G7)."""
        end = self.state.agenda.find(Due.TERM_END)
        if end is not None and end.due_at < until:
            end.due_at = until
            self.state.agenda.put(end)

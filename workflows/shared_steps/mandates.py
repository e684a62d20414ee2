"""Mandates: the authority of an order to collect later, shared by its lines and released once none of them needs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from activities.contracts.payments import STILL_NEEDED, PaymentOutcome, PaymentRequest, Share
from jalon.domain import events
from jalon.domain.events import Event
from jalon.domain.money import Money
from workflows.engine.effects import Skipped
from workflows.engine.step import StepName


@dataclass(frozen=True)
class Mandate:
    """A stored mandate: its provider's reference, and the order and placement that stored it for `lines` lines of `amount` in all."""

    reference: str
    order: str
    placement: int
    amount: Money
    lines: int

    def release(self, store: str, method: str, lines: tuple[str, ...], at: datetime) -> PaymentRequest:
        """The request by which these lines give the mandate up. Whichever line is the last, the release is one occurrence."""
        share = Share(lines, self.lines)
        return PaymentRequest(
            store,
            self.order,
            StepName.RELEASE,
            0,
            self.placement,
            self.amount,
            method,
            at,
            self.reference,
            share,
        )


def told(mandate: Mandate, answer: PaymentOutcome | Skipped) -> Event:
    """The event of a release that was made, put off until other lines give the mandate up, or done by hand."""
    if isinstance(answer, Skipped):
        return events.ReleaseByHand(evidence=answer.evidence)
    if answer.code == STILL_NEEDED:
        return events.MandateGivenUp()
    return events.MandateReleased(amount=mandate.amount, state=answer.state)

"""What a payment of an order took stays where the order goes on, and goes back where it ends, without Temporal (X17)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from activities.contracts.base import ActivityRef
from activities.contracts.payments import PaymentOutcome, PaymentRequest
from activities.contracts.records import ReceivedCommand
from tests.workflows.order.test_order_machine import PLACEMENT, Orders, OutsideTheEngine
from workflows.engine.commands import Refused
from workflows.engine.options import Budget
from workflows.order.steps import payment


class Provider:
    """A provider that takes every payment; meanwhile, the buyer may cancel."""

    def __init__(self, order: OutsideTheEngine, *, cancelled: bool) -> None:
        self.order, self.cancelled = order, cancelled
        self.asked: list[str] = []

    async def perform(
        self, step: str, _: ActivityRef[Any, Any], __: PaymentRequest, ___: Budget
    ) -> PaymentOutcome:
        """The outcome of one effect."""
        at = self.order.state.now
        self.asked.append(step)
        if step == "payment" and self.cancelled:
            body = {"reason": "changed my mind"}
            heard = ReceivedCommand("req_9", 9, "cancel", at, body, "buyer", "storefront")
            assert not isinstance(await self.order.outcome_of(heard), Refused)
        return PaymentOutcome("succeeded", at, "ref_1")


@pytest.mark.rule("X17")
@pytest.mark.parametrize(
    ("cancelled", "asked", "status"),
    [(False, ["payment"], "submitted"), (True, ["payment", "refund"], "cancelled")],
)
def test_a_payment_goes_back_only_where_its_order_was_cancelled_meanwhile(
    monkeypatch: pytest.MonkeyPatch, asked: list[str], status: str, *, cancelled: bool
) -> None:
    orders = Orders()
    orders.open()
    provider = Provider(orders.order, cancelled=cancelled)
    monkeypatch.setattr(orders.order, "perform", provider.perform)
    assert not isinstance(orders.say("place", {"placement": PLACEMENT}), Refused)
    asyncio.run(payment.until_secured(orders.order))
    assert (provider.asked, orders.order.state.status) == (asked, status)
    assert (orders.order.state.secured_at is not None) == (not cancelled)

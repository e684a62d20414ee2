"""The lifecycle of an order: its steps in order, from cart to completed."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import workflow

from jalon.domain.statuses import OrderStatus
from workflows.engine.effects import Compensated
from workflows.engine.lifecycle import EntityStart
from workflows.engine.step import Steps
from workflows.order.life import OrderLife
from workflows.order.state import OrderState
from workflows.order.steps import cancellation, cart, certificate, fulfilment, news, payment, screening
from workflows.shared_steps import operations, support


@dataclass(frozen=True)
class OrderStart(EntityStart):
    """The argument of a run of an order."""

    state: OrderState | None = None


@workflow.defn(name="Order")
class OrderWorkflow(OrderLife):
    """cart → submitted → (certificate) → screening (→ export_hold) → payment → processing → completed.

    It ends early as rejected (T6), cancelled (on request, or a wait ran out) or expired (abandoned, or every line void: P5);
    a declined payment gives the cart back. One subscription per line lives on by itself.
    """

    steps = Steps.of(
        step.STEP
        for step in (
            cart,
            news,
            certificate,
            screening,
            payment,
            fulfilment,
            cancellation,
            operations,
            support,
        )
    )

    @workflow.init
    def __init__(self, start: OrderStart) -> None:
        self.begin(start, start.state or OrderState(start.store, start.id, start.live, start.now))

    @workflow.run
    async def run(self, start: OrderStart) -> str:
        """Runs until every line is settled; returns the final status."""
        self.resume_mail()
        try:
            while not self.is_over() and self.state.secured_at is None:
                await cart.until_placed(self)
                if not self.is_over() and self.state.status is not OrderStatus.SUBMITTED:
                    await self.next_run()
                await self._secure()
            await fulfilment.until_settled(self)
        except Compensated:
            await cancellation.compensate(self)
            self._parking.settle_all()
        await self.finish()
        return self.state.status

    async def _secure(self) -> None:
        if self.is_over():
            return
        news.start(self)
        await certificate.until_answered(self)
        news.announce(self)
        await screening.until_cleared(self)
        await payment.until_secured(self)

    async def next_run(self) -> None:
        """The only caller of continue-as-new: a cart that is changed very often continues with a new history."""
        await self.drain()
        workflow.continue_as_new(
            OrderStart(self.state.store, self.state.id, self.state.live, self.state.now, state=self.state)
        )

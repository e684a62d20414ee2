"""The order of the plain way: one workflow, a signal for each message, a child workflow for each subscription."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow
from temporalio.workflow import ParentClosePolicy

from activities.contracts.payments import PaymentRequest
from activities.contracts.policy import ASK_POLICY, CartAnswer, CartQuestion
from jalon.domain import events
from jalon.domain.calendar.deadlines import closes_at, news_closes_at
from jalon.domain.calendar.durations import Duration
from jalon.domain.emails import OrderProcessing
from jalon.domain.order import Cart, Placement
from jalon.domain.statuses import OrderStatus
from jalon.domain.transition import TimelineEntry
from jalon.rehearsal.bench.plain.subscription import PlainSubscription, PlainSubscriptionStart
from jalon.rehearsal.bench.plain.telling import act, entry, mail, pay, record
from workflows.engine.state import known
from workflows.order.state import OrderState
from workflows.order.steps.fulfilment import CONCLUSIONS, OUTCOMES
from workflows.order.view import order_view
from workflows.shared_steps.payments import Payment


@dataclass(frozen=True)
class PlainOrderStart:
    """The start of an order as a cart. `bundled`: a step's rows are one activity instead of one each."""

    store: str
    order: str
    number: str
    cart: Cart
    bundled: bool


@workflow.defn(name="PlainOrder")
class PlainOrder:
    """cart → submitted → mandate stored → processing → completed, as the product's order with a charge at activation."""

    @workflow.init
    def __init__(self, start: PlainOrderStart) -> None:
        self.bundled = start.bundled
        self.state = OrderState(start.store, start.order, live=True, now=workflow.now())
        self.placement: Placement | None = None
        self.outcome: str | None = None
        self.mandate: str | None = None

    @workflow.signal
    def place(self, placement: Placement) -> None:
        """Receives the buyer's placement."""
        self.placement = self.placement or placement

    @workflow.signal
    def line_settled(self, outcome: str) -> None:
        """Receives that the subscription is active or void."""
        self.outcome = outcome

    @workflow.run
    async def run(self, start: PlainOrderStart) -> str:
        """Runs until the line is settled; returns the final status."""
        if not await self._open(start):
            return "refused"
        if not await self._placed():
            return self.state.status
        await asyncio.gather(self._confirm(), self._secure())
        await self._begin()
        await workflow.wait_condition(lambda: self.outcome is not None)
        await self._conclude()
        return self.state.status

    async def _record(self, *entries: TimelineEntry) -> None:
        await record(self.state, "order", order_view(self.state), list(entries), bundled=self.bundled)

    async def _open(self, start: PlainOrderStart) -> bool:
        state = self.state
        answer = await act(ASK_POLICY, CartQuestion(state.store, state.id, "open", start.cart, state.now))
        if answer.violations:
            return False
        state.number, state.cart, state.created_at, state.status = (
            start.number,
            start.cart,
            state.now,
            OrderStatus.CART,
        )
        self._adopt(answer)
        await self._record(entry(state, events.CartOpened(lines=len(start.cart.lines)), actor="bench"))
        return True

    def _adopt(self, answer: CartAnswer) -> None:
        state = self.state
        state.cart_terms, state.cart_store = known(answer.cart), known(answer.store)
        state.products, state.total = answer.products, answer.total

    async def _placed(self) -> bool:
        """Waits for the placement and freezes the terms. An abandoned cart expires."""
        state = self.state
        abandoned = closes_at(
            state.now,
            Duration.parse(known(state.cart_terms).abandoned_after),
            known(state.cart_store).calendar,
        )
        try:
            await workflow.wait_condition(
                lambda: self.placement is not None, timeout=abandoned - workflow.now()
            )
        except TimeoutError:
            state.status = OrderStatus.EXPIRED
            await self._record(entry(state, events.CartAbandoned()))
            return False
        state.now = workflow.now()
        cart, placement = known(state.cart), known(self.placement)
        answer = await act(
            ASK_POLICY, CartQuestion(state.store, state.id, "place", cart, state.now, placement, turn=1)
        )
        state.terms, state.placement, state.status = (
            known(answer.order),
            self.placement,
            OrderStatus.SUBMITTED,
        )
        state.placements, state.placed_at = 1, state.now
        state.products, state.total = answer.products, state.terms.total
        placed = events.OrderPlaced(
            total=state.terms.total, terms=state.terms.sha256, policy=state.terms.store.policy_hash
        )
        await self._record(entry(state, placed, actor="bench"))
        return True

    async def _confirm(self) -> None:
        state, terms = self.state, known(self.state.terms)
        news_by = news_closes_at(
            known(state.placed_at), Duration.parse(terms.order_news_within), terms.store.calendar, ()
        )
        email = OrderProcessing(
            order_number=state.number,
            product=state.products[0],
            more_lines=0,
            total=terms.total,
            news_by=news_by,
        )
        await mail(state, email, "order-processing/1", known(state.cart).buyer)

    async def _secure(self) -> None:
        state, terms = self.state, known(self.state.terms)
        method = known(state.placement).payment_method
        outcome = await pay(
            PaymentRequest(state.store, state.id, "mandate", 0, 1, terms.total, method, state.now)
        )
        state.payment, self.mandate = Payment("mandate", 1, outcome.reference), outcome.reference
        state.secured_at, state.status = outcome.at, OrderStatus.PROCESSING
        subscription = self._subscription
        state.lines = {subscription: "pending"}
        await self._record(
            entry(state, events.MandateStored(amount=terms.total)),
            entry(state, events.SubscriptionsBegun(subscriptions=(subscription,))),
        )

    @property
    def _subscription(self) -> str:
        return f"sub_{self.state.id.removeprefix('ord_')}00"

    async def _begin(self) -> None:
        state, terms, placement = self.state, known(self.state.terms), known(self.state.placement)
        begin = PlainSubscriptionStart(
            store=state.store,
            subscription=self._subscription,
            order_id=state.id,
            number=state.number,
            buyer=known(state.cart).buyer,
            billing_address=placement.billing_address,
            purchase_order_number=placement.purchase_order_number,
            ordered_at=known(state.placed_at),
            method=placement.payment_method,
            mandate=self.mandate,
            line=terms.lines[0],
            terms=terms.store,
            bundled=self.bundled,
        )
        await workflow.start_child_workflow(
            PlainSubscription.run,
            begin,
            id=f"plain-subscription/{state.store}/{self._subscription}",
            parent_close_policy=ParentClosePolicy.ABANDON,
            task_timeout=timedelta(seconds=10),
        )

    async def _conclude(self) -> None:
        state = self.state
        state.now = workflow.now()
        state.lines[self._subscription] = known(self.outcome)
        state.status = OrderStatus.COMPLETED if self.outcome == "active" else OrderStatus.EXPIRED
        await self._record(
            entry(state, OUTCOMES[known(self.outcome)](subscription=self._subscription)),
            entry(state, CONCLUSIONS[state.status]()),
        )

"""The subscription of the plain way: contract, a signal for each activation step, the charge, active."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from temporalio import workflow

from activities.contracts.documents import (
    DRAW_UP_CONTRACT,
    DRAW_UP_SIGNED_COPY,
    ContractRequest,
    SignedCopyRequest,
)
from activities.contracts.payments import PaymentRequest
from jalon.domain import events
from jalon.domain.calendar.deadlines import closes_at, closes_before_end
from jalon.domain.calendar.durations import Duration
from jalon.domain.calendar.periods import term_bounds
from jalon.domain.emails import ContractReady, SubscriptionActive
from jalon.domain.statuses import SubscriptionStatus
from jalon.domain.terms import LineTerms, StoreTerms
from jalon.domain.transition import TimelineEntry
from jalon.rehearsal.bench.plain.telling import act, entry, mail, pay, record
from workflows.engine.state import known
from workflows.shared_steps.payments import Payment
from workflows.subscription.state import SubscriptionState
from workflows.subscription.view import subscription_view


@dataclass(frozen=True)
class PlainSubscriptionStart:
    """The facts of the line that the order passes on."""

    store: str
    subscription: str
    order_id: str
    number: str
    buyer: str
    billing_address: str | None
    purchase_order_number: str | None
    ordered_at: datetime
    method: str
    mandate: str | None
    line: LineTerms
    terms: StoreTerms
    bundled: bool


@dataclass(frozen=True)
class PlainStep:
    """One activation step of the buyer."""

    step: str
    evidence: str | None = None


@workflow.defn(name="PlainSubscription")
class PlainSubscription:
    """pending_activation → active, until its term ends; void when the window closes."""

    @workflow.init
    def __init__(self, start: PlainSubscriptionStart) -> None:
        self.bundled = start.bundled
        self.taken: list[PlainStep] = []
        self.mandate = start.mandate
        self.state = SubscriptionState(
            start.store,
            start.subscription,
            live=True,
            now=workflow.now(),
            status=SubscriptionStatus.PENDING_ACTIVATION,
            order_id=start.order_id,
            number=start.number,
            buyer=start.buyer,
            billing_address=start.billing_address,
            purchase_order_number=start.purchase_order_number,
            ordered_at=start.ordered_at,
            method=start.method,
            line=start.line,
            terms=start.terms,
            seat_count=start.line.seats,
        )

    @workflow.signal
    def take_step(self, step: PlainStep) -> None:
        """Receives an activation step of the buyer."""
        self.taken.append(step)

    @workflow.run
    async def run(self, start: PlainSubscriptionStart) -> str:  # noqa: ARG002 — as `__init__`
        """Runs until the end of its first term; returns the status it has then."""
        await self._begin()
        await asyncio.gather(self._send_contract(), self._steps())
        if self.state.status is SubscriptionStatus.VOID:
            await self._tell_order("void")
            return "void"
        await self._charge()
        await asyncio.gather(self._welcome(), self._tell_order("active"))
        await workflow.sleep(known(self.state.term_end) - workflow.now())
        return self.state.status

    async def _record(self, *entries: TimelineEntry) -> None:
        view = subscription_view(self.state)
        await record(self.state, "subscription", view, list(entries), bundled=self.bundled)

    async def _begin(self) -> None:
        state, line, terms = self.state, known(self.state.line), known(self.state.terms)
        window = Duration.parse(known(line.activation.window))
        state.activation_by = closes_at(known(state.ordered_at), window, terms.calendar)
        request = ContractRequest(
            store=state.store,
            subscription=state.id,
            order_number=state.number,
            buyer=state.buyer,
            billing_address=state.billing_address,
            line=line,
            terms=terms,
            ordered_at=known(state.ordered_at),
            activate_by=state.activation_by,
            at=state.now,
        )
        drawn = await act(DRAW_UP_CONTRACT, request)
        state.document, state.document_sha256 = drawn.document, drawn.sha256
        await self._record(entry(state, events.SubscriptionBegun(order=state.order_id, sku=line.sku)))

    async def _send_contract(self) -> None:
        state, line = self.state, known(self.state.line)
        email = ContractReady(
            order_number=state.number,
            product=line.product,
            quantity=line.quantity,
            activate_by=state.activation_by,
            charge_on_activation=line.amount,
        )
        await mail(state, email, "contract", state.buyer)

    async def _steps(self) -> None:
        """Takes the steps in their order. The window is one deadline for all of them."""
        state = self.state
        window = known(state.activation_by) - workflow.now()
        deadline = asyncio.create_task(workflow.sleep(window))
        for wanted in known(state.line).activation.steps:
            await workflow.wait_condition(
                lambda: deadline.done() or any(step.step == wanted for step in self.taken)  # noqa: B023
            )
            if deadline.done():
                state.status = SubscriptionStatus.VOID
                await self._record(
                    entry(state, events.SubscriptionVoid(cause="activation_window_closed"), "P5")
                )
                return
            state.now = workflow.now()
            state.steps_done[wanted] = state.now
            if wanted == "sign":
                await self._keep_signature(known(self.taken[-1].evidence))
            await self._record(entry(state, events.STEP_TAKEN[wanted](entry="portal"), actor="bench"))
        deadline.cancel()

    async def _keep_signature(self, evidence: str) -> None:
        state = self.state
        request = SignedCopyRequest(
            store=state.store,
            subscription=state.id,
            document=known(state.document),
            evidence=evidence,
            signed_at=state.now,
            zone=known(state.terms).zone,
            documents=known(state.line).documents,
        )
        drawn = await act(DRAW_UP_SIGNED_COPY, request)
        state.evidence = evidence
        state.signed_document, state.signed_document_sha256 = drawn.document, drawn.sha256

    async def _charge(self) -> None:
        state, line, terms = self.state, known(self.state.line), known(self.state.terms)
        outcome = await pay(
            PaymentRequest(
                state.store, state.id, "charge", 0, 1, line.amount, state.method, state.now, self.mandate
            )
        )
        state.paid, state.payment = True, Payment("captured", 1, outcome.reference)
        state.anchor, state.status = state.now, SubscriptionStatus.ACTIVE
        state.term_start, state.term_end = term_bounds(
            state.now, Duration.parse(line.term), 0, terms.calendar
        )
        state.stop_by = closes_before_end(
            state.term_end, Duration.parse(line.renewal.stop_until), terms.calendar
        )
        captured = events.PaymentCaptured(amount=line.amount, term=0)
        await self._record(
            entry(state, captured, "G8"),
            entry(state, events.SubscriptionActive(term_end=state.term_end)),
        )

    async def _welcome(self) -> None:
        state, line = self.state, known(self.state.line)
        email = SubscriptionActive(
            order_number=state.number,
            product=line.product,
            subscription_number=state.id,
            quantity=line.quantity,
            term_until=known(state.term_end),
            renews=line.renewal.automatic,
            user_management=line.user_management,
            charged=line.amount,
        )
        await mail(state, email, "active", state.buyer)

    async def _tell_order(self, outcome: str) -> None:
        order = workflow.get_external_workflow_handle(f"plain-order/{self.state.store}/{self.state.order_id}")
        await order.signal("line_settled", outcome)

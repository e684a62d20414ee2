"""The order's state machine, driven by any command in any order and at any instant."""

from __future__ import annotations

import asyncio
import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pydantic_core import to_jsonable_python

from activities.contracts.base import ActivityRef
from activities.contracts.policy import CartAnswer, CartQuestion
from activities.contracts.records import ReceivedCommand
from jalon.domain.emails import Email
from jalon.domain.statuses import OrderStatus
from jalon.policy.authoring.loader import load_stores
from jalon.policy.decisions.freezing import frozen
from jalon.policy.decisions.placement import cart_terms, check_cart, check_placement, freeze
from workflows.engine.agenda import Due, Entry
from workflows.engine.commands import Refused
from workflows.engine.step import Outcome
from workflows.order.steps import certificate, news
from workflows.order.view import order_view
from workflows.order.workflow import OrderStart, OrderWorkflow

POLICY = load_stores(Path(__file__).parents[3] / "stores")["geomatics"]
LINE = {"sku": "sketcher", "quantity": 1, "term": "P1Y", "licence_kind": "individual"}
PLACEMENT = {
    "terms_accepted": True,
    "export_control_accepted": True,
    "payment_kind": "card",
    "payment_method": "card_ok",
    "billing_address": "rec_1",
    "billing_country": "FR",
    "purchase_order_number": None,
}


class OutsideTheEngine(OrderWorkflow):
    """An order without Temporal: it asks the real policy and records the e-mails it would send."""

    async def local(self, ref: ActivityRef[Any, Any], request: Any) -> Any:
        """The answer of the store's policy."""
        assert isinstance(request, CartQuestion)
        if request.placement is not None:
            violations = check_placement(POLICY, request.cart, request.placement)
            if violations:
                return CartAnswer(tuple(violations))
            terms = freeze(POLICY, request.cart, request.placement, request.at)
            return CartAnswer((), order=terms, products=tuple(line.product for line in terms.lines))
        violations = check_cart(POLICY, request.cart)
        if violations:
            return CartAnswer(tuple(violations))
        priced = frozen(POLICY, request.cart, request.at)
        return CartAnswer((), priced.store, cart_terms(POLICY), products=("Sketcher",), total=priced.total)

    def mail(
        self,
        email: Email,
        occurrence: str,
        party: str,
        subject: str = "",
        about: str | None = None,
        people: tuple[str, ...] = (),
    ) -> None:
        """Renders the e-mail's facts, as sending it would."""
        assert email.as_facts()["order_number"] == self.state.number


class Orders(RuleBasedStateMachine):
    """Sends any command of an order, at ever later instants, and checks the results."""

    @initialize()
    def open(self) -> None:
        """Opens a cart."""
        self.now = datetime(2026, 3, 28, 12, tzinfo=UTC)
        self.order = OutsideTheEngine(OrderStart(POLICY.id, "ord_1", False, self.now))
        self.seq = 0
        cart = {"buyer": "pty_1", "country": "FR", "audience": "company", "currency": "EUR", "lines": [LINE]}
        assert not isinstance(self.say("open_cart", {"number": "GEO-1", "cart": cart}), Refused)

    def say(self, command: str, body: dict[str, Any], actor: str = "buyer") -> Outcome:
        """Applies a command as the engine would. A refusal must leave the order exactly as it was."""
        self.seq += 1
        state = self.order.state
        state.now = max(state.now, self.now)
        before = copy.deepcopy(to_jsonable_python(order_view(state)))
        heard = ReceivedCommand(f"req_{self.seq}", self.seq, command, self.now, body, actor, "storefront")

        async def hear() -> Outcome:
            return await self.order.outcome_of(heard)

        outcome = asyncio.run(hear())
        if isinstance(outcome, Refused) and command != "open_cart":
            assert to_jsonable_python(order_view(state)) == before
            assert outcome.violations
        return outcome

    @rule(hours=st.integers(1, 24 * 20))
    def time_passes(self, hours: int) -> None:
        """Moves the time on."""
        self.now += timedelta(hours=hours)

    @rule(quantity=st.integers(-1, 80), country=st.sampled_from(["FR", "DE", "IR", "ZZ"]))
    def edit(self, quantity: int, country: str) -> None:
        """Edits the cart; it changes as a whole, or not at all."""
        placed = self.order.state.status != "cart"
        outcome = self.say("edit_cart", {"lines": [LINE | {"quantity": quantity}], "country": country})
        assert not (placed and not isinstance(outcome, Refused))

    @rule(ticked=st.booleans(), export=st.booleans(), method=st.sampled_from(["card_ok", ""]))
    def place(self, ticked: bool, export: bool, method: str) -> None:
        """Places the cart: accepted with all requirements, or refused with every violation at once."""
        in_cart = self.order.state.status == "cart"
        wanted = {"terms_accepted": ticked, "export_control_accepted": export, "payment_method": method}
        outcome = self.say("place", {"placement": PLACEMENT | wanted})
        if in_cart and not (ticked and export and method):
            assert isinstance(outcome, Refused)
            assert len(outcome.violations) >= [ticked, export, bool(method)].count(False)
        if not isinstance(outcome, Refused):
            assert self.order.state.cleared_at is None
            news.start(self.order)

    @rule()
    def answer_the_certificate(self) -> None:
        """Answers the questionnaire, while it can be answered."""
        self.say("answer_certificate", {"record": f"rec_{self.seq}"})

    @precondition(
        lambda self: self.order.state.status == "submitted" and self.order.state.certificate is None
    )
    @rule()
    def the_certificate_never_comes(self) -> None:
        """Lets the certificate's window close."""
        entry = Entry(Due.CERTIFICATE_WINDOW, self.now, Due.CERTIFICATE_WINDOW, "T5", "vendor", closing=True)
        asyncio.run(certificate.give_up(self.order, entry))
        assert self.order.state.status == "cancelled"

    @rule(actor=st.sampled_from(["Zoe", "Max"]), decision=st.sampled_from(["release", "reject"]))
    def decide(self, actor: str, decision: str) -> None:
        """Decides as a reviewer; without a hold the decision is refused."""
        outcome = self.say("decide_hold", {"decision": decision, "reason": "seen", "turn": 1}, actor)
        assert isinstance(outcome, Refused)

    @rule()
    def cancel(self) -> None:
        """Cancels the order, once."""
        over = self.order.is_over()
        outcome = self.say("cancel", {"reason": "changed my mind"})
        assert isinstance(outcome, Refused) == over
        assert self.order.is_over()

    @invariant()
    def is_in_one_of_its_states(self) -> None:
        """Checks the status, that an ended order has an empty agenda, and that the agenda is in order of time."""
        state = getattr(self, "order", None) and self.order.state
        if not state:
            return
        assert isinstance(state.status, OrderStatus)
        dues = [entry.due_at for entry in state.agenda.entries]
        assert dues == sorted(dues)
        assert not (self.order.is_over() and dues)
        assert (state.terms is not None) or state.status in {
            OrderStatus.NEW,
            OrderStatus.CART,
            OrderStatus.CANCELLED,
            OrderStatus.EXPIRED,
        }


TestOrders = Orders.TestCase
TestOrders.settings = settings(max_examples=60, stateful_step_count=15, deadline=None)

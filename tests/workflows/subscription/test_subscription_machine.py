"""The subscription's state machine, driven for years by any command, due entry or payment result."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from activities.contracts.payments import STILL_NEEDED, PaymentOutcome, Share
from jalon.domain.money import Money
from jalon.domain.order import Cart, CartLine
from jalon.domain.statuses import SubscriptionStatus
from jalon.policy.authoring.loader import load_stores
from jalon.policy.decisions.freezing import frozen
from tests.workflows.subscription.held import Course
from workflows.engine.commands import Command, Refused
from workflows.engine.state import known
from workflows.messages import Begin, VoidLine
from workflows.shared_steps.mandates import Mandate
from workflows.shared_steps.payments import PaymentReported
from workflows.subscription.commands import (
    AcceptInvitation,
    AssignSeat,
    ChangePaymentMethod,
    ChangePurchaseOrder,
    KeepSeats,
    ResumeRenewal,
    RevokeSeat,
    StopRenewal,
    TakeStep,
)
from workflows.subscription.workflow import SubscriptionStart

POLICIES = load_stores(Path(__file__).parents[3] / "stores")
SOLD = [
    (policy.id, sku, term)
    for policy in POLICIES.values()
    for sku, product in policy.products.items()
    if product.buyable
    for term in product.terms
]
"""Every (store, product, term) that can be bought."""
OPENED = datetime(2026, 3, 27, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
MANDATE = Mandate("man_1", "ord_1", 1, Money(Decimal("100.00"), "EUR"), 2)
OVER = {SubscriptionStatus.ENDED, SubscriptionStatus.DATA_RETAINED, SubscriptionStatus.PURGED}


def begin_of(store: str, sku: str, term: str) -> Begin:
    """The command by which an order of two units begins its subscription."""
    policy = POLICIES[store]
    product = policy.products[sku]
    currency = next(currency for currency, prices in product.prices.items() if term in prices)
    line = CartLine(sku, 2, term, product.licence_kinds[0])
    cart = Cart("pty_1", "FR", next(iter(policy.audiences)), currency, (line,))
    terms = frozen(policy, cart, OPENED)
    return Begin(
        order_id="ord_1",
        number="ORD-1",
        buyer="pty_1",
        purchase_order_number=None,
        billing_address="rec_1",
        ordered_at=OPENED,
        news_by=None,
        method="card_ok",
        mandate=MANDATE if terms.lines[0].charge_at == "activation" else None,
        paid=terms.lines[0].charge_at == "order",
        line=terms.lines[0],
        store=terms.store,
    )


class Subscriptions(RuleBasedStateMachine):
    """Sends any command of a subscription, at ever later instants, and checks the results."""

    @initialize(sold=st.sampled_from(SOLD), activated=st.booleans())
    def begin(self, sold: tuple[str, str, str], activated: bool) -> None:
        """Begins the subscription; half of them start as activated."""
        self.patch = pytest.MonkeyPatch()
        self.now = OPENED
        self.charged: set[int] = set()
        self.released = False
        self.methods: dict[tuple[int, int], str] = {}
        self.course = Course(SubscriptionStart(sold[0], "sub_1", False, OPENED), self.patch)
        self.course.go_on()
        assert not isinstance(self.course.say(begin_of(*sold), self.now), Refused)
        if activated:
            for step in known(self.course.state.line).activation.steps:
                self.take_step(step)
            if self.course.life.asked is not None:
                self.the_bank_tells("succeeded")
            assert self.course.state.status is SubscriptionStatus.ACTIVE

    def teardown(self) -> None:
        """Restores the engine's own continue-as-new."""
        if hasattr(self, "patch"):
            self.patch.undo()

    @property
    def _alive(self) -> bool:
        return self.course.ended is None

    def _say(self, command: Command) -> bool:
        """Applies a command. A refusal leaves the subscription as it was. Returns whether the command was applied."""
        if not self._alive:
            return False
        before = copy.deepcopy(self.course.life.as_view())
        outcome = self.course.say(command, self.now)
        if isinstance(outcome, Refused):
            assert outcome.violations
            assert self.course.life.as_view() == before
        return not isinstance(outcome, Refused)

    @rule(hours=st.sampled_from([1, 13, 24 * 3, 24 * 20, 24 * 95, 24 * 370]))
    def time_passes(self, hours: int) -> None:
        """Moves the time on, by hours or by more than a term."""
        self.now += timedelta(hours=hours)
        self.course.meet(self.now)

    @rule(offset=st.sampled_from([-TICK, timedelta(0), TICK]))
    def time_passes_to_the_next_deadline(self, offset: timedelta) -> None:
        """Moves the time to a microsecond before, at or after the next entry."""
        entry = self.course.state.agenda.next()
        if self._alive and entry is not None:
            self.now = max(self.now, entry.due_at + offset)
            self.course.meet(self.now)

    @rule(step=st.sampled_from(["open_contract", "click_activate", "sign"]))
    def take_step(self, step: str) -> None:
        """Takes an activation step; from the closing of its window on it is refused (P5)."""
        state = self.course.state
        pending, by = state.status is SubscriptionStatus.PENDING_ACTIVATION, state.activation_by
        taken = len(state.steps_done)
        evidence = "rec_2" if step == "sign" else None
        self._say(TakeStep(step, "portal", evidence, state.document_sha256))
        if not pending or (by is not None and self.now >= by):
            assert len(self.course.state.steps_done) == taken

    @rule()
    def void_the_line(self) -> None:
        """Voids the line of a cancelled order; only a pending line that nobody signed, or whose charge failed, becomes void."""
        state, alive = self.course.state, self._alive
        before, pending = state.status, state.status is SubscriptionStatus.PENDING_ACTIVATION
        steps = state.line.activation.steps if state.line is not None else ()
        signed = all(step in state.steps_done for step in steps) and state.first_failure_at is None
        self._say(VoidLine("order cancelled"))
        if alive:
            assert self.course.state.status == (SubscriptionStatus.VOID if pending and not signed else before)

    @rule(command=st.sampled_from([StopRenewal("too dear"), ResumeRenewal()]))
    def switch(self, command: Command) -> None:
        """Sends the renewal switch: accepted until the cutoff of its term, refused from the cutoff on (D15)."""
        state = self.course.state
        requested, active = state.stop_requested_at, state.status is SubscriptionStatus.ACTIVE
        applied = self._say(command)
        changed = self.course.state.stop_requested_at != requested
        assert not (changed and not applied)
        if active and changed and state.term_end is not None and self.now < state.term_end:
            assert self.now < state.stop_by

    @rule(party=st.sampled_from(["i_1", "i_2", "n_1", "n_2"]), seat=st.sampled_from([None, 1, 2, 99]))
    def assign(self, party: str, seat: int | None) -> None:
        """Assigns a seat."""
        self._say(AssignSeat(party, seat))

    @rule(seat=st.integers(1, 3), invitation=st.integers(1, 2))
    def accept(self, seat: int, invitation: int) -> None:
        """Accepts an invitation, or tries an old link."""
        self._say(AcceptInvitation(seat, invitation))

    @rule(seat=st.integers(0, 4))
    def revoke(self, seat: int) -> None:
        """Revokes a seat."""
        self._say(RevokeSeat(seat))

    @rule(seats=st.integers(1, 3))
    def the_store_sells_seats(self, seats: int) -> None:
        """Lets the store sell so many seats for the line from now on, so that a renewal may have fewer."""
        self.course.sold = self.course.life.sold = seats

    @rule(seats=st.sampled_from([(), (1,), (2,), (1, 2), (99,)]))
    def keep(self, seats: tuple[int, ...]) -> None:
        """Names who stays: taken while somebody is to lose a seat, until the cutoff (X25)."""
        state = self.course.state
        leaving, choose_by = bool(self._alive and state.leaving_at_renewal), state.stop_by
        if self._say(KeepSeats(seats)):
            assert leaving
            assert self.now < choose_by

    @rule(
        command=st.sampled_from(
            [ChangePurchaseOrder("PO-7"), ChangePaymentMethod("card_new"), PaymentReported()]
        )
    )
    def change(self, command: Command) -> None:
        """Sends a command that an admin or a provider may send at any time."""
        self._say(command)

    @precondition(lambda self: self.course.life.asked is not None)
    @rule(state=st.sampled_from(["succeeded", "declined", "action_required"]))
    def the_bank_tells(self, state: str) -> None:
        """Answers a payment; one term is never paid twice."""
        asked = known(self.course.life.asked)
        url = "https://bank" if state == "action_required" else None
        code = "card_declined" if state == "declined" else None
        if asked.purpose == "charge":
            key = (asked.cycle, asked.generation)
            assert self.methods.setdefault(key, asked.method) == asked.method, "one key, two methods"
            if state == "succeeded":
                assert asked.cycle not in self.charged, "a term is paid twice"
                self.charged.add(asked.cycle)
        else:
            state, url, code = ("succeeded" if asked.purpose == "refund" else "declined"), None, None
            self.charged.discard(asked.cycle)
        self.course.pay(PaymentOutcome(state, self.course.state.now, "ref_1", code, url))

    @precondition(lambda self: "release" in self.course.life.aside.asked)
    @rule(needed=st.booleans())
    def the_mandate_is_released(self, needed: bool) -> None:
        """Answers the release of a mandate; it is asked for once, and never while a charge under it is under way."""
        request, _ = self.course.life.aside.asked["release"]
        asked = self.course.life.asked
        assert asked is None or asked.reference != request.reference
        assert request.share == Share(("sub_1",), 2)
        assert not self.released, "a mandate is released twice"
        self.released = True
        code = STILL_NEEDED if needed else None
        self.course.release(PaymentOutcome("declined" if needed else "succeeded", self.now, code=code))

    @invariant()
    def no_mandate_outlasts_its_purpose(self) -> None:
        """Checks that a mandate is given up at the end, and at once where another method replaced it and no charge uses it."""
        if not hasattr(self, "course"):
            return
        state, life = self.course.state, self.course.life
        assert state.mandate is None or state.status not in OVER
        if state.given_up and life.charged_under is None:
            assert "release" in life.aside.asked

    @invariant()
    def its_facts_agree(self) -> None:
        """Checks that statuses, seats, terms, agenda and money agree."""
        if not hasattr(self, "course"):
            return
        state = self.course.state
        dues = [entry.due_at for entry in state.agenda.entries]
        assert dues == sorted(dues)
        parties = [seat.party for seat in state.seats.values() if seat.party]
        assert len(parties) == len(set(parties)), "one seat a person"
        assert len(state.held) <= state.seat_count, "more people than seats"
        assert all((seat.state == "free") == (seat.party is None) for seat in state.seats.values())
        if state.status in OVER or state.status is SubscriptionStatus.VOID:
            assert parties == [] or state.status is SubscriptionStatus.VOID
        if state.status is SubscriptionStatus.VOID:
            assert state.anchor is None
        if state.anchor is not None:
            assert state.term_start < state.term_end
            assert state.stop_by <= state.term_end
            assert state.past_due_since is None or state.status is SubscriptionStatus.ACTIVE

    @invariant()
    def no_email_goes_out_twice_and_nothing_is_renewed_after_the_end(self) -> None:
        """Checks that an occurrence is mailed once, except while a payment still waits, and that nothing is charged after the end."""
        if not hasattr(self, "course"):
            return
        twice = {
            name for name, times in self.course.mails.items() if times > 1 and not name.startswith("payment-")
        }
        assert twice == set()
        asked = self.course.life.asked
        if self.course.life.is_over() and asked is not None:
            assert asked.purpose != "charge" or asked.at < self.now + TICK


TestSubscriptions = Subscriptions.TestCase
TestSubscriptions.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)

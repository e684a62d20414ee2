"""What is to be paid in each state of an order and of a subscription, and from which instant on it cannot be (X3, P10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from api.web.paying.debts import Debt, State, debt_of_order, debt_of_subscription
from jalon.domain.due import Due
from jalon.domain.projections import (
    AgendaEntry,
    OrderProjection,
    Payment,
    PaymentState,
    SubscriptionProjection,
    VoidCause,
    WaitingFor,
)
from jalon.domain.statuses import OrderStatus, SubscriptionStatus
from tests.browser.payment_samples import DECLINED_ORDER, UNPAID_TERM, unpaid
from tests.support.shop import TICK

DUE = UNPAID_TERM.agenda[0].due_at
LATER = DUE + timedelta(days=30)


def payment(state: PaymentState, code: str | None = None) -> Payment:
    url = "https://bank.example.com/c" if state is PaymentState.ACTION_REQUIRED else None
    return Payment(state=state, code=code, action_url=url)


DECLINED = payment(PaymentState.DECLINED, "expired_card")
ASKED = payment(PaymentState.ACTION_REQUIRED)
TAKEN = payment(PaymentState.CAPTURED)


def entry(what: Due) -> tuple[AgendaEntry, ...]:
    return (AgendaEntry(due_at=DUE, what=what, rule=None, protects="vendor", held=False),)


@pytest.mark.rule("X3", "G3")
@pytest.mark.parametrize("owed", [UNPAID_TERM, unpaid("activation")], ids=["renewal", "activation"])
def test_a_term_can_be_settled_until_its_window_closes(owed: SubscriptionProjection) -> None:
    before, at, after = (debt_of_subscription(owed, DUE + shift) for shift in (-TICK, TICK - TICK, TICK))
    assert (before.state, before.takes_card) == ("declined", True)
    assert (at.state, at.takes_card) == ("late", False)
    assert (after.state, after.settle_by) == ("late", DUE)


@pytest.mark.rule("P10")
@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, "declined"),
        ({"payment": ASKED}, "confirm"),
        ({"agenda": ()}, "working"),
        ({"payment": TAKEN, "past_due_since": None, "agenda": ()}, "paid"),
        ({"payment": None, "past_due_since": None, "agenda": ()}, "nothing"),
        ({"status": SubscriptionStatus.ENDED, "past_due_since": None, "agenda": (), "ended_at": DUE}, "late"),
        (
            {"status": SubscriptionStatus.PURGED, "payment": TAKEN, "past_due_since": None, "agenda": ()},
            "ended",
        ),
    ],
)
def test_a_term_of_a_running_subscription(change: dict[str, object], state: State) -> None:
    debt = debt_of_subscription(replace(UNPAID_TERM, **change), DUE - TICK)  # type: ignore[arg-type]
    assert (debt.state, debt.occasion) == (state, "renewal")


@pytest.mark.rule("X3", "P5")
@pytest.mark.parametrize(
    ("cause", "state"),
    [(VoidCause.UNPAID, "late"), (VoidCause.NOT_ACTIVATED, "closed"), (VoidCause.CANCELLED, "closed")],
)
def test_a_line_that_is_void_cannot_be_paid(cause: VoidCause, state: State) -> None:
    void = replace(
        unpaid("activation"), status=SubscriptionStatus.VOID, agenda=(), void_cause=cause, void_by=DUE
    )
    assert debt_of_subscription(void, LATER).state == state


def test_a_line_that_is_not_signed_owes_nothing() -> None:
    line = unpaid("activation")
    unsigned = replace(line, steps=tuple(replace(each, done_at=None) for each in line.steps), payment=None)
    assert debt_of_subscription(replace(unsigned, agenda=()), DUE - TICK).state == "nothing"


@pytest.mark.rule("G3")
def test_a_declined_order_can_be_placed_again_until_its_cart_is_let_go() -> None:
    states = [debt_of_order(DECLINED_ORDER, DUE + shift).state for shift in (-TICK, TICK - TICK, TICK)]
    assert states == ["declined", "late", "late"]


def order(**change: object) -> Debt:
    changed: OrderProjection = replace(DECLINED_ORDER, **change)  # type: ignore[arg-type]
    return debt_of_order(changed, DUE - TICK)


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"changed_since_placed": True}, "changed"),
        (
            {"status": OrderStatus.SUBMITTED, "payment": ASKED, "agenda": entry(Due.AUTHENTICATION)},
            "confirm",
        ),
        ({"status": OrderStatus.SUBMITTED, "payment": ASKED, "agenda": ()}, "working"),
        (
            {"status": OrderStatus.SUBMITTED, "payment": None, "waiting_for": WaitingFor.PAYMENT},
            "working",
        ),
        (
            {"status": OrderStatus.EXPORT_HOLD, "payment": None, "waiting_for": WaitingFor.COMPLIANCE_REVIEW},
            "received",
        ),
        ({"status": OrderStatus.PROCESSING, "payment": TAKEN, "secured_at": DUE}, "paid"),
        ({"status": OrderStatus.EXPIRED, "agenda": ()}, "late"),
        ({"status": OrderStatus.CANCELLED, "payment": ASKED, "agenda": ()}, "late"),
        ({"status": OrderStatus.CANCELLED, "cancel_requested_at": DUE, "agenda": ()}, "closed"),
        ({"status": OrderStatus.REJECTED, "agenda": ()}, "closed"),
        ({"status": OrderStatus.CANCELLED, "payment": TAKEN, "secured_at": DUE}, "closed"),
    ],
)
def test_an_order(change: dict[str, object], state: State) -> None:
    assert order(**change).state == state


@pytest.mark.rule("P5")
def test_an_order_that_is_charged_at_the_activation_asks_for_a_card_alone() -> None:
    assert (order().occasion, order().amount) == ("order", DECLINED_ORDER.due_now)
    later = order(due_now=None)
    assert (later.occasion, later.amount) == ("mandate", DECLINED_ORDER.total)

"""What an order waits for, told at an instant: the last open moment and the first closed one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from api.web.orders.states import LineStanding, Standing, line_standing, standing_of
from jalon.domain.due import Due
from jalon.domain.projections import (
    AgendaEntry,
    OrderLine,
    OrderProjection,
    ParkedStep,
    Payment,
    PaymentState,
    StepProgress,
    VoidCause,
    WaitingFor,
)
from jalon.domain.statuses import OrderStatus, SubscriptionStatus
from tests.browser.portal_samples import PENDING, RUNNING
from tests.jalon.integrations.mail.samples import ACTIVATION, PLACED, PRICE, TERM

TICK = timedelta(microseconds=1)
_O, _S = OrderStatus, SubscriptionStatus
LINE = OrderLine(sku="survey-office", quantity=1, term="P1Y", licence_kind="individual")
PLACED_ORDER = OrderProjection(
    id="ord_1", store="geomatics", number="GEO-1", purchase_order_number=None, agenda=(), payment=None, waiting_for=None,
    delayed_at=None, policy_hash="ab", status=_O.SUBMITTED, standing=_O.SUBMITTED, language="fr", country="FR", audience="company",
    currency="EUR", lines=(LINE,), total=PRICE, created_at=PLACED, placed_at=PLACED, declined_at=None, cancel_requested_at=None,
    terms_sha256="ab", buyer="pty_1", buyer_names=None, certificate=None, hold=None, parked=(),
)  # fmt: skip
ASKED = Payment(state=PaymentState.ACTION_REQUIRED, code=None, action_url="https://bank.example.com")
DECLINED = Payment(state=PaymentState.DECLINED, code="card_declined", action_url=None)


def due(what: Due) -> tuple[AgendaEntry, ...]:
    """An agenda with this entry alone."""
    return (AgendaEntry(due_at=ACTIVATION, what=what, rule=None, protects="vendor", held=False),)


@pytest.mark.parametrize(
    ("changes", "before", "after"),
    [
        ({"status": _O.CART, "agenda": due(Due.CART_ABANDONED)}, "cart", "cart_over"),
        (
            {"status": _O.CART, "agenda": due(Due.CART_ABANDONED), "payment": DECLINED},
            "declined",
            "cart_over",
        ),
        ({"agenda": due(Due.CERTIFICATE_WINDOW)}, "certificate", "certificate_over"),
        ({"agenda": due(Due.AUTHENTICATION), "payment": ASKED}, "confirmation", "confirming"),
        ({"agenda": due(Due.ORDER_NEWS)}, "working", "working"),
        ({"agenda": due(Due.ORDER_NEWS), "status": _O.SCREENING}, "working", "working"),
        ({"agenda": due(Due.HOLD_MAX), "status": _O.EXPORT_HOLD}, "held", "held"),
        ({"delayed_at": PLACED, "status": _O.EXPORT_HOLD}, "delayed", "delayed"),
        ({"cancel_requested_at": PLACED, "agenda": due(Due.AUTHENTICATION)}, "cancelling", "cancelling"),
        ({"status": _O.PROCESSING}, "activating", "activating"),
        ({"status": _O.REJECTED}, "rejected", "rejected"),
        ({"status": _O.CANCELLED, "cancel_requested_at": PLACED}, "cancelled", "cancelled"),
        ({"status": _O.EXPIRED}, "cart_over", "cart_over"),
        ({"status": _O.EXPIRED, "lines": (replace(LINE, subscription="sub_1"),)}, "lapsed", "lapsed"),
        ({"status": _O.COMPLETED}, "completed", "completed"),
    ],
)
@pytest.mark.rule("X22", "T10")
def test_an_order_says_what_it_waits_for_until_the_instant_at_which_that_is_over(
    changes: Mapping[str, Any], before: str, after: str
) -> None:
    order = replace(PLACED_ORDER, **changes)
    assert standing_of(order, (), ACTIVATION - TICK).state == before
    assert standing_of(order, (), ACTIVATION).state == after


def test_a_step_that_stopped_is_ours_to_mend_and_asks_its_buyer_for_nothing() -> None:
    stopped = ParkedStep(
        step="payment", cause="refused", fingerprint="ab", since=PLACED, reason=None, editable={}
    )
    parked = replace(PLACED_ORDER, parked=(stopped,), waiting_for=WaitingFor.OPERATOR)
    assert standing_of(parked, (), PLACED) == Standing("working")
    asked = replace(parked, agenda=due(Due.CERTIFICATE_WINDOW))
    assert standing_of(asked, (), PLACED) == Standing("certificate", ACTIVATION)


@pytest.mark.rule("T6")
def test_a_held_order_says_until_when_it_has_news_and_never_until_when_it_is_held() -> None:
    held = replace(PLACED_ORDER, status=_O.EXPORT_HOLD, agenda=due(Due.HOLD_MAX))
    assert standing_of(held, (), PLACED) == Standing("held")
    assert standing_of(replace(held, agenda=due(Due.ORDER_NEWS)), (), PLACED) == Standing("held", ACTIVATION)


def test_an_order_waits_for_its_buyer_while_one_line_does() -> None:
    order = replace(PLACED_ORDER, status=_O.PROCESSING)
    waits = (LineStanding("active"), LineStanding("to_activate", ACTIVATION))
    assert standing_of(order, waits, PLACED).state == "to_activate"
    assert standing_of(order, waits[:1], PLACED).state == "activating"


SIGNED = replace(PENDING, steps=(StepProgress(step="sign", done_at=PLACED),))


@pytest.mark.rule("P5", "X3")
@pytest.mark.parametrize(
    ("line", "before", "after"),
    [
        (None, "preparing", "preparing"),
        (replace(PENDING, document=None), "preparing", "too_late"),
        (PENDING, "to_activate", "too_late"),
        (replace(PENDING, activation_by=None), "to_activate", "to_activate"),
        (replace(SIGNED, agenda=due(Due.RECOVERY)), "to_pay", "activating"),
        (SIGNED, "activating", "activating"),
        (RUNNING, "active", "active"),
        (replace(PENDING, status=_S.VOID, void_cause=VoidCause.UNPAID, void_by=TERM), "unpaid", "unpaid"),
        (replace(PENDING, status=_S.VOID, void_cause=VoidCause.CANCELLED), "cancelled", "cancelled"),
        (replace(PENDING, status=_S.VOID, void_by=TERM), "not_activated", "not_activated"),
        (replace(RUNNING, status=_S.DATA_RETAINED, ended_at=TERM), "ended", "ended"),
    ],
)
def test_a_line_says_what_is_left_to_do_until_the_instant_at_which_that_is_over(
    line: Any, before: str, after: str
) -> None:
    assert line_standing(line, ACTIVATION - TICK).state == before
    assert line_standing(line, ACTIVATION).state == after

"""A pole shows the milestones of an entity in order: reached, awaited or held."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from jalon.domain.due import Due
from jalon.domain.emails import Milestone
from jalon.domain.kinds import ORDER, SUBSCRIPTION
from jalon.domain.money import Money
from jalon.domain.projections import (
    AgendaEntry,
    ChargeAt,
    ChargeWait,
    OrderProjection,
    Payment,
    PaymentState,
    StepProgress,
    SubscriptionProjection,
    WaitingFor,
)
from jalon.domain.statuses import OrderStatus, SubscriptionStatus

AT = datetime(2026, 1, 15, 10, tzinfo=UTC)
SHARED: dict[str, Any] = {
    "store": "fastening", "number": "FAS-1", "purchase_order_number": None, "agenda": (), "payment": None, "waiting_for": None,
    "delayed_at": None, "policy_hash": None, "buyer": None, "buyer_names": None, "parked": (),
}  # fmt: skip
CART = OrderProjection(
    **SHARED, id="ord_1", status=OrderStatus.CART, standing=OrderStatus.CART, language=None, country=None, audience=None,
    currency=None, lines=(), total=None, created_at=AT, placed_at=None, declined_at=None,
    cancel_requested_at=None, terms_sha256=None, certificate=None,
    hold=None,
)  # fmt: skip


def bands(pole: tuple[Milestone, ...]) -> list[tuple[str, str]]:
    return [(band.label, band.state) for band in pole]


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, [("ordered", "awaited")]),
        (
            {"status": OrderStatus.EXPORT_HOLD, "placed_at": AT},
            [("ordered", "reached"), ("screening", "held"), ("payment", "awaited"), ("active", "awaited")],
        ),
        (
            {"status": OrderStatus.SUBMITTED, "placed_at": AT, "waiting_for": WaitingFor.BUYER_CERTIFICATE},
            [
                ("ordered", "reached"),
                ("certificate", "awaited"),
                ("payment", "awaited"),
                ("active", "awaited"),
            ],
        ),
        (
            {
                "status": OrderStatus.PROCESSING,
                "placed_at": AT,
                "payment": Payment(state=PaymentState.CAPTURED, code=None, action_url=None),
            },
            [("ordered", "reached"), ("payment", "reached"), ("active", "awaited")],
        ),
        (
            {
                "status": OrderStatus.COMPLETED,
                "placed_at": AT,
                "payment": Payment(state=PaymentState.MANDATE, code=None, action_url=None),
            },
            [("ordered", "reached"), ("payment", "reached"), ("active", "reached")],
        ),
        ({"status": OrderStatus.REJECTED, "placed_at": AT}, [("ordered", "reached")]),
        ({"status": OrderStatus.CANCELLED, "placed_at": AT}, [("ordered", "reached")]),
    ],
    ids=["cart", "held", "certificate asked", "paid", "completed", "rejected", "cancelled"],
)
def test_the_pole_of_an_order(changes: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    assert bands(ORDER.milestones(replace(CART, **changes))) == wanted


PENDING = SubscriptionProjection(
    **{**SHARED, "buyer": "pty_1"}, id="sub_1", status=SubscriptionStatus.PENDING_ACTIVATION,
    standing=SubscriptionStatus.PENDING_ACTIVATION, order_id="ord_1", sku="cad", product="CAD", licence_kind="individual",
    quantity=1, term="P1Y", amount=Money.zero("EUR"), ordered_at=AT, click_is_signature=False, charge_at=ChargeAt.ACTIVATION,
    user_management=True, invitation_window="PT72H", activation_by=AT, document=None, term_number=0, term_start=None, term_end=None,
    stop_by=None, stop_requested_at=None, renewal_committed_at=None, past_due_since=None, next_renewal_at=None, ended_at=None,
    retained_until=None, seat_count=1, seats=(),
    steps=(StepProgress(step="click_activate", done_at=AT), StepProgress(step="sign", done_at=None)),
)  # fmt: skip
ACTIVE = replace(
    PENDING, status=SubscriptionStatus.ACTIVE, stop_by=AT, term_end=AT, next_renewal_at=AT, activated_at=AT
)
RECOVERY = AgendaEntry(due_at=AT, what=Due.RECOVERY, rule="X3", protects="vendor", held=False)


def test_the_pole_of_a_subscription_from_its_steps_to_its_renewal() -> None:
    assert bands(SUBSCRIPTION.milestones(PENDING)) == [
        ("ordered", "reached"),
        ("click_activate", "reached"),
        ("sign", "awaited"),
        ("active", "awaited"),
    ]
    assert [band.until for band in SUBSCRIPTION.milestones(PENDING)] == [None, None, AT, None]
    assert bands(SUBSCRIPTION.milestones(replace(PENDING, status=SubscriptionStatus.VOID))) == [
        ("ordered", "reached"),
        ("click_activate", "reached"),
    ]
    renewal = SUBSCRIPTION.milestones(ACTIVE)[-1]
    assert (renewal.at, renewal.until) == (AT, None)
    assert bands(SUBSCRIPTION.milestones(ACTIVE))[-2:] == [("stop_cutoff", "awaited"), ("renewal", "awaited")]
    committed = replace(ACTIVE, renewal_committed_at=AT)
    assert bands(SUBSCRIPTION.milestones(committed))[-2:] == [
        ("stop_cutoff", "reached"),
        ("renewal", "awaited"),
    ]


@pytest.mark.rule("X3")
def test_the_pole_of_an_unpaid_line_awaits_its_payment_and_nothing_of_the_renewal() -> None:
    signed = tuple(replace(step, done_at=AT) for step in PENDING.steps)
    unpaid = replace(PENDING, steps=signed, agenda=(RECOVERY,))
    assert [(band.label, band.until) for band in SUBSCRIPTION.milestones(unpaid)[-2:]] == [
        ("payment", AT),
        ("active", None),
    ]
    past_due = replace(ACTIVE, past_due_since=AT, agenda=(RECOVERY,))
    assert bands(SUBSCRIPTION.milestones(past_due)) == [
        ("ordered", "reached"),
        ("active", "reached"),
        ("payment", "awaited"),
    ]
    assert [band.at for band in SUBSCRIPTION.milestones(past_due)] == [AT, AT, None]


@pytest.mark.rule("D14")
def test_the_pole_of_a_term_that_nothing_follows_ends_with_it() -> None:
    last = replace(ACTIVE, next_renewal_at=None)
    assert bands(SUBSCRIPTION.milestones(last))[-1] == ("term_end", "awaited")


def test_a_paid_and_completed_order_says_since_when() -> None:
    paid = Payment(state=PaymentState.CAPTURED, code=None, action_url=None)
    done = replace(
        CART, status=OrderStatus.COMPLETED, placed_at=AT, payment=paid, secured_at=AT, completed_at=AT
    )
    assert [band.at for band in ORDER.milestones(done)] == [AT, AT, AT]


def test_the_pole_of_a_subscription_that_was_stopped_ends_with_its_data() -> None:
    stopped = replace(ACTIVE, stop_requested_at=AT, next_renewal_at=None)
    assert bands(SUBSCRIPTION.milestones(stopped))[-1] == ("term_end", "awaited")
    kept = replace(stopped, status=SubscriptionStatus.DATA_RETAINED, ended_at=AT, retained_until=AT)
    assert bands(SUBSCRIPTION.milestones(kept))[-2:] == [("term_end", "reached"), ("data_kept", "awaited")]
    purged = replace(kept, status=SubscriptionStatus.PURGED)
    assert bands(SUBSCRIPTION.milestones(purged))[-2:] == [("term_end", "reached"), ("purged", "reached")]


@pytest.mark.rule("X16")
def test_the_pole_of_a_term_that_waits_for_its_notice_says_what_its_charge_waits_for() -> None:
    untold = replace(ACTIVE, charge_waits_for=ChargeWait(what="renewal_notice", since=AT, until=None))
    assert bands(SUBSCRIPTION.milestones(untold))[-3:] == [
        ("renewal", "reached"),
        ("renewal_notice", "awaited"),
        ("payment", "awaited"),
    ]
    told = replace(ACTIVE, charge_waits_for=ChargeWait(what="renewal_notice", since=AT, until=AT))
    assert [(band.label, band.until) for band in SUBSCRIPTION.milestones(told)[-2:]] == [
        ("stop_cutoff", AT),
        ("payment", None),
    ]

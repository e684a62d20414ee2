"""A declined order is placed again only as its buyer confirmed it, without Temporal (G6, T11, P10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jalon.domain.statuses import OrderStatus
from tests.workflows.order.test_order_machine import LINE, PLACEMENT, Orders
from workflows.engine.commands import Refused
from workflows.order.view import is_changed

TICK = timedelta(microseconds=1)
NEW_TERMS = datetime(2027, 2, 28, 23, tzinfo=UTC)
"""The begin of the day, in the zone of the store, from which another version of its terms applies."""
AGAIN: dict[str, Any] = {"payment_method": "card_ok"}


@pytest.fixture
def declined() -> Orders:
    """An order whose payment was declined, so that it is a cart again."""
    orders = Orders()
    orders.open()
    orders.now = NEW_TERMS - timedelta(days=1)
    assert not isinstance(orders.say("place", {"placement": PLACEMENT}), Refused)
    state = orders.order.state
    state.status, state.declined_at = OrderStatus.CART, state.now
    return orders


def refused_as(orders: Orders) -> str | None:
    """The code with which placing it again is refused; None where it is placed."""
    outcome = orders.say("place_again", AGAIN)
    return outcome.violations[0].code if isinstance(outcome, Refused) else None


@pytest.mark.rule("G6", "T11")
@pytest.mark.parametrize(
    ("at", "code"),
    [(NEW_TERMS - TICK, None), (NEW_TERMS, "offer_changed"), (NEW_TERMS + TICK, "offer_changed")],
)
def test_another_version_of_the_terms_needs_a_new_confirmation(
    declined: Orders, at: datetime, code: str | None
) -> None:
    declined.now = at
    assert refused_as(declined) == code


@pytest.mark.rule("G6", "P10", "X22")
def test_another_cart_needs_a_new_confirmation_until_it_is_the_former_one_again(declined: Orders) -> None:
    assert not is_changed(declined.order.state)
    assert not isinstance(declined.say("edit_cart", {"lines": [LINE | {"quantity": 2}]}), Refused)
    assert (is_changed(declined.order.state), refused_as(declined)) == (True, "offer_changed")
    assert not isinstance(declined.say("edit_cart", {"lines": [LINE]}), Refused)
    assert (is_changed(declined.order.state), refused_as(declined)) == (False, None)


@pytest.mark.rule("P10", "X22")
def test_a_cart_that_nobody_confirmed_yet_is_not_changed() -> None:
    orders = Orders()
    orders.open()
    assert not is_changed(orders.order.state)
    assert not isinstance(orders.say("place", {"placement": PLACEMENT}), Refused)
    assert not is_changed(orders.order.state)

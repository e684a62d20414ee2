"""The hold of an order without Temporal: a reviewer decides on the one that they read (T6)."""

from __future__ import annotations

import pytest

from jalon.domain.statuses import OrderStatus
from tests.workflows.order.test_order_machine import PLACEMENT, Orders
from workflows.engine.commands import Refused
from workflows.shared_steps.holds import Hold


@pytest.mark.rule("T6")
@pytest.mark.parametrize(("turn", "counts"), [(1, False), (2, True), (3, False)])
def test_a_decision_counts_for_the_hold_that_it_names_alone(turn: int, counts: bool) -> None:
    orders = Orders()
    orders.open()
    assert not isinstance(orders.say("place", {"placement": PLACEMENT}), Refused)
    state = orders.order.state
    state.status, state.hold = OrderStatus.EXPORT_HOLD, Hold.of(state.now, (), 2)
    outcome = orders.say("decide_hold", {"decision": "release", "reason": "seen", "turn": turn}, "vera")
    assert isinstance(outcome, Refused) != counts
    assert state.hold.decisions == ({"vera": "release"} if counts else {})

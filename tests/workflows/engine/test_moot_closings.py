"""A closing asks for its facts, and what happens beside the course meanwhile may end it or move it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.workflows.engine.conftest import NOON, NOTHING, TICK, receipt
from tests.workflows.engine.test_deadlines import CLOSING, judged, put
from workflows.engine.deadlines import Closes, IsMoot
from workflows.engine.state import known
from workflows.subscription.state import SubscriptionState


@pytest.mark.rule("G3")
@pytest.mark.parametrize("happens", ["ended", "moved", "put anew"])
def test_what_ended_or_moved_while_its_facts_were_asked_for_closes_nothing(
    state: SubscriptionState, happens: str
) -> None:
    entry = put(state, CLOSING)
    if happens == "ended":
        state.agenda.remove(entry.key)
    elif happens == "moved":
        assert state.agenda.postponed(entry, NOON + TICK) == state.agenda.next()
    else:
        put(state, CLOSING)
    facts = replace(NOTHING, pending=(receipt(1, NOON - TICK),))
    assert (judged(state, entry), judged(state, entry, facts)) == (IsMoot(), IsMoot())
    assert state.agenda.next() is None or judged(state, known(state.agenda.next())) == Closes()

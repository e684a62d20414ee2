"""Receipts are applied in seq order, each once, whatever order and however often they are delivered."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.engine.conftest import NOON, TICK, receipt, state_of
from workflows.engine.inbox import Inbox
from workflows.subscription.state import SubscriptionState

deliveries = st.lists(st.lists(st.integers(1, 9), max_size=5), max_size=5)


@given(batches=deliveries, applied=st.integers(0, 5))
def test_every_receipt_is_taken_once_in_seq_order(batches: list[list[int]], applied: int) -> None:
    state = state_of(live=True)
    state.last_receipt = applied
    inbox = Inbox(state)
    for batch in batches:
        inbox.enqueue([receipt(seq, NOON) for seq in dict.fromkeys(batch)])
    taken = []
    while inbox:
        taken.append(inbox.take().seq)
    assert taken == sorted({seq for batch in batches for seq in batch if seq > applied})


def test_what_the_run_before_left_comes_first_and_once(state: SubscriptionState) -> None:
    state.backlog = [receipt(3, NOON)]
    inbox = Inbox(state)
    inbox.enqueue([receipt(4, NOON), receipt(3, NOON)])
    assert state.backlog == []
    assert [inbox.take().seq, inbox.take().seq] == [3, 4]


def test_what_waits_is_left_to_the_next_run(state: SubscriptionState, inbox: Inbox) -> None:
    inbox.enqueue([receipt(2, NOON), receipt(1, NOON)])
    inbox.leave()
    assert [each.seq for each in state.backlog] == [1, 2]


def test_a_receipt_behind_another_may_be_stamped_before_it(inbox: Inbox) -> None:
    inbox.enqueue([receipt(1, NOON), receipt(2, NOON - TICK)])
    assert inbox.any_before(NOON)
    assert not inbox.any_before(NOON - TICK)


def test_a_receipt_that_knew_a_later_transition_is_ahead(state: SubscriptionState, inbox: Inbox) -> None:
    inbox.enqueue([receipt(1, NOON, after=3)])
    for seq, ahead in ((2, True), (3, False), (4, False)):
        state.seq = seq
        assert inbox.is_ahead is ahead

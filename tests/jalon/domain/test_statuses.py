"""Statuses move as the table says, facts stand beside them, and one word is read of both."""

from __future__ import annotations

from itertools import product

import pytest

from jalon.domain.statuses import (
    FINAL,
    LEGAL_MOVES,
    ORDER_OVER,
    SUBSCRIPTION_OVER,
    IllegalMove,
    OrderStatus,
    Standing,
    Status,
    SubscriptionStatus,
    check_move,
    standing,
)

KINDS: tuple[type[Status], ...] = (OrderStatus, SubscriptionStatus)


@pytest.mark.parametrize("kind", KINDS)
def test_every_status_has_its_row_and_none_leads_to_another_kind(kind: type[Status]) -> None:
    assert list(LEGAL_MOVES[kind]) == list(kind)
    assert {type(each) for following in LEGAL_MOVES[kind].values() for each in following} == {kind}


@pytest.mark.parametrize("kind", KINDS)
def test_every_status_is_reached_and_every_way_comes_to_an_end(kind: type[Status]) -> None:
    reached: set[Status] = set()
    waiting: list[Status] = [kind.NEW]
    while waiting:
        status = waiting.pop()
        if status not in reached:
            reached.add(status)
            waiting += LEGAL_MOVES[kind][status]
    assert reached == set(kind)
    assert reached & FINAL


@pytest.mark.parametrize("kind", KINDS)
def test_a_move_is_legal_where_the_table_has_it_or_where_nothing_moves(kind: type[Status]) -> None:
    statuses: list[Status] = list(kind)
    for former, following in product(statuses, statuses):
        if former == following or following in LEGAL_MOVES[kind][former]:
            check_move(former, following)
        else:
            with pytest.raises(IllegalMove, match=f"{following} does not follow {former}"):
                check_move(former, following)


def test_a_status_of_another_kind_never_follows() -> None:
    with pytest.raises(IllegalMove):
        check_move(SubscriptionStatus.NEW, OrderStatus.CART)


def test_nothing_follows_what_is_over_but_the_end_of_the_data() -> None:
    assert ORDER_OVER <= FINAL
    assert {SubscriptionStatus.VOID, SubscriptionStatus.PURGED} == FINAL - ORDER_OVER
    assert SubscriptionStatus.ACTIVE not in SUBSCRIPTION_OVER


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({}, "active"),
        ({"renewal_committed_at": 1}, Standing.RENEWAL_COMMITTED),
        ({"stop_requested_at": 1, "renewal_committed_at": 1}, Standing.STOP_REQUESTED),
        ({"past_due_since": 1, "stop_requested_at": 1, "renewal_committed_at": 1}, Standing.PAST_DUE),
    ],
)
def test_the_word_of_a_running_subscription_is_of_the_first_fact_that_holds(
    facts: dict[str, object], word: str
) -> None:
    assert standing(SubscriptionStatus.ACTIVE, facts) == word
    others: list[Status] = [*OrderStatus, *(set(SubscriptionStatus) - {SubscriptionStatus.ACTIVE})]
    for status in others:
        assert standing(status, facts) == status

"""Each kind's row: every move leads to a status and to an end, and ids of different kinds differ."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from itertools import product
from typing import Any

import pytest

from jalon.domain.kinds import KINDS, ORDER, SUBSCRIPTION, IllegalMove, Kind, Kinds
from jalon.domain.statuses import ORDER_OVER, SUBSCRIPTION_OVER, OrderStatus, SubscriptionStatus

every_kind = pytest.mark.parametrize("kind", list(KINDS), ids=lambda kind: kind.name)


@every_kind
def test_every_status_has_its_row_and_none_leads_to_another_kind(kind: Kind[Any]) -> None:
    statuses = type(next(iter(kind.moves)))
    assert list(kind.moves) == list(statuses)
    assert {type(each) for following in kind.moves.values() for each in following} == {statuses}


@every_kind
def test_every_status_is_reached_and_every_way_comes_to_an_end(kind: Kind[Any]) -> None:
    reached: set[StrEnum] = set()
    waiting = [next(iter(kind.moves))]
    while waiting:
        status = waiting.pop()
        if status not in reached:
            reached.add(status)
            waiting += kind.moves[status]
    assert reached == set(kind.moves)
    assert reached & kind.final


@every_kind
def test_a_move_is_legal_where_the_table_has_it_or_where_nothing_moves(kind: Kind[Any]) -> None:
    for former, following in product(kind.moves, kind.moves):
        if former == following or following in kind.moves[former]:
            kind.check_move(former, following)
        else:
            with pytest.raises(IllegalMove, match=f"{following} does not follow {former}"):
                kind.check_move(former, following)


def test_a_status_of_another_kind_never_follows() -> None:
    with pytest.raises(IllegalMove):
        SUBSCRIPTION.check_move(SubscriptionStatus.NEW, OrderStatus.CART)
    with pytest.raises(IllegalMove):
        SUBSCRIPTION.check_move(SubscriptionStatus.NEW, OrderStatus.NEW)


def test_nothing_follows_what_is_over_but_the_end_of_the_data() -> None:
    assert ORDER.final == ORDER_OVER
    assert {SubscriptionStatus.VOID, SubscriptionStatus.PURGED} == SUBSCRIPTION.final
    assert SubscriptionStatus.ACTIVE not in SUBSCRIPTION_OVER


def test_an_id_says_its_kind() -> None:
    ids = ("ord_1", "sub_1", "order_1", "req_1", "")
    assert [KINDS.of_id(entity) for entity in ids] == [ORDER, SUBSCRIPTION, None, None, None]


@pytest.mark.parametrize(("name", "prefix"), [("order", "quo"), ("quote", "ord")])
def test_a_name_and_a_prefix_are_taken_once(name: str, prefix: str) -> None:
    with pytest.raises(ValueError, match="share"):
        Kinds(ORDER, replace(SUBSCRIPTION, name=name, prefix=prefix))

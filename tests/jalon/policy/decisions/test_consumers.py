"""The notice that law gives a consumer before a renewal, as the floor that ships has it (C1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jalon.domain.order import Cart, CartLine, Placement
from jalon.domain.terms import NoticeByLaw
from jalon.policy.authoring.loader import load_store, load_stores
from jalon.policy.decisions.freezing import frozen
from jalon.policy.decisions.placement import freeze
from jalon.policy.model.store_policy import StorePolicy
from tests.jalon.policy.conftest import WriteStore

NOW = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
TICK = timedelta(microseconds=1)
FIRST = datetime(2016, 6, 30, 22, tzinfo=UTC)
"""The begin of the first day, in the zone of the store."""


@pytest.fixture
def policy(write_store: WriteStore) -> StorePolicy:
    """A store that sells to consumers."""
    of_consumers = '[audiences.maker]\nterms = ["P1Y", "P1M"]'
    return load_store(
        write_store((of_consumers, f"{of_consumers}\nconsumer = true"), ("2020-01-01", "2010-01-01"))
    )


def notice(policy: StorePolicy, cart: Cart, placement: Placement, at: datetime = NOW) -> NoticeByLaw | None:
    return freeze(policy, cart, placement, at).notice_by_law


def of_maker(cart: Cart, country: str) -> Cart:
    line = replace(cart.lines[0], sku="lens-maker")
    return replace(cart, audience="maker", country=country, lines=(line,))


@pytest.mark.rule("C1")
def test_it_comes_three_months_to_one_before_the_time_to_refuse_is_over(
    policy: StorePolicy, cart: Cart, placement: Placement
) -> None:
    given = notice(policy, of_maker(cart, "FR"), placement)
    assert given is not None
    assert (given.earliest, given.sent, given.latest) == ("P3M", "P2M", "P1M")
    assert given.basis


@pytest.mark.rule("C1")
def test_consumers_of_the_union_have_it_and_nobody_else(
    policy: StorePolicy, cart: Cart, placement: Placement
) -> None:
    having = {
        country: notice(policy, of_maker(cart, country), placement) is not None
        for country in ("FR", "DE", "SK", "CH", "US")
    }
    assert having == {"FR": True, "DE": True, "SK": True, "CH": False, "US": False}
    assert notice(policy, cart, placement) is None


@pytest.mark.rule("C1")
@pytest.mark.parametrize(("at", "given"), [(FIRST - TICK, False), (FIRST, True), (FIRST + TICK, True)])
def test_it_is_given_from_its_first_day_in_the_zone_of_the_store(
    policy: StorePolicy, cart: Cart, placement: Placement, at: datetime, *, given: bool
) -> None:
    assert (notice(policy, of_maker(cart, "FR"), placement, at) is not None) == given


@pytest.mark.rule("C1")
@pytest.mark.parametrize(
    ("store", "audience", "sku"),
    [
        ("lifecycle", "student", "design-for-students"),
        ("lifecycle", "maker", "design-for-makers"),
        ("drafting", "individual", "drafting-suite"),
    ],
)
def test_whoever_learns_or_buys_for_themselves_is_a_consumer(store: str, audience: str, sku: str) -> None:
    policy = load_stores(Path(__file__).parents[4] / "stores")[store]
    line = CartLine(sku, 1, "P1Y", "individual")
    terms = frozen(policy, Cart("pty_1", "FR", audience, "EUR", (line,)), NOW)
    assert (terms.consumer, terms.notice_by_law is not None) == (True, True)

"""Placements: what a buyer ticks, pays with and where the bill goes (T4, T13, D8, H18, H19)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from jalon.domain.order import Cart, CartLine, Placement
from jalon.domain.violations import Violation
from jalon.policy.authoring.loader import load_store
from jalon.policy.decisions.placement import NotPlaceable, check_placement, freeze, stands
from jalon.policy.model.store_policy import StorePolicy
from tests.jalon.policy.conftest import WriteStore

NOW = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
TICK = timedelta(microseconds=1)
FLEET = CartLine("lens-fleet", 1, "P1Y", "individual")


def found(violations: list[Violation]) -> set[tuple[str, str, str | None]]:
    return {(violation.code, violation.pointer, violation.rule) for violation in violations}


@pytest.mark.parametrize(
    ("change", "expected", "words"),
    [
        pytest.param(
            {"terms_accepted": False},
            ("terms_not_accepted", "/terms_accepted", "H19"),
            "ticks",
            marks=pytest.mark.rule("H19"),
        ),
        pytest.param(
            {"export_control_accepted": False},
            ("export_requirements_not_accepted", "/export_control_accepted", "T4"),
            "https://optics.example.com/compliance",
            marks=pytest.mark.rule("T4"),
        ),
        pytest.param(
            {"payment_kind": "cash"},
            ("payment_kind_not_offered", "/payment_kind", "D8"),
            "the audience company",
            marks=pytest.mark.rule("D8"),
        ),
        pytest.param(
            {"payment_method": ""},
            ("payment_method_required", "/payment_method", "D8"),
            "token",
            marks=pytest.mark.rule("D8"),
        ),
        pytest.param(
            {"billing_address": None},
            ("billing_address_required", "/billing_address", "H18"),
            "missing",
            marks=pytest.mark.rule("H18"),
        ),
        pytest.param(
            {"billing_country": None},
            ("billing_country_required", "/billing_country", "H18"),
            "missing",
            marks=pytest.mark.rule("H18"),
        ),
        ({"billing_country": "UK"}, ("unknown_country", "/billing_country", None), "ISO 3166-1"),
    ],
)
def test_a_violation_of_a_placement(
    policy: StorePolicy,
    cart: Cart,
    placement: Placement,
    change: dict[str, object],
    expected: tuple[str, str, str | None],
    words: str,
) -> None:
    violations = check_placement(policy, cart, replace(placement, **change))  # type: ignore[arg-type]
    assert found(violations) == {expected}
    assert words in violations[0].message


@pytest.mark.rule("T13")
def test_the_billing_country_is_checked_too(policy: StorePolicy, cart: Cart, placement: Placement) -> None:
    american = replace(cart, country="US", lines=(FLEET,))
    elsewhere = check_placement(policy, american, placement)
    assert found(elsewhere) == {("country_not_sold", "/billing_country", "T13")}
    assert "fleet@optics.example.com" in elsewhere[0].message
    assert check_placement(policy, american, replace(placement, billing_country="CA")) == []


@pytest.mark.rule("T4")
def test_only_products_that_ask_for_it_need_the_export_acceptance(
    write_store: WriteStore, cart: Cart, placement: Placement
) -> None:
    policy = load_store(
        write_store(
            ("[export]\nacceptance_required = true\n", ""),
            ('hold_max = "P10D"', "acceptance_required = true"),
        )
    )
    unaccepted = replace(placement, export_control_accepted=False, billing_country="US")
    assert check_placement(policy, cart, unaccepted) == []
    fleet = replace(cart, country="US", lines=(FLEET,))
    assert [violation.rule for violation in check_placement(policy, fleet, unaccepted)] == ["T4"]


def test_what_has_violations_is_not_frozen(policy: StorePolicy, cart: Cart, placement: Placement) -> None:
    with pytest.raises(NotPlaceable) as refused:
        freeze(policy, cart, replace(placement, terms_accepted=False), NOW)
    assert [violation.code for violation in refused.value.violations] == ["terms_not_accepted"]


@pytest.mark.rule("G6", "T11")
def test_what_was_confirmed_stands_until_another_version_of_the_terms_applies(
    policy: StorePolicy, cart: Cart, placement: Placement
) -> None:
    confirmed, another = freeze(policy, cart, placement, NOW), datetime(2027, 1, 14, 23, tzinfo=UTC)
    found = [stands(policy, cart, confirmed, at) for at in (another - TICK, another, another + TICK)]
    assert found == [True, False, False]


@pytest.mark.rule("G6")
@pytest.mark.parametrize(
    "edit",
    [('P1Y = "1200.00"', 'P1Y = "1100.00"'), ('licence_kinds = ["individual", ', "licence_kinds = [")],
    ids=["another price", "not sold any more"],
)
def test_what_was_confirmed_stands_no_more_once_the_store_sells_it_otherwise(
    policy: StorePolicy, write_store: WriteStore, cart: Cart, placement: Placement, edit: tuple[str, str]
) -> None:
    confirmed, now = freeze(policy, cart, placement, NOW), load_store(write_store(edit))
    assert (stands(policy, cart, confirmed, NOW), stands(now, cart, confirmed, NOW)) == (True, False)

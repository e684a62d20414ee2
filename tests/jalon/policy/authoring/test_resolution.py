"""The order of the layers: defaults, store, the store's term, product, the product's term."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jalon.policy.authoring.loader import load_store
from jalon.policy.authoring.merging import laid_over
from jalon.policy.model.store_policy import StorePolicy
from tests.jalon.policy.conftest import WriteStore

pytestmark = pytest.mark.rule("X13", "P14")

STORE_TERM = ('[terms."P1M".renewal]', '[terms."P1Y".renewal]\nstop_until = "P20D"\n[terms."P1M".renewal]')
PRODUCT = '[products.overrides.renewal]\nstop_until = "P3D"\n'
PRODUCT_TERM = '[products.overrides.terms."P1Y".renewal]\nstop_until = "P30D"\n'


def stop_until(policy: StorePolicy, sku: str, term: str) -> str:
    return policy.rules_for(sku, term).renewal.stop_until


@pytest.mark.parametrize(
    ("edits", "yearly", "quarterly"),
    [
        ([('[renewal]\nstop_until = "P5D"\n', ""), (PRODUCT, ""), (PRODUCT_TERM, "")], "P0D", "P0D"),
        ([(PRODUCT, ""), (PRODUCT_TERM, "")], "P5D", "P5D"),
        ([STORE_TERM, (PRODUCT, ""), (PRODUCT_TERM, "")], "P20D", "P5D"),
        ([STORE_TERM, (PRODUCT_TERM, "")], "P3D", "P3D"),
        ([STORE_TERM], "P30D", "P3D"),
    ],
    ids=["defaults", "store", "store term", "product", "product term"],
)
def test_each_layer_wins_over_the_weaker(
    write_store: WriteStore, edits: list[tuple[str, str]], yearly: str, quarterly: str
) -> None:
    policy = load_store(write_store(*edits))
    assert stop_until(policy, "lens-design", "P1Y") == yearly
    assert stop_until(policy, "lens-design", "P3M") == quarterly


def test_a_refinement_touches_its_own_product_and_keys_only(policy: StorePolicy) -> None:
    fleet = policy.rules_for("lens-fleet", "P1Y")
    design = policy.rules_for("lens-design", "P1Y")
    assert (fleet.export.certificate_required, fleet.export.hold_max) == (True, "P10D")
    assert (design.export.certificate_required, design.export.hold_max) == (False, "P30D")
    assert fleet.export.acceptance_required
    assert fleet.renewal == policy.rules.renewal


def test_every_section_can_be_refined_for_a_product(write_store: WriteStore) -> None:
    refined = """
[products.overrides.cart]
self_service_max_quantity = 3
[products.overrides.payment]
charge_at = "activation"
[products.overrides.activation]
steps = ["sign"]
[products.overrides.seats]
user_management = false
[products.overrides.retention]
period = "P60D"
[products.overrides.sla]
order_news_within = "5BD"
[products.overrides.export]"""
    rules = load_store(write_store(("[products.overrides.export]", refined))).rules_for("lens-fleet", "P1Y")
    assert rules.cart.self_service_max_quantity == 3
    assert rules.payment.charge_at == "activation"
    assert rules.activation.steps == ("sign",)
    assert not rules.seats.user_management
    assert rules.retention.period == "P60D"
    assert rules.sla.order_news_within == "5BD"


def test_a_list_is_replaced_whole(write_store: WriteStore) -> None:
    rules = '[[export.destinations]]\ncountries = ["BE"]\naction = "hold"\nbasis = "test"\n'
    policy = load_store(write_store(append=rules))
    assert [rule.countries for rule in policy.rules.export.destinations] == [("BE",)]


def test_a_pair_that_is_not_sold_has_the_rules_of_the_store(policy: StorePolicy) -> None:
    assert policy.rules_for("lens-design", "P9Y") is policy.rules


TABLES: st.SearchStrategy[dict[str, object]] = st.recursive(
    st.dictionaries(st.sampled_from("abc"), st.one_of(st.integers(), st.lists(st.integers())), max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


def leaves(table: Mapping[str, object], path: str = "") -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            found |= leaves(value, f"{path}{key}.")
        else:
            found[f"{path}{key}"] = value
    return found


@settings(deadline=None)
@given(TABLES, TABLES)
def test_what_lies_on_top_shows_and_nothing_below_changes(
    base: dict[str, object], over: dict[str, object]
) -> None:
    before = repr((base, over))
    merged = leaves(laid_over(base, over))
    assert leaves(over).items() <= merged.items()
    assert merged.items() <= (leaves(base) | leaves(over)).items()
    assert repr((base, over)) == before


@settings(deadline=None)
@given(TABLES, TABLES, TABLES)
def test_the_last_layer_wins_however_they_are_grouped(
    first: dict[str, object], second: dict[str, object], third: dict[str, object]
) -> None:
    merged = laid_over(laid_over(first, second), third)
    assert leaves(third).items() <= leaves(merged).items()
    assert laid_over(merged, third) == merged

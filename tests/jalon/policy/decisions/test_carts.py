"""Carts and placements: every violation at once, with code, pointer, rule and remedy."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jalon.domain.order import Cart, CartLine, Placement
from jalon.domain.violations import Violation
from jalon.policy.authoring.loader import load_store, load_stores
from jalon.policy.decisions.placement import NotPlaceable, check_cart, check_placement, freeze
from jalon.policy.model.store_policy import StorePolicy
from tests.jalon.policy.conftest import STORE, WriteStore

NOW = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)


def line(
    sku: str = "lens-design", quantity: int = 1, term: str = "P1Y", kind: str = "individual"
) -> CartLine:
    return CartLine(sku, quantity, term, kind)


def found(violations: list[Violation]) -> set[tuple[str, str, str | None]]:
    return {(violation.code, violation.pointer, violation.rule) for violation in violations}


def message(violations: list[Violation], code: str) -> str:
    return next(violation.message for violation in violations if violation.code == code)


def test_a_good_cart_and_placement_have_no_violation(
    policy: StorePolicy, cart: Cart, placement: Placement
) -> None:
    assert check_placement(policy, cart, placement) == []


@pytest.mark.parametrize(
    ("change", "expected", "words"),
    [
        ({"country": "UK"}, ("unknown_country", "/country", None), "ISO 3166-1"),
        pytest.param(
            {"audience": "student"},
            ("unknown_audience", "/audience", "D4"),
            "company, maker",
            marks=pytest.mark.rule("D4"),
        ),
        ({"currency": "EURO"}, ("unknown_currency", "/currency", None), "ISO 4217"),
        ({"currency": "CHF"}, ("currency_not_sold", "/currency", None), "EUR, USD"),
        ({"lines": ()}, ("no_lines", "/lines", None), "add a line"),
        (
            {"lines": (line("lens-desing"),)},
            ("unknown_sku", "/lines/0/sku", None),
            "did you mean lens-design",
        ),
        ({"lines": (line("zzzz"),)}, ("unknown_sku", "/lines/0/sku", None), "Optics sells lens-design, "),
        pytest.param(
            {"lines": (line("lens-lab"),)},
            ("not_sold_online", "/lines/0/sku", "D5"),
            "sales@optics.example.com",
            marks=pytest.mark.rule("D5"),
        ),
        pytest.param(
            {"lines": (line("lens-reseller"),)},
            ("sold_by_resellers_only", "/lines/0/sku", "T9"),
            "support@optics",
            marks=pytest.mark.rule("T9"),
        ),
        pytest.param(
            {"lines": (line("lens-fleet"),)},
            ("country_not_sold", "/lines/0/sku", "T13"),
            "fleet@optics.example.com",
            marks=pytest.mark.rule("T13"),
        ),
        pytest.param(
            {"lines": (line("lens-maker"),)},
            ("audience_not_sold", "/lines/0/sku", "D4"),
            "sold to maker",
            marks=pytest.mark.rule("D4"),
        ),
        pytest.param(
            {"lines": (line(term="P2Y"),)},
            ("term_not_sold", "/lines/0/term", "D7"),
            "P1Y, P3M, P1M",
            marks=pytest.mark.rule("D7"),
        ),
        pytest.param(
            {"lines": (line(term="P1M"),)},
            ("term_not_for_audience", "/lines/0/term", "D7"),
            "for P1Y, P3M, not for P1M",
            marks=pytest.mark.rule("D7"),
        ),
        pytest.param(
            {"lines": (line(kind="named"),)},
            ("licence_kind_not_sold", "/lines/0/licence_kind", "H15"),
            "individual",
            marks=pytest.mark.rule("H15"),
        ),
        pytest.param(
            {"lines": (line(quantity=0),)},
            ("quantity_too_low", "/lines/0/quantity", "H16"),
            "1 or more",
            marks=pytest.mark.rule("H16"),
        ),
        pytest.param(
            {"lines": (line(quantity=11),)},
            ("quantity_above_self_service", "/lines/0/quantity", "T8"),
            "ask sales@",
            marks=pytest.mark.rule("T8"),
        ),
    ],
)
def test_a_violation_of_a_cart(
    policy: StorePolicy,
    cart: Cart,
    change: dict[str, object],
    expected: tuple[str, str, str | None],
    words: str,
) -> None:
    violations = check_cart(policy, replace(cart, **change))  # type: ignore[arg-type]
    assert found(violations) == {expected}
    assert words in violations[0].message


def test_a_product_priced_in_one_currency_is_not_sold_in_the_other(policy: StorePolicy, cart: Cart) -> None:
    violations = check_cart(policy, replace(cart, country="US", currency="USD", lines=(line("lens-fleet"),)))
    assert found(violations) == {("currency_not_sold", "/lines/0/sku", None)}


@pytest.mark.rule("D9")
def test_terms_are_not_mixed(policy: StorePolicy, cart: Cart) -> None:
    lines = (line(), line(term="P3M"), line(), line(term="P3M"))
    violations = check_cart(policy, replace(cart, lines=lines))
    assert found(violations) == {("one_term", "/lines/1/term", "D9"), ("one_term", "/lines/3/term", "D9")}
    assert "one cart holds one term" in violations[0].message


@pytest.mark.rule("H17")
def test_software_and_hardware_are_separate_orders(policy: StorePolicy, cart: Cart) -> None:
    mixed = replace(cart, country="US", lines=(line(), line("lens-fleet")))
    assert found(check_cart(policy, mixed)) == {("hardware_separate", "/lines/1/sku", "H17")}
    hardware = replace(cart, country="US", lines=(line("lens-fleet"), line("lens-fleet")))
    assert check_cart(policy, hardware) == []


@pytest.mark.rule("H17")
def test_what_is_of_no_group_goes_with_everything(write_store: WriteStore, cart: Cart) -> None:
    apart = ('groups = [["software"], ["fleet", "purchase"]]', 'groups = [["software"], ["purchase"]]')
    policy = load_store(write_store(apart))
    assert check_cart(policy, replace(cart, country="US", lines=(line("lens-fleet"), line()))) == []


@pytest.mark.rule("D9", "H17")
@pytest.mark.parametrize(
    ("store", "audience", "lines", "refused"),
    [
        (
            "fastening",
            "design_office",
            (line("anchor-design-premium"), line("tool-fleet")),
            {("hardware_separate", "/lines/1/sku", "H17")},
        ),
        (
            "lifecycle",
            "company",
            (line("collaborator"), line("collaborator", term="P3M")),
            {("one_term", "/lines/1/term", "D9")},
        ),
        ("lifecycle", "company", (line("collaborator"), line("mechanical-designer")), set()),
    ],
)
def test_the_stores_that_ship_part_what_they_have_to(
    store: str, audience: str, lines: tuple[CartLine, ...], refused: set[tuple[str, str, str]]
) -> None:
    policy = load_stores(Path(__file__).parents[4] / "stores")[store]
    assert found(check_cart(policy, Cart("pty_1", "FR", audience, "EUR", lines))) == refused


def test_a_store_sells_to_its_countries_only(write_store: WriteStore, cart: Cart) -> None:
    policy = load_store(write_store(('clock = "test"', 'clock = "test"\ncountries = ["FR", "BE"]')))
    assert check_cart(policy, cart) == []
    assert found(check_cart(policy, replace(cart, country="CH"))) == {
        ("country_not_served", "/country", None)
    }


def test_all_violations_come_at_once(policy: StorePolicy, placement: Placement) -> None:
    cart = Cart(
        "pty_1",
        "ZZ",
        "nobody",
        "EURO",
        (line("nothing"), line("lens-lab", 0, "P9Y", "named"), line(quantity=99, term="P1M")),
    )
    refused = replace(
        placement,
        terms_accepted=False,
        export_control_accepted=False,
        payment_kind="cash",
        payment_method="",
        billing_address=None,
        billing_country=None,
    )
    assert found(check_placement(policy, cart, refused)) == {
        ("unknown_country", "/country", None),
        ("unknown_audience", "/audience", "D4"),
        ("unknown_currency", "/currency", None),
        ("unknown_sku", "/lines/0/sku", None),
        ("not_sold_online", "/lines/1/sku", "D5"),
        ("term_not_sold", "/lines/1/term", "D7"),
        ("licence_kind_not_sold", "/lines/1/licence_kind", "H15"),
        ("quantity_too_low", "/lines/1/quantity", "H16"),
        ("quantity_above_self_service", "/lines/2/quantity", "T8"),
        ("one_term", "/lines/2/term", "D9"),
        ("hardware_separate", "/lines/2/sku", "H17"),
        ("terms_not_accepted", "/terms_accepted", "H19"),
        ("export_requirements_not_accepted", "/export_control_accepted", "T4"),
        ("payment_kind_not_offered", "/payment_kind", "D8"),
        ("payment_method_required", "/payment_method", "D8"),
        ("billing_address_required", "/billing_address", "H18"),
        ("billing_country_required", "/billing_country", "H18"),
    }


LINES = st.builds(
    CartLine,
    sku=st.sampled_from(["lens-design", "lens-fleet", "lens-maker", "lens-lab", "lens-reseller", "", "x"]),
    quantity=st.integers(-1, 12),
    term=st.sampled_from(["P1Y", "P3M", "P1M", "soon", ""]),
    licence_kind=st.sampled_from(["individual", "floating", ""]),
)
CARTS = st.builds(
    Cart,
    buyer=st.just("pty_1"),
    country=st.sampled_from(["FR", "US", "fr", ""]),
    audience=st.sampled_from(["company", "maker", "*", ""]),
    currency=st.sampled_from(["EUR", "USD", "*", ""]),
    lines=st.lists(LINES, max_size=4).map(tuple),
)
PLACEMENTS = st.builds(
    Placement,
    terms_accepted=st.booleans(),
    export_control_accepted=st.booleans(),
    payment_kind=st.sampled_from(["card", "cash"]),
    payment_method=st.sampled_from(["card_ok", ""]),
    billing_address=st.sampled_from(["pty_1", None]),
    billing_country=st.sampled_from(["FR", "US", "", None]),
    purchase_order_number=st.none(),
)


@pytest.fixture(scope="module")
def shared_policy(tmp_path_factory: pytest.TempPathFactory) -> StorePolicy:
    path = tmp_path_factory.mktemp("store") / "optics.toml"
    path.write_text(STORE, encoding="utf-8")
    return load_store(path)


@settings(deadline=None)
@given(cart=CARTS, placement=PLACEMENTS)
def test_any_cart_is_either_refused_with_reasons_or_frozen(
    shared_policy: StorePolicy, cart: Cart, placement: Placement
) -> None:
    violations = check_placement(shared_policy, cart, placement)
    assert len(violations) == len(set(violations))
    assert set(check_cart(shared_policy, cart)) <= set(violations)
    if violations:
        with pytest.raises(NotPlaceable):
            freeze(shared_policy, cart, placement, NOW)
    else:
        terms = freeze(shared_policy, cart, placement, NOW)
        assert len(terms.lines) == len(cart.lines)
        assert terms.total.amount == sum(frozen.amount.amount for frozen in terms.lines)

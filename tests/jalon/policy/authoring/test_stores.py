"""The stores that ship, the page that explains their keys, and that no Python code names one of them."""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jalon.domain.order import Cart, CartLine, Placement
from jalon.policy.authoring.command import check_file
from jalon.policy.authoring.loader import load_store, load_stores
from jalon.policy.authoring.reference import in_readme
from jalon.policy.decisions.placement import check_cart, check_placement, freeze_line
from jalon.policy.model.catalog import Document, Product
from jalon.policy.model.dated import Destination
from jalon.policy.model.keys import Section
from jalon.policy.model.sections import (
    RULE_SECTIONS,
    Audience,
    CartRule,
    Routes,
    Store,
    VendorIdentity,
)
from jalon.policy.model.store_policy import StorePolicy

ROOT = Path(__file__).resolve().parents[4]
STORES = ROOT / "stores"
IDS = ("drafting", "fastening", "geomatics", "lifecycle")
NOW = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
PLACED = Placement(
    terms_accepted=True,
    export_control_accepted=True,
    payment_kind="card",
    payment_method="card_ok",
    billing_address="pty_1",
    billing_country="US",
    purchase_order_number=None,
)


@pytest.fixture(scope="module")
def stores() -> dict[str, StorePolicy]:
    return load_stores(STORES, {"sandbox"})


def lines_for_sale(policy: StorePolicy) -> Iterator[tuple[str, str, CartLine]]:
    for product in policy.products.values():
        for audience in policy.audiences:
            for term in product.terms if product.buyable else ():
                for currency in product.priced_in(policy.store.currencies):
                    yield audience, currency, CartLine(product.sku, 1, term, product.licence_kinds[0])


def test_the_four_stores_load_as_rehearsals(stores: dict[str, StorePolicy]) -> None:
    assert tuple(sorted(stores)) == IDS
    assert {policy.store.clock for policy in stores.values()} == {"test"}
    assert all(3 <= len(policy.products) <= 6 for policy in stores.values())


@pytest.mark.parametrize("store", IDS)
def test_every_product_sold_online_can_be_placed_by_someone(
    store: str, stores: dict[str, StorePolicy]
) -> None:
    policy = stores[store]
    placeable: set[str] = set()
    for audience, currency, line in lines_for_sale(policy):
        cart = Cart("pty_1", "US", audience, currency, (line,))
        if not check_placement(policy, cart, PLACED):
            placeable.add(line.sku)
            frozen = freeze_line(policy, line.sku, line.licence_kind, 1, line.term, currency, NOW)
            assert frozen.documents
    assert placeable == {product.sku for product in policy.products.values() if product.buyable}


@pytest.mark.parametrize("store", IDS)
def test_a_store_loads_quickly(store: str) -> None:
    spent = []
    for _ in range(5):
        begun = time.perf_counter()
        load_store(STORES / f"{store}.toml")
        spent.append(time.perf_counter() - begun)
    assert min(spent) < 0.1


@pytest.mark.rule("T4", "T5", "T14")
def test_geomatics_is_export_controlled(stores: dict[str, StorePolicy]) -> None:
    policy = stores["geomatics"]
    rules = policy.rules_for("site-manager", "P1Y")
    assert rules.export.certificate_required
    assert rules.export.acceptance_required
    assert (rules.payment.charge_at, rules.seats.invitation_window, rules.sla.order_news_within) == (
        "order",
        "PT72H",
        "2BD",
    )
    assert policy.products["site-manager"].countries == ("US", "CA")
    assert policy.support_for(policy.products["sketcher"]) == "sketcher-help@geomatics.example.com"


@pytest.mark.rule("H1", "X1", "P14")
def test_fastening_activates_by_contract(stores: dict[str, StorePolicy]) -> None:
    policy = stores["fastening"]
    premium = policy.rules_for("anchor-design-premium", "P1Y")
    profile = policy.rules_for("profile-design", "P1Y")
    assert premium.activation.steps == ("open_contract", "click_activate", "sign")
    assert (premium.activation.window, premium.activation.reminders) == (
        "P90D",
        ("P30D", "P60D", "P83D", "P89D"),
    )
    assert premium.payment.charge_at == "activation"
    assert (premium.activation.click_is_signature, profile.activation.click_is_signature) == (False, True)
    assert premium.seats.user_management
    assert not policy.rules_for("anchor-design-standard", "P1Y").seats.user_management


@pytest.mark.rule("D7", "D9")
def test_lifecycle_sells_by_audience_and_term(stores: dict[str, StorePolicy]) -> None:
    policy = stores["lifecycle"]
    assert {name: audience.terms for name, audience in policy.audiences.items()} == {
        "company": ("P1Y", "P3M"),
        "maker": ("P1Y", "P1M"),
        "student": ("P1Y",),
    }
    rules = policy.rules_for("collaborator", "P1M")
    assert (rules.renewal.automatic, rules.renewal.stop_until, rules.retention.period) == (
        True,
        "P5D",
        "P14D",
    )
    mixed = tuple(CartLine("collaborator", 1, term, "individual") for term in ("P1Y", "P3M"))
    assert [found.rule for found in check_cart(policy, Cart("pty_1", "FR", "company", "EUR", mixed))] == [
        "D9"
    ]


def test_drafting_sells_by_the_year_in_its_regions(stores: dict[str, StorePolicy]) -> None:
    policy = stores["drafting"]
    line = CartLine("drafting-suite", 1, "P1Y", "floating")
    assert check_cart(policy, Cart("pty_1", "BE", "company", "EUR", (line,))) == []
    found = check_cart(policy, Cart("pty_1", "DE", "company", "EUR", (line,)))
    assert [violation.code for violation in found] == ["country_not_served"]


def python_files() -> Iterator[Path]:
    for path in ROOT.rglob("*.py"):
        inside = path.relative_to(ROOT).parts
        if inside[0] not in {"tests", "build"} and not any(part.startswith(".") for part in inside):
            yield path


def said_outside_docstrings(tree: ast.AST) -> Iterator[str]:
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def test_no_python_names_a_store() -> None:
    """ "lifecycle" is also a word of prose: there it counts as a name when it stands as an id or a file."""
    names = re.compile(r"geomatics|fastening|drafting", re.IGNORECASE)
    as_id = re.compile(r"(^|/)lifecycle(\.toml|-\d+|/|$)")
    named: list[str] = []
    for path in python_files():
        text = path.read_text(encoding="utf-8")
        if names.search(text) or any(as_id.search(said) for said in said_outside_docstrings(ast.parse(text))):
            named.append(str(path.relative_to(ROOT)))
    assert named == []


def test_the_page_explains_every_key() -> None:
    readme = (STORES / "README.md").read_text(encoding="utf-8")
    assert readme == in_readme(readme), "run: python -m jalon.policy.authoring.reference < stores/README.md"
    sections: list[type[Section]] = [
        Store,
        VendorIdentity,
        Routes,
        Audience,
        CartRule,
        Destination,
        Product,
        Document,
    ]
    for section in (*sections, *RULE_SECTIONS.values()):
        for name, field in section.model_fields.items():
            assert field.description, f"{section.__name__}.{name}"
            assert f"| `{name}` |" in readme


def test_the_store_of_the_page_is_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    readme = (STORES / "README.md").read_text(encoding="utf-8")
    example = readme.partition("```toml\n")[2].partition("```")[0]
    path = tmp_path / "optics.toml"
    path.write_text(example, encoding="utf-8")
    assert check_file(path) == 0
    assert "optics is good" in capsys.readouterr().out
    for said in re.findall(r"^stores/optics\.toml:(.*)$", readme, re.MULTILINE):
        path.write_text(
            example.replace('stop_until = "P10D"', 'stop_untill = "P10D"').replace(
                'EUR = { P1Y = "1200.00" }', "EUR = {}"
            ),
            encoding="utf-8",
        )
        assert check_file(path) == 1
        assert f"{path}:{said}" in capsys.readouterr().out

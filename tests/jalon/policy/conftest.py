"""A small store that uses every layer, written to a folder and edited by each test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jalon.domain.order import Cart, CartLine, Placement
from jalon.policy.authoring.faults import Fault, StoreFileFaults
from jalon.policy.authoring.loader import load_store
from jalon.policy.model.store_policy import StorePolicy

STORE = """\
schema_version = 1

[store]
id = "optics"
name = "Optics"
clock = "test"
clock_starts_at = 2026-01-15T10:30:00+01:00
currencies = ["EUR", "USD"]
support_email = "support@optics.example.com"
order_number_prefix = "OPT"

[routes]
sales = "sales@optics.example.com"
trade_compliance = "https://optics.example.com/compliance"

[audiences.company]
terms = ["P1Y", "P3M"]
payment_kinds = ["card"]

[audiences.maker]
terms = ["P1Y", "P1M"]
payment_kinds = ["card"]

[cart]
self_service_max_quantity = 10

[[cart.rules]]
code = "one_term"
kind = "same"
attribute = "term"
message = "one cart holds one term"
rule = "D9"

[[cart.rules]]
code = "hardware_separate"
kind = "forbid_together"
attribute = "item_family"
groups = [["software"], ["fleet", "purchase"]]
message = "make a separate order"
rule = "H17"

[export]
acceptance_required = true

[renewal]
stop_until = "P5D"

[terms."P1M".renewal]
notices_before = ["P7D"]

[every_product]
terms = ["P1Y", "P3M", "P1M"]

[[products]]
sku = "lens-design"
name = { fr = "Conception de lentilles", en = "Lens design" }
software_classes = ["CAD"]
licence_kinds = ["individual", "floating"]
prices.EUR = { P1Y = "1200.00", P3M = "330.00", P1M = "120.00" }
prices.USD = { P1Y = "1300.00", P3M = "360.00", P1M = "130.00" }
[products.overrides.renewal]
stop_until = "P3D"
[products.overrides.terms."P1Y".renewal]
stop_until = "P30D"

[[products]]
sku = "lens-fleet"
name = { fr = "Parc", en = "Fleet" }
item_family = "fleet"
terms = ["P1Y"]
currencies = ["EUR"]
countries = ["US", "CA"]
seats_per_unit = 5
contact = "fleet@optics.example.com"
support = "fleet-help@optics.example.com"
prices.EUR = { P1Y = "99.90" }
[products.overrides.export]
certificate_required = true
hold_max = "P10D"

[[products]]
sku = "lens-maker"
name = { fr = "Atelier", en = "Workshop" }
audiences = ["maker"]
terms = ["P1Y", "P1M"]
prices.EUR = { P1Y = "80.00", P1M = "8.00" }
prices.USD = { P1Y = "80.00", P1M = "8.00" }

[[products]]
sku = "lens-lab"
name = { fr = "Laboratoire", en = "Laboratory" }
item_family = "purchase"
sold_online = false

[[products]]
sku = "lens-reseller"
name = { fr = "Partenaire", en = "Partner" }
reseller_only = true

[[documents]]
layer = "general"
version = "2026-01"
valid_from = 2020-01-01
title = { fr = "Conditions", en = "Terms" }
text = { fr = "Première version.", en = "First version." }

[[documents]]
layer = "general"
version = "2027-01"
valid_from = 2027-01-15
title = { fr = "Conditions", en = "Terms" }
text = { fr = "Deuxième version.", en = "Second version." }

[[documents]]
layer = "by_offer"
version = "1"
valid_from = 2020-01-01
skus = ["lens-fleet"]
title = { fr = "Parc", en = "Fleet" }
text = { fr = "Parc.", en = "Fleet." }
"""

WriteStore = Callable[..., Path]
Edit = tuple[str, str]


def faults_of(path: Path) -> tuple[Fault, ...]:
    with pytest.raises(StoreFileFaults) as refused:
        load_store(path)
    return refused.value.faults


def line_of(path: Path, needle: str) -> int:
    lines = path.read_text(encoding="utf-8").split("\n")
    return next(number for number, line in enumerate(lines, 1) if needle in line)


@pytest.fixture
def write_store(tmp_path: Path) -> WriteStore:
    """Write the store with edits (old text, new text), each of which must apply."""
    return _writer(tmp_path)


@pytest.fixture(scope="module")
def write_store_of_module(tmp_path_factory: pytest.TempPathFactory) -> WriteStore:
    """The same for tests of many examples, which share one folder."""
    return _writer(tmp_path_factory.mktemp("stores"))


def _writer(folder: Path) -> WriteStore:
    def write(*edits: tuple[str, str], append: str = "", name: str = "optics.toml") -> Path:
        text = STORE
        for old, new in edits:
            assert old in text, old
            text = text.replace(old, new, 1)
        path = folder / name
        path.write_text(text + append, encoding="utf-8")
        return path

    return write


@pytest.fixture
def policy(write_store: WriteStore) -> StorePolicy:
    """The store, loaded."""
    return load_store(write_store())


@pytest.fixture
def cart() -> Cart:
    """A cart without a fault."""
    return Cart("pty_1", "FR", "company", "EUR", (CartLine("lens-design", 2, "P1Y", "individual"),))


@pytest.fixture
def placement() -> Placement:
    """A placement without a fault."""
    return Placement(
        terms_accepted=True,
        export_control_accepted=True,
        payment_kind="card",
        payment_method="card_ok",
        billing_address="pty_1",
        billing_country="FR",
        purchase_order_number=None,
    )

"""The floor of destinations holds in every store, and an address that it rules by region names its region (T6, X20)."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from jalon.domain.compliance.export import Decision, Match, decide
from jalon.domain.error_codes import ErrorCode
from jalon.domain.order import Cart, Placement
from jalon.policy.authoring.loader import load_store
from jalon.policy.decisions.destinations import FLOOR, floor
from jalon.policy.decisions.placement import check_placement, freeze
from jalon.policy.model.store_policy import StorePolicy
from tests.jalon.policy.conftest import WriteStore

NOW = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
DESIGN = ("ERP", "CRM", "BI", "SCM", "EDW", "CMMS", "project_management", "PLM", "BIM", "CAD", "CAM", "ETO")


@pytest.mark.rule("X20")
def test_the_shipped_floor_blocks_what_it_must_and_each_line_has_its_date_and_source() -> None:
    assert {country for rule in floor() for country in rule.countries} >= {"CU", "IR", "KP"}
    assert {region for rule in floor() for region in rule.regions} >= {"UA-43", "UA-40", "UA-14", "UA-09"}
    for line in tomllib.loads(FLOOR.read_text())["destinations"]:
        assert line["action"] == "block"
        assert line["basis"]
        assert line["valid_from"]


@pytest.mark.rule("X20", "T6")
def test_no_store_file_lowers_the_floor(write_store: WriteStore, cart: Cart, placement: Placement) -> None:
    emptied = load_store(write_store(("[export]\n", "[export]\ndestinations = []\n")))
    assert emptied.rules.export.destinations == ()
    frozen = freeze(emptied, cart, placement, NOW).export.destinations
    assert {country for rule in frozen for country in rule.countries} >= {"CU", "IR", "KP"}


@pytest.mark.rule("X20")
@pytest.mark.parametrize(
    ("country", "region", "refused"),
    [
        ("UA", None, True),
        ("UA", "FR-75", True),
        ("UA", "UA-30", False),
        ("UA", "UA-43", False),
        ("UA", "UA-99", True),
        ("UA", "UA-043", True),
        ("BE", None, False),
        ("BE", "BE-XYZ", True),
        ("BE", "UA-43", True),
    ],
)
def test_an_address_in_a_country_with_ruled_regions_names_its_region(
    policy: StorePolicy, cart: Cart, placement: Placement, country: str, region: str | None, *, refused: bool
) -> None:
    violations = check_placement(
        policy, cart, replace(placement, billing_country=country, billing_region=region)
    )
    codes = [violation.code for violation in violations if violation.pointer == "/billing_address/region"]
    assert codes == ([ErrorCode.BILLING_REGION_REQUIRED] if refused else [])


@pytest.mark.rule("T6", "X20")
def test_a_store_that_names_no_destinations_refuses_and_holds_those_that_ship(
    policy: StorePolicy, cart: Cart, placement: Placement
) -> None:
    terms = freeze(policy, cart, placement, NOW).export

    def decided(country: str, software_class: str) -> Decision:
        return decide(None, (country,), (), terms, (software_class,)).decision

    for software_class in DESIGN:
        assert {decided(country, software_class) for country in ("RU", "BY")} == {Decision.REJECT}
    held = {decided(country, "positioning") for country in ("RU", "BY", "SY", "VE", "MM", "AF")}
    assert (held, decided("FR", "CAD")) == ({Decision.HOLD}, Decision.CLEAR)


@pytest.mark.rule("T6")
@pytest.mark.parametrize(
    ("score", "reasons"),
    [(0.69, []), (0.70, ["possible_match"]), (0.94, ["possible_match"]), (0.95, ["probable_match"])],
)
def test_a_match_holds_from_the_score_that_ships(
    policy: StorePolicy, cart: Cart, placement: Placement, score: float, reasons: list[str]
) -> None:
    terms = freeze(policy, cart, placement, NOW).export
    match = Match("SDN", "1", score, country_agrees=True)
    assert [each.code for each in decide(None, ("FR",), (match,), terms, ()).reasons] == reasons

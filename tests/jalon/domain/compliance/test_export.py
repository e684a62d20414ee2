"""Export decisions: what rejects, what holds, and what is clear."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.domain.compliance.certificates import Certificate
from jalon.domain.compliance.export import (
    UNREAD,
    Decision,
    Match,
    Reason,
    ScreeningOutcome,
    decide,
    decide_person,
)
from jalon.domain.compliance.regions import REGIONS
from jalon.domain.terms import DestinationRule, ExportTerms

DESIGN = ("CAD", "BIM", "PLM")
TERMS = ExportTerms(
    certificate_required=True,
    certificate_window="P30D",
    hold_max="P30D",
    score_review=0.70,
    score_block=0.95,
    destinations=(
        DestinationRule(("CU", "IR", "KP"), ("UA-43", "UA-14"), (), "block", "embargo"),
        DestinationRule(("RU", "BY"), (), DESIGN, "block", "EU 833/2014 art. 5n(2b)"),
        DestinationRule(("RU", "BY", "SY"), (), (), "hold", "to be reviewed"),
    ),
)
CERTIFICATE = Certificate(
    text_version="euc-v1",
    legal_name="Viaduc Études SAS",
    role="end_user",
    sector="Civil engineering",
    site_of_use="12 quai des Ponts, 69002 Lyon",
    country_of_use="FR",
    end_use="Designing steel footbridges for towns of the Rhône valley",
    nuclear=False,
    missile=False,
    chemical_biological=False,
    weapons_development=False,
    military_or_police=False,
    space=False,
    semiconductor=False,
    state_owned=False,
    reexport_intended=False,
    no_forbidden_use=True,
    no_diversion=True,
    report_changes=True,
    signatory_name="Camille Arnaud",
    signatory_title="Director",
    signatory_authority=True,
)
CLEAR = ScreeningOutcome(Decision.CLEAR)


def match(score: float, *, country_agrees: bool = False) -> Match:
    return Match("SDN", "12345", score, country_agrees)


def decided(
    certificate: Certificate | None = CERTIFICATE,
    countries: tuple[str, ...] = ("FR",),
    matches: tuple[Match, ...] = (),
    classes: tuple[str, ...] = ("positioning",),
) -> tuple[Decision, list[str]]:
    outcome = decide(certificate, countries, matches, TERMS, classes)
    return outcome.decision, [reason.code for reason in outcome.reasons]


@pytest.mark.rule("T6")
def test_nothing_against_it_is_clear() -> None:
    assert decide(CERTIFICATE, ("FR", "BE"), (match(0.69),), TERMS, DESIGN) == CLEAR


@pytest.mark.rule("T6")
@pytest.mark.parametrize("countries", [("IR",), ("FR", "KP"), ("cu",)])
def test_an_embargoed_country_of_the_order_rejects(countries: tuple[str, ...]) -> None:
    assert decided(countries=countries) == (Decision.REJECT, ["embargoed_destination"])


@pytest.mark.rule("T6")
@pytest.mark.parametrize(
    "certificate",
    [
        replace(CERTIFICATE, country_of_use="IR"),
        replace(CERTIFICATE, end_user="Pont", end_user_country="IR"),
        replace(CERTIFICATE, access_countries=("BE", "IR")),
        replace(CERTIFICATE, country_of_use="UA", region_of_use="UA-43"),
    ],
)
def test_an_embargoed_place_of_use_rejects(certificate: Certificate) -> None:
    assert decided(certificate) == (Decision.REJECT, ["embargoed_destination"])


@pytest.mark.rule("T6")
@pytest.mark.parametrize("use", ["nuclear", "missile", "chemical_biological", "weapons_development"])
def test_a_forbidden_use_rejects(use: str) -> None:
    outcome = decide(replace(CERTIFICATE, **{use: True}), ("FR",), (), TERMS, ())  # type: ignore[arg-type]
    assert outcome == ScreeningOutcome(Decision.REJECT, (Reason("forbidden_use", "T6", use),))


@pytest.mark.rule("T6")
def test_a_military_end_use_holds_and_under_an_embargo_rejects() -> None:
    military = replace(CERTIFICATE, military_or_police=True)
    assert decided(military) == (Decision.HOLD, ["red_flag"])
    assert decided(military, ("SY",)) == (Decision.REJECT, ["forbidden_use"])


@pytest.mark.rule("T6")
@pytest.mark.parametrize(
    ("country", "classes", "expected"),
    [
        ("RU", ("CAD",), (Decision.REJECT, ["embargoed_destination"])),
        ("BY", ("positioning", "bim"), (Decision.REJECT, ["embargoed_destination"])),
        ("RU", ("positioning",), (Decision.HOLD, ["held_destination"])),
        ("SY", ("CAD",), (Decision.HOLD, ["held_destination"])),
        ("FR", ("CAD",), (Decision.CLEAR, [])),
    ],
)
def test_the_class_of_the_software_counts(
    country: str, classes: tuple[str, ...], expected: tuple[Decision, list[str]]
) -> None:
    assert decided(countries=(country,), classes=classes) == expected


@pytest.mark.rule("T6")
@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (match(0.6999), (Decision.CLEAR, [])),
        (match(0.70), (Decision.HOLD, ["possible_match"])),
        (match(0.9499, country_agrees=True), (Decision.HOLD, ["possible_match"])),
        (match(0.95, country_agrees=True), (Decision.HOLD, ["probable_match"])),
        (match(1.0), (Decision.HOLD, ["possible_match"])),
    ],
)
def test_a_match_holds_from_the_review_score_on(found: Match, expected: tuple[Decision, list[str]]) -> None:
    assert decided(matches=(found,)) == expected


@pytest.mark.rule("T6")
def test_a_name_that_no_list_was_asked_about_holds_beside_what_was_found() -> None:
    assert decided(matches=(UNREAD,)) == (Decision.HOLD, ["unread_name"])
    assert decided(matches=(UNREAD, match(0.8))) == (Decision.HOLD, ["unread_name", "possible_match"])
    assert decide_person(("Ana",), (UNREAD,), TERMS).decision is Decision.HOLD


@pytest.mark.rule("T6")
@pytest.mark.parametrize("flag", ["space", "semiconductor", "state_owned", "reexport_intended"])
def test_a_red_flag_holds(flag: str) -> None:
    outcome = decide(replace(CERTIFICATE, **{flag: True}), ("FR",), (), TERMS, ())  # type: ignore[arg-type]
    assert outcome == ScreeningOutcome(Decision.HOLD, (Reason("red_flag", "T6", flag),))


@pytest.mark.rule("T5")
def test_a_required_certificate_that_is_missing_holds() -> None:
    assert decided(None) == (Decision.HOLD, ["certificate_missing"])
    assert decide(None, ("FR",), (), replace(TERMS, certificate_required=False), ()) == CLEAR


@pytest.mark.rule("T6")
def test_a_country_ruled_by_region_holds_until_the_region_is_known() -> None:
    assert decided(countries=("UA",)) == (Decision.HOLD, ["region_unknown"])
    kyiv = replace(CERTIFICATE, country_of_use="UA", region_of_use="UA-30")
    assert decided(kyiv, ("UA",)) == (Decision.CLEAR, [])


@pytest.mark.rule("X20", "T6")
@pytest.mark.parametrize(
    ("region_of_use", "decision"),
    [(None, Decision.HOLD), ("UA-30", Decision.CLEAR), ("UA-43", Decision.REJECT)],
)
def test_the_region_of_the_billing_address_does_not_say_where_it_is_used(
    region_of_use: str | None, decision: Decision
) -> None:
    used = replace(CERTIFICATE, country_of_use="UA", region_of_use=region_of_use)
    for countries in (("UA",), ("FR", "UA")):
        assert decide(used, countries, (), TERMS, (), "UA-30").decision is decision


@pytest.mark.rule("X20", "T6")
@given(st.text("0123456789AZ", min_size=1, max_size=3).map("UA-{}".format))
def test_a_region_that_there_is_not_is_an_unknown_one(region: str) -> None:
    known = region in REGIONS
    outcome = decide(None, ("UA",), (), replace(TERMS, certificate_required=False), (), region)
    assert (outcome.decision is Decision.HOLD) is not known


@pytest.mark.rule("T6")
def test_every_reason_of_a_hold_is_kept_worst_first_and_names_no_one() -> None:
    suspect = replace(CERTIFICATE, reexport_intended=True)
    outcome = decide(suspect, ("SY",), (match(0.8), match(0.97, country_agrees=True)), TERMS, ())
    assert [reason.code for reason in outcome.reasons] == [
        "probable_match",
        "possible_match",
        "red_flag",
        "held_destination",
    ]
    assert outcome.reasons[0].detail == "SDN 12345 at 0.97"
    assert not any("Viaduc" in reason.detail or "Arnaud" in reason.detail for reason in outcome.reasons)


@pytest.mark.rule("T6")
def test_what_rejects_comes_before_what_holds() -> None:
    assert decided(replace(CERTIFICATE, nuclear=True), ("IR",), (match(1.0),)) == (
        Decision.REJECT,
        ["embargoed_destination", "forbidden_use"],
    )


@given(st.floats(0, 1), st.floats(0, 1), st.booleans())
def test_a_better_match_never_decides_more_mildly(one: float, other: float, agrees: bool) -> None:
    low, high = sorted((one, other))
    order = [Decision.CLEAR, Decision.HOLD, Decision.REJECT]
    milder, _ = decided(matches=(match(low, country_agrees=agrees),))
    harder, _ = decided(matches=(match(high, country_agrees=agrees),))
    assert order.index(milder) <= order.index(harder)


@pytest.mark.rule("X20", "T6")
@pytest.mark.parametrize(
    ("country", "region", "decision"),
    [
        ("UA", "UA-43", Decision.REJECT),
        ("UA", "UA-30", Decision.CLEAR),
        ("UA", None, Decision.HOLD),
        ("FR", "UA-43", Decision.CLEAR),
        ("KP", None, Decision.REJECT),
    ],
)
def test_the_region_of_the_address_decides_without_a_certificate(
    country: str, region: str | None, decision: Decision
) -> None:
    terms = replace(TERMS, certificate_required=False)
    assert decide(None, [country], (), terms, DESIGN, region).decision is decision


@pytest.mark.rule("X19")
def test_one_more_person_is_held_from_the_review_score_on_and_never_rejected() -> None:
    scores = {
        score: decide_person(("Ana",), (match(score, country_agrees=True),), TERMS)
        for score in (0.6999, 0.7, 0.95)
    }
    assert [(each.decision, [reason.code for reason in each.reasons]) for each in scores.values()] == [
        (Decision.CLEAR, []),
        (Decision.HOLD, ["possible_match"]),
        (Decision.HOLD, ["probable_match"]),
    ]
    assert decide_person(("Ana",), (), TERMS) == CLEAR


@pytest.mark.rule("X19")
def test_one_more_person_of_whom_no_name_is_known_is_held() -> None:
    outcome = decide_person((), (), TERMS)
    assert (outcome.decision, [each.code for each in outcome.reasons]) == (Decision.HOLD, ["name_unknown"])

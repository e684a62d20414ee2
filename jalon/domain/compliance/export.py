"""May this order be exported? A decision on facts already gathered, with its reasons (T5, T6).

Not legal advice: destinations are dated data of the store's policy, lists are data of the screening provider.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from jalon.domain.compliance.certificates import QUESTIONS, Certificate
from jalon.domain.compliance.regions import REGIONS
from jalon.domain.terms import DestinationRule, ExportTerms


class Decision(StrEnum):
    """What happens to the order: it goes on, waits for compliance, or ends."""

    CLEAR = "clear"
    HOLD = "hold"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Match:
    """A party that resembles a list entry; `score` in 0..1. It names the entry, never the party."""

    list_name: str
    entry_id: str
    score: float
    country_agrees: bool


UNREAD = Match("no list", "unread", 1.0, country_agrees=False)
"""What a screening finds for a name that it cannot compare with its lists, in whole or in part: nobody is cleared by it (T6)."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a stable code, the rule it serves and a detail free of personal data."""

    code: str
    rule: str
    detail: str


@dataclass(frozen=True, slots=True)
class ScreeningOutcome:
    """The decision and every reason that led to it; none for a clear order."""

    decision: Decision
    reasons: tuple[Reason, ...] = ()


def decide(
    certificate: Certificate | None,
    order_countries: Collection[str],
    matches: Sequence[Match],
    terms: ExportTerms,
    software_classes: Collection[str],
    region: str | None = None,
) -> ScreeningOutcome:
    """Decide an order: what rejects is asked first, then what holds; otherwise it is clear.

    `order_countries`: of the buyer and the addresses, ISO 3166-1 alpha-2; `region`: of the billing address, which does not speak for the
    place of use (X20). `matches`: all a screening found. `software_classes`: of all lines. A certificate that is required and missing
    holds.
    """
    places = _places(certificate, order_countries, region)
    met = [
        (place, rule)
        for rule in terms.destinations
        for place in places
        if _meets(rule, place, software_classes)
    ]
    rejecting = (*_embargoes(met), *_forbidden_uses(certificate, met))
    if rejecting:
        return ScreeningOutcome(Decision.REJECT, rejecting)
    holding = (
        *_missing_certificate(certificate, terms),
        *_matches(matches, terms),
        *_red_flags(certificate),
        *_held_destinations(met),
        *_unknown_regions(places, terms),
    )
    return ScreeningOutcome(Decision.HOLD, holding) if holding else ScreeningOutcome(Decision.CLEAR)


def decide_person(names: Sequence[str], matches: Sequence[Match], terms: ExportTerms) -> ScreeningOutcome:
    """Decide on one more person of an order that was cleared: a match of their `names` holds, and nothing else is asked (X19).

    A person without a name that can be read, as one who was erased, holds too: nothing was compared.
    """
    holding = (*_nameless(names), *_matches(matches, terms))
    return ScreeningOutcome(Decision.HOLD, holding) if holding else ScreeningOutcome(Decision.CLEAR)


@dataclass(frozen=True, slots=True)
class _Place:
    country: str
    region: str | None


_Met = Sequence[tuple[_Place, DestinationRule]]


def _places(
    certificate: Certificate | None, order_countries: Collection[str], region: str | None
) -> list[_Place]:
    """Every country, with each region that is stated in it, and without one where the certificate reaches it and states none (X20)."""
    reached = certificate.destinations if certificate else ()
    used_in = certificate.region_of_use if certificate else None
    places = []
    for country in dict.fromkeys(country.upper() for country in (*order_countries, *reached)):
        inside = dict.fromkeys(
            each for each in (used_in, region) if each in REGIONS and str(each).startswith(f"{country}-")
        )
        places += [_Place(country, each) for each in inside]
        if not inside or (country in reached and used_in not in inside):
            places.append(_Place(country, None))
    return places


def _meets(rule: DestinationRule, place: _Place, software_classes: Collection[str]) -> bool:
    if rule.software_classes and not _folded(rule.software_classes) & _folded(software_classes):
        return False
    return place.country in rule.countries or (place.region is not None and place.region in rule.regions)


def _embargoes(met: _Met) -> Iterator[Reason]:
    for place, rule in met:
        if rule.action == "block":
            yield Reason("embargoed_destination", "T6", f"{place.region or place.country}: {rule.basis}")


def _forbidden_uses(certificate: Certificate | None, met: _Met) -> Iterator[Reason]:
    if certificate is None:
        return
    for question in QUESTIONS:
        if question.on_yes == "reject" and getattr(certificate, question.key):
            yield Reason("forbidden_use", "T6", question.key)
    # Any destination rule, even one that only holds, stands for an embargo on arms and their users.
    if certificate.military_or_police and met:
        yield Reason("forbidden_use", "T6", f"military_or_police in {met[0][0].country}")


def _missing_certificate(certificate: Certificate | None, terms: ExportTerms) -> Iterator[Reason]:
    if certificate is None and terms.certificate_required:
        yield Reason("certificate_missing", "T5", "end-use certificate")


def _nameless(names: Sequence[str]) -> Iterator[Reason]:
    """Nobody is cleared by comparing nothing (X19)."""
    if not names:
        yield Reason("name_unknown", "X19", "No name of this person can be read; review by hand.")


def _matches(matches: Sequence[Match], terms: ExportTerms) -> Iterator[Reason]:
    if UNREAD in matches:
        yield Reason("unread_name", "T6", "a name is in letters that cannot be compared with the lists")
    found = [match for match in matches if match != UNREAD]
    for match in sorted(found, key=lambda match: -match.score):
        entry = f"{match.list_name} {match.entry_id} at {match.score:.2f}"
        if match.score >= terms.score_block and match.country_agrees:
            yield Reason("probable_match", "T6", entry)
        elif match.score >= terms.score_review:
            yield Reason("possible_match", "T6", entry)


def _red_flags(certificate: Certificate | None) -> Iterator[Reason]:
    for question in QUESTIONS if certificate else ():
        if question.on_yes == "hold" and getattr(certificate, question.key):
            yield Reason("red_flag", "T6", question.key)


def _held_destinations(met: _Met) -> Iterator[Reason]:
    for place, rule in met:
        if rule.action == "hold":
            yield Reason("held_destination", "T6", f"{place.region or place.country}: {rule.basis}")


def _unknown_regions(places: Sequence[_Place], terms: ExportTerms) -> Iterator[Reason]:
    ruled = {region[:2] for rule in terms.destinations for region in rule.regions}
    for place in places:
        if place.country in ruled and place.region is None:
            yield Reason(
                "region_unknown", "T6", f"{place.country}: some of its regions are ruled, and none is stated"
            )


def _folded(classes: Collection[str]) -> set[str]:
    return {name.casefold() for name in classes}

"""The requests to the activities of screening."""

from __future__ import annotations

from dataclasses import dataclass

from activities.contracts.base import ActivityRef
from jalon.domain.compliance.export import ScreeningOutcome
from jalon.domain.terms import ExportTerms, OrderTerms


@dataclass(frozen=True)
class ScreeningRequest:
    """Screens the parties of a certificate stored as a personal record; without one, the buyer alone.

    `countries` are those of the buyer and of the addresses, `region` that of the billing address, `buyer_names`
    the record of the names that the order was placed under (X18).
    """

    store: str
    order: str
    buyer: str
    countries: tuple[str, ...]
    certificate: str | None
    terms: OrderTerms
    region: str | None = None
    buyer_names: str | None = None


SCREEN = ActivityRef("screen", ScreeningRequest, ScreeningOutcome)


@dataclass(frozen=True)
class PersonScreening:
    """Screens one person who joins what was cleared; `countries` are those of the order, and corroborate a match (X19)."""

    store: str
    party: str
    countries: tuple[str, ...]
    export: ExportTerms


SCREEN_PERSON = ActivityRef("screen_person", PersonScreening, ScreeningOutcome)

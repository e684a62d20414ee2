"""The requests to the activities of screening."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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
    """Screens one person who joins what was cleared; `countries` are those of the order, and corroborate a match (X19).

    `at` is when they were named, or when an operator let the screening go on.
    """

    store: str
    party: str
    countries: tuple[str, ...]
    export: ExportTerms
    at: datetime


@dataclass(frozen=True)
class PersonScreened:
    """What the screening of a person came to, and whether they had an identity at the store by the instant of the request (T1).

    `names` is the record of the names that were screened, None where none can be read (X18).
    """

    outcome: ScreeningOutcome
    has_identity: bool
    names: str | None = None


SCREEN_PERSON = ActivityRef("screen_person", PersonScreening, PersonScreened)

"""What workflows ask of documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from activities.contracts.base import ActivityRef
from jalon.domain.terms import LineTerms, StoreTerms


@dataclass(frozen=True)
class ContractRequest:
    """Draws up the contract of a subscription once: the very document that is shown and signed."""

    store: str
    subscription: str
    order_number: str
    buyer: str
    billing_address: str | None
    line: LineTerms
    terms: StoreTerms
    ordered_at: datetime
    activate_by: datetime | None
    at: datetime


@dataclass(frozen=True)
class ContractDrawn:
    """The document's id and the SHA-256 of its exact bytes."""

    document: str
    sha256: str


DRAW_UP_CONTRACT = ActivityRef("draw_up_contract", ContractRequest, ContractDrawn)

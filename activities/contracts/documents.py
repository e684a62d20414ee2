"""The requests to the activities of documents, and their answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from activities.contracts.base import ActivityRef
from jalon.domain.terms import LineTerms, StoreTerms


@dataclass(frozen=True)
class ContractRequest:
    """The request to draw up a subscription's contract once. The same document is shown and signed."""

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
    buyer_names: str | None = None


@dataclass(frozen=True)
class ContractDrawn:
    """The document's id and the SHA-256 of its exact bytes."""

    document: str
    sha256: str


DRAW_UP_CONTRACT = ActivityRef("draw_up_contract", ContractRequest, ContractDrawn)

"""The requests to the activities of documents, and their answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from activities.contracts.base import ActivityRef
from jalon.domain.terms import LineTerms, StoreTerms, TermsDocument


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


@dataclass(frozen=True)
class SignedCopyRequest:
    """The request to draw up the signed copy of a contract once: the `document` that was signed, with its signature.

    `evidence` is the personal record of the signature, `signed_at` the instant of its receipt, `zone` the store's.
    """

    store: str
    subscription: str
    document: str
    evidence: str
    signed_at: datetime
    zone: str
    documents: tuple[TermsDocument, ...]


DRAW_UP_CONTRACT = ActivityRef("draw_up_contract", ContractRequest, ContractDrawn)


DRAW_UP_SIGNED_COPY = ActivityRef("draw_up_signed_copy", SignedCopyRequest, ContractDrawn)

"""Bodies of requests about subscriptions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from api.fields import (
    Body,
    EmailAddress,
    LanguageCode,
    Line,
    Name,
    PurchaseOrderNumber,
    Reason,
    Sha256,
    example,
)
from api.v1.orders.bodies import PaymentMethod
from jalon.domain.terms import SEATS_AT_MOST
from jalon.domain.texts import has_letter


def _signed(name: str) -> str:
    if not has_letter(name):
        raise ValueError("is the name of a person: it holds a letter at least")
    return name


SignerName = Annotated[Name, AfterValidator(_signed)]
SeatNumber = Annotated[int, Field(ge=1, le=1_000_000)]
TransferNumber = Annotated[int, Field(ge=1, le=1_000_000)]


_DOCUMENT = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_SIGNER = {"name": "Ada Martin", "title": "Director", "authorised": True}


class Signer(Body):
    """The person who signs; `authorised` declares that the person may sign for the customer."""

    name: SignerName
    title: Line | None = None
    authorised: Literal[True]


class Activate(Body):
    """The click on Activate. Where the click is the signature (X1), a signer and the hash of the document are needed."""

    model_config = example(signer=_SIGNER, document_sha256=_DOCUMENT)

    signer: Signer | None = None
    document_sha256: Sha256 | None = None


class Sign(Body):
    """The signature under the document; `document_sha256` is the subscription's `document.sha256` of the document that was read."""

    model_config = example(signer=_SIGNER, document_sha256=_DOCUMENT)

    signer: Signer
    document_sha256: Sha256


class AssignSeat(Body):
    """Assigns a seat to a person: the first free one, or the one named (T1, H21)."""

    model_config = example(email="grace@example.com", name="Grace Dupont", language="fr", seat=1)

    email: EmailAddress
    name: Name
    language: LanguageCode | None = None
    seat: SeatNumber | None = None


class ReassignSeat(Body):
    """Gives a seat to another person (D3, H22). Support says why in `reason`."""

    model_config = example(email="grace@example.com", name="Grace Dupont", language="fr")

    email: EmailAddress
    name: Name
    language: LanguageCode | None = None
    reason: Reason | None = None


class KeepSeats(Body):
    """Names who stays at a renewal with fewer seats, by the number of the seat (X25)."""

    model_config = example(seats=[1, 3])

    seats: Annotated[list[SeatNumber], Field(max_length=SEATS_AT_MOST)]


class TransferAdmin(Body):
    """Names the next admin: a listed user by their `seat`, who takes over at once, or a person by `email` and `name` (P11, X11)."""

    model_config = example(email="grace@example.com", name="Grace Dupont", language="fr")

    seat: SeatNumber | None = None
    email: EmailAddress | None = None
    name: Name | None = None
    language: LanguageCode | None = None

    @model_validator(mode="after")
    def _one_person(self) -> TransferAdmin:
        by_seat = self.seat is not None and self.model_fields_set == {"seat"}
        by_address = self.seat is None and self.email is not None and self.name is not None
        if not (by_seat or by_address):
            raise ValueError("name one person: either by seat alone, or by email and name")
        return self


class StopRenewal(Body):
    """Switches automatic renewal off (D16). `reason` is required where the subscription says `stop_needs_reason` (H24)."""

    model_config = example(reason="The project ends with the term.")

    reason: Reason | None = None


class Because(Body):
    """Why it is done; support, who acts for the customer, says it always."""

    model_config = example(reason="The customer asked on the telephone.")

    reason: Reason | None = None


class TellRenewal(Body):
    """How support told the customer of the renewal, where no notice reached them (X16); `note` says more, and is why in the audit."""

    model_config = example(how="letter", note="Registered letter RK 123 456 789 FR, posted today.")

    how: Literal["letter", "email", "telephone", "in_person"]
    note: Reason | None = None


class ChangeSubscription(Body):
    """Changes the purchase-order number or the payment method (P9); a request contains one of them."""

    model_config = example(purchase_order_number="PO-2026-002")

    purchase_order_number: PurchaseOrderNumber | None = None
    payment_method: PaymentMethod | None = None

    @model_validator(mode="after")
    def _one_change(self) -> ChangeSubscription:
        given = self.model_fields_set
        if len(given) != 1 or (given == {"payment_method"} and self.payment_method is None):
            raise ValueError("change one thing a request: either purchase_order_number or payment_method")
        return self

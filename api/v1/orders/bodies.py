"""Bodies of requests about orders."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, WithJsonSchema, model_validator

from api.fields import (
    Body,
    Code,
    EmailAddress,
    Form,
    LanguageCode,
    Line,
    Name,
    PurchaseOrderNumber,
    Reason,
    StoreId,
    Token,
    example,
)
from api.v1.orders import questionnaire

LINES_AT_MOST = 50
QUANTITY_AT_MOST = 1_000_000


class Buyer(Body):
    """The person who buys, identified in the store by the e-mail address. The default of `language` is the store's."""

    email: EmailAddress
    name: Name
    company: Name | None = None
    language: LanguageCode | None = None


class CartLine(Body):
    """One wanted line, e.g. 3 of a product for a year (`P1Y`)."""

    sku: Code
    quantity: Annotated[int, Field(ge=-QUANTITY_AT_MOST, le=QUANTITY_AT_MOST)]
    term: Code
    licence_kind: Code = "individual"


Region = Annotated[str, Form(r"[A-Z]{2}-[A-Z0-9]{1,3}", "is an ISO 3166-2 code, as in UA-30")]
CartLines = Annotated[list[CartLine], Field(max_length=LINES_AT_MOST)]


_LINE = {"sku": "anchor-design-premium", "quantity": 1, "term": "P1Y", "licence_kind": "individual"}


class OpenOrder(Body):
    """Opens a cart. The catalog lists what a store sells to whom, and for which terms."""

    model_config = example(
        store="your-store",
        buyer={
            "email": "ada@example.com",
            "name": "Ada Martin",
            "company": "Bureau Martin",
            "language": "fr",
        },
        country="FR",
        audience="design_office",
        currency="EUR",
        lines=[_LINE],
    )

    store: StoreId
    buyer: Buyer
    country: Code
    audience: Code
    currency: Code
    lines: CartLines


class ChangeOrder(Body):
    """Changes a cart. Given fields replace the former values; at least one field is required."""

    model_config = example(lines=[_LINE | {"quantity": 3}])

    buyer: Buyer | None = None
    country: Code | None = None
    audience: Code | None = None
    currency: Code | None = None
    lines: CartLines | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> ChangeOrder:
        if not self.model_dump(exclude_none=True):
            raise ValueError("name at least one of buyer, country, audience, currency, lines")
        return self


class AnswerCertificate(Body):
    """The answers to the end-use questionnaire `euc-v1`, by question (T5, T6)."""

    model_config = example(answers=questionnaire.EXAMPLE)

    # The certificate itself judges the answers, so that all violations are reported at once, each with its rule.
    answers: Annotated[dict[str, Any], WithJsonSchema(questionnaire.answers_schema())]


class PaymentMethod(Body):
    """How to pay: a kind that the audience may use, and the token of the payment provider; never a card number."""

    kind: Code
    token: Token


class BillingAddress(Body):
    """The billing address. It is stored under the buyer's own key; orders carry a reference.

    `region` (ISO 3166-2, `UA-30`) is required in a country of which export rules name regions.
    """

    lines: Annotated[list[Line], Field(min_length=1, max_length=6)]
    postal_code: Line | None = None
    city: Line | None = None
    region: Region | None = None
    country: Code


class PlaceOrder(Body):
    """Confirms a cart. Missing fields are refused together with all other violations."""

    model_config = example(
        terms_accepted=True,
        export_control_accepted=True,
        payment_method={"kind": "card", "token": "card_ok"},
        billing_address={"lines": ["1 rue de la Paix", "75002 Paris"], "country": "FR"},
        purchase_order_number="PO-2026-001",
    )

    terms_accepted: bool = False
    export_control_accepted: bool = False
    payment_method: PaymentMethod | None = None
    billing_address: BillingAddress | None = None
    purchase_order_number: PurchaseOrderNumber | None = None


class CancelOrder(Body):
    """Cancels the order."""

    model_config = example(reason="The project was put off.")

    reason: Reason

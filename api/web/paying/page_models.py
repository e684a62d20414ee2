"""The content of the pages of payment as plain values. Deadlines are first CLOSED instants (G1); instants are aware UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from api.web.hosted.page_models import Form
from api.web.paying.debts import Occasion, State
from jalon.domain.money import Money
from jalon.integrations.mail.formats import Language
from jalon.integrations.mail.renderer import StoreIdentity

Problem = Literal["nothing_given", "unreachable", "offer_changed", "out_of_date"]
Shown = State | Literal["change"]


@dataclass(frozen=True, slots=True)
class PaymentPage:
    """What is to be paid, and the ways to pay it.

    `state` is that of the debt, or "change" where a card is changed and nothing is owed. `form` begins the way to the provider's page,
    where another card can be given. `bank_url` is where a payment is confirmed, by the buyer's bank. `portal_url` and `contract_url` are
    the ways on; `home` leads back to the subscription for a reader who is signed in.
    """

    template: ClassVar[str] = "hosted/payment"
    language: Language
    store: StoreIdentity
    state: Shown
    occasion: Occasion
    amount: Money | None
    product: str
    more_lines: int
    order_number: str
    settle_by: datetime | None = None
    code: str | None = None
    form: Form | None = None
    bank_url: str | None = None
    portal_url: str | None = None
    contract_url: str | None = None
    home: str | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class DeparturePage:
    """The way to the page of the payment provider, at `url`, for a browser that does not go there by itself."""

    template: ClassVar[str] = "hosted/departure"
    language: Language
    store: StoreIdentity
    order_number: str
    url: str

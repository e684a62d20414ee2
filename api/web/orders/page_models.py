"""The content of the pages of an order as plain values. Deadlines are first CLOSED instants (G1); instants are aware UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal

from api.web.hosted.page_models import Form, TermsLink
from api.web.orders.questionnaire import Field
from api.web.orders.states import LineStanding, Standing
from api.web.portal.page_models import PortalView
from jalon.domain.emails import Milestone
from jalon.domain.money import Money

Paid = Literal["nothing", "returned", "unknown"]
CertificateState = Literal["open", "answered", "not_needed", "late", "over", "others"]


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line of an order. `standing` is None before the order was accepted.

    `contract_url` leads to its contract, `portal_url` to its page at the portal, for whoever signs in there.
    """

    product: str
    quantity: int
    licence_kind: str
    term: str
    price: Money | None = None
    amount: Money | None = None
    standing: LineStanding | None = None
    contract_url: str | None = None
    portal_url: str | None = None


@dataclass(frozen=True, slots=True)
class OrderPage(PortalView):
    """Where an order stands, for its buyer: what it waits for, and who has to do what until when.

    `act_url` is where the buyer does what the order waits for: the certificate, or the bank. `cause` is the event with which a cancelled
    order ended. `paid` is what became of money that an order took which ended without a purchase. `late_contact` answers for a delay (T10).
    """

    template: ClassVar[str] = "hosted/order"
    order_number: str
    purchase_order_number: str | None
    standing: Standing
    lines: tuple[ShownLine, ...]
    total: Money | None
    terms: tuple[TermsLink, ...]
    late_contact: str
    milestones: tuple[Milestone, ...] = ()
    act_url: str | None = None
    cause: str = ""
    paid: Paid = "nothing"
    line_delayed: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Questions that stand together under a legend."""

    key: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class CertificatePage(PortalView):
    """The end-use certificate (T5, T6): a form while it can be answered, else why it cannot.

    `state`: "open" until `until` · "answered" at `at` · "not_needed" · "late" (closed at `until`) · "over" with its order · "others" (the
    link of somebody who is not the buyer). `asked_again`: the cart has changed what the former answers were about (X19). `saved`: the
    answers were kept for later, or to go on with the section `saved_before`. `done`: they have just been sent. `countries` are the codes
    with their names, by name; `ruled` are those of which a rule names regions.
    """

    template: ClassVar[str] = "hosted/certificate"
    order_number: str
    state: CertificateState
    order_url: str
    trade_compliance: str
    form: Form = field(default_factory=lambda: Form(""))
    sections: tuple[Section, ...] = ()
    countries: tuple[tuple[str, str], ...] = ()
    ruled: frozenset[str] = frozenset()
    until: datetime | None = None
    at: datetime | None = None
    asked_again: bool = False
    saved: bool = False
    saved_before: str = ""
    done: bool = False
    out_of_date: bool = False

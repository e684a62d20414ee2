"""The content of each hosted page as plain values. Deadlines are first CLOSED instants (G1); instants are aware UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from jalon.domain.emails import Milestone
from jalon.domain.money import Money
from jalon.domain.projections import VoidCause
from jalon.domain.terms import ActivationStep
from jalon.integrations.mail.formats import Language
from jalon.integrations.mail.renderer import StoreIdentity

Step = ActivationStep
TransferState = Literal["open", "accepted", "lapsed", "called_off", "ended", "held", "refused"]
Problem = Literal["signer_name_missing", "signer_title_unreadable", "consent_missing", "out_of_date"]


@dataclass(frozen=True, slots=True)
class Form:
    """The address to which a page's form is posted, and its hidden fields (a token against forged posts, a version)."""

    action: str
    hidden: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TermsLink:
    """One layer of the terms that the contract is under, with the address of its page."""

    layer: str
    version: str
    url: str


@dataclass(frozen=True, slots=True)
class TermsPage:
    """The text of terms of sale in one language, as people read it (T11, T12).

    `others` are the addresses of the same page by language; `former_terms` is who sends earlier versions.
    """

    language: Language
    store: StoreIdentity
    title: str
    layer: str
    version: str
    text: str
    text_language: str
    sha256: str
    former_terms: str
    others: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ContractPage:
    """The contract of one subscription.

    `state`: "awaiting" the current `step` · "working" (all steps done, activation under way) · "payment" (signed, charge to be settled at
    `payment_url`) · "active" · "ended" at `ended_at` · "expired" (P5), for the reason `cause`: not done, or not paid, until `expired_by`;
    or cancelled. `refunded` is what goes back then. `document_url` serves the exact bytes with the hash `document_sha256`; the page frames
    it, so it must allow 'self'. The form posts `step`, and for a signature `signer_name`, `signer_title`, `consent` ("yes"), which the page
    gives back with its `problems`. `click_is_signature` asks for both at the activation step (X1). `charge_on_activation` is the amount
    charged then. The current step is number `step_number` of `step_count`.
    Once `signed`, `document_url` serves the copy that shows the signature. `returning`: the page goes on to the shop by itself (H5).
    `calendar_url` is the file of the deadline.
    """

    language: Language
    store: StoreIdentity
    state: Literal["awaiting", "working", "payment", "active", "ended", "expired"]
    product: str
    quantity: int
    order_number: str
    activate_by: datetime | None
    document_url: str
    document_sha256: str
    form: Form
    step: Step | None = None
    click_is_signature: bool = False
    charge_on_activation: Money | None = None
    milestones: tuple[Milestone, ...] = ()
    step_number: int = 1
    step_count: int = 1
    signed: bool = False
    terms: tuple[TermsLink, ...] = ()
    signer_name: str = ""
    signer_title: str = ""
    consented: bool = False
    problems: tuple[Problem, ...] = ()
    payment_url: str | None = None
    portal_url: str | None = None
    ended_at: datetime | None = None
    cause: VoidCause = VoidCause.NOT_ACTIVATED
    expired_by: datetime | None = None
    refunded: Money | None = None
    returning: bool = False
    calendar_url: str | None = None


@dataclass(frozen=True, slots=True)
class InvitationPage:
    """An invitation to a seat (T2, T3), for the person of this `name`.

    `state`: "open" · "accepted" · "expired" (its time ran out) · "gone" (taken back, or offered anew) · "ended" (the subscription).

    `accept_by` is until when it is or was open; None where that is not known yet, and where it ended before its time ran out. `owner` and
    `owner_email` are whom to ask, empty where their data was erased. `portal_url` leads to the sign-in.
    """

    language: Language
    store: StoreIdentity
    state: Literal["open", "accepted", "expired", "gone", "ended"]
    product: str
    order_number: str
    accept_by: datetime | None
    form: Form
    name: str = ""
    owner: str = ""
    owner_email: str = ""
    portal_url: str = ""


@dataclass(frozen=True, slots=True)
class TransferPage:
    """A transfer of the administration, for the person who was asked to take over (X11).

    `state`: "open" until `accept_by` · "accepted" · "lapsed" at `accept_by` · "held", agreed and being processed, and "refused" after it
    (X19) · "called_off", also where the e-mail came back · "ended" (the subscription).
    `asked_by` is the admin's name. `portal_url` leads to the subscription once it is accepted.
    """

    language: Language
    store: StoreIdentity
    state: TransferState
    product: str
    quantity: int
    order_number: str
    accept_by: datetime | None
    form: Form
    asked_by: str = ""
    renews_at: datetime | None = None
    renewal_amount: Money | None = None
    term_end: datetime | None = None
    portal_url: str | None = None


@dataclass(frozen=True, slots=True)
class PassedOnPage:
    """The page of a link of whoever was the admin and is it no more (H12). `document_url` is the contract that they signed."""

    language: Language
    store: StoreIdentity
    product: str
    order_number: str
    document_url: str | None = None


@dataclass(frozen=True, slots=True)
class MessagePage:
    """A page with one message (T15). `store` is None where the link does not identify a store.

    `reference` is the id by which support finds the request. Where there is no store, the `contacts` are those of each store, else
    `support` is the installation's contact.
    """

    language: Language
    kind: Literal["link_invalid", "not_found", "working", "error"]
    reference: str
    store: StoreIdentity | None = None
    support: str | None = None
    contacts: tuple[StoreIdentity, ...] = ()


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """The description of one error code (T15). `example` holds the fields that all answers with this code share."""

    language: Language
    store: StoreIdentity
    code: str
    title: str
    cause: str
    way_out: str
    statuses: tuple[int, ...]
    rule: str | None
    example: str


@dataclass(frozen=True, slots=True)
class ErrorListPage:
    """Every error code with its title, by area."""

    language: Language
    store: StoreIdentity
    areas: Mapping[str, Mapping[str, str]]

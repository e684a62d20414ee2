"""The content of each page of the portal as plain values. Deadlines are first CLOSED instants (G1); instants are aware UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal

from api.web.hosted.page_models import Form, TermsLink
from jalon.domain.emails import Milestone
from jalon.domain.projections import OrderProjection, SubscriptionProjection
from jalon.integrations.mail.formats import Language
from jalon.integrations.mail.renderer import StoreIdentity

SignInProblem = Literal["email_wrong", "code_wrong", "code_over"]
TransferProblem = Literal["user_gone", "email_wrong", "name_wrong", "already_admin"]
Warned = Literal["reason_missing", "reason_unreadable", "number_unreadable", "refused", "out_of_date"]


@dataclass(frozen=True, slots=True)
class PortalView:
    """What every page of the portal has: the reader's language, and the store."""

    language: Language
    store: StoreIdentity


@dataclass(frozen=True, slots=True)
class SignInPage(PortalView):
    """The e-mail address, then the code that went there (P3).

    `email` is None until one was given; `typed` is what was written that is none. `then` is the page that follows. `confirms`: somebody
    who is signed in gives a code again; `pending` are then the fields of the form that goes on with it, at `action`. Their code can be
    given until `code_over_at`, None where none can; it was `sent` just now, or before. `again_at`: none more can be sent before that.
    """

    template: ClassVar[str] = "portal/sign_in"
    base: str
    email: str | None = None
    typed: str = ""
    then: str = ""
    problem: SignInProblem | None = None
    minutes: int = 10
    confirms: bool = False
    action: str = ""
    pending: Mapping[str, str] = field(default_factory=dict)
    code_over_at: datetime | None = None
    sent: bool = False
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A subscription or an order of the list, with the address of its page. `milestones` are the pole of a subscription."""

    url: str
    subscription: SubscriptionProjection | None = None
    order: OrderProjection | None = None
    milestones: tuple[Milestone, ...] = ()


@dataclass(frozen=True, slots=True)
class Used:
    """Software of which a person has a seat of somebody else's subscription, or is invited to one until `open_until`.

    Nothing of the owner's money or renewal. `owner` and `owner_email` are whom to ask, empty where their data was erased;
    `invitation_url` is where an invited person sets up the access. `leaves_at`: when the seat is lost, as it stands (X25).
    """

    product: str
    owner: str
    owner_email: str
    invitation_url: str | None = None
    open_until: datetime | None = None
    leaves_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HomePage(PortalView):
    """Everything that a person has at a store: `orders` are under way, `earlier` ones completed.

    `more`, `more_orders` and `more_earlier` lead to older ones of each list; `is_paged`: this page is not the first one of all lists.
    `elsewhere` is the same page on the site of the country of registration, where that is another one (P13), `country` its code.
    `done` is what the person has just done.
    """

    template: ClassVar[str] = "portal/home"
    base: str
    person: str
    email: str
    now: datetime
    subscriptions: tuple[Listed, ...] = ()
    used: tuple[Used, ...] = ()
    orders: tuple[Listed, ...] = ()
    earlier: tuple[Listed, ...] = ()
    elsewhere: str | None = None
    country: str = ""
    more: str | None = None
    more_orders: str | None = None
    more_earlier: str | None = None
    is_paged: bool = False
    done: Literal["passed_on"] | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of what happened so far; a stop or a resumption has the number of its `receipt`."""

    at: datetime
    event: str
    receipt: str | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionPage(PortalView):
    """One subscription with everything that its reader may do (P2, P9).

    `actions` are those that the server would take now, of those that the reader may do here; `signs_in` is where the rest can be done, for
    a reader who came by the link of an e-mail. `contract_url` leads to the contract. `done` is what was just done, under the number
    `receipt` where it has one; `terms` are the terms of sale of the running term. `transfer_to` is who was asked to take over,
    and `transfer_unreached` their address where an e-mail to it came back. `number` is what stands in the field of the purchase-order
    number.
    """

    template: ClassVar[str] = "portal/subscription"
    base: str
    home: str | None
    subscription: SubscriptionProjection
    now: datetime
    form: Form
    actions: frozenset[str] = frozenset()
    milestones: tuple[Milestone, ...] = ()
    happened: tuple[Happened, ...] = ()
    contract_url: str | None = None
    signs_in: str | None = None
    done: str | None = None
    problem: Warned | None = None
    seats_used: int = 0
    receipt: str | None = None
    transfer_to: str | None = None
    number: str = ""
    transfer_unreached: str | None = None
    terms: tuple[TermsLink, ...] = ()


@dataclass(frozen=True, slots=True)
class StopPage(PortalView):
    """Stopping the renewal (H24): the reason, then one warning, whose own button alone takes effect.

    `data_until` is the first closed instant of the data's retention, were it stopped now (X4).
    """

    template: ClassVar[str] = "portal/stop"
    base: str
    subscription: SubscriptionProjection
    form: Form
    needs_reason: bool
    data_until: datetime
    reason: str = ""
    warns: bool = False
    problem: Warned | None = None


@dataclass(frozen=True, slots=True)
class ReceiptPage(PortalView):
    """The receipt of a switch of the renewal, to keep: `event` is what was asked for, received `at`."""

    template: ClassVar[str] = "portal/receipt"
    base: str
    subscription: SubscriptionProjection
    receipt: str
    event: Literal["renewal_stopped", "renewal_resumed"]
    at: datetime
    reason: str | None = None
    data_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class User:
    """A user of a subscription, by the number of their seat."""

    seat: int
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Successor:
    """Who is to be the admin: a listed user at once, or without a `seat` a person who accepts first (X11)."""

    name: str
    email: str
    language: str
    seat: int | None = None


@dataclass(frozen=True, slots=True)
class TransferFormPage(PortalView):
    """The transfer of the administration: a user or a new person is chosen, checked, and confirmed (H13).

    `users` are the first hundred, `more_users` where there are more. `successor` is who is to be checked; a new person can accept until
    `accept_by` then. `filled` and `problems` are those of the form sent before. `holds_seat`: the admin uses a licence, too.
    """

    template: ClassVar[str] = "portal/transfer"
    base: str
    subscription: SubscriptionProjection
    form: Form
    users: tuple[User, ...] = ()
    more_users: bool = False
    languages: Mapping[str, str] = field(default_factory=dict)
    successor: Successor | None = None
    accept_by: datetime | None = None
    holds_seat: bool = False
    filled: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[TransferProblem, ...] = ()

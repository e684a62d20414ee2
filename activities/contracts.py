"""What workflows and activities say to each other: typed references, requests and answers.

Import-thin, since workflows import this module. No personal data passes here, only party ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from jalon.domain.compliance.export import ScreeningOutcome
from jalon.domain.money import Money
from jalon.domain.order import Cart, Placement
from jalon.domain.terms import CartTerms, LineTerms, OrderTerms, StoreTerms
from jalon.domain.transition import Transition
from jalon.domain.violations import Violation

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class ActivityRef(Generic[Asked, Answer]):
    """The name of an activity with the types that go in and come out."""

    name: str
    asked: type[Asked]
    answer: type[Answer]


# -- records -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recorded:
    """The epoch the transition was recorded in; it rises when a reset took another course."""

    epoch: int


@dataclass(frozen=True)
class ClosingCheck:
    """Asks for what a closing must know before it closes: receipts still to apply, and our downtime around it (G3, G7)."""

    store: str
    entity: str
    live: bool
    closes_at: datetime


@dataclass(frozen=True)
class ReceivedCommand:
    """A receipt as the workflow hears it; it was recorded `after` so many transitions of the entity."""

    id: str
    seq: int
    command: str
    at: datetime
    body: dict[str, Any]
    actor: str
    role: str
    after: int = 0


@dataclass(frozen=True)
class ClosingFacts:
    """Pending receipts in receipt order, and outages of the API as (from, to). `api_silent`: no API process has sent a heartbeat for
    a while, too short to be an outage yet."""

    pending: tuple[ReceivedCommand, ...]
    outages: tuple[tuple[datetime, datetime], ...]
    api_silent: bool


@dataclass(frozen=True)
class RestNote:
    """Whether a sandbox store's entity has effects under way; the test clock waits while it has."""

    store: str
    entity: str
    busy: bool


# -- policy ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CartQuestion:
    """Asks the store's policy about an order's cart, or about placing it for the `turn`-th time when `placement` is given.
    The same `receipt` gets the same answer, also after a reset and from an edited store file."""

    store: str
    order: str
    receipt: str
    cart: Cart
    at: datetime
    placement: Placement | None = None
    turn: int = 0


@dataclass(frozen=True)
class CartAnswer:
    """All violations at once; without any, the terms a cart lives by, its products and total, and for a placement the frozen terms."""

    violations: tuple[Violation, ...]
    store: StoreTerms | None = None
    cart: CartTerms | None = None
    order: OrderTerms | None = None
    products: tuple[str, ...] = ()
    total: Money | None = None


@dataclass(frozen=True)
class RenewalQuestion:
    """Asks for the terms in force at `at` for the `term`-th term of a subscription (G6, T11).

    `announced` asks only what they would be, for the renewal notice; nothing is frozen.
    """

    store: str
    subscription: str
    term: int
    line: LineTerms
    at: datetime
    announced: bool = False


@dataclass(frozen=True)
class RenewalAnswer:
    """The line on the terms now in force, or as before when the store no longer sells it."""

    line: LineTerms
    store: StoreTerms


@dataclass(frozen=True)
class PartyQuestion:
    """Asks whether a person had an identity at the store by `at` (T1)."""

    store: str
    party: str
    at: datetime


@dataclass(frozen=True)
class PartyAnswer:
    """Whether the person had an identity."""

    has_identity: bool


@dataclass(frozen=True)
class IdentityRequest:
    """A completed set-up: the person has an identity from `at` on (T1, T2)."""

    store: str
    party: str
    at: datetime


@dataclass(frozen=True)
class Done:
    """The effect happened; nothing to tell."""


@dataclass(frozen=True)
class ScreeningRequest:
    """Screens the parties of a certificate kept as a personal record; without one, the buyer alone. `countries` are those of
    the buyer and of the addresses."""

    store: str
    order: str
    buyer: str
    countries: tuple[str, ...]
    certificate: str | None
    terms: OrderTerms


# -- money -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PaymentRequest:
    """One payment occurrence; `generation` rises only by a durable decision.

    `purpose` is charge, mandate, refund, release (gives a mandate back), withdraw (ends a charge that waits for
    the buyer) or find (what became of the payment of the purpose that `reference` names).
    """

    store: str
    entity: str
    purpose: str
    cycle: int
    generation: int
    amount: Money
    method: str
    at: datetime
    reference: str | None = None


@dataclass(frozen=True)
class PaymentOutcome:
    """`state` is succeeded, declined or action_required; `code` says why it was declined, `url` where the buyer acts."""

    state: str
    at: datetime
    reference: str | None = None
    code: str | None = None
    url: str | None = None


# -- mail and documents ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MailRequest:
    """One e-mail. `occurrence` names the business occurrence within the entity ("seat-7/invitation-2"), never an attempt.

    `fields` are those of the e-mail's dataclass in `jalon.domain.emails`; `link` names what a signed link in it opens; `about` is a
    person the e-mail is about, other than its reader; `support` the product's own route to help (T14).
    """

    store: str
    entity: str
    occurrence: str
    template: str
    fields: dict[str, Any]
    party: str
    at: datetime
    live: bool
    link: str | None = None
    link_subject: str = ""
    about: str | None = None
    support: str | None = None


@dataclass(frozen=True)
class MailOutcome:
    """When the server accepted it (store time), or the code with which it refused for good."""

    sent_at: datetime
    refusal: str | None = None


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


@dataclass(frozen=True)
class PurgeRequest:
    """Destroys what a subscription kept for its customer once its retention is over (D17, X4)."""

    store: str
    subscription: str
    at: datetime


@dataclass(frozen=True)
class Walk:
    """Names one advance of a store's test clock."""

    store: str
    advance: str


RECORD = ActivityRef("record_transition", Transition, Recorded)
CHECK_CLOSING = ActivityRef("check_closing", ClosingCheck, ClosingFacts)
REST = ActivityRef("note_rest", RestNote, Done)
ASK_POLICY = ActivityRef("ask_policy", CartQuestion, CartAnswer)
RENEWAL_TERMS = ActivityRef("renewal_terms", RenewalQuestion, RenewalAnswer)
FIND_IDENTITY = ActivityRef("find_identity", PartyQuestion, PartyAnswer)
SET_UP_IDENTITY = ActivityRef("set_up_identity", IdentityRequest, Done)
DRAW_UP_CONTRACT = ActivityRef("draw_up_contract", ContractRequest, ContractDrawn)
PURGE = ActivityRef("purge", PurgeRequest, Done)
SCREEN = ActivityRef("screen", ScreeningRequest, ScreeningOutcome)
PAY = ActivityRef("pay", PaymentRequest, PaymentOutcome)
SEND_MAIL = ActivityRef("send_mail", MailRequest, MailOutcome)
WALK = ActivityRef("walk", Walk, Done)

"""The overview of an order or a subscription, as an answer. Instants have the store's offset."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic.dataclasses import dataclass

from api.http.answers import ANSWER, Answer, KindName, Person, StandingName, StatusName
from api.v1.support.waits import Turn
from api.v1.timelines.answers import DatedEntry, StoppedStep
from jalon.domain.money import Money
from jalon.domain.statuses import OrderStatus, SubscriptionStatus

PaidState = Literal[
    "nothing", "free", "mandate", "captured", "declined", "action_required", "pending", "giving_back", "given_back"
]  # fmt: skip
MailState = Literal["accepted", "refused", "bounced", "intent", "parked"]


class Wait(Answer):
    """What is waited for, whose turn it is, since when and until when. `until` is the first closed instant of the rule's deadline."""

    code: str
    words: str
    turn: Turn
    turn_words: str
    since: datetime | None
    until: datetime | None
    until_words: str | None
    rule: str | None


class NextStep(Answer):
    """What happens next by itself. `at` is None where no date is set for it."""

    what: str | None
    words: str
    at: datetime | None
    rule: str | None
    protects: str | None
    entity: str


class PaidSoFar(Answer):
    """What became of money, of the latest attempt. A declined one has its `code`, and the reason in the words."""

    words: str
    state: PaidState
    amount: Money | None
    at: datetime | None
    code: str | None


class LastMail(Answer):
    """The last e-mail that matters for the present wait, and whether it arrived. `id` is None while no mail server was asked."""

    id: str | None
    words: str
    name: str
    template: str
    state: MailState
    to: Person | None
    at: datetime | None
    entity: str


class Cancelling(Answer):
    """Whether the customer can cancel now, by the workflow's own decision. `until` is the first instant at which it is too late."""

    possible: bool
    words: str
    until: datetime | None
    rule: str | None


class Band(Answer):
    """One band of the pole. `label` and `when` are words; `at` is when it was reached, or until when it can be."""

    milestone: str
    state: Literal["reached", "awaited", "held"]
    label: str
    when: str
    at: datetime | None


@dataclass(frozen=True, kw_only=True, config=ANSWER)
class SpokenEntry(DatedEntry):
    """An agenda entry with its words."""

    words: str


class Party(Answer):
    """A person in their role: buyer, admin, new_admin or held."""

    role: Literal["buyer", "admin", "new_admin", "held"]
    person: Person


class MoneyLine(Answer):
    """One row of the ledger of payments, at the store's time."""

    entity: str
    purpose: str
    state: str
    amount: Money
    code: str | None
    provider: str
    reference: str | None
    term: int
    at: datetime


class MoneySummary(Answer):
    """What it costs and what moved: the total of an order, or the amount of a term; what is `captured` and `refunded` in all."""

    total: Money | None
    renewal: Money | None
    captured: Money | None
    refunded: Money | None
    moves: list[MoneyLine]


class KeptTerms(Answer):
    """Terms that bind: those of a placement, or of a term, with the hash of the policy in force."""

    entity: str
    occurrence: str
    version: str | None
    sha256: str | None
    policy_hash: str | None
    documents: list[str]
    recorded_at: datetime


class Seats(Answer):
    """The seats of a subscription: all of them, those that somebody has, and those that wait for somebody who is invited or checked."""

    total: int
    assigned: int
    reserved: int


class Bought(Answer):
    """What was bought: a subscription, or one line of an order. `words` say it in one line. Only a subscription whose users are managed
    has `seats`.
    """

    words: str
    sku: str
    product: str | None
    quantity: int
    term: str
    licence_kind: str
    seats: Seats | None


class Act(Answer):
    """Something that a caller may do to the entity. `needs` are the fields of its request; `why_not` says why it is not allowed now.

    `preview` says what it would do. `method` and `path` are those of the API; a path with a `{…}` wants a value first.
    """

    name: str
    label: str
    allowed: bool
    why_not: str | None
    preview: str
    needs: list[str]
    roles: list[str]
    method: str
    path: str


class Links(Answer):
    """Where else it can be looked at: its workflow at the engine, and the trace of its latest request."""

    temporal: str | None
    trace: str | None


class Related(Answer):
    """Another entity of the same order."""

    id: str
    kind: KindName
    number: str
    status: OrderStatus | SubscriptionStatus
    standing: StandingName
    product: str | None


class Overview(Answer):
    """What support needs of an order or a subscription with its customer on the line.

    `sentence` may be read out to the customer as it is; all other words are for staff. `also` are further waits beside the first.
    `stopped` are parked and stalled steps.
    `recoveries` is how many requests to put another admin in wait for a decision. `mark` changes with everything that is told here; who
    awaits a change names it (GET /v1/support/changes/{id}).
    """

    id: str
    kind: KindName
    store: str
    number: str
    purchase_order_number: str | None
    status: StatusName
    standing: StandingName
    buys: list[Bought]
    zone: str
    clock: Literal["live", "test"]
    now: datetime
    language: Literal["en", "fr"]
    sentence: str
    waits: Wait | None
    also: list[Wait]
    next: NextStep
    paid: PaidSoFar
    mail: LastMail | None
    cancel: Cancelling
    pole: list[Band]
    agenda: list[SpokenEntry]
    stopped: list[StoppedStep]
    parties: list[Party]
    money: MoneySummary
    terms: list[KeptTerms]
    actions: list[Act]
    links: Links
    related: list[Related]
    recoveries: int
    mark: str

"""The shapes of answers, for the interface's description: what is listed here stays, more may come beside it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

Responses = dict[int | str, dict[str, Any]]


class Answer(BaseModel):
    """A JSON object that an answer holds."""

    model_config = ConfigDict(extra="allow")


class MoneyShape(Answer):
    """An amount in major units."""

    amount: str = Field(examples=["1200.00"])
    currency: str = Field(examples=["EUR"])


class ViolationShape(Answer):
    """One thing that is wrong. `pointer` is a JSON pointer into the body, "" for the whole; `rule` a rule id."""

    code: str
    pointer: str
    message: str
    rule: str | None


class ProblemShape(Answer):
    """Every error, whatever it is (application/problem+json). `reference` is what support finds the request by.

    `type` is the address of a page with the cause and the way out; `/problems` lists every code.
    """

    type: str = Field(examples=["https://orders.example.com/problems/activation_window_closed"])
    title: str
    status: int
    code: str
    detail: str
    rule: str | None
    violations: list[ViolationShape]
    support: str
    reference: str


class PersonShape(Answer):
    """A person; one who was erased keeps an id only."""

    id: str
    email: str | None = None
    name: str | None = None
    company: str | None = None
    language: str | None = None


class AgendaShape(Answer):
    """What is to come. `due_at` of what closes a right is the first closed instant; `protects`: customer, vendor or law."""

    due_at: str
    what: str
    rule: str | None
    protects: str
    held: bool


class EntityShape(Answer):
    """What orders and subscriptions have in common. `waiting_for` is a code, `waits_for` the same in words."""

    id: str
    store: str
    status: str
    buyer: PersonShape | None
    waiting_for: str | None
    waits_for: str | None
    agenda: list[AgendaShape]


class OrderShape(EntityShape):
    """An order, from cart to completed."""

    number: str
    country: str | None
    audience: str | None
    currency: str | None
    lines: list[dict[str, Any]]
    total: MoneyShape | None
    purchase_order_number: str | None
    created_at: str | None
    placed_at: str | None


class SubscriptionShape(EntityShape):
    """A subscription: its steps, its term, its renewal, its seats (P2)."""

    order_id: str
    number: str
    purchase_order_number: str | None
    sku: str | None
    product: str | None
    quantity: int | None
    term_start: str | None
    term_end: str | None
    next_renewal_at: str | None
    seats: list[dict[str, Any]]


class PageShape(Answer):
    """A page; `next` is the cursor to send as `after` for the page that follows."""

    data: list[dict[str, Any]]
    has_more: bool
    next: str | int | None


class DataShape(Answer):
    """A list that has no pages."""

    data: list[dict[str, Any]]


class DeferredShape(Answer):
    """Recorded and on its way: ask at `status_url`."""

    request_id: str
    state: str
    status_url: str


class RequestShape(Answer):
    """What became of a write: pending, applied, or refused with its violations."""

    id: str
    state: str
    command: str
    received_at: str
    result: dict[str, Any] | None
    violations: list[ViolationShape]


class TimelineShape(Answer):
    """A life: what happened, what it waits for, and what is to come. Instants carry the offset of the store's zone."""

    id: str
    status: str
    zone: str
    waits_for: str | None
    parked: list[dict[str, Any]]
    agenda: list[AgendaShape]
    timeline: list[dict[str, Any]]


class ClockShape(Answer):
    """A sandbox store's clock, with the events of its last advance."""

    store: str
    now: str
    advancing_to: str | None
    delivered: int
    unsettled: list[str]
    parked: list[str]
    events: list[dict[str, Any]]


class HoldShape(Answer):
    """An export hold with the certificate's answers in the clear."""

    order: OrderShape
    hold: dict[str, Any]
    certificate: dict[str, Any] | None


class EntitlementShape(Answer):
    """Whether a person may use a product now, and through which subscriptions."""

    store: str
    sku: str
    entitled: bool
    subscriptions: list[dict[str, Any]]


class KeyShape(Answer):
    """A key; `token` is shown once, when it is issued."""

    id: str
    person: str
    role: str
    stores: list[str]


PROBLEMS: Responses = {
    "4XX": {
        "description": "The request was not done, and what is wrong with it.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemShape"}}},
    },
    "5XX": {
        "description": "We could not do it; the same request with the same Idempotency-Key may be sent again.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemShape"}}},
    },
}


def _of(model: type[Answer], status: int = 200) -> Responses:
    return {status: {"model": model}}


_LATER: Responses = {
    202: {"model": DeferredShape, "description": "Recorded; the engine could not be reached yet."}
}

ONE_ORDER = _of(OrderShape) | _LATER
ORDER_CREATED = _of(OrderShape, 201) | _LATER
ORDERS = _of(PageShape)
ONE_SUBSCRIPTION = _of(SubscriptionShape) | _LATER
SUBSCRIPTIONS = _of(PageShape)
CONTRACT: Responses = {
    200: {"description": "The exact bytes.", "content": {"text/html": {"schema": {"type": "string"}}}}
}
TIMELINE = _of(TimelineShape)
REQUEST = _of(RequestShape)
PARKED = _of(DataShape)
REPAIRED = _of(EntityShape) | _LATER
OUTAGES = _of(Answer) | _of(Answer, 201)
FOUND = _of(DataShape)
TASKS = _of(DataShape)
HOLDS = _of(DataShape)
HOLD = _of(HoldShape)
CATALOG = _of(DataShape)
STORES = _of(DataShape)
ENTITLEMENT = _of(EntitlementShape)
EVENTS = _of(PageShape)
KEYS = _of(Answer)
KEY_ISSUED = _of(KeyShape, 201)
CLOCK = _of(ClockShape) | _of(ClockShape, 202)
ADVANCED = CLOCK
HEARD = _of(Answer)
READINESS = _of(Answer) | _of(Answer, 503)

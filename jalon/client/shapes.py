"""Bodies and answers by their documented fields; an answer may hold more. Instants are RFC 3339 texts, amounts decimal ones."""

from __future__ import annotations

from typing import Any, Generic, NotRequired, TypedDict, TypeVar

T = TypeVar("T")


class Buyer(TypedDict):
    """The buyer."""

    email: str
    name: str
    company: NotRequired[str | None]
    language: NotRequired[str | None]


class CartLine(TypedDict):
    """One wanted line, as 3 of a product for a year ("P1Y")."""

    sku: str
    quantity: int
    term: str
    licence_kind: NotRequired[str]


class Cart(TypedDict):
    """The body that opens an order."""

    store: str
    buyer: Buyer
    country: str
    audience: str
    currency: str
    lines: list[CartLine]


class CartChange(TypedDict, total=False):
    """Changes to a cart. Given fields replace the former values."""

    buyer: Buyer
    country: str
    audience: str
    currency: str
    lines: list[CartLine]


class PaymentMethod(TypedDict):
    """A kind that the audience may use, and the provider's token; never a card number."""

    kind: str
    token: str


class BillingAddress(TypedDict):
    """The billing address."""

    lines: list[str]
    country: str
    postal_code: NotRequired[str]
    city: NotRequired[str]
    region: NotRequired[str]


class Placement(TypedDict):
    """The body that confirms a cart."""

    terms_accepted: bool
    export_control_accepted: bool
    payment_method: PaymentMethod
    billing_address: BillingAddress
    purchase_order_number: NotRequired[str]


class Signer(TypedDict):
    """The person who signs and declares to be authorised."""

    name: str
    authorised: bool
    title: NotRequired[str]


class Entry(TypedDict):
    """An agenda entry. `due_at` of an entry that closes a right is the first closed instant."""

    due_at: str
    what: str
    rule: str | None
    protects: str
    held: bool


class Entity(TypedDict):
    """The fields that orders and subscriptions share. `result` is the result of the write itself."""

    id: str
    store: str
    number: str
    status: str
    standing: str
    buyer: dict[str, Any] | None
    waiting_for: str | None
    waits_for: str | None
    agenda: list[Entry]
    result: NotRequired[dict[str, Any] | None]


class Order(Entity):
    """An order, from cart to completed. A line has its subscription once the subscription is begun."""

    country: str
    audience: str
    currency: str
    lines: list[dict[str, Any]]
    total: dict[str, str] | None
    payment: dict[str, Any] | None


class Subscription(Entity):
    """A subscription: its steps, its term, its seats, and its open `holds`, each with a `turn`, a `person` and a `seat`."""

    order_id: str
    steps: list[dict[str, Any]]
    document: dict[str, Any]
    signed_document: dict[str, Any] | None
    activation_by: str
    term_number: int
    term_start: str | None
    term_end: str | None
    seats: list[dict[str, Any]]
    seat_count: int
    holds: list[dict[str, Any]]


class Timeline(TypedDict):
    """A timeline: past events, waits and the agenda."""

    id: str
    kind: str
    number: str
    status: str
    standing: str
    zone: str
    waits_for: str | None
    parked: list[dict[str, Any]]
    agenda: list[Entry]
    timeline: list[dict[str, Any]]
    subscriptions: NotRequired[list[dict[str, Any]]]


class Clock(TypedDict):
    """A sandbox store's clock, with the events of its last advance."""

    store: str
    now: str
    advancing_to: str | None
    delivered: int
    unsettled: list[str]
    parked: list[str]
    events: list[dict[str, Any]]


class Hold(TypedDict):
    """An export hold with the answers of its certificate. `subscription` is set where people are held who join it."""

    order: Order
    subscription: Subscription | None
    hold: dict[str, Any]
    certificate: dict[str, Any] | None
    now: str


class Store(TypedDict):
    """A store: whom it sells to, where and in which currencies."""

    id: str
    name: str
    zone: str
    countries: list[str]
    currencies: list[str]
    audiences: list[dict[str, Any]]


class Offer(TypedDict):
    """One product of a catalog."""

    sku: str
    buyable: bool
    terms: list[dict[str, Any]]
    terms_documents: list[dict[str, Any]]
    licence_kinds: list[str]


class Data(TypedDict, Generic[T]):
    """A list without pages."""

    data: list[T]


class Page(Data[T], Generic[T]):
    """Part of a list; `next` is the cursor of the following part."""

    has_more: bool
    next: str | None


class SignInLink(TypedDict):
    """A link that signs its person in at the console once; null where the same request was sent before."""

    url: str | None
    over_at: str


class IssuedKey(TypedDict):
    """A key with its token; null where the same request was sent before."""

    id: str
    person: str
    role: str
    stores: list[str]
    token: str | None


class StuckStep(TypedDict):
    """A step that is stuck. `since` is the store's time, `recorded_at` real time."""

    id: str
    kind: str | None
    store: str
    number: str | None
    status: str | None
    step: str
    since: str
    recorded_at: str
    reason: str | None


class Cause(TypedDict):
    """What stopped steps: `count` of them now, `times_seen` in all. Instants are real time, that of the deadline aside."""

    fingerprint: str
    kind: str
    step: str
    error: str
    provider_code: str | None
    words: str
    way_out: str
    stores: list[str]
    first_seen_at: str
    last_seen_at: str
    release: str | None
    count: int
    times_seen: int
    money: list[dict[str, str]]
    nearest_deadline: dict[str, Any] | None
    note: str | None
    owner: str | None
    ignored: dict[str, Any] | None
    entities: list[StuckStep]


class EmergencyStop(TypedDict):
    """Whether charges or e-mail are stopped in a store. `since`, in real time, is the last change."""

    store: str
    what: str
    stopped: bool
    since: str | None
    actor: str | None
    reason: str | None

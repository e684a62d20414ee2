"""The terms an order is frozen on when it is placed, and again at each renewal (G6, X13).

Durations are ISO 8601 texts as written in the store file ("P90D" calendar days, "PT72H" elapsed, "2BD" business
days, "P1M"/"P1Y" calendar months); `jalon.domain.calendar.durations.Duration.parse` reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from jalon.domain.calendar.calendars import Calendar
from jalon.domain.calendar.durations import Duration
from jalon.domain.money import Money

ActivationStep = Literal["open_contract", "click_activate", "sign"]
"""Every activation step that a policy may name; policy, e-mails and pages take theirs from here. Its words are in the translations."""
ACTIVATION_STEPS: tuple[str, ...] = get_args(ActivationStep)


WithoutNotice = Literal["charge", "wait"]
"""What becomes of a renewal's charge where no notice of it was taken (X16)."""


SEATS_AT_MOST = 1_000
"""The seats of one subscription: with all of them taken, its answers and changes keep within the times of docs/benchmarks.md."""


TRANSFER_WINDOW = Duration.parse("P14D")
"""How long a new person can accept the administration of a subscription, counted from the request (X11)."""


@dataclass(frozen=True, slots=True)
class StoreTerms:
    """The store-wide terms of an entity: its clock, zone, holidays and support contacts."""

    store: str
    name: str
    zone: str
    holidays: tuple[date, ...]
    default_language: str
    support_email: str
    policy_hash: str

    @property
    def calendar(self) -> Calendar:
        """The calendar in which every deadline of this entity is counted (G1, G5)."""
        return Calendar(self.zone, frozenset(self.holidays))


@dataclass(frozen=True, slots=True)
class ExportTerms:
    """Export compliance at order time (T4–T6)."""

    certificate_required: bool
    certificate_window: str
    hold_max: str
    score_review: float
    score_block: float
    destinations: tuple[DestinationRule, ...]


@dataclass(frozen=True, slots=True)
class DestinationRule:
    """One dated destination rule: where its countries, regions and classes meet, `action` is block or hold."""

    countries: tuple[str, ...]
    regions: tuple[str, ...]
    software_classes: tuple[str, ...]
    action: str
    basis: str


@dataclass(frozen=True, slots=True)
class ActivationTerms:
    """`steps` in order, each of ACTIVATION_STEPS; empty: active as soon as begun. `window` counts from the order (P5, P8)."""

    steps: tuple[str, ...]
    window: str | None
    reminders: tuple[str, ...]
    click_is_signature: bool


@dataclass(frozen=True, slots=True)
class RenewalTerms:
    """`stop_until` counts back from the term's end (D15); `notices_before` count back from that cutoff.

    `stop_needs_reason`: a stop without a reason is refused (H24), except for consumers (C1). `notice_task_before` counts back from the
    cutoff too: support has a task from then on where no notice was taken. `without_notice`: whether the charge then waits (X16).
    """

    automatic: bool
    stop_until: str
    notices_before: tuple[str, ...]
    stop_needs_reason: bool = False
    notice_task_before: str = "P7D"
    without_notice: WithoutNotice = "wait"


@dataclass(frozen=True, slots=True)
class NoticeByLaw:
    """The notice that law gives a consumer before the deadline to refuse a renewal (C1), with its source.

    It leaves no more than `earliest` and no less than `latest` before that deadline; `sent` is when it is sent where the store sends
    none in that time.
    """

    earliest: str
    latest: str
    sent: str
    basis: str


@dataclass(frozen=True, slots=True)
class TermsDocument:
    """One layer of the terms of sale in the version in force (T11); `sha256` of the exact bytes archived."""

    layer: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class LineTerms:
    """The terms of one subscription for one term; `product` is the product's name in the buyer's `language`."""

    sku: str
    product: str
    licence_kind: str
    quantity: int
    term: str
    price: Money
    amount: Money
    charge_at: str
    recovery_window: str
    activation: ActivationTerms
    user_management: bool
    seats: int
    invitation_window: str
    renewal: RenewalTerms
    retention: str
    purge_warning_before: str
    software_classes: tuple[str, ...]
    support_email: str
    documents: tuple[TermsDocument, ...]
    language: str | None = None


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """The terms that an order keeps from placement on, whatever changes in the store's file afterwards (G6).

    `consumer`: the buyer's audience was one of consumers, to whom law gives the notice `notice_by_law`, where it does (C1).
    """

    store: StoreTerms
    order_news_within: str
    authentication_window: str
    export: ExportTerms
    lines: tuple[LineTerms, ...]
    total: Money
    sha256: str
    consumer: bool = False
    notice_by_law: NoticeByLaw | None = None


@dataclass(frozen=True, slots=True)
class CartTerms:
    """The terms of a cart before its placement: when its buyer is reminded and when it expires."""

    reminder_after: str
    abandoned_after: str

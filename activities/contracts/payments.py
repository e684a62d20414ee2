"""The requests to the activity of payments, and its answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from activities.contracts.base import ActivityRef
from jalon.domain.money import Money


@dataclass(frozen=True)
class Share:
    """What gives its use of a mandate up: these `lines` (ids of subscriptions), of the number of lines that share the mandate."""

    lines: tuple[str, ...]
    of: int


@dataclass(frozen=True)
class PaymentRequest:
    """One payment occurrence. `generation` rises only by a durable decision.

    `purpose` is charge, mandate, refund, release (gives a mandate back), withdraw (ends a charge that waits for the buyer) or find (looks
    up the payment of the purpose that `reference` names). A release with a `share` waits until all lines have given the mandate up.
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
    share: Share | None = None


@dataclass(frozen=True)
class PaymentOutcome:
    """`state` is succeeded, declined or action_required; `code` is the reason of a decline, `url` the page where the buyer acts."""

    state: str
    at: datetime
    reference: str | None = None
    code: str | None = None
    url: str | None = None


STILL_NEEDED = "still_needed"
"""The code of a release that was not made: other lines of the order still need the mandate."""

PAY = ActivityRef("pay", PaymentRequest, PaymentOutcome)

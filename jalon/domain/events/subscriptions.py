"""What happens to a subscription from its order to the end of its data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from jalon.domain.events.base import STAFF_ONLY, Event


@dataclass(frozen=True, kw_only=True)
class SubscriptionBegun(Event):
    """An order began the subscription for one of its lines."""

    order: str
    sku: str


@dataclass(frozen=True, kw_only=True)
class StepOpenContract(Event):
    """The customer opened the contract, by the e-mail's link or the portal, as `entry` says."""

    rule: ClassVar[str | None] = "H1"
    entry: str


@dataclass(frozen=True, kw_only=True)
class StepClickActivate(Event):
    """The customer clicked Activate, by the e-mail's link or the portal, as `entry` says."""

    rule: ClassVar[str | None] = "H1"
    entry: str


@dataclass(frozen=True, kw_only=True)
class StepSign(Event):
    """The customer signed the contract, by the e-mail's link or the portal, as `entry` says."""

    rule: ClassVar[str | None] = "H1"
    entry: str


@dataclass(frozen=True, kw_only=True)
class ActivationReminded(Event):
    """The customer was reminded to activate."""

    rule: ClassVar[str | None] = "P5"
    days_left: int


@dataclass(frozen=True, kw_only=True)
class SubscriptionVoid(Event):
    """The line became void before it was ever active."""

    cause: str = field(metadata=STAFF_ONLY)


@dataclass(frozen=True, kw_only=True)
class SubscriptionActive(Event):
    """The subscription became active and its first term started."""

    rule: ClassVar[str | None] = "H5"
    term_end: datetime


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderChanged(Event):
    """The customer changed their own number for the purchase."""

    rule: ClassVar[str | None] = "P9"


@dataclass(frozen=True, kw_only=True)
class SubscriptionEnded(Event):
    """The right to use ended; the data stays until `data_until`."""

    rule: ClassVar[str | None] = "D16"
    data_until: datetime


@dataclass(frozen=True, kw_only=True)
class PurgeAnnounced(Event):
    """The customer was warned that the data goes at `data_until`."""

    rule: ClassVar[str | None] = "D17"
    data_until: datetime


@dataclass(frozen=True, kw_only=True)
class DataPurged(Event):
    """What Jalon kept for the customer's use was destroyed; whoever keeps data of the software destroys it now."""

    rule: ClassVar[str | None] = "D17"


StepTaken = StepOpenContract | StepClickActivate | StepSign
STEP_TAKEN: dict[str, type[StepTaken]] = {
    "open_contract": StepOpenContract,
    "click_activate": StepClickActivate,
    "sign": StepSign,
}
"""The event of each activation step."""

"""What Jalon asks of a payment provider, and the only answers and faults it may give.

An expected refusal (a declined card, a missing authentication) is a result; an exception is a fault.
Whoever calls `charge`, `store_mandate`, `release_mandate`, `refund` or `cancel` asks its own ledger first:
providers forget a key after about a day, and a forgotten key charges again. `find…` remembers for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeAlias, TypeVar

from jalon.domain.money import Money

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Succeeded:
    """Money was captured, once. `reference` is the provider's id of the charge; `at` is UTC."""

    reference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Declined:
    """No money moved and none will. `retryable`: the same method may work later, without the customer's help.

    `code` is one of `DECLINE_CODES`, or a provider's own for what none of them says; `reference` is the
    provider's id of the attempt.
    """

    code: str
    reference: str
    retryable: bool


@dataclass(frozen=True, slots=True)
class ActionRequired:
    """Nothing moved yet: the customer must confirm at `url` (3-D Secure); `find` tells how it ended."""

    reference: str
    url: str


@dataclass(frozen=True, slots=True)
class Pending:
    """The provider is still working on it: neither pay again nor give up, ask again."""

    reference: str


@dataclass(frozen=True, slots=True)
class NotFound:
    """The provider does not know the key: nothing moved under it, the same key may be sent (again)."""


@dataclass(frozen=True, slots=True)
class MandateStored:
    """Authority to collect later, without the customer. `reference` is what `charge(mandate=…)` takes."""

    reference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MandateReleased:
    """The authority was given back: nothing can be collected under it any more."""

    reference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Refunded:
    """Money went back, once. `reference` is the provider's id of the refund."""

    reference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ChargeRecord:
    """One line of the provider's own book, for reconciliation. `key`: None if it is not ours."""

    reference: str
    key: str | None
    status: str
    amount: Money
    refunded: Money
    at: datetime
    metadata: Mapping[str, str]

    @property
    def captured(self) -> bool:
        """Money moved (whatever was refunded since)."""
        return self.status == "succeeded"


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Part of a listing, oldest first. `cursor` asks for the next part; None: this was the last."""

    items: tuple[T, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """A verified webhook: a hint, never a fact. Ask `find…(key)` for what is true now.

    Events arrive more than once and in any order; `event_id` is the same each time.
    """

    event_id: str
    type: str
    reference: str
    key: str | None
    metadata: Mapping[str, str]


Result: TypeAlias = Succeeded | Declined | ActionRequired
MandateResult: TypeAlias = MandateStored | Declined | ActionRequired
FoundMandate: TypeAlias = MandateResult | MandateReleased | Pending | NotFound
RefundResult: TypeAlias = Refunded | Declined

DECLINE_CODES = frozenset(
    {
        "authentication_failed",
        "cancelled",
        "do_not_honor",
        "exceeds_captured",
        "expired_card",
        "incorrect_cvc",
        "insufficient_funds",
        "limit_exceeded",
        "lost_card",
        "mandate_released",
        "mandate_revoked",
        "not_captured",
        "processing_error",
        "stolen_card",
        "suspected_fraud",
        "unknown_method",
    }
)


class PaymentFault(Exception):
    """The base of all faults of a provider. Messages carry ids and codes only, never private data."""


class ProviderUnreachable(PaymentFault):
    """Nothing was sent, or what was asked changes nothing: ask again later."""


class ProviderTimeout(PaymentFault):
    """The request may have taken effect: its outcome is unknown until `find…` tells it. Never a failure."""


class KeyVoid(PaymentFault):
    """The provider keeps a fault of its own as the key's answer and repeats it: nothing more will happen under this key.

    What happened before, `find…` tells; where that is nothing, only another key can get further.
    """


class ProviderRefusedRequest(PaymentFault):
    """The provider will not have this request, now or later: ours to repair. `code` groups equal causes."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class EventRefused(PaymentFault):
    """A webhook that is unsigned, wrongly signed, too old or unreadable: answer 400 and store nothing."""


class PaymentProvider(Protocol):
    """A way to collect money. Every call may raise ProviderUnreachable or ProviderRefusedRequest.

    Calls that change something may also raise ProviderTimeout and KeyVoid; `find…` and `list_charges` never do. The same
    key with the same arguments gives the same answer as long as the provider remembers it; the instant is not
    compared. `at` is the instant of the entity's clock, recorded by providers that can rehearse time.
    Metadata holds ids, never private data.
    """

    async def charge(
        self,
        key: str,
        amount: Money,
        method: str,
        metadata: Mapping[str, str],
        at: datetime,
        mandate: str | None = None,
    ) -> Result:
        """Capture `amount` by `method` (the provider's token), or under a stored mandate, which wins."""
        ...

    async def store_mandate(
        self, key: str, method: str, metadata: Mapping[str, str], at: datetime
    ) -> MandateResult:
        """Keep the authority to collect later. Moves no money."""
        ...

    async def release_mandate(self, key: str, reference: str, at: datetime) -> None:
        """Give the authority back; again is no error. An open challenge for it can't be confirmed after."""
        ...

    async def refund(self, key: str, charge_reference: str, amount: Money, at: datetime) -> RefundResult:
        """Give back a part or all of a capture; never more than is left of it (`exceeds_captured`)."""
        ...

    async def cancel(self, key: str, charge_reference: str, at: datetime) -> Result:
        """Withdraw a charge that waits for the customer: Declined("cancelled"), or what it is by now."""
        ...

    async def find(self, key: str) -> Result | Pending | NotFound:
        """What the charge sent under our key is now. A capture outweighs other attempts under the key."""
        ...

    async def find_mandate(self, key: str) -> FoundMandate:
        """What the mandate stored under our key is now."""
        ...

    async def find_refund(self, key: str) -> RefundResult | NotFound:
        """What the refund made under our key is now."""
        ...

    async def list_charges(
        self,
        since: datetime | None = None,
        cursor: str | None = None,
        metadata: Mapping[str, str] | None = None,
        limit: int = 100,
    ) -> Page[ChargeRecord]:
        """The provider's book as it was written: charges at or after `since` that carry `metadata`."""
        ...

    def read_event(self, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        """Verify a webhook by its raw body; raises EventRefused. Header names are taken in lower case."""
        ...

    async def unreported(self, metadata: Mapping[str, str]) -> int:
        """Events about what carries `metadata` that are still on their way to us; 0 where a provider cannot say."""
        ...

    async def aclose(self) -> None:
        """Close the connections; the provider can't be used afterwards."""
        ...

"""The port of a payment provider: its calls, its answers and its faults.

An expected refusal (a declined card, a missing authentication) is a result; an exception is a fault. Before `charge`, `store_mandate`,
`release_mandate`, `refund` or `cancel` the caller reads its own ledger. Providers forget a key after about a day, and a forgotten key
charges again. `find…` never forgets a key. A set-up session moves nothing, so no ledger knows it.
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

    `code` is one of `DECLINE_CODES`, or the provider's own where none of them fits; `reference` is the provider's id of the attempt.
    """

    code: str
    reference: str
    retryable: bool


@dataclass(frozen=True, slots=True)
class ActionRequired:
    """Nothing moved yet: the customer must confirm at `url` (3-D Secure). `find` returns the result."""

    reference: str
    url: str


@dataclass(frozen=True, slots=True)
class Pending:
    """The provider is still working on it. The caller neither pays again nor gives up, and calls `find…` later."""

    reference: str


@dataclass(frozen=True, slots=True)
class NotFound:
    """The provider does not know the key. Nothing moved under it, so the same key may be sent (again)."""


@dataclass(frozen=True, slots=True)
class MandateStored:
    """Authority to collect later, without the customer. `reference` is what `charge(mandate=…)` takes."""

    reference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MandateReleased:
    """The authority was given back; nothing more can be collected under it."""

    reference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Refunded:
    """Money went back, once. `reference` is the provider's id of the refund."""

    reference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Setup:
    """A session in which the customer gives a payment method at `url`, a page of the provider's own. Jalon never sees its number.

    `method` is the provider's token of what was given, None until then. `metadata` is that with which the session was begun.
    """

    reference: str
    url: str
    method: str | None
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ChargeRecord:
    """One line of the provider's own records, for reconciliation. `key` is None for a charge that Jalon did not make."""

    reference: str
    key: str | None
    status: str
    amount: Money
    refunded: Money
    at: datetime
    metadata: Mapping[str, str]

    @property
    def captured(self) -> bool:
        """Whether money moved; later refunds do not change this."""
        return self.status == "succeeded"


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Part of a listing, oldest first. `cursor` is the argument for the next part; None marks the last part."""

    items: tuple[T, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """A verified webhook. It is a hint: `find…(key)` returns the current state.

    `of_setup`: it tells of a set-up session, and `find_setup(reference)` returns its state. Events arrive more than once and in any order;
    `event_id` is the same each time.
    """

    event_id: str
    type: str
    reference: str
    key: str | None
    metadata: Mapping[str, str]
    of_setup: bool = False


Result: TypeAlias = Succeeded | Declined | ActionRequired
MandateResult: TypeAlias = MandateStored | Declined | ActionRequired
FoundMandate: TypeAlias = MandateResult | MandateReleased | Pending | NotFound
RefundResult: TypeAlias = Refunded | Declined

SESSION = "{session}"
"""In the return address of a set-up session: the place at which the provider writes the session's id."""

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
    """The base of all faults of a provider. Messages and codes are never private. `code`: its own, or as in "http_503"."""

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


class ProviderUnreachable(PaymentFault):
    """Nothing was sent, or the request changes nothing. The caller may try again later."""


class ProviderTimeout(PaymentFault):
    """The request may have taken effect: its outcome is unknown until `find…` returns it. It never counts as a failure."""


class KeyVoid(PaymentFault):
    """The provider stored a fault of its own as the key's answer and replays it, so nothing more can happen under this key.

    `find…` returns what happened before. Where nothing happened, only another key can succeed.
    """


class ProviderRefusedRequest(PaymentFault):
    """The provider refuses this request permanently, so Jalon or its configuration must be repaired."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}", code)


class EventRefused(PaymentFault):
    """A webhook that is unsigned, wrongly signed, too old or unreadable. The API answers 400 and stores nothing."""


class EventUnreadable(PaymentFault):
    """A webhook whose signature holds and whose content cannot be read. The API keeps it and answers 200: a repetition reads no better."""

    def __init__(self, event_id: str, why: str) -> None:
        super().__init__(why)
        self.event_id = event_id


class PaymentProvider(Protocol):
    """A way to collect money. Every call may raise ProviderUnreachable or ProviderRefusedRequest.

    Calls that change something may also raise ProviderTimeout and KeyVoid; `find…` and `list_charges` never do. The same key with the
    same arguments gives the same answer as long as the provider remembers it; the instant is not compared. `at` is the instant of the
    entity's clock, recorded by providers that support a test clock. Metadata holds ids, never private data.
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
        """Captures `amount` by `method` (the provider's token), or under `mandate` where one is given."""
        ...

    async def store_mandate(
        self, key: str, method: str, metadata: Mapping[str, str], at: datetime
    ) -> MandateResult:
        """Stores the authority to collect later. Moves no money."""
        ...

    async def release_mandate(self, key: str, reference: str, at: datetime) -> None:
        """Gives the authority back; a repeated call is no error. An open challenge for it can no longer be confirmed."""
        ...

    async def refund(self, key: str, charge_reference: str, amount: Money, at: datetime) -> RefundResult:
        """Refunds a capture in part or in full, never more than is left of it (`exceeds_captured`)."""
        ...

    async def cancel(self, key: str, charge_reference: str, at: datetime) -> Result:
        """Withdraws a charge that waits for the customer. Returns Declined("cancelled"), or the charge's present result."""
        ...

    async def begin_setup(
        self, key: str, metadata: Mapping[str, str], return_url: str, language: str, at: datetime
    ) -> Setup:
        """Begins a session in which the customer gives a payment method, on a page in their `language`. Moves no money.

        The browser comes back to `return_url`, with the session's id in the place of `SESSION`, also where nothing was given.
        """
        ...

    async def find_setup(self, reference: str) -> Setup | NotFound:
        """The present state of a session. Any text may be asked for: an address of a browser names it."""
        ...

    def returning(self, url: str, return_url: str) -> str:
        """The address of a confirmation (3-D Secure) from which the customer comes back to `return_url`; `url` where it takes none."""
        ...

    async def find(self, key: str) -> Result | Pending | NotFound:
        """The present result of the charge sent under our key. A capture takes precedence over other attempts under the key."""
        ...

    async def find_mandate(self, key: str) -> FoundMandate:
        """The present state of the mandate stored under our key."""
        ...

    async def find_refund(self, key: str) -> RefundResult | NotFound:
        """The present result of the refund made under our key."""
        ...

    async def list_charges(
        self,
        since: datetime | None = None,
        cursor: str | None = None,
        metadata: Mapping[str, str] | None = None,
        limit: int = 100,
    ) -> Page[ChargeRecord]:
        """The provider's records in the order of writing: charges at or after `since` that carry `metadata`."""
        ...

    def read_event(self, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        """Verifies a webhook by its raw body. Raises EventRefused and EventUnreadable. Header names are in lower case."""
        ...

    async def unreported(self, metadata: Mapping[str, str]) -> int:
        """The number of events with this `metadata` that the provider has not delivered yet; 0 where a provider cannot count them."""
        ...

    async def aclose(self) -> None:
        """Closes the connections. The provider cannot be used afterwards."""
        ...

"""A payment provider in memory: its requests, the keys that it remembers, and its failures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import partial
from typing import TypeVar

from jalon.domain.money import Money
from jalon.integrations.payments.port import (
    ActionRequired,
    ChargeRecord,
    Declined,
    FoundMandate,
    KeyVoid,
    MandateReleased,
    MandateResult,
    MandateStored,
    NotFound,
    Page,
    Pending,
    ProviderEvent,
    ProviderRefusedRequest,
    ProviderTimeout,
    ProviderUnreachable,
    RefundResult,
    Result,
    Setup,
    Succeeded,
)
from jalon.local.payment_sandbox.cards import MANDATE_RELEASED, Decline
from jalon.rehearsal.sim.modelled.gateway_book import Book, Charge, Mandate

__all__ = ["Charge", "Gateway", "Mandate", "Trouble"]

A = TypeVar("A")


class Trouble(Enum):
    """The failure of one request."""

    NONE = "none"
    UNREACHABLE = "unreachable"
    LOST = "lost"
    UNANSWERED = "unanswered"
    SPOILT = "spoilt"
    SPOILT_AFTER = "spoilt after its effect"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Remembered:
    """The use of a key, and the reference that it made; None where the provider stored a fault of its own."""

    asked: object
    made: str | None


_OUTWEIGHS = ("succeeded", "stored", "action_required", "released", "declined")
"""The states by precedence: of several attempts under one key, the provider returns the first of these."""


class Gateway:
    """The provider. `trouble` is called before each request that changes something; `pause` lets time pass."""

    def __init__(
        self,
        trouble: Callable[[str], Trouble],
        reachable: Callable[[], bool],
        pause: Callable[[bool], Awaitable[None]],
        announce: Callable[[ProviderEvent], None],
        times: Callable[[], tuple[int, int]] = lambda: (0, 0),
    ) -> None:
        self._trouble, self._reachable, self._pause, self._announce = trouble, reachable, pause, announce
        self._times = times
        book = self._book = Book()
        self.charges, self.mandates, self.refunds = book.charges, book.mandates, book.refunds
        self.captured = book.captured
        self._keys: dict[str, Remembered] = {}
        self._since: dict[str, tuple[int, int]] = {}

    def forget_keys_before(self, real_us: int, store_us: int) -> None:
        """Forgets the keys first used before either instant, by real time or by the store's."""
        for key, (since_us, at_us) in list(self._since.items()):
            if since_us < real_us or at_us < store_us:
                self._keys.pop(key, None)
                del self._since[key]

    def answer_challenge(self, reference: str, approved: bool) -> None:
        """Records the customer's decision; the first one counts. The provider sends an event."""
        made = self._book.answer(reference, approved=approved)
        if made is not None:
            event = ProviderEvent(f"evt_{reference}", "answered", reference, made.key, made.metadata)
            self._announce(event)

    # -- requests that change something ------------------------------------------------------------------------------------

    async def charge(
        self,
        key: str,
        amount: Money,
        method: str,
        metadata: Mapping[str, str],
        at: datetime,
        mandate: str | None = None,
    ) -> Result:
        """Captures once for each remembered key."""
        _checked(at)
        if amount.amount <= 0:
            raise ProviderRefusedRequest("amount_not_positive", "an amount is more than nothing")
        if mandate is not None:
            _known(mandate, self.mandates, "mandate")
        asked = (amount, method, mandate, tuple(sorted(metadata.items())))
        make = partial(self._book.charge, key, amount, method, metadata, at, mandate)
        return await self._once(key, asked, "charge", make, self._charge_now)

    async def store_mandate(
        self, key: str, method: str, metadata: Mapping[str, str], at: datetime
    ) -> MandateResult:
        """Stores the authority once for each remembered key."""
        asked = (method, tuple(sorted(metadata.items())))
        make = partial(self._book.store, key, method, metadata, at)
        return await self._once(key, asked, "mandate", make, self._mandate_now)

    async def release_mandate(self, key: str, reference: str, at: datetime) -> None:
        """Gives the authority back."""
        _known(reference, self.mandates, "mandate")
        make = partial(self._book.release, reference, at)
        await self._once(key, reference, "release", make, lambda _made: None)

    async def refund(self, key: str, charge_reference: str, amount: Money, at: datetime) -> RefundResult:
        """Refunds once for each remembered key."""
        _known(charge_reference, self.charges, "charge")
        asked = (charge_reference, amount)
        make = partial(self._book.refund, key, charge_reference, amount, at)
        return await self._once(key, asked, "refund", make, lambda made: self.refunds[made].result)

    async def cancel(self, key: str, charge_reference: str, at: datetime) -> Result:
        """Withdraws a charge that waits for its customer."""
        _known(charge_reference, self.charges, "charge")
        make = partial(self._book.withdraw, charge_reference)
        return await self._once(key, charge_reference, "withdraw", make, self._charge_now)

    async def _once(
        self, key: str, asked: object, what: str, make: Callable[[], str], now: Callable[[str], A]
    ) -> A:
        await self._pause(False)
        trouble = self._trouble(what) if self._reachable() else Trouble.UNREACHABLE
        if trouble is Trouble.UNREACHABLE:
            raise ProviderUnreachable("the provider is away")
        if trouble is Trouble.REFUSED:
            raise ProviderRefusedRequest("request_refused", "the provider will not have it")
        if trouble is Trouble.LOST:
            await self._pause(True)
            raise ProviderTimeout("no answer")
        made = self._made(key, asked, make, trouble)
        if trouble is Trouble.UNANSWERED:
            await self._pause(True)
            raise ProviderTimeout("no answer")
        await self._pause(False)
        return now(made)

    def _made(self, key: str, asked: object, make: Callable[[], str], trouble: Trouble) -> str:
        """The reference that the key made, once. A spoilt key raises ProviderTimeout at first and KeyVoid when it is repeated."""
        self._since.setdefault(key, self._times())
        known = self._keys.get(key)
        if known is None:
            spoilt = trouble in (Trouble.SPOILT, Trouble.SPOILT_AFTER)
            made = None if trouble is Trouble.SPOILT else make()
            known = self._keys[key] = Remembered(asked, None if spoilt else made)
            if spoilt:
                raise ProviderTimeout("the provider answered with a fault of its own")
        if known.asked != asked:
            raise ProviderRefusedRequest("idempotency_key_reused", "the key was used for another request")
        if known.made is None:
            raise KeyVoid("the provider keeps a fault of its own")
        return known.made

    # -- what is true now --------------------------------------------------------------------------------------------------

    async def _looked(self) -> None:
        await self._pause(False)
        if not self._reachable():
            raise ProviderUnreachable("the provider is away")

    async def find(self, key: str) -> Result | Pending | NotFound:
        """The present state of the charge under the key; a capture takes precedence."""
        await self._looked()
        found = [charge for charge in self.charges.values() if charge.key == key]
        if not found:
            return NotFound()
        best = min(found, key=lambda charge: _OUTWEIGHS.index(charge.status))
        return self._charge_now(best.reference)

    async def find_mandate(self, key: str) -> FoundMandate:
        """The present state of the mandate under the key."""
        await self._looked()
        found = [mandate for mandate in self.mandates.values() if mandate.key == key]
        if not found:
            return NotFound()
        mandate = min(found, key=lambda mandate: _OUTWEIGHS.index(mandate.status))
        if mandate.status == "released" and mandate.released_at is not None:
            return MandateReleased(mandate.reference, mandate.released_at)
        return self._mandate_now(mandate.reference)

    async def find_refund(self, key: str) -> RefundResult | NotFound:
        """The present state of the refund under the key."""
        await self._looked()
        found = [self.refunds[reference].result for reference in self._book.refunds_by_key.get(key, ())]
        return min(found, key=lambda result: isinstance(result, Declined)) if found else NotFound()

    def _charge_now(self, reference: str) -> Result:
        charge = self.charges[reference]
        if charge.status == "succeeded":
            return Succeeded(reference, charge.at)
        if charge.status == "action_required":
            return ActionRequired(reference, f"https://bank/{reference}")
        return _declined(charge.decline, reference)

    def _mandate_now(self, reference: str) -> MandateResult:
        mandate = self.mandates[reference]
        if mandate.status == "stored":
            return MandateStored(reference, mandate.at)
        if mandate.status == "action_required":
            return ActionRequired(reference, f"https://bank/{reference}")
        return _declined(mandate.decline, reference)

    async def begin_setup(
        self, key: str, metadata: Mapping[str, str], return_url: str, language: str, at: datetime
    ) -> Setup:
        """Nobody begins one: a life gives its cards with its commands."""
        raise NotImplementedError

    async def find_setup(self, reference: str) -> Setup | NotFound:
        """None was begun."""
        return NotFound()

    def returning(self, url: str, return_url: str) -> str:
        """The bank of the model has no page to come back from."""
        return url

    async def list_charges(
        self,
        since: datetime | None = None,
        cursor: str | None = None,
        metadata: Mapping[str, str] | None = None,
        limit: int = 100,
    ) -> Page[ChargeRecord]:
        """Part of the provider's records, in the order of writing."""
        await self._looked()
        wanted = [
            charge
            for charge in self.charges.values()
            if (since is None or charge.at >= since) and (metadata or {}).items() <= charge.metadata.items()
        ]
        first = int(cursor or 0)
        rows = tuple(_recorded(charge) for charge in wanted[first : first + limit])
        return Page(rows, str(first + limit) if first + limit < len(wanted) else None)

    def read_event(self, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        """0, since the model's events are in the world's own heap."""
        raise NotImplementedError

    async def unreported(self, metadata: Mapping[str, str]) -> int:
        """None: events of the model are on their way in the world's own heap."""
        return 0

    async def aclose(self) -> None:
        """Has nothing to close."""


def _checked(at: datetime) -> None:
    if at.tzinfo is None:
        raise ValueError("the instant has no time zone")


def _known(reference: str, book: Mapping[str, object], kind: str) -> None:
    if reference not in book:
        raise ProviderRefusedRequest(f"{kind}_not_found", f"there is no such {kind}")


def _declined(decline: Decline | None, reference: str) -> Declined:
    if decline is None:
        return Declined(MANDATE_RELEASED.code, reference, retryable=False)
    return Declined(decline.code, reference, retryable=decline.retryable)


def _recorded(charge: Charge) -> ChargeRecord:
    refunded = charge.refunded or Money.zero(charge.amount.currency)
    return ChargeRecord(
        charge.reference, charge.key, charge.status, charge.amount, refunded, charge.at, dict(charge.metadata)
    )

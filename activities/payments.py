"""Money moves once: the ledger is read before the provider is called, and a timeout means unknown, never failed."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime

from pydantic_core import to_jsonable_python
from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import stops
from activities.contracts.payments import PAY, STILL_NEEDED, PaymentOutcome, PaymentRequest, Share
from activities.errors import translated
from jalon.domain.stops import Stop
from jalon.integrations.payments.port import (
    ActionRequired,
    Declined,
    KeyVoid,
    MandateReleased,
    MandateStored,
    NotFound,
    PaymentProvider,
    Pending,
    ProviderTimeout,
    Refunded,
    Succeeded,
)
from jalon.persistence.money import ledgers
from jalon.persistence.money.ledgers import PaymentRow
from jalon.persistence.sessions import Sessions
from jalon.policy.model.store_policy import StorePolicy

Answer = (
    Succeeded | Declined | ActionRequired | Pending | NotFound | MandateStored | MandateReleased | Refunded
)


UNDOINGS = {"charge": ("refund", "refunded"), "mandate": ("release", "mandate_released")}
"""The purpose that undoes a payment, and the code with which the payment counts as declined from then on."""
TAKING = frozenset({"charge", "mandate"})
"""The purposes that take money, or the authority to take it: those that an emergency stop of charges stops."""
UNDONE = {"refund": "charge", "withdraw": "charge", "release": "mandate"}
"""The purpose of the payment that a request undoes. Both have the same cycle and generation."""


def payment_key(request: PaymentRequest, voided: int = 0) -> str:
    """The key of a payment occurrence. It never depends on attempt, run or clock.

    `voided`: number of earlier keys of this occurrence that the provider has confirmed dead.
    """
    generation = f"{request.generation}.{voided}" if voided else str(request.generation)
    parts = (request.store, request.entity, request.purpose, str(request.cycle), generation)
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


class Payments:
    """Makes each payment occurrence once: with the provider that the store's policy names, or with the one of the earlier payment."""

    def __init__(
        self,
        sessions: Sessions,
        providers: Mapping[str, PaymentProvider],
        policies: Mapping[str, StorePolicy],
    ) -> None:
        self._sessions = sessions
        self._providers = providers
        self._policies = policies

    @activity.defn(name=PAY.name)
    async def pay(self, request: PaymentRequest) -> PaymentOutcome:
        """One payment occurrence, of any purpose that `PaymentRequest` names.

        Raises ApplicationError named after the provider's fault.
        """
        with translated():
            return await self._pay(request)

    async def _pay(self, request: PaymentRequest) -> PaymentOutcome:
        if request.purpose == "find":
            return await self._find(request)
        async with self._sessions.of(request.store) as tx:
            holder = await _holder(tx, request)
            if request.share is not None and not await self._given_up(tx, request, request.share, holder):
                return PaymentOutcome("declined", request.at, request.reference, STILL_NEEDED)
            key, row = await _intend(tx, request, holder or self._provider_now(request))
            stopped = row.stopped and request.purpose in TAKING
            if row.state in ("intent", "sent", "unknown") and not stopped:
                await ledgers.mark_sent(tx, key)
        if row.state in ("succeeded", "declined") and row.outcome is not None:
            return await self._unless_given_back(request, _stored(row.outcome))
        provider = self._provider(row.provider)
        answer: Answer = NotFound() if row.state == "intent" else await _look_up(provider, request, key)
        if isinstance(answer, NotFound):
            if stopped:
                raise stops.stopped(Stop.CHARGES)
            answer = await self._ask(provider, request, key)
        outcome = await self._settle(request, key, answer)
        return outcome if row.state == "intent" else await self._unless_given_back(request, outcome)

    async def _unless_given_back(self, request: PaymentRequest, outcome: PaymentOutcome) -> PaymentOutcome:
        """The outcome, or a decline where all of it has been given back since. A reset does not claim that money again."""
        undoing, code = UNDOINGS.get(request.purpose, (None, None))
        if undoing is None or outcome.state != "succeeded":
            return outcome
        async with self._sessions.of(request.store) as tx:
            key, _ = await _reached(tx, replace(request, purpose=undoing))
            given_back = await ledgers.given_back(tx, key, request.amount)
        return PaymentOutcome("declined", request.at, outcome.reference, code) if given_back else outcome

    async def _ask(self, provider: PaymentProvider, request: PaymentRequest, key: str) -> Answer:
        try:
            return await _send(provider, request, key)
        except ProviderTimeout:
            async with self._sessions.of(request.store) as tx:
                await ledgers.mark_unknown(tx, key)
            answer = await _look_up(provider, request, key)
            if isinstance(answer, NotFound):
                raise
            return answer
        except KeyVoid:
            answer = await _look_up(provider, request, key)
            if isinstance(answer, NotFound):
                async with self._sessions.of(request.store) as tx:
                    await ledgers.mark_void(tx, key)
                raise
            return answer

    async def _find(self, request: PaymentRequest) -> PaymentOutcome:
        """The result of the payment whose purpose is the request's `reference`; declined when nothing was taken."""
        asked = replace(request, purpose=known_purpose(request), reference=None)
        async with self._sessions.of(request.store) as tx:
            key, row = await _reached(tx, asked)
        provider = self._provider(row.provider if row else self._provider_now(request))
        answer = await _look_up(provider, asked, key)
        if isinstance(answer, NotFound):
            return PaymentOutcome("declined", request.at, code="nothing_taken")
        return await self._settle(asked, key, answer)

    async def _given_up(
        self, tx: AsyncConnection, request: PaymentRequest, share: Share, holder: str | None
    ) -> bool:
        """Records that these lines need the mandate no more; returns whether no line does, so that it may be released."""
        provider, outcome = holder or self._provider_now(request), {"reference": request.reference}
        await ledgers.lock_mandate(tx, request.store, request.reference or "")
        for line in share.lines:
            given_up = replace(request, entity=line, purpose="give_up", share=None)
            key, row = await _intend(tx, given_up, provider)
            if row.state == "intent":
                await ledgers.settle_payment(tx, key, "succeeded", outcome)
        return await ledgers.given_up(tx, request.store, request.reference or "") >= share.of

    def _provider_now(self, request: PaymentRequest) -> str:
        """The provider of payments that begin now. A payment that has begun stays with the provider in its ledger row."""
        return self._policies[request.store].rules.payment.provider

    def _provider(self, name: str) -> PaymentProvider:
        """The provider of this name.

        Raises ApplicationError, so that the step parks, where it is not served: no other knows the payment.
        """
        if name not in self._providers:
            raise ApplicationError(name, type=f"ProviderNotServed:{name}", non_retryable=True)
        return self._providers[name]

    async def _settle(self, request: PaymentRequest, key: str, answer: Answer) -> PaymentOutcome:
        if request.purpose == "refund" and isinstance(answer, Declined):
            raise ApplicationError(answer.code, type=f"RefundDeclined:{answer.code}", non_retryable=True)
        outcome = _outcome(answer, request)
        async with self._sessions.of(request.store) as tx:
            await ledgers.settle_payment(tx, key, outcome.state, to_jsonable_python(asdict(outcome)))
        return outcome


async def _intend(tx: AsyncConnection, request: PaymentRequest, provider: str) -> tuple[str, PaymentRow]:
    """Records the intent under the key that the occurrence has reached; returns the key and its row."""
    for voided in itertools.count():
        key = payment_key(request, voided)
        intent = ledgers.PaymentIntent(
            key,
            request.store,
            request.entity,
            request.purpose,
            request.cycle,
            request.generation,
            request.amount,
            provider,
            request.at,
        )
        row = await ledgers.intend_payment(tx, intent)
        if row.state != "void":
            break
    return key, row


async def _holder(tx: AsyncConnection, request: PaymentRequest) -> str | None:
    """The provider of the payment to undo, or of the mandate to charge; None for a payment that begins anew.

    No other provider knows the reference, whatever the store's policy names today.
    """
    if request.purpose == "charge":
        return await ledgers.provider_of_mandate(tx, request.store, request.reference or "")
    if request.purpose not in UNDONE:
        return None
    _, row = await _reached(tx, replace(request, purpose=UNDONE[request.purpose]))
    return row.provider if row else None


async def _reached(tx: AsyncConnection, request: PaymentRequest) -> tuple[str, PaymentRow | None]:
    """The key that the occurrence has reached, and its row; writes nothing."""
    for voided in itertools.count():
        key = payment_key(request, voided)
        row = await ledgers.payment_of(tx, key)
        if row is None or row.state != "void":
            break
    return key, row


def known_purpose(request: PaymentRequest) -> str:
    """The purpose of the payment that a find request looks up. Raises LookupError, an internal fault, when it names none."""
    if request.reference is None:
        raise LookupError("a request to find names no purpose")
    return request.reference


async def _send(provider: PaymentProvider, request: PaymentRequest, key: str) -> Answer:
    metadata = {
        "store": request.store,
        "entity": request.entity,
        "purpose": request.purpose,
        "cycle": str(request.cycle),
    }
    if request.purpose == "charge":
        return await provider.charge(
            key, request.amount, request.method, metadata, request.at, request.reference
        )
    if request.purpose == "mandate":
        return await provider.store_mandate(key, request.method, metadata, request.at)
    reference = request.reference or ""
    if request.purpose == "withdraw":
        return await provider.cancel(key, reference, request.at)
    if request.purpose == "refund":
        return await provider.refund(key, reference, request.amount, request.at)
    await provider.release_mandate(key, reference, request.at)
    return MandateReleased(reference, request.at)


async def _look_up(provider: PaymentProvider, request: PaymentRequest, key: str) -> Answer:
    if request.purpose == "charge":
        return await provider.find(key)
    if request.purpose == "mandate":
        return await provider.find_mandate(key)
    if request.purpose == "refund":
        return await provider.find_refund(key)
    return NotFound()


def _outcome(answer: Answer, request: PaymentRequest) -> PaymentOutcome:
    at = request.at
    match answer:
        case (
            Succeeded(reference, moved_at)
            | MandateStored(reference, moved_at)
            | Refunded(reference, moved_at)
        ):
            return PaymentOutcome("succeeded", moved_at, reference)
        case MandateReleased(reference, _) if request.purpose == "mandate":
            # The mandate was given back before a reset, so it collects nothing any more.
            return PaymentOutcome("declined", at, reference, "mandate_released")
        case MandateReleased(reference, released_at):
            return PaymentOutcome("succeeded", released_at, reference)
        case Declined(code, reference, _):
            return PaymentOutcome("declined", at, reference, code)
        case ActionRequired(reference, url):
            return PaymentOutcome("action_required", at, reference, url=url)
        case Pending():
            raise ApplicationError("the provider is still working on it", type="PaymentPending")
        case NotFound():
            raise ApplicationError("the provider lost the payment", type="PaymentLost")


def _stored(outcome: dict[str, str | None]) -> PaymentOutcome:
    at = datetime.fromisoformat(str(outcome["at"]))
    return PaymentOutcome(str(outcome["state"]), at, outcome["reference"], outcome["code"], outcome["url"])

"""The client of the payment sandbox (`jalon/local/payment_sandbox`), which moves no real money."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from jalon.domain.money import Money, decimals
from jalon.integrations.payments.configuration import Address, ProviderSettings, WebhookSecret
from jalon.integrations.payments.exchange import Exchange
from jalon.integrations.payments.port import (
    ActionRequired,
    ChargeRecord,
    Declined,
    EventUnreadable,
    FoundMandate,
    MandateReleased,
    MandateResult,
    MandateStored,
    NotFound,
    Page,
    Pending,
    ProviderEvent,
    ProviderRefusedRequest,
    ProviderTimeout,
    Refunded,
    RefundResult,
    Result,
    Setup,
    Succeeded,
)
from jalon.integrations.payments.signature import read_signed, read_text

_KEY = "payment_key"
_SETUP = re.compile(r"cs_[0-9a-f]{1,64}")
_OF_SETUP = "setup."
_NO_SETUP = "setup_not_found"
_OUTWEIGHS = ("succeeded", "processing", "action_required", "declined")
_MANDATE_OUTWEIGHS = ("stored", "action_required", "released", "declined")


class SandboxSettings(ProviderSettings):
    """The address of a sandbox, the secret of its events, and the timeouts of its calls in seconds."""

    url: Address
    webhook_secret: WebhookSecret
    connect_timeout: float = 1.0
    read_timeout: float = 5.0


class SandboxProvider:
    """`PaymentProvider` over HTTP. Our key is the Idempotency-Key and stays as `payment_key` in metadata."""

    def __init__(self, settings: SandboxSettings) -> None:
        self._exchange = Exchange(settings.url, settings.connect_timeout, settings.read_timeout)
        self._webhook_secret = settings.webhook_secret.get_secret_value()

    async def charge(
        self,
        key: str,
        amount: Money,
        method: str,
        metadata: Mapping[str, str],
        at: datetime,
        mandate: str | None = None,
    ) -> Result:
        body = {"method": method, "mandate": mandate, "metadata": {**metadata, _KEY: key}, **_minor(amount)}
        answer = await self._exchange.write("/v1/charges", body, _headers(key, at))
        with answer:
            charge = _object(answer.body)
            waiting = charge["status"] == "action_required"
        if waiting and answer.replayed:
            # A replayed answer shows the state of the first request; the customer may have confirmed since.
            return _settled(await self._charge_now(str(charge["id"])))
        with answer:
            return _settled(_charge(charge))

    async def store_mandate(
        self, key: str, method: str, metadata: Mapping[str, str], at: datetime
    ) -> MandateResult:
        body = {"method": method, "metadata": {**metadata, _KEY: key}}
        answer = await self._exchange.write("/v1/mandates", body, _headers(key, at))
        with answer:
            stored = _mandate(_object(answer.body))
        if isinstance(stored, ActionRequired) and answer.replayed:
            current = await self._exchange.read(f"/v1/mandates/{stored.reference}", {})
            with current:
                stored = _mandate(current.body)
        if isinstance(stored, MandateReleased):
            return Declined("mandate_released", stored.reference, retryable=False)
        return stored

    async def release_mandate(self, key: str, reference: str, at: datetime) -> None:
        await self._exchange.write(f"/v1/mandates/{reference}/release", {}, _headers(key, at))

    async def refund(self, key: str, charge_reference: str, amount: Money, at: datetime) -> RefundResult:
        body = {"charge": charge_reference, "metadata": {_KEY: key}, **_minor(amount)}
        answer = await self._exchange.write("/v1/refunds", body, _headers(key, at))
        with answer:
            return _refund(_object(answer.body))

    async def cancel(self, key: str, charge_reference: str, at: datetime) -> Result:
        answer = await self._exchange.write(f"/v1/charges/{charge_reference}/cancel", {}, _headers(key, at))
        with answer:
            return _settled(_charge(_object(answer.body)))

    async def begin_setup(
        self, key: str, metadata: Mapping[str, str], return_url: str, language: str, at: datetime
    ) -> Setup:
        body = {"return_url": return_url, "language": language, "metadata": dict(metadata)}
        answer = await self._exchange.write("/v1/setups", body, _headers(key, at))
        with answer:
            return _setup(answer.body)

    async def find_setup(self, reference: str) -> Setup | NotFound:
        if not _SETUP.fullmatch(reference):
            return NotFound()
        try:
            answer = await self._exchange.read(f"/v1/setups/{reference}", {})
        except ProviderRefusedRequest as refused:
            if refused.code == _NO_SETUP:
                return NotFound()
            raise
        with answer:
            return _setup(answer.body)

    def returning(self, url: str, return_url: str) -> str:
        return f"{url}?{urlencode({'return_to': return_url})}"

    async def find(self, key: str) -> Result | Pending | NotFound:
        answer = await self._exchange.read("/v1/charges", {f"metadata[{_KEY}]": key})
        with answer:
            found = _weightiest(answer.body["data"], _OUTWEIGHS)
            return _charge(found) if found else NotFound()

    async def find_mandate(self, key: str) -> FoundMandate:
        answer = await self._exchange.read("/v1/mandates", {f"metadata[{_KEY}]": key})
        with answer:
            found = _weightiest(answer.body["data"], _MANDATE_OUTWEIGHS)
            return _mandate(found) if found else NotFound()

    async def find_refund(self, key: str) -> RefundResult | NotFound:
        answer = await self._exchange.read("/v1/refunds", {f"metadata[{_KEY}]": key})
        with answer:
            found = _weightiest(answer.body["data"], ("succeeded", "declined"))
            return _refund(found) if found else NotFound()

    async def list_charges(
        self,
        since: datetime | None = None,
        cursor: str | None = None,
        metadata: Mapping[str, str] | None = None,
        limit: int = 100,
    ) -> Page[ChargeRecord]:
        query = {f"metadata[{name}]": value for name, value in (metadata or {}).items()}
        query["limit"] = str(limit)
        if since is not None:
            query["since"] = _instant(since)
        if cursor is not None:
            query["after"] = cursor
        answer = await self._exchange.read("/v1/charges", query)
        with answer:
            return Page(tuple(_record(charge) for charge in answer.body["data"]), answer.body["next"])

    def read_event(self, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        event = read_signed(body, headers, self._webhook_secret)
        try:
            told = event["data"]["metadata"].items()
            metadata = {read_text(name): read_text(value) for name, value in told}
            kind, reference = read_text(event["type"]), read_text(event["data"]["id"])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise EventUnreadable(event["id"], f"the event lacks a text: {type(error).__name__}") from error
        of_setup = kind.startswith(_OF_SETUP)
        return ProviderEvent(event["id"], kind, reference, metadata.get(_KEY), metadata, of_setup)

    async def unreported(self, metadata: Mapping[str, str]) -> int:
        query = {f"metadata[{name}]": value for name, value in metadata.items()}
        answer = await self._exchange.read("/_control/webhooks", query)
        with answer:
            return int(answer.body["outstanding"])

    async def aclose(self) -> None:
        await self._exchange.aclose()

    async def _charge_now(self, reference: str) -> Result | Pending:
        answer = await self._exchange.read(f"/v1/charges/{reference}", {})
        with answer:
            return _charge(answer.body)


def _headers(key: str, at: datetime) -> dict[str, str]:
    return {"Idempotency-Key": key, "Sandbox-Time": _instant(at)}


def _instant(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone")
    return at.astimezone(UTC).isoformat()


def _minor(amount: Money) -> dict[str, int | str]:
    minor = int(amount.amount.scaleb(decimals(amount.currency)))
    if minor <= 0:
        raise ProviderRefusedRequest("amount_not_positive", f"{amount} can't be moved")
    return {"amount": minor, "currency": amount.currency}


def _major(minor: int, currency: str) -> Money:
    return Money(Decimal(minor).scaleb(-decimals(currency)), currency)


def _object(body: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = body["error"]["object"] if "error" in body else body
    return found


def _weightiest(found: list[dict[str, Any]], order: tuple[str, ...]) -> dict[str, Any] | None:
    return min(found, key=lambda each: order.index(each["status"]), default=None)


def _declined(attempt: Mapping[str, Any]) -> Declined:
    return Declined(attempt["decline_code"], attempt["id"], bool(attempt["retryable"]))


def _charge(charge: Mapping[str, Any]) -> Result | Pending:
    match charge["status"]:
        case "succeeded":
            return Succeeded(charge["id"], datetime.fromisoformat(charge["at"]))
        case "action_required":
            return ActionRequired(charge["id"], charge["challenge_url"])
        case "processing":
            return Pending(charge["id"])
        case "declined":
            return _declined(charge)
        case status:
            raise ValueError(f'status "{status}"')


def _settled(charge: Result | Pending) -> Result:
    if isinstance(charge, Pending):
        raise ProviderTimeout(f"charge {charge.reference} is still being worked on")
    return charge


def _mandate(mandate: Mapping[str, Any]) -> MandateResult | MandateReleased:
    match mandate["status"]:
        case "stored":
            return MandateStored(mandate["id"], datetime.fromisoformat(mandate["at"]))
        case "released":
            return MandateReleased(mandate["id"], datetime.fromisoformat(mandate["released_at"]))
        case "action_required":
            return ActionRequired(mandate["id"], mandate["challenge_url"])
        case "declined":
            return _declined(mandate)
        case status:
            raise ValueError(f'status "{status}"')


def _setup(setup: Mapping[str, Any]) -> Setup:
    return Setup(setup["id"], setup["url"], setup["method"], dict(setup["metadata"]))


def _refund(refund: Mapping[str, Any]) -> RefundResult:
    if refund["status"] == "succeeded":
        return Refunded(refund["id"], datetime.fromisoformat(refund["at"]))
    return _declined(refund)


def _record(charge: Mapping[str, Any]) -> ChargeRecord:
    metadata = dict(charge["metadata"])
    currency = charge["currency"]
    return ChargeRecord(
        reference=charge["id"],
        key=metadata.get(_KEY),
        status=charge["status"],
        amount=_major(charge["amount"], currency),
        refunded=_major(charge["refunded"], currency),
        at=datetime.fromisoformat(charge["at"]),
        metadata=metadata,
    )

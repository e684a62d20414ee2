"""Events from the gateway to the provider: signed, repeated, reordered, retried, and only hints."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest

from jalon.domain.money import Money
from jalon.integrations.payments.port import (
    SESSION,
    ActionRequired,
    EventRefused,
    EventUnreadable,
    PaymentProvider,
    ProviderEvent,
    Succeeded,
)
from jalon.integrations.payments.signature import TOLERANCE_SECONDS, sign
from jalon.local.ports import free_port
from tests.jalon.integrations.payments.provider_cases import decide
from tests.jalon.local.payment_sandbox_process import WEBHOOK_SECRET, SandboxProcess
from tests.support.plain import PLAIN

AT = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
PRICE = Money(Decimal("49.00"), "EUR")


@dataclass(slots=True)
class Receiver:
    """A shop's webhook endpoint. It answers 500 as long as `refusals` last, then 204, each after `takes_seconds`."""

    url: str
    refusals: int = 0
    takes_seconds: float = 0
    answered: int = 0
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await _head(reader):
            headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:])}
            body = await reader.readexactly(int(headers["content-length"]))
            self.received.append((headers, body))
            self.came.set()
            await asyncio.sleep(self.takes_seconds)
            self.answered += 1
            status = "500 Internal Server Error" if self.refusals else "204 No Content"
            self.refusals = max(0, self.refusals - 1)
            writer.write(f"HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n".encode())
            await writer.drain()
        writer.close()

    async def wait_for(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.received) < count:
                self.came.clear()
                await self.came.wait()

    def read(self, provider: PaymentProvider) -> list[ProviderEvent]:
        return [provider.read_event(body, headers) for headers, body in self.received]


async def _head(reader: asyncio.StreamReader) -> list[str]:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return []
    return head.decode().strip().split("\r\n")


@pytest.fixture
async def receiver(sandbox: SandboxProcess) -> AsyncIterator[Receiver]:
    port = free_port()
    endpoint = Receiver(f"http://127.0.0.1:{port}/hooks/payments")
    async with await asyncio.start_server(endpoint.serve, "127.0.0.1", port):
        yield endpoint
        sandbox.send_webhooks(None)


async def test_an_event_is_signed_and_names_our_key(
    sandbox: SandboxProcess, provider: PaymentProvider, receiver: Receiver, key: str, order: str
) -> None:
    sandbox.send_webhooks(receiver.url)
    charged = await provider.charge(key, PRICE, "card_ok", {"order": order}, AT)
    assert isinstance(charged, Succeeded)
    await receiver.wait_for(1)
    (event,) = receiver.read(provider)
    assert (event.type, event.reference, event.key) == ("charge.succeeded", charged.reference, key)
    assert event.metadata["order"] == order
    await _until_delivered(sandbox, order)


async def test_duplicates_have_one_id(
    sandbox: SandboxProcess, provider: PaymentProvider, receiver: Receiver, key: str, order: str
) -> None:
    sandbox.send_webhooks(receiver.url, duplicates=3)
    await provider.charge(key, PRICE, "card_ok", {"order": order}, AT)
    await receiver.wait_for(4)
    assert len({event.event_id for event in receiver.read(provider)}) == 1


async def test_reordered_events_come_last_first_and_the_object_tells_the_truth(
    sandbox: SandboxProcess, provider: PaymentProvider, receiver: Receiver, key: str, order: str
) -> None:
    sandbox.send_webhooks(receiver.url, reorder=True)
    asked = await provider.charge(key, PRICE, "card_3ds", {"order": order}, AT)
    assert isinstance(asked, ActionRequired)
    await decide(asked.url, "approve")
    charged = await provider.find(key)
    assert isinstance(charged, Succeeded)
    await provider.refund(f"{key}-r", charged.reference, PRICE, AT)
    await receiver.wait_for(3)
    types = [event.type for event in receiver.read(provider)]
    assert types == ["refund.succeeded", "charge.succeeded", "charge.action_required"]
    assert await provider.find(key) == charged


async def test_a_refused_event_comes_again(
    sandbox: SandboxProcess, provider: PaymentProvider, receiver: Receiver, key: str, order: str
) -> None:
    receiver.refusals = 2
    sandbox.send_webhooks(receiver.url)
    await provider.charge(key, PRICE, "card_ok", {"order": order}, AT)
    await receiver.wait_for(1)
    assert sandbox.outstanding(order=order) == 1
    assert sandbox.outstanding(order="another") == 0
    await receiver.wait_for(3)
    await _until_delivered(sandbox, order)
    assert len({event.event_id for event in receiver.read(provider)}) == 1


@pytest.mark.parametrize(("takes_seconds", "heard"), [(0.5, 1), (5.0, 0)])
async def test_the_shop_hears_of_a_card_before_the_browser_goes_back_but_holds_it_for_two_seconds_only(
    sandbox: SandboxProcess,
    provider: PaymentProvider,
    receiver: Receiver,
    key: str,
    takes_seconds: float,
    heard: int,
) -> None:
    receiver.takes_seconds = takes_seconds
    sandbox.send_webhooks(receiver.url)
    session = await provider.begin_setup(key, {"order": key}, f"https://shop.example.com/{SESSION}", "en", AT)
    async with httpx.AsyncClient(verify=PLAIN) as browser:
        back = await browser.post(session.url, data={"card": "card_ok"})
    assert (back.status_code, receiver.answered) == (303, heard)
    assert [event.type for event in receiver.read(provider)] == ["setup.complete"]


async def test_an_undelivered_event_survives_the_death_of_the_gateway(
    own_sandbox: SandboxProcess,
    open_at: Callable[[str], PaymentProvider],
    receiver: Receiver,
    key: str,
    order: str,
) -> None:
    provider = open_at(own_sandbox.url)
    own_sandbox.send_webhooks(f"http://127.0.0.1:{free_port()}/nobody")
    await provider.charge(key, PRICE, "card_ok", {"order": order}, AT)
    own_sandbox.kill()
    own_sandbox.start()
    own_sandbox.send_webhooks(receiver.url)
    await receiver.wait_for(1)
    assert [event.key for event in receiver.read(provider)] == [key]


def _signed(
    body: bytes, *, age: int = 0, secret: str = WEBHOOK_SECRET, event_id: str = "evt_1"
) -> dict[str, str]:
    stamp = str(int(time.time()) - age)
    signature = sign(body, event_id, stamp, secret)
    return {"webhook-id": event_id, "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}


EVENT = json.dumps(
    {"id": "evt_1", "type": "charge.succeeded", "data": {"id": "ch_1", "metadata": {"order": "ord_1"}}}
).encode()
OTHER_SECRET = "whsec_" + base64.b64encode(b"another secret").decode()


def test_a_signature_by_one_of_two_secrets_holds(provider: PaymentProvider) -> None:
    headers = _signed(EVENT)
    headers["webhook-signature"] = f"v1,b3RoZXI= {headers['webhook-signature']} v1a,ignored"
    event = provider.read_event(EVENT, headers)
    assert event == ProviderEvent("evt_1", "charge.succeeded", "ch_1", None, {"order": "ord_1"})


# Signed when the test runs, not when it is collected: signatures age.
NOT_EVENTS: dict[str, Callable[[], tuple[bytes, dict[str, str]]]] = {
    "unsigned": lambda: (EVENT, {}),
    "changed": lambda: (EVENT.replace(b"ord_1", b"ord_2"), _signed(EVENT)),
    "other secret": lambda: (EVENT, _signed(EVENT, secret=OTHER_SECRET)),
    "too old": lambda: (EVENT, _signed(EVENT, age=TOLERANCE_SECONDS + 5)),
    "of the future": lambda: (EVENT, _signed(EVENT, age=-TOLERANCE_SECONDS - 5)),
    "other id": lambda: (EVENT, {**_signed(EVENT), "webhook-id": "evt_2"}),
    "an instant of 400 digits": lambda: (EVENT, {**_signed(EVENT), "webhook-timestamp": "9" * 400}),
    "a negative instant": lambda: (EVENT, {**_signed(EVENT), "webhook-timestamp": "-1"}),
    "no instant": lambda: (EVENT, {**_signed(EVENT), "webhook-timestamp": "yesterday"}),
}
UNREADABLE: dict[str, Callable[[], tuple[bytes, dict[str, str]]]] = {
    "id not in body": lambda: (EVENT, _signed(EVENT, event_id="evt_2")),
    "not JSON": lambda: (b"{", _signed(b"{")),
    "not an object": lambda: (b"[]", _signed(b"[]")),
    "no data": lambda: (b'{"id": "evt_1"}', _signed(b'{"id": "evt_1"}')),
}


@pytest.mark.parametrize("made", NOT_EVENTS.values(), ids=NOT_EVENTS)
def test_what_is_not_an_event_is_refused(
    made: Callable[[], tuple[bytes, dict[str, str]]], provider: PaymentProvider
) -> None:
    body, headers = made()
    with pytest.raises(EventRefused):
        provider.read_event(body, headers)


@pytest.mark.parametrize("made", UNREADABLE.values(), ids=UNREADABLE)
def test_a_signed_event_that_cannot_be_read_is_named(
    made: Callable[[], tuple[bytes, dict[str, str]]], provider: PaymentProvider
) -> None:
    body, headers = made()
    with pytest.raises(EventUnreadable) as unreadable:
        provider.read_event(body, headers)
    assert unreadable.value.event_id == headers["webhook-id"]


async def _until_delivered(sandbox: SandboxProcess, order: str) -> None:
    async with asyncio.timeout(10):
        while sandbox.outstanding(order=order):  # noqa: ASYNC110 (another process changes it)
            await asyncio.sleep(0.02)

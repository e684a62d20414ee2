"""Webhooks of a provider are verified, stored once, and taken as hints (Money moves once)."""

from __future__ import annotations

import base64
import hmac
import json
import time
import uuid

import httpx
import pytest
from sqlalchemy import text

from jalon.persistence.sessions import Sessions
from jalon.policy.authoring.loader import load_stores
from tests.support.machines import Serving
from tests.support.plain import PLAIN
from tests.support.shop import Shop, eventually, webhook_secret
from tests.support.wire import Wire

PATH = "/v1/provider-webhooks/sandbox"


def tell(
    machine: Serving, event: str, metadata: dict[str, str], *, path: str = PATH, secret: str | None = None
) -> httpx.Response:
    """Sends an event with the provider's signature."""
    about = {"object": "charge", "id": "ch_1", "metadata": metadata}
    body = json.dumps({"id": event, "type": "charge.succeeded", "data": about}).encode()
    return tell_bytes(machine, event, body, path=path, secret=secret)


def tell_bytes(
    machine: Serving, event: str, body: bytes, *, path: str = PATH, secret: str | None = None
) -> httpx.Response:
    """Sends any bytes with the provider's signature."""
    stamp = str(int(time.time()))
    key = base64.b64decode((secret or webhook_secret(machine)).removeprefix("whsec_"))
    signed = hmac.digest(key, f"{event}.{stamp}.".encode() + body, "sha256")
    headers = {
        "webhook-id": event, "webhook-timestamp": stamp, "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }  # fmt: skip
    return httpx.post(machine.urls["api"] + path, content=body, headers=headers, verify=PLAIN)


async def kept(machine: Serving, event: str, *, unreadable: bool = False) -> int:
    """The number of stored rows of the event, with or without the reason why it cannot be read."""
    sessions = Sessions.connect(machine.environment["JALON_DATABASE_URL"])
    found = "select count(*) from provider_event where id = :id and (unreadable is not null) = :unreadable"
    async with sessions.unscoped() as tx:
        count: int = (await tx.execute(text(found), {"id": event, "unreadable": unreadable})).scalar_one()
    await sessions.close()
    return count


async def payment_key(machine: Serving, order: str, state: str) -> str:
    """The key of the order's payment in this state."""
    sessions = Sessions.connect(machine.environment["JALON_DATABASE_URL"])
    async with sessions.of(*(load_stores(machine.stores_dir))) as tx:
        found = "select key from payment where entity_id = :order and state = :state"
        key: str = (await tx.execute(text(found), {"order": order, "state": state})).scalar_one()
    await sessions.close()
    return key


async def test_an_event_is_heard_once_however_often_it_comes(shared_shop: Shop, machine: Serving) -> None:
    order, event = shared_shop.order("anchor-design-premium"), f"evt_{uuid.uuid4().hex}"
    order.place(card="card_3ds")
    eventually(
        lambda: order.read()["waiting_for"] == "buyer_payment_confirmation",
        "the bank wants to hear the buyer",
    )
    key = await payment_key(machine, order.id, "action_required")
    about = {"store": shared_shop.id, "entity": order.id, "payment_key": key}
    first, again = tell(machine, event, about), tell(machine, event, about)
    assert first.json() == again.json()
    assert first.status_code == again.status_code == 200
    assert first.json()["request_id"] is not None
    eventually(lambda: "payment_reported" in order.events or None, "the order hears of it")
    assert await kept(machine, event) == 1


async def test_an_event_about_a_settled_payment_is_kept_and_costs_the_order_nothing(
    shared_shop: Shop, machine: Serving
) -> None:
    order, event = shared_shop.order("anchor-design-premium"), f"evt_{uuid.uuid4().hex}"
    order.place()
    eventually(lambda: order.status == "processing", "the mandate is stored")
    key = await payment_key(machine, order.id, "succeeded")
    answer = tell(machine, event, {"store": shared_shop.id, "entity": order.id, "payment_key": key})
    assert (answer.status_code, answer.json()["request_id"]) == (200, None)
    assert await kept(machine, event) == 1
    assert "payment_reported" not in order.events


@pytest.mark.parametrize("metadata", [{}, {"store": "nobody", "entity": "ord_x"}])
async def test_an_event_about_nothing_of_ours_is_kept_and_left_alone(
    machine: Serving, metadata: dict[str, str]
) -> None:
    event = f"evt_{uuid.uuid4().hex}"
    answer = tell(machine, event, metadata)
    assert (answer.status_code, answer.json()["request_id"]) == (200, None)
    assert await kept(machine, event) == 1


async def test_an_event_about_an_order_that_is_not_there_is_kept(shared_shop: Shop, machine: Serving) -> None:
    event = f"evt_{uuid.uuid4().hex}"
    assert tell(machine, event, {"store": shared_shop.id, "entity": "ord_gone"}).status_code == 200
    assert await kept(machine, event) == 1


async def test_a_wrong_signature_or_store_is_refused_and_nothing_is_kept(
    shared_shop: Shop, machine: Serving
) -> None:
    event, about = f"evt_{uuid.uuid4().hex}", {"store": shared_shop.id, "entity": "ord_x"}
    forged = tell(machine, event, about, secret="whsec_" + base64.b64encode(b"x" * 32).decode())
    assert (forged.status_code, forged.json()["code"]) == (400, "webhook_refused")
    assert tell(machine, event, about, path=f"{PATH}/another-store").status_code == 404
    assert tell(machine, event, about, path="/v1/provider-webhooks/nobody").status_code == 404
    assert await kept(machine, event) == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"id": "EVENT", "type": NaN, "data": {}}',
        '{"id": "EVENT"}'.encode("utf-16"),
        b'{"id": "EVENT", "data": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        b'{"id": "another"}',
        b'{"id": "EVENT", "type": 7, "data": {"id": "ch_1", "metadata": {}}}',
        b'{"id": "EVENT", "type": "x", "data": {"id": "ch_1", "metadata": []}}',
        b'{"id": "EVENT", "type": "x", "data": {"id": "ch_1", "metadata": {"store": "\\u0000"}}}',
        b'{"id": "EVENT", "type": "x", "data": {"id": "ch_1", "metadata": {"store": "\\ud800"}}}',
        b'{"id": "EVENT", "type": "x", "data": {"id": "ch_1", "metadata": {"store": "STORE", "payment_key": "\\u0000"}}}',
        b'{"id": "EVENT", "type": "x", "data": {"id": "ch_1", "metadata": {"store": "STORE", "payment_key": "\\ud800"}}}',
        b'{"id": "EVENT", "type": "x", "data": {"id": "ch_1", "metadata": {"store": "STORE", "payment_key": 7}}}',
    ],
)
async def test_a_signed_event_that_cannot_be_read_is_kept_and_never_asked_for_again(
    shared_shop: Shop, machine: Serving, body: bytes
) -> None:
    event = f"evt_{uuid.uuid4().hex}"
    sent = body.replace(b"EVENT", event.encode()).replace(b"STORE", shared_shop.id.encode())
    for _ in range(2):
        answer = tell_bytes(machine, event, sent)
        assert (answer.status_code, answer.json()) == (200, {"heard": True, "request_id": None})
    assert await kept(machine, event, unreadable=True) == 1


@pytest.mark.parametrize(
    "header",
    [
        b"webhook-timestamp: " + b"9" * 400,
        b"webhook-timestamp: -" + b"9" * 400,
        b"webhook-timestamp: NaN",
        b"webhook-timestamp: 1e999",
        b"webhook-timestamp: 1_000",
        b"webhook-timestamp: \xd9\xa1",
        b"webhook-timestamp:",
        b"webhook-timestamp: 1\r\nwebhook-signature: v1,\xff",
        b"webhook-timestamp: 1\r\nwebhook-signature: v1,====",
        b"webhook-timestamp: 1\r\nwebhook-signature: " + b" ".join([b"v1,aaaa"] * 5000),
        b"webhook-timestamp: 1\r\nX: webhook-signature",
        b"X: none",
    ],
)
def test_an_event_that_is_not_signed_is_refused_whatever_its_headers(machine: Serving, header: bytes) -> None:
    headers = [b"webhook-id: evt_x", header]
    if b"webhook-signature" not in header:
        headers.append(b"webhook-signature: v1,aaaa")
    answer = Wire(machine.urls["api"]).ask("POST", PATH, *headers, body=json.dumps({"id": "evt_x"}).encode())
    assert (answer.status, answer.problem["code"]) == (400, "webhook_refused")

"""Each fault of the gateway: the caller gets the right error, and money still moves once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from jalon.domain.money import Money
from jalon.integrations.payments.port import (
    Declined,
    KeyVoid,
    MandateStored,
    NotFound,
    PaymentProvider,
    Pending,
    ProviderRefusedRequest,
    ProviderTimeout,
    ProviderUnreachable,
    Refunded,
    Succeeded,
)
from tests.jalon.local.payment_sandbox_process import SandboxProcess

AT = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
PRICE = Money(Decimal("1200.00"), "EUR")
LONG = 8.0


async def _pay(provider: PaymentProvider, key: str, order: str) -> object:
    return await provider.charge(key, PRICE, "card_ok", {"order": order}, AT)


async def test_a_hang_after_the_commit_is_unknown_until_found(
    sandbox: SandboxProcess, provider: PaymentProvider, key: str, order: str
) -> None:
    sandbox.fault("hang_after_commit", match={"order": order}, seconds=LONG)
    with pytest.raises(ProviderTimeout):
        await _pay(provider, key, order)
    found = await provider.find(key)
    assert isinstance(found, Succeeded)
    assert await _pay(provider, key, order) == found
    assert [capture["id"] for capture in sandbox.captures(order=order)] == [found.reference]


async def test_a_timeout_before_the_commit_leaves_nothing_and_the_key_may_be_sent_again(
    sandbox: SandboxProcess, provider: PaymentProvider, key: str, order: str
) -> None:
    sandbox.fault("timeout_before", match={"order": order}, seconds=LONG)
    with pytest.raises(ProviderTimeout):
        await _pay(provider, key, order)
    assert await provider.find(key) == NotFound()
    assert isinstance(await _pay(provider, key, order), Succeeded)
    assert len(sandbox.captures(order=order)) == 1


async def test_a_late_commit_is_pending_and_is_never_paid_twice(
    sandbox: SandboxProcess, provider: PaymentProvider, key: str, order: str
) -> None:
    sandbox.fault("late_commit", match={"order": order}, seconds=4.0)
    with pytest.raises(ProviderTimeout):
        await _pay(provider, key, order)
    assert isinstance(await provider.find(key), Pending)
    with pytest.raises(ProviderTimeout, match="409"):
        await _pay(provider, key, order)
    found = await _once_settled(provider, key)
    assert isinstance(found, Succeeded)
    assert await _pay(provider, key, order) == found
    assert len(sandbox.captures(order=order)) == 1


async def test_a_stored_500_is_repeated_for_ever_and_says_nothing_about_money(
    sandbox: SandboxProcess, provider: PaymentProvider, key: str, order: str
) -> None:
    sandbox.fault("stored_500", match={"order": order})
    with pytest.raises(ProviderTimeout, match="500"):
        await _pay(provider, key, order)
    for _ in range(2):
        with pytest.raises(KeyVoid, match="500"):
            await _pay(provider, key, order)
    assert await provider.find(key) == NotFound()
    assert isinstance(await _pay(provider, f"{key}-next", order), Succeeded)
    assert len(sandbox.captures(order=order)) == 1


async def test_a_500_after_the_commit_is_found_as_a_capture(
    sandbox: SandboxProcess, provider: PaymentProvider, key: str, order: str
) -> None:
    sandbox.fault("stored_500", match={"order": order}, after_commit=True)
    for fault in (ProviderTimeout, KeyVoid):
        with pytest.raises(fault):
            await _pay(provider, key, order)
    assert isinstance(await provider.find(key), Succeeded)
    assert len(sandbox.captures(order=order)) == 1


async def test_a_forgotten_key_charges_again_so_the_ledger_is_asked_first(
    sandbox: SandboxProcess, provider: PaymentProvider, key: str, order: str
) -> None:
    first = await _pay(provider, key, order)
    assert sandbox.expire_keys(key) == 1
    assert await provider.find(key) == first
    second = await _pay(provider, key, order)
    assert second != first
    assert len(sandbox.captures(order=order)) == 2
    assert await provider.find(key) == first


async def test_a_capture_outweighs_a_decline_under_the_same_key(
    sandbox: SandboxProcess, provider: PaymentProvider, key: str, order: str
) -> None:
    sandbox.fault("decline", match={"order": order}, code="do_not_honor")
    assert isinstance(await _pay(provider, key, order), Declined)
    sandbox.expire_keys(key)
    paid = await _pay(provider, key, order)
    assert isinstance(paid, Succeeded)
    assert await provider.find(key) == paid


async def test_a_refused_request_carries_its_cause(
    sandbox: SandboxProcess, provider: PaymentProvider, key: str, order: str
) -> None:
    sandbox.fault("refuse_400", match={"order": order}, code="account_frozen")
    with pytest.raises(ProviderRefusedRequest) as refused:
        await _pay(provider, key, order)
    assert refused.value.code == "account_frozen"
    assert await provider.find(key) == NotFound()
    assert isinstance(await _pay(provider, key, order), Succeeded)


async def test_a_decline_on_demand_says_its_code_and_whether_to_try_again(
    sandbox: SandboxProcess, provider: PaymentProvider, key: str, order: str
) -> None:
    sandbox.fault("decline", match={"order": order}, code="stolen_card", count=2)
    for n, expected in enumerate(((Declined, False), (Declined, False), (Succeeded, None))):
        outcome = await _pay(provider, f"{key}-{n}", order)
        assert (type(outcome), getattr(outcome, "retryable", None)) == expected


async def test_a_fault_hits_only_what_it_matches_and_only_so_often(
    sandbox: SandboxProcess, provider: PaymentProvider, key: str, order: str
) -> None:
    sandbox.fault("refuse_400", match={"order": order, "cycle": "1"}, operation="charge", count=2)
    assert isinstance(
        await provider.store_mandate(key, "card_ok", {"order": order, "cycle": "1"}, AT), MandateStored
    )
    assert isinstance(await provider.charge(f"{key}-0", PRICE, "card_ok", {"order": order}, AT), Succeeded)
    hit = {"order": order, "cycle": "1", "store": "any"}
    for _ in range(2):
        with pytest.raises(ProviderRefusedRequest):
            await provider.charge(f"{key}-1", PRICE, "card_ok", hit, AT)
    assert isinstance(await provider.charge(f"{key}-1", PRICE, "card_ok", hit, AT), Succeeded)
    (fault,) = sandbox.faults()
    assert (fault["hits"], fault["left"]) == (2, 0)


async def test_refunds_and_mandates_hang_and_are_found_too(
    sandbox: SandboxProcess, provider: PaymentProvider, key: str, order: str
) -> None:
    sandbox.fault("hang_after_commit", match={"order": order}, operation="refund", seconds=LONG)
    sandbox.fault("hang_after_commit", match={"order": order}, operation="store_mandate", seconds=LONG)
    sandbox.fault("hang_after_commit", match={"order": order}, operation="release_mandate", seconds=LONG)
    charged = await _pay(provider, key, order)
    assert isinstance(charged, Succeeded)
    with pytest.raises(ProviderTimeout):
        await provider.refund(f"{key}-r", charged.reference, PRICE, AT)
    assert isinstance(await provider.find_refund(f"{key}-r"), Refunded)
    with pytest.raises(ProviderTimeout):
        await provider.store_mandate(f"{key}-m", "card_ok", {"order": order}, AT)
    mandate = await provider.find_mandate(f"{key}-m")
    assert isinstance(mandate, MandateStored)
    with pytest.raises(ProviderTimeout):
        await provider.release_mandate(f"{key}-x", mandate.reference, AT)
    await provider.release_mandate(f"{key}-x", mandate.reference, AT)


async def test_a_closed_door_is_unreachable_and_opens_again(
    own_sandbox: SandboxProcess, open_at: Callable[[str], PaymentProvider], key: str, order: str
) -> None:
    provider = open_at(own_sandbox.url)
    before = await _pay(provider, key, order)
    own_sandbox.fault("unreachable", seconds=3.0)
    await _once(lambda: not own_sandbox.is_open())
    with pytest.raises(ProviderUnreachable):
        await _pay(provider, f"{key}-1", order)
    with pytest.raises(ProviderUnreachable):
        await provider.find(key)
    own_sandbox.wait_until_open()
    assert await provider.find(key) == before
    assert isinstance(await _pay(provider, f"{key}-1", order), Succeeded)


async def test_a_gateway_killed_under_a_request_is_unknown(
    own_sandbox: SandboxProcess, open_at: Callable[[str], PaymentProvider], key: str, order: str
) -> None:
    provider = open_at(own_sandbox.url)
    own_sandbox.fault("hang_after_commit", seconds=LONG)
    call = asyncio.ensure_future(_pay(provider, key, order))
    await _once(lambda: bool(own_sandbox.captures(order=order)))
    own_sandbox.kill()
    with pytest.raises(ProviderTimeout):
        await call
    with pytest.raises(ProviderUnreachable):
        await provider.find(key)
    own_sandbox.start()
    found = await provider.find(key)
    assert isinstance(found, Succeeded)
    assert await _pay(provider, key, order) == found
    assert len(own_sandbox.captures(order=order)) == 1


async def _once(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not await asyncio.to_thread(holds):  # noqa: ASYNC110 (another process changes it)
            await asyncio.sleep(0.02)


async def _once_settled(provider: PaymentProvider, key: str) -> object:
    for _ in range(200):
        found = await provider.find(key)
        if not isinstance(found, Pending):
            return found
        await asyncio.sleep(0.05)
    raise TimeoutError(f"{key} stays pending")

"""A store changes its provider: earlier payments are refunded, and earlier mandates charged, at the provider that holds them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest

from activities.contracts.payments import PaymentRequest
from activities.payments import Payments
from jalon.integrations.payments.port import PaymentProvider
from jalon.integrations.payments.registry import open_provider
from jalon.persistence.sessions import Sessions
from jalon.policy.model.store_policy import StorePolicy
from tests.activities.conftest import STORE
from tests.activities.paying import captures, charge
from tests.jalon.local.payment_sandbox_process import WEBHOOK_SECRET, SandboxProcess


@pytest.fixture(scope="module")
def later_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    process = SandboxProcess(tmp_path_factory.mktemp("later") / "payments.sqlite").start()
    yield process
    process.close()


@pytest.fixture(scope="module")
async def later_provider(later_sandbox: SandboxProcess) -> AsyncIterator[PaymentProvider]:
    opened = open_provider("sandbox", {"url": later_sandbox.url, "webhook_secret": WEBHOOK_SECRET})
    yield opened
    await opened.aclose()


@pytest.fixture
def after_the_change(
    sessions: Sessions,
    provider: PaymentProvider,
    later_provider: PaymentProvider,
    policies: dict[str, StorePolicy],
) -> Payments:
    """Payments of a worker that serves both providers, where the store's file already names the later one."""
    rules = policies[STORE].rules
    payment = rules.payment.model_copy(update={"provider": "later"})
    changed = replace(policies[STORE], rules=rules.model_copy(update={"payment": payment}))
    return Payments(sessions, {"sandbox": provider, "later": later_provider}, {STORE: changed})


async def book(provider: PaymentProvider, entity: str) -> list[Any]:
    return [each.status for each in (await provider.list_charges(metadata={"entity": entity})).items]


async def test_a_payment_that_begins_now_goes_to_the_store_s_present_provider(
    after_the_change: Payments, sandbox: SandboxProcess, later_sandbox: SandboxProcess, entity: str
) -> None:
    assert (await after_the_change.pay(charge(entity))).state == "succeeded"
    assert (len(captures(sandbox, entity)), len(captures(later_sandbox, entity))) == (0, 1)


async def test_a_refund_goes_to_the_provider_that_took_the_money(
    payments: Payments, after_the_change: Payments, sandbox: SandboxProcess, entity: str
) -> None:
    taken = await payments.pay(charge(entity))
    refund = charge(entity, purpose="refund", reference=taken.reference)
    for _ in range(2):
        assert (await after_the_change.pay(refund)).state == "succeeded"
    (capture,) = captures(sandbox, entity)
    assert capture["refunded"] == capture["amount"]


async def test_a_withdrawal_goes_to_the_provider_that_waits_for_the_buyer(
    payments: Payments, after_the_change: Payments, provider: PaymentProvider, entity: str
) -> None:
    asked = await payments.pay(charge(entity, method="card_3ds"))
    withdrawal = charge(entity, purpose="withdraw", reference=asked.reference)
    assert (await after_the_change.pay(withdrawal)).code == "cancelled"
    assert await book(provider, entity) == ["declined"]


async def test_a_mandate_is_collected_under_and_released_where_it_is_stored(
    payments: Payments, after_the_change: Payments, sandbox: SandboxProcess, entity: str
) -> None:
    stored = await payments.pay(charge(entity, purpose="mandate"))
    collected = charge(f"{entity}-line", reference=stored.reference)
    assert (await after_the_change.pay(collected)).state == "succeeded"
    assert len(captures(sandbox, f"{entity}-line")) == 1
    await after_the_change.pay(charge(entity, purpose="release", reference=stored.reference))
    late: PaymentRequest = replace(collected, cycle=1)
    assert (await after_the_change.pay(late)).code == "mandate_released"

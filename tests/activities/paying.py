"""Payments requested as a worker requests them, and the resulting rows of ledger and gateway."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from temporalio.exceptions import ApplicationError

from activities.contracts.payments import PaymentRequest
from activities.payments import Payments, payment_key
from jalon.domain.money import Money
from jalon.persistence.sessions import Sessions
from tests.activities.conftest import AT, STORE
from tests.jalon.local.payment_sandbox_process import SandboxProcess

AMOUNT = Money(Decimal("1200.00"), "EUR")


def charge(entity: str, **more: Any) -> PaymentRequest:
    return dataclasses.replace(PaymentRequest(STORE, entity, "charge", 0, 1, AMOUNT, "card_ok", AT), **more)


async def state_of(sessions: Sessions, request: PaymentRequest) -> str:
    async with sessions.of(STORE) as tx:
        asked = text("select state from payment where key = :key")
        return str((await tx.execute(asked, {"key": payment_key(request)})).scalar_one())


async def forget_the_answer(sessions: Sessions, request: PaymentRequest) -> None:
    """Sets the ledger back to its state between the provider's request and its answer, as a killed process leaves it."""
    async with sessions.of(STORE) as tx:
        lost = text("update payment set state = 'sent', outcome = null where key = :key")
        await tx.execute(lost, {"key": payment_key(request)})


async def fault_of(payments: Payments, request: PaymentRequest) -> ApplicationError:
    with pytest.raises(ApplicationError) as raised:
        await payments.pay(request)
    return raised.value


def captures(sandbox: SandboxProcess, entity: str) -> list[dict[str, Any]]:
    return sandbox.captures(entity=entity)

"""Every attempt of an activity is counted by its result; e-mails and payments also by what that result means."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities.contracts.base import Done
from activities.contracts.mail import MailOutcome
from activities.contracts.payments import PaymentOutcome, PaymentRequest
from activities.metrics import ActivityMetrics
from jalon.domain.money import Money
from tests.activities.conftest import AT
from tests.support.metrics import samples_of, value

CHARGE = PaymentRequest("fastening", "ord_1", "charge", 0, 1, Money(Decimal("10.00"), "EUR"), "card_ok", AT)


class Comes(ActivityInboundInterceptor):
    """An activity with this result."""

    def __init__(self, to: Any) -> None:
        self._to = to

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        if isinstance(self._to, BaseException):
            raise self._to
        return self._to


async def run(registry: CollectorRegistry, name: str, asked: Any, to: Any) -> None:
    inbound = ActivityMetrics(registry).intercept_activity(Comes(to))
    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(environment.info, activity_type=name)

    async def attempt() -> Any:
        return await inbound.execute_activity(ExecuteActivityInput(attempt, (asked,), None, {}))

    running: Callable[[], Any] = attempt
    if isinstance(to, BaseException):
        with pytest.raises(type(to)):
            await environment.run(running)
    else:
        assert await environment.run(running) is to


@pytest.mark.parametrize(
    ("to", "outcome"),
    [
        (Done(), "completed"),
        (KeyError("a bug"), "failed"),
        (ApplicationError("gone", type="Gone"), "failed"),
        (ApplicationError("no", type="No", non_retryable=True), "refused"),
        (asyncio.CancelledError(), "cancelled"),
    ],
)
async def test_an_attempt_is_counted_by_its_outcome(to: Any, outcome: str) -> None:
    registry = CollectorRegistry()
    await run(registry, "purge", None, to)
    samples = samples_of(registry)
    counted = "jalon_activity_duration_seconds_count"
    assert value(samples, counted) == value(samples, counted, activity="purge", outcome=outcome) == 1
    assert (value(samples, "jalon_worker_last_activity_timestamp_seconds") > 0) == (outcome == "completed")


@pytest.mark.parametrize(
    ("to", "outcome"),
    [
        (MailOutcome(AT), "accepted"),
        (MailOutcome(AT, "550"), "refused"),
        (ApplicationError("away", type="MailServerUnreachable"), "retried"),
    ],
)
async def test_an_email_is_counted_by_its_outcome(to: Any, outcome: str) -> None:
    registry = CollectorRegistry()
    await run(registry, "send_mail", None, to)
    samples = samples_of(registry)
    assert value(samples, "jalon_emails_total") == value(samples, "jalon_emails_total", outcome=outcome) == 1


@pytest.mark.parametrize(
    ("purpose", "to", "outcome"),
    [
        ("charge", PaymentOutcome("succeeded", AT), "captured"),
        ("mandate", PaymentOutcome("succeeded", AT), "succeeded"),
        ("charge", PaymentOutcome("declined", AT, code="expired_card"), "declined"),
        ("charge", PaymentOutcome("action_required", AT), "authentication"),
        ("charge", ApplicationError("?", type="ProviderTimeout"), "unknown"),
        ("charge", ApplicationError("…", type="PaymentPending"), "pending"),
        ("charge", ApplicationError("!", type="ProviderUnreachable"), "failed"),
        ("refund", ApplicationError("no", type="RefundDeclined:late", non_retryable=True), "refused"),
        ("charge", KeyError("a bug"), "failed"),
    ],
)
async def test_a_payment_is_counted_by_purpose_and_outcome(purpose: str, to: Any, outcome: str) -> None:
    registry = CollectorRegistry()
    await run(registry, "pay", dataclasses.replace(CHARGE, purpose=purpose), to)
    samples = samples_of(registry)
    name = "jalon_payments_total"
    assert value(samples, name) == value(samples, name, purpose=purpose, outcome=outcome) == 1

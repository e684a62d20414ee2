"""Counts the results of activities in an interceptor, so that no activity contains counting code."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.contracts.mail import SEND_MAIL, MailOutcome
from activities.contracts.payments import PAY, PaymentOutcome, PaymentRequest
from jalon.domain.parking import Cause
from jalon.domain.stops import Stop

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

_SETTLED = {"declined": "declined", "action_required": "authentication"}
_UNSETTLED = {"ProviderTimeout": "unknown", "PaymentPending": "pending"}


class ActivityMetrics(Interceptor):
    """An interceptor for every worker of a process. It counts activities, e-mails and payments, and notes when one last succeeded."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._activities = Histogram(
            "jalon_activity_duration_seconds",
            "Time of one attempt of an activity, by outcome: completed, failed, refused, stopped or cancelled.",
            ["activity", "outcome"],
            buckets=SECONDS,
            registry=registry,
        )
        self._emails = Counter(
            "jalon_emails",
            "Attempts to send an e-mail, by outcome: accepted, refused or retried.",
            ["outcome"],
            registry=registry,
        )
        self._payments = Counter(
            "jalon_payments",
            "Attempts at a payment, by purpose and outcome: captured, succeeded, declined, authentication, pending,"
            " unknown, refused or failed.",
            ["purpose", "outcome"],
            registry=registry,
        )
        self._last = Gauge(
            "jalon_worker_last_activity_timestamp_seconds",
            "When this process last completed an activity; 0 before the first.",
            registry=registry,
        )
        for outcome in ("accepted", "refused", "retried"):
            self._emails.labels(outcome)

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 (the SDK's name)
        """Wraps the SDK's interceptor."""
        return _Counted(next, self)

    def count(self, name: str, asked: Any, came_to: Any, seconds: float) -> None:
        """Counts one attempt of the activity `name`, with its answer or the exception that it raised."""
        outcome = _outcome(came_to)
        self._activities.labels(name, outcome).observe(seconds)
        if outcome == "completed":
            self._last.set_to_current_time()
        if outcome in ("cancelled", "stopped"):
            return
        if name == SEND_MAIL.name:
            self._emails.labels(_of_email(came_to)).inc()
        elif name == PAY.name and isinstance(asked, PaymentRequest):
            self._payments.labels(asked.purpose, _of_payment(asked.purpose, came_to)).inc()


class _Counted(ActivityInboundInterceptor):
    def __init__(self, inner: ActivityInboundInterceptor, metrics: ActivityMetrics) -> None:
        super().__init__(inner)
        self._metrics = metrics

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 (the SDK's name)
        name, asked = activity.info().activity_type, input.args[0] if input.args else None
        began = time.perf_counter()
        try:
            answer = await super().execute_activity(input)
        except (Exception, asyncio.CancelledError) as fault:
            self._metrics.count(name, asked, fault, time.perf_counter() - began)
            raise
        self._metrics.count(name, asked, answer, time.perf_counter() - began)
        return answer


def _outcome(came_to: Any) -> str:
    if isinstance(came_to, asyncio.CancelledError):
        return "cancelled"
    if isinstance(came_to, ApplicationError) and Stop.of_fault(came_to.type or "") is not None:
        return "stopped"
    if isinstance(came_to, ApplicationError) and came_to.non_retryable:
        return "refused"
    return "failed" if isinstance(came_to, Exception) else "completed"


def _of_email(came_to: Any) -> str:
    if not isinstance(came_to, MailOutcome):
        return "retried"
    return "accepted" if came_to.refusal is None else "refused"


def _of_payment(purpose: str, came_to: Any) -> str:
    if isinstance(came_to, PaymentOutcome):
        taken = "captured" if purpose == "charge" else "succeeded"
        return _SETTLED.get(came_to.state, taken)
    if isinstance(came_to, ApplicationError) and not came_to.non_retryable:
        return _UNSETTLED.get(Cause.of(came_to.type or "").error, "failed")
    return "refused" if isinstance(came_to, ApplicationError) else "failed"

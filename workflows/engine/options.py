"""How long each capability may try, and where it runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from temporalio.common import RetryPolicy

DATABASE_QUEUE_SUFFIX = "-database"


@dataclass(frozen=True)
class Budget:
    """One attempt may take `attempt`; after the last one of `retry` the step parks.

    Attempts are counted, not time: hours without a worker of ours spend nothing of a provider's budget.
    """

    attempt: timedelta
    retry: RetryPolicy


LOCAL_WRITE = timedelta(seconds=3)
"""A local database write gets this long; then it goes on as a normal activity on the database queue."""

LOCAL_RETRIES = RetryPolicy(
    initial_interval=timedelta(milliseconds=100), backoff_coefficient=2, maximum_attempts=5
)
"""Within that time. The time alone ends only an attempt that hangs; attempts that fail quickly would go on for ever."""

DATABASE_ATTEMPT = timedelta(seconds=10)
FOR_EVER = RetryPolicy(
    initial_interval=timedelta(milliseconds=100), backoff_coefficient=2, maximum_interval=timedelta(seconds=5)
)

PAYMENT = Budget(
    attempt=timedelta(seconds=20),
    retry=RetryPolicy(
        initial_interval=timedelta(milliseconds=500),
        maximum_interval=timedelta(seconds=20),
        maximum_attempts=20,
    ),
)
"""About five minutes of a provider that does not answer."""

SCREENING = Budget(
    attempt=timedelta(seconds=20),
    retry=RetryPolicy(
        initial_interval=timedelta(milliseconds=500),
        maximum_interval=timedelta(seconds=20),
        maximum_attempts=11,
    ),
)
"""About two minutes."""

MAIL = Budget(
    attempt=timedelta(seconds=20),
    retry=RetryPolicy(
        initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5), maximum_attempts=870
    ),
)
"""About three days of a mail server that does not take it."""

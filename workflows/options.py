"""How long each capability may try, and where it runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from temporalio.common import RetryPolicy

DATABASE_QUEUE_SUFFIX = "-database"


@dataclass(frozen=True)
class Budget:
    """One attempt may take `attempt`; all of them together `total`, after which the step parks."""

    attempt: timedelta
    total: timedelta
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
    total=timedelta(minutes=5),
    retry=RetryPolicy(initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=20)),
)
SCREENING = Budget(
    attempt=timedelta(seconds=20),
    total=timedelta(minutes=2),
    retry=RetryPolicy(initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=20)),
)
MAIL = Budget(
    attempt=timedelta(seconds=20),
    total=timedelta(days=3),
    retry=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5)),
)

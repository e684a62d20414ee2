"""The retry budget, timeouts and task queue of each capability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from temporalio.common import RetryPolicy

DATABASE_QUEUE_SUFFIX = "-database"


@dataclass(frozen=True)
class Budget:
    """One attempt may take `attempt`; after the last attempt of `retry` the step parks.

    The budget counts attempts, not time: hours without a worker use up nothing of it.
    """

    attempt: timedelta
    retry: RetryPolicy


LOCAL_WRITE = timedelta(seconds=3)
"""A local database activity gets this long; then it continues as a normal activity on the database queue."""

LOCAL_RETRIES = RetryPolicy(
    initial_interval=timedelta(milliseconds=100), backoff_coefficient=2, maximum_attempts=5
)
"""The retries within LOCAL_WRITE. That time alone ends only an attempt that hangs; quick failures would be retried for ever."""

DATABASE_ATTEMPT = timedelta(seconds=10)
FOR_EVER = RetryPolicy(
    initial_interval=timedelta(milliseconds=100), backoff_coefficient=2, maximum_interval=timedelta(seconds=5)
)

LIFTING = Budget(
    attempt=timedelta(seconds=10),
    retry=RetryPolicy(
        initial_interval=timedelta(seconds=1), backoff_coefficient=1.5, maximum_interval=timedelta(seconds=45)
    ),
)
"""A step that an emergency stop holds asks again without limit, at last every 45 seconds: it goes on within a minute of the end."""

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
"""About three days of a mail server that does not accept the e-mail."""

"""A worker of a bad release, or one of little patience: `python -m jalon.rehearsal.faults.faulty_worker --raises`.

It is the product's own worker with a fault planted from outside. Nothing of the product knows of it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.common import RetryPolicy

import worker
from workflows.engine import options
from workflows.engine.options import Budget
from workflows.order.life import OrderLife
from workflows.order.steps import fulfilment

Settle = Callable[[OrderLife], Coroutine[Any, Any, None]]


class DeployedFault(Exception):
    """The fault that the release brought."""


def raising(settle: Settle, only: Path | None) -> Settle:
    """The step of fulfilment that raises; where there is a file of orders, for those that stand in it at the time."""

    def fails(order: OrderLife) -> bool:
        return only is None or order.state.id in only.read_text().split()

    async def until_settled(order: OrderLife) -> None:
        if fails(order):
            raise DeployedFault("planted")
        await settle(order)

    return until_settled


def without_pauses(budget: Budget, pause: float) -> Budget:
    """The budget with all of its attempts, this many seconds apart."""
    each = timedelta(seconds=pause)
    retry = replace(budget.retry, initial_interval=each, backoff_coefficient=1.0, maximum_interval=each)
    return Budget(budget.attempt, retry)


def with_attempts(budget: Budget, most: int) -> Budget:
    """The budget with fewer attempts, a second apart."""
    return Budget(budget.attempt, RetryPolicy(backoff_coefficient=1.0, maximum_attempts=most))


def main() -> None:
    """Plants what the options name, then runs the worker."""
    parser = argparse.ArgumentParser(prog="faulty_worker")
    parser.add_argument("--raises", action="store_true", help="the step of fulfilment raises")
    parser.add_argument(
        "--only", type=Path, help="a file of order ids, one a line, for which it raises; read each time"
    )
    parser.add_argument(
        "--mail-attempts", type=int, help="after so many an e-mail parks, instead of three days"
    )
    parser.add_argument(
        "--payment-pause", type=float, help="the seconds between the attempts of a payment, all of them made"
    )
    asked = parser.parse_args()
    if asked.raises:
        vars(fulfilment)["until_settled"] = raising(fulfilment.until_settled, asked.only)
    if asked.mail_attempts:
        options.MAIL = with_attempts(options.MAIL, asked.mail_attempts)
    if asked.payment_pause:
        options.PAYMENT = without_pauses(options.PAYMENT, asked.payment_pause)
    worker.main()


if __name__ == "__main__":
    main()

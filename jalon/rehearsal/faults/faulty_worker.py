"""A worker of a bad release, or one of little patience: `python -m jalon.rehearsal.faults.faulty_worker --raises`.

It is the product's own worker with a fault planted from outside. Nothing of the product knows of it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Coroutine
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


def raising(settle: Settle, orders: frozenset[str] | None) -> Settle:
    """The step of fulfilment that raises, for these orders alone where some are named."""

    async def until_settled(order: OrderLife) -> None:
        if orders is None or order.state.id in orders:
            raise DeployedFault("planted")
        await settle(order)

    return until_settled


def with_attempts(budget: Budget, most: int) -> Budget:
    """The budget with fewer attempts, a second apart."""
    return Budget(budget.attempt, RetryPolicy(backoff_coefficient=1.0, maximum_attempts=most))


def main() -> None:
    """Plants what the options name, then runs the worker."""
    parser = argparse.ArgumentParser(prog="faulty_worker")
    parser.add_argument("--raises", action="store_true", help="the step of fulfilment raises")
    parser.add_argument("--only", type=Path, help="a file of order ids, one a line, for which it raises")
    parser.add_argument(
        "--mail-attempts", type=int, help="after so many an e-mail parks, instead of three days"
    )
    asked = parser.parse_args()
    if asked.raises:
        named = None if asked.only is None else frozenset(asked.only.read_text().split())
        vars(fulfilment)["until_settled"] = raising(fulfilment.until_settled, named)
    if asked.mail_attempts:
        options.MAIL = with_attempts(options.MAIL, asked.mail_attempts)
    worker.main()


if __name__ == "__main__":
    main()

"""A fault of the database is told by what it is: who finds every connection busy comes again soon."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout

from api.http.exception_mapping import problem_of_exception


@pytest.mark.rule("T15")
@pytest.mark.parametrize(
    ("fault", "code", "retry_after"),
    [
        (PoolTimeout("every connection is in use"), "database_busy", 1),
        (psycopg.OperationalError("connection refused"), "database_unreachable", 5),
    ],
)
def test_a_busy_pool_is_no_database_out_of_reach(fault: Exception, code: str, retry_after: int) -> None:
    problem = problem_of_exception(fault)
    assert (problem.status, problem.code) == (503, code)
    assert problem.headers == {"Retry-After": str(retry_after)}
    assert "same Idempotency-Key" in problem.detail

"""Facts beside a status, and the standing that people read of both."""

from __future__ import annotations

import pytest

from jalon.domain.statuses import OrderStatus, Standing, SubscriptionStatus, standing


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({}, "active"),
        ({"renewal_committed_at": 1}, Standing.RENEWAL_COMMITTED),
        ({"stop_requested_at": 1, "renewal_committed_at": 1}, Standing.STOP_REQUESTED),
        ({"past_due_since": 1, "stop_requested_at": 1, "renewal_committed_at": 1}, Standing.PAST_DUE),
    ],
)
def test_the_word_of_a_running_subscription_is_of_the_first_fact_that_holds(
    facts: dict[str, object], word: str
) -> None:
    assert standing(SubscriptionStatus.ACTIVE, facts) == word
    others: list[OrderStatus | SubscriptionStatus] = [
        *OrderStatus,
        *(set(SubscriptionStatus) - {SubscriptionStatus.ACTIVE}),
    ]
    for status in others:
        assert standing(status, facts) == status

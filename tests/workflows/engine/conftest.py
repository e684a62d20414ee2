"""The parts of an entity without Temporal: a state, receipts and agenda entries around one instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from activities.contracts.records import ClosingFacts, ReceivedCommand
from jalon.domain.statuses import SubscriptionStatus
from workflows.engine.deadlines import Deadlines
from workflows.engine.inbox import Inbox
from workflows.subscription.state import SubscriptionState

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
NOTHING = ClosingFacts((), (), api_silent=False)


def receipt(seq: int, at: datetime, after: int = 0) -> ReceivedCommand:
    return ReceivedCommand(f"req_{seq}", seq, "stop_renewal", at, {}, "Ada", "storefront", after)


def state_of(*, live: bool, now: datetime = NOON - timedelta(days=1)) -> SubscriptionState:
    return SubscriptionState("geomatics", "sub_1", live, now, SubscriptionStatus.ACTIVE)


@pytest.fixture(params=[True, False], ids=["live", "test"])
def live(request: pytest.FixtureRequest) -> bool:
    """Whether the store is live or on a test clock."""
    is_live: bool = request.param
    return is_live


@pytest.fixture
def state(live: bool) -> SubscriptionState:
    return state_of(live=live)


@pytest.fixture
def inbox(state: SubscriptionState) -> Inbox:
    return Inbox(state)


@pytest.fixture
def deadlines(state: SubscriptionState, inbox: Inbox) -> Deadlines:
    return Deadlines(state, inbox)

"""An effect whose budget is spent parks, unless nobody wants it any more."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.api.enums.v1 import TimeoutType
from temporalio.exceptions import ActivityError
from temporalio.exceptions import TimeoutError as TimedOut
from temporalio.exceptions import TimeoutType as Limit

from activities.contracts.mail import SEND_MAIL, MailRequest
from tests.workflows.engine.conftest import NOON
from workflows.engine import options
from workflows.engine.effects import Effects
from workflows.engine.parking import Parking
from workflows.engine.transition_builder import TransitionBuilder
from workflows.subscription.state import SubscriptionState

REQUEST = MailRequest(
    store="fastening", entity="sub_1", occurrence="contract", template="contract_ready", fields={}, party="pty_1", names=None, at=NOON,
    live=True, link=None, link_subject="", about=None, support=None,
)  # fmt: skip


async def times_out(*_: Any, **__: Any) -> None:
    """Fails as an attempt does whose worker was killed: nothing hears of a cancellation, and its time ends."""
    await asyncio.sleep(0)
    failed = ActivityError(
        "the attempt is over", scheduled_event_id=1, started_event_id=2, identity="", activity_type="send_mail",
        activity_id="1", retry_state=None,
    )  # fmt: skip
    raise failed from TimedOut(
        "start to close", type=Limit(TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE), last_heartbeat_details=()
    )


@pytest.fixture
def parking(state: SubscriptionState) -> Parking:
    return Parking(state, TransitionBuilder())


@pytest.fixture
def effects(parking: Parking, monkeypatch: pytest.MonkeyPatch) -> Effects:
    monkeypatch.setattr("temporalio.workflow.execute_activity", times_out)
    monkeypatch.setattr("temporalio.workflow.now", lambda: NOON)
    monkeypatch.setattr("temporalio.workflow.wait_condition", lambda *_, **__: asyncio.Event().wait())
    return Effects(parking, lambda _: None, lambda request: request, lambda: False)


async def test_what_is_wanted_parks(effects: Effects, parking: Parking, state: SubscriptionState) -> None:
    with pytest.raises(asyncio.TimeoutError):
        async with asyncio.timeout(0.05):
            await effects.perform("mail/contract", SEND_MAIL, REQUEST, options.MAIL)
    assert state.parked["mail/contract"].cause == "TimeoutError"


@pytest.mark.rule("X21")
async def test_what_nobody_wants_any_more_ends_instead(effects: Effects, state: SubscriptionState) -> None:
    with pytest.raises(ActivityError):
        await effects.perform("mail/contract", SEND_MAIL, REQUEST, options.MAIL, lambda: False)
    assert state.parked == {}

"""A receipt that reaches an entity after its end is refused at once; receipts of other entities are left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jalon.inbox.after_end import refuse_after_end
from jalon.persistence.entities import transitions
from jalon.persistence.inbox import receipts
from jalon.persistence.inbox.receipts import Receipt
from jalon.persistence.sessions import Sessions
from tests.jalon.persistence.conftest import transition
from tests.jalon.persistence.inbox.test_receipts import record, request


async def refused(sessions: Sessions, store: str, entity: str, command: str) -> tuple[bool, Receipt]:
    """Whether a command to the entity was refused as too late, and its receipt."""
    taken = await record(sessions, replace(request(store, entity), command=command))
    assert taken is not None
    async with sessions.of(store) as tx:
        done = await refuse_after_end(tx, entity, [taken])
    async with sessions.of(store) as tx:
        found = await receipts.find(tx, taken.id)
        assert found is not None
    return done, found


@pytest.mark.rule("P5")
async def test_a_step_on_a_void_subscription_is_refused_in_the_words_of_its_end(
    sessions: Sessions, here: str, entity: str
) -> None:
    async with sessions.of(here) as tx:
        await transitions.record(tx, transition(here, entity, 1, "void", kind="subscription"))
    done, receipt = await refused(sessions, here, entity, "take_step")
    assert (done, receipt.state) == (True, "refused")
    assert receipt.outcome is not None
    (violation,) = receipt.outcome["violations"]
    assert (receipt.outcome["status"], violation["code"], violation["rule"]) == (
        409,
        "activation_window_closed",
        "P5",
    )


async def test_what_is_said_to_a_living_order_is_left_for_its_workflow(
    sessions: Sessions, here: str, entity: str
) -> None:
    async with sessions.of(here) as tx:
        await transitions.record(tx, transition(here, entity, 1, "cart"))
    done, receipt = await refused(sessions, here, entity, "cancel")
    assert (done, receipt.state) == (False, "pending")

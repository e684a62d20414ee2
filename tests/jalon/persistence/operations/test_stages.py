"""What waits in each stage is counted by store, with its age and its distance from the promise, by the store's own clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from jalon.domain.kinds import ORDER, SUBSCRIPTION
from jalon.persistence.entities import transitions
from jalon.persistence.ids import new_id
from jalon.persistence.money import ledgers
from jalon.persistence.operations import clocks, stages, stalled
from jalon.persistence.operations.stages import STAGES, Waiting
from jalon.persistence.sessions import Sessions
from tests.jalon.persistence.conftest import AT, transition

DAY = timedelta(days=1)
NOW = AT + 3 * DAY


def due(what: str, in_days: float) -> dict[str, Any]:
    return {"what": what, "due_at": (NOW + in_days * DAY).isoformat()}


async def put(sessions: Sessions, store: str, kind: str, status: str, days: float, **view: Any) -> str:
    """An entity of the store that has stood in a status for so many days."""
    entity = new_id(ORDER if kind == "order" else SUBSCRIPTION)
    since = (NOW - days * DAY).isoformat()
    known: dict[str, Any] = {"id": entity, "status": status, "number": None, "parked": [], "agenda": []}
    whole = known | {name: since if value == "since" else value for name, value in view.items()}
    due_at = min((each["due_at"] for each in whole["agenda"]), default=None)
    step = transition(store, entity, 1, status, kind=kind, view=whole, next_due_at=due_at)
    async with sessions.of(store) as tx:
        await transitions.record(tx, step)
    return entity


async def seen(sessions: Sessions, *stores: str) -> dict[tuple[str, str], Waiting]:
    async with sessions.of(*stores) as tx:
        return {(each.store, each.stage): each for each in await stages.read(tx, stores)}


@pytest.mark.rule("T10")
async def test_each_stage_tells_how_many_wait_how_long_and_how_many_too_long(
    sessions: Sessions, here: str
) -> None:
    there = f"{here}-2"
    async with sessions.of(here, there) as tx:
        for store in (here, there):
            await clocks.create(tx, store, NOW)
    news, hold = [due("order_news", -0.5)], [due("hold_max", 20), due("order_news", -1)]
    await put(sessions, here, "order", "screening", 2, placed_at="since", agenda=[due("order_news", 1)])
    await put(sessions, here, "order", "screening", 3, placed_at="since", agenda=news)
    await put(sessions, there, "order", "submitted", 1, placed_at="since", agenda=[due("order_news", 1)])
    opened = {"opened_at": (NOW - DAY).isoformat()}
    await put(sessions, here, "order", "export_hold", 1, hold=opened, agenda=hold)
    await put(sessions, here, "subscription", "active", 1, holds=[opened], agenda=[due("hold_max", 2)])
    window = [due("activation_window", 80)]
    await put(sessions, here, "subscription", "pending_activation", 10, ordered_at="since", agenda=window)
    recovery, cutoff = [due("recovery", 5)], [due("stop_cutoff", 0.25)]
    await put(sessions, here, "subscription", "active", 2, past_due_since="since", agenda=recovery)
    await put(sessions, here, "subscription", "active", 1, notice_missing_since="since", agenda=cutoff)
    await put(sessions, here, "order", "submitted", 0.5, delayed_at="since", placed_at="since", agenda=[])
    since = (NOW - DAY / 2).isoformat()
    stopped = [{"step": "payment", "since": since, "cause": "KeyError", "fingerprint": "0" * 12}]
    await put(sessions, here, "order", "processing", 1, parked=stopped, agenda=[due("order_news", 0.125)])
    found = await seen(sessions, here, there)
    told = {
        (store == here, stage): (
            each.waiting,
            each.late,
            each.oldest_seconds / 86400,
            None if each.next_seconds is None else each.next_seconds / 86400,
        )
        for (store, stage), each in found.items()
    }
    assert told == {
        (True, "screening"): (2, 1, 3, -0.5),
        (False, "payment"): (1, 0, 1, 1),
        (True, "payment"): (1, 0, 0.5, None),
        (True, "export_hold"): (1, 0, 1, 20),
        (True, "person_hold"): (1, 0, 1, 2),
        (True, "activation"): (1, 0, 10, 80),
        (True, "recovery"): (1, 0, 2, 5),
        (True, "unannounced"): (1, 0, 1, 0.25),
        (True, "delayed"): (1, 1, 0.5, -0.5),
        (True, "parked"): (1, 0, 0.5, 0.125),
    }
    assert stages.nearest_deadlines(found.values()) == {here: 0.125 * 86400}
    assert {each.store for each in (await seen(sessions, there)).values()} == {there}


async def test_what_runs_by_real_time_has_its_age_by_real_time(
    sessions: Sessions, owner: Sessions, here: str
) -> None:
    async with sessions.of(here) as tx:
        await clocks.create(tx, here, NOW)
        facts: dict[str, Any] = {
            "entity": "ord_1",
            "party": "par_1",
            "template": "order_confirmed",
            "at": NOW,
        }
        for name in ("fresh", "old", "taken"):
            await ledgers.intend_mail(
                tx, key=f"{here}/{name}", store=here, message_id=f"{here}{name}", **facts
            )
        await ledgers.mail_accepted(tx, f"{here}/taken", NOW)
        await stalled.note(tx, here, "ord_1", "draw_up_contract", "KeyError")
    async with owner.of(here) as tx:
        earlier = "update mail set recorded_at = recorded_at - interval '2 hours' where key = :key"
        await tx.execute(text(earlier), {"key": f"{here}/old"})
    found = await seen(sessions, here)
    mail, step = found[here, "mail"], found[here, "stalled"]
    assert (mail.waiting, mail.late) == (2, 1)
    assert mail.oldest_seconds == pytest.approx(7200, abs=60)
    assert mail.next_seconds == pytest.approx(-3600, abs=60)
    assert (step.waiting, step.late) == (1, 1)
    assert set(found) == {(here, "mail"), (here, "stalled")}


def test_every_stage_has_a_promise_in_words() -> None:
    assert len({stage.name for stage in STAGES}) == len(STAGES)
    assert all(stage.words.endswith(".") and stage.promise for stage in STAGES)

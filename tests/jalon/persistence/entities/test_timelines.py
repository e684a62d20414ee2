"""A timeline of several entities is in one order, even where a test clock stands still."""

from __future__ import annotations

from jalon.domain.kinds import ORDER
from jalon.domain.transition import TimelineEntry
from jalon.persistence.entities import timelines, transitions
from jalon.persistence.ids import new_id
from jalon.persistence.money import ledgers
from jalon.persistence.sessions import Sessions
from tests.jalon.persistence.conftest import AT, transition


async def test_at_one_instant_entities_alternate_as_they_were_recorded(
    sessions: Sessions, here: str, entity: str
) -> None:
    other = new_id(ORDER)
    steps = [
        (entity, 1, "began the line"),
        (other, 1, "begun"),
        (other, 2, "active"),
        (entity, 2, "completed"),
    ]
    for who, seq, event in steps:
        async with sessions.of(here) as tx:
            await transitions.record(tx, transition(here, who, seq, timeline=(TimelineEntry(AT, event),)))
    async with sessions.of(here) as tx:
        life = [each.event for each in await timelines.timeline_items(tx, [entity, other])]
    assert life == ["began the line", "begun", "active", "completed"]


async def test_at_one_instant_e_mails_are_in_the_order_in_which_they_were_written(
    sessions: Sessions, here: str, entity: str
) -> None:
    written = ["order_processing", "order_confirmed", "contract_ready"]
    async with sessions.of(here) as tx:
        for template in written:
            await ledgers.intend_mail(
                tx, key=f"{entity}/{template}", store=here, entity=entity, party="pty_1", template=template,
                message_id=f"<{entity}.{template}>", at=AT,
            )  # fmt: skip
        for template in reversed(written):
            await ledgers.mail_accepted(tx, f"{entity}/{template}", AT)
        items = await timelines.timeline_items(tx, [entity])
    assert [each.data["template"] for each in items] == written

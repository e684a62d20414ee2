"""What is stuck is grouped by cause, with its history, what is at stake, and what each store says of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from jalon.domain.due import Due
from jalon.domain.kinds import ORDER, SUBSCRIPTION
from jalon.domain.money import Money
from jalon.domain.parking import Cause, fingerprint
from jalon.domain.stuck import StuckKind
from jalon.local.machine import Machine
from jalon.persistence.entities import transitions
from jalon.persistence.ids import new_id
from jalon.persistence.money import ledgers
from jalon.persistence.operations import cause_notes, causes, clocks, stalled
from jalon.persistence.operations.cause_notes import Ignore
from jalon.persistence.operations.causes import CauseState, StuckCause
from jalon.persistence.people import bounced
from jalon.persistence.people.parties import Parties
from jalon.persistence.sessions import Sessions
from tests.jalon.persistence.conftest import AT, transition

UNREACHABLE = "ProviderUnreachable"
PRINT = fingerprint("payment", UNREACHABLE)


def due(what: Due, days: int, *, held: bool = False, rule: str | None = None) -> dict[str, Any]:
    return {
        "due_at": (AT + timedelta(days=days)).isoformat(),
        "what": what,
        "rule": rule,
        "protects": "vendor",
        "held": held,
    }


async def park(
    sessions: Sessions,
    store: str,
    entity: str,
    seq: int = 1,
    *,
    step: str = "payment",
    cause: str | None = UNREACHABLE,
    **view: Any,
) -> None:
    """Records a transition in which the step is parked, or with no cause goes on."""
    stopped = {
        "step": step,
        "cause": cause,
        "fingerprint": fingerprint(step, cause or ""),
        "since": (AT + timedelta(hours=seq)).isoformat(),
        "real_since": datetime.now(UTC).isoformat(),
        "reason": None,
    }
    kind = "order" if ORDER.is_id(entity) else "subscription"
    whole = {
        "id": entity,
        "number": entity[-6:],
        "total": {"amount": "100.00", "currency": "EUR"},
        "parked": [stopped] if cause else [],
    }
    async with sessions.of(store) as tx:
        await transitions.record(
            tx, transition(store, entity, seq, "submitted", kind=kind, view=whole | view)
        )


async def listed(sessions: Sessions, *stores: str, state: CauseState = CauseState.OPEN) -> list[StuckCause]:
    async with sessions.of(*stores) as tx:
        return await causes.listed(tx, state, 50)


async def ignore(sessions: Sessions, store: str, print_: str, wish: Ignore | None) -> None:
    async with sessions.of(store) as tx:
        await cause_notes.change(tx, store, print_, {"ignore": wish}, actor="Octave", role="ops")


async def test_a_cause_keeps_its_history_its_release_and_what_is_at_stake(
    postgres: Machine, here: str
) -> None:
    sessions = Sessions.connect(postgres.environment["JALON_DATABASE_URL"], pool_size=1, release="1.2.0+abc")
    first, second, line = new_id(ORDER), new_id(ORDER), new_id(SUBSCRIPTION)
    async with sessions.of(here) as tx:
        await clocks.create(tx, here, AT)
    agenda = [
        due(Due.CART_REMINDER, 1),
        due(Due.ACTIVATION_WINDOW, 2, held=True, rule="P5"),
        due(Due.ORDER_NEWS, 3, rule="T10"),
    ]
    await park(sessions, here, first, agenda=agenda)
    await park(sessions, here, second, agenda=[due(Due.ORDER_NEWS, 9, rule="T10")])
    dollars = {"amount": "7.50", "currency": "USD"}
    await park(sessions, here, line, status="active", amount=dollars, renewal_amount=None)
    (cause,) = await listed(sessions, here)
    assert (cause.fingerprint, cause.kind, cause.step) == (PRINT, StuckKind.PARKED, "payment")
    assert (cause.cause, cause.count, cause.times_seen) == (Cause(UNREACHABLE), 3, 3)
    assert (cause.release, cause.stores) == ("1.2.0+abc", (here,))
    assert cause.money == (Money.from_dict({"amount": "200.00", "currency": "EUR"}), Money.from_dict(dollars))
    assert cause.nearest_deadline is not None
    assert (cause.nearest_deadline.entity, cause.nearest_deadline.rule) == (first, "T10")
    assert cause.nearest_deadline.seconds == timedelta(days=3).total_seconds()
    assert [(each.id, each.number) for each in cause.entities] == [
        (each, each[-6:]) for each in (first, second, line)
    ]
    assert abs(cause.last_seen_at - datetime.now(UTC)) < timedelta(minutes=1)
    for seq, stopped in ((2, None), (3, UNREACHABLE), (4, None)):
        await park(sessions, here, first, seq, cause=stopped)
    for entity in (second, line):
        await park(sessions, here, entity, 2, cause=None)
    assert await listed(sessions, here, state=CauseState.ALL) == []
    async with sessions.of(here) as tx:
        healed = await causes.find(tx, PRINT)
        assert await causes.find(tx, "0" * 12) is None
    assert healed is not None
    assert (healed.count, healed.times_seen, healed.first_seen_at) == (0, 4, cause.first_seen_at)
    await sessions.close()


async def test_stalls_failing_tasks_and_undeliverable_mail_are_causes_too(
    sessions: Sessions, parties: Parties, here: str
) -> None:
    entity = new_id(ORDER)
    await park(sessions, here, entity, cause=None)
    async with sessions.of(here) as tx:
        for _ in range(3):
            await stalled.note(tx, here, entity, "draw_up_contract", "KeyError")
        await stalled.note(tx, here, entity, stalled.WORKFLOW_TASK, "non_deterministic_error:LookupError")
        for name in ("ana", "leo"):
            party = await parties.meet(tx, here, email=f"{name}@example.com", name=name, language="fr")
            key, message = f"{here}-{name}", f"<{name}@{here}>"
            await ledgers.intend_mail(
                tx,
                key=key,
                store=here,
                entity=entity,
                party=party,
                template="contract_ready",
                message_id=message,
                at=AT,
            )
            if name == "ana":
                await parties.flag_undeliverable(tx, party, "554")
                await ledgers.mail_refused(tx, key, AT, "554")
            else:
                await ledgers.mail_accepted(tx, key, AT)
                await bounced.keep_bounce(tx, message, "5.1.1")
    found = {
        each.kind: each
        for each in await listed(sessions, here)
        if each.cause != Cause("MailBounced", "5.1.1")
    }
    stall, failing, refused = (
        found[each] for each in (StuckKind.STALLED, StuckKind.FAILING_TASK, StuckKind.UNDELIVERABLE)
    )
    assert (stall.step, stall.cause, stall.times_seen) == ("draw_up_contract", Cause("KeyError"), 1)
    assert (failing.cause.code, failing.count) == ("LookupError", 1)
    assert (refused.step, refused.cause, refused.fingerprint) == (
        "mail",
        Cause("MailRefused", "554"),
        fingerprint("mail/contract_ready", "MailRefused:554"),
    )
    assert (refused.times_seen, [each.id for each in refused.entities]) == (1, [entity])
    async with sessions.of(here) as tx:
        for party in await parties.find(tx, "ana@example.com"):
            await parties.flag_undeliverable(tx, party, None)
    left = {str(each.cause) for each in await listed(sessions, here)}
    assert left == {"KeyError", "non_deterministic_error:LookupError", "MailBounced:5.1.1"}


async def test_an_ignored_cause_comes_back_after_its_instant_or_that_many_more_entities(
    sessions: Sessions, here: str
) -> None:
    known, others = new_id(ORDER), [new_id(ORDER) for _ in range(2)]
    await park(sessions, here, known)
    await ignore(sessions, here, PRINT, Ignore(None, 2, "known"))
    assert await listed(sessions, here) == []
    (ignored,) = await listed(sessions, here, state=CauseState.IGNORED)
    assert ignored.note is not None
    assert (ignored.ignored, ignored.note.ignored and ignored.note.ignored.by) == (True, "Octave")
    await park(sessions, here, known, 2, cause=None)
    await park(sessions, here, known, 3)
    await park(sessions, here, others[0])
    assert await listed(sessions, here) == []
    await park(sessions, here, others[1])
    (back,) = await listed(sessions, here)
    assert (back.count, back.ignored, back.note and back.note.ignored) == (3, False, None)
    await ignore(sessions, here, PRINT, Ignore(datetime.now(UTC) + timedelta(seconds=0.4), None, "a moment"))
    assert await listed(sessions, here) == []
    async with sessions.of(here) as tx:
        await tx.execute(text("select pg_sleep(0.5)"))
    assert len(await listed(sessions, here)) == 1


async def test_what_a_store_says_of_a_shared_cause_no_other_store_sees(sessions: Sessions, here: str) -> None:
    there = f"{here}-2"
    for store in (here, there):
        await park(sessions, store, new_id(ORDER))
    async with sessions.of(here) as tx:
        said = {"note": "our bank", "owner": "Ada", "ignore": Ignore(None, 9, "known")}
        await cause_notes.change(tx, here, PRINT, said, actor="Ada", role="ops", reason="known")
        await cause_notes.change(tx, here, PRINT, {"owner": None}, actor="Ada", role="ops")
        assert await cause_notes.stores_of(tx, PRINT) == [here]
        audit = [
            (row.reason, row.data["before"]["owner"], row.data["after"]["owner"], row.data["after"]["note"])
            for row in await tx.execute(
                text("select reason, data from audit where action = 'change_cause' order by id")
            )
        ]
    assert audit == [("known", None, "Ada", "our bank"), (None, "Ada", None, "our bank")]
    (theirs,) = await listed(sessions, there)
    assert (theirs.note, theirs.count, theirs.times_seen, theirs.stores) == (None, 1, 1, (there,))
    assert await listed(sessions, here) == []
    (both,) = await listed(sessions, here, there)
    assert (both.count, both.ignored, both.stores) == (2, False, (here, there))


async def test_every_cause_and_every_entity_is_on_one_page(sessions: Sessions, here: str) -> None:
    for number in range(3):
        for _ in range(number + 1):
            await park(sessions, here, new_id(ORDER), cause=f"ProviderRefusedRequest:c{number}")
    counts, after = [], None
    async with sessions.of(here) as tx:
        while page := await causes.listed(tx, CauseState.OPEN, 1, after):
            counts.append(page[0].count)
            after = (page[0].count, page[0].fingerprint)
        most = fingerprint("payment", "ProviderRefusedRequest:c2")
        seen: list[str] = []
        place = None
        while entities := await causes.entities_of(tx, most, 2, place):
            seen += [each.id for each in entities]
            place = (entities[-1].recorded_at, entities[-1].id, entities[-1].step)
    assert counts == [3, 2, 1]
    assert len(seen) == len(set(seen)) == 3


@pytest.mark.parametrize("cause", ["KeyError", "MailUnreachable:4xx", "é"])
async def test_the_database_makes_the_same_fingerprint(sessions: Sessions, cause: str) -> None:
    async with sessions.unscoped() as tx:
        made = await tx.scalar(text("select cause_fingerprint('mail/x/y', :cause)"), {"cause": cause})
    assert made == fingerprint("mail/x/y", cause) == fingerprint("mail", cause)

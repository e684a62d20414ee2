"""When an entry may be processed, and the verdict on a closing: every order of instants, without Temporal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.contracts.records import ClosingFacts
from jalon.domain.calendar.calendars import Calendar
from tests.workflows.engine.conftest import NOON, NOTHING, TICK, receipt, state_of
from workflows.engine.agenda import AVAILABILITY_RETRY, CLOSING_GRACE, Due, Entry
from workflows.engine.deadlines import (
    EFFECTS_FIRST,
    AppliesFirst,
    AsksAgain,
    Closes,
    Deadlines,
    IsExtended,
    IsHeld,
    Verdict,
)
from workflows.engine.inbox import Inbox
from workflows.engine.state import Parked
from workflows.subscription.state import SubscriptionState

PARIS = Calendar("Europe/Paris")
AROUND = (NOON - TICK, NOON, NOON + TICK)
NOTICE = Entry(Due.RENEWAL_NOTICE, NOON, Due.RENEWAL_NOTICE, "D14", "customer")
CLOSING = Entry(Due.STOP_CUTOFF, NOON, Due.STOP_CUTOFF, "D15", "vendor", closing=True, blocked_by="charge")


def put(state: SubscriptionState, entry: Entry) -> Entry:
    """A copy of the entry, on the state's agenda."""
    mine = replace(entry)
    state.agenda.put(mine)
    return mine


# -- when an entry may be met ----------------------------------------------------------------------------------------------


@pytest.mark.rule("G3")
@pytest.mark.parametrize("entry", [NOTICE, CLOSING], ids=["notice", "closing"])
@pytest.mark.parametrize(("early", "met"), [(TICK, False), (timedelta(0), True), (-TICK, True)])
def test_an_entry_is_met_at_its_instant_and_a_closing_after_the_grace_in_a_live_store(
    live: bool,
    state: SubscriptionState,
    deadlines: Deadlines,
    entry: Entry,
    early: timedelta,
    met: bool,
) -> None:
    put(state, entry)
    ripe_at = NOON + CLOSING_GRACE if live and entry.closing else NOON
    deadlines.reach(ripe_at - early)
    assert deadlines.is_due(ripe_at - early, working=False) is met


@pytest.mark.rule("G3")
@pytest.mark.parametrize(("at", "met"), [(NOON - TICK, False), (NOON, True), (NOON + TICK, True)])
def test_an_earlier_message_comes_before_the_entry(
    state: SubscriptionState, inbox: Inbox, deadlines: Deadlines, at: datetime, met: bool
) -> None:
    put(state, NOTICE)
    inbox.enqueue([receipt(1, at)])
    deadlines.reach(NOON)
    assert deadlines.is_due(NOON, working=False) is met


@pytest.mark.parametrize("at", AROUND)
def test_a_message_to_a_sandbox_store_brings_its_own_instant(at: datetime) -> None:
    state = state_of(live=False)
    inbox = Inbox(state)
    deadlines = Deadlines(state, inbox)
    put(state, NOTICE)
    inbox.enqueue([receipt(1, at)])
    assert deadlines.is_due(at, working=False) is (at >= NOON)


@pytest.mark.rule("G3")
@pytest.mark.parametrize(
    ("entry", "applied"),
    [(NOTICE, (True, True, True)), (CLOSING, (True, False, False))],
    ids=["notice", "closing"],
)
def test_a_message_waits_for_the_closing_that_it_is_stamped_after(
    state: SubscriptionState, inbox: Inbox, deadlines: Deadlines, entry: Entry, applied: tuple[bool, ...]
) -> None:
    put(state, entry)
    for at, is_applied in zip(AROUND, applied, strict=True):
        inbox.enqueue([receipt(1, at)])
        assert deadlines.is_processable() is is_applied
        inbox.take()


def test_without_a_message_there_is_nothing_to_apply_and_without_an_entry_nothing_to_meet(
    deadlines: Deadlines,
) -> None:
    assert not deadlines.is_processable()
    assert not deadlines.is_due(NOON + timedelta(days=9), working=False)


def test_a_held_entry_is_not_met(state: SubscriptionState, deadlines: Deadlines) -> None:
    put(state, CLOSING).held = True
    deadlines.reach(NOON + timedelta(days=9))
    assert not deadlines.is_due(NOON + timedelta(days=9), working=False)


@pytest.mark.parametrize(("now", "met"), [(NOON - TICK, False), (NOON, True)])
def test_a_sandbox_entity_rests_before_it_meets_an_entry_that_is_still_to_come(
    now: datetime, met: bool
) -> None:
    """An entry at or before the instant being processed is processed at once: effects that wait for it must not delay it."""
    state = state_of(live=False, now=now)
    deadlines = Deadlines(state, Inbox(state))
    put(state, NOTICE)
    deadlines.reach(NOON)
    assert deadlines.is_due(NOON, working=True) is met
    assert deadlines.is_due(NOON, working=False)


@pytest.mark.rule("G3")
@pytest.mark.parametrize("waited", [EFFECTS_FIRST - TICK, EFFECTS_FIRST, EFFECTS_FIRST + TICK])
def test_a_live_entity_gives_effects_under_way_half_a_minute(waited: timedelta) -> None:
    state = state_of(live=True)
    deadlines = Deadlines(state, Inbox(state))
    entry = put(state, CLOSING)
    seen_at = entry.ripe_at + timedelta(hours=1)
    assert not deadlines.is_due(seen_at, working=True)
    assert deadlines.ring_at(seen_at) == seen_at + EFFECTS_FIRST
    assert deadlines.is_due(seen_at + waited, working=True) is (waited >= EFFECTS_FIRST)
    assert deadlines.is_due(seen_at, working=False)


def test_a_live_timer_is_for_the_earliest_entry_and_a_sandbox_needs_none(
    live: bool, state: SubscriptionState, deadlines: Deadlines
) -> None:
    assert deadlines.ring_at(NOON) is None
    put(state, CLOSING)
    before = NOON - timedelta(hours=1)
    assert deadlines.ring_at(before) == (NOON + CLOSING_GRACE if live else None)
    put(state, NOTICE)
    assert deadlines.ring_at(before) == (NOON if live else None)


def test_a_clock_never_goes_back(state: SubscriptionState, deadlines: Deadlines) -> None:
    deadlines.reach(NOON)
    deadlines.reach(NOON - timedelta(days=3))
    assert deadlines.clock_at == NOON
    state.clock_at = NOON + TICK
    assert Deadlines(state, Inbox(state)).clock_at == NOON + TICK


# -- what a closing comes to -----------------------------------------------------------------------------------------------


def judged(state: SubscriptionState, entry: Entry, facts: ClosingFacts = NOTHING) -> Verdict:
    inbox = Inbox(state)
    inbox.enqueue(facts.pending)
    return Deadlines(state, inbox).judge(entry, facts, PARIS, NOON + CLOSING_GRACE)


@pytest.mark.rule("G3")
@pytest.mark.parametrize("protects", ["vendor", "customer", "law"])
@pytest.mark.parametrize(
    ("at", "verdict"), [(NOON - TICK, AppliesFirst()), (NOON, Closes()), (NOON + TICK, Closes())]
)
def test_a_receipt_stamped_before_the_deadline_is_applied_first(
    state: SubscriptionState, protects: str, at: datetime, verdict: Verdict
) -> None:
    """This also holds for a receipt that is queued behind a later stamp."""
    entry = put(state, replace(CLOSING, protects=protects))  # type: ignore[arg-type]
    facts = replace(NOTHING, pending=(receipt(1, NOON + timedelta(hours=1)), receipt(2, at)))
    assert judged(state, entry, facts) == verdict


def park(state: SubscriptionState, step: str) -> None:
    state.parked[step] = Parked(step, "ProviderUnreachable", "f", state.now, state.now, {})


@pytest.mark.parametrize(
    ("protects", "step", "verdict"),
    [
        ("vendor", "charge", IsHeld("charge")),
        ("vendor", "mail/active", Closes()),
        ("customer", "charge", Closes()),
        ("law", "charge", Closes()),
    ],
)
def test_only_a_parked_step_that_blocks_it_holds_a_deadline_that_protects_the_vendor(
    state: SubscriptionState, protects: str, step: str, verdict: Verdict
) -> None:
    entry = put(state, replace(CLOSING, protects=protects))  # type: ignore[arg-type]
    park(state, step)
    assert judged(state, entry) == verdict


@pytest.mark.rule("G7")
@pytest.mark.parametrize(
    ("protects", "verdict"),
    [
        ("vendor", AsksAgain(NOON + CLOSING_GRACE + AVAILABILITY_RETRY)),
        ("customer", Closes()),
        ("law", Closes()),
    ],
)
def test_while_the_api_is_silent_a_right_of_the_customer_stays_open(
    state: SubscriptionState, protects: str, verdict: Verdict
) -> None:
    entry = put(state, replace(CLOSING, protects=protects))  # type: ignore[arg-type]
    assert judged(state, entry, replace(NOTHING, api_silent=True)) == verdict


@pytest.mark.rule("G7")
@pytest.mark.parametrize(
    ("length", "up", "moved"),
    [
        (timedelta(minutes=5), NOON, False),
        (timedelta(minutes=5) + TICK, NOON - TICK, False),
        (timedelta(minutes=5) + TICK, NOON, True),
        (timedelta(minutes=5) + TICK, NOON + TICK, True),
        (timedelta(hours=1), NOON + timedelta(hours=1), True),
        (timedelta(hours=1), NOON + timedelta(hours=1) + TICK, False),
    ],
    ids=["5 min", "over before", "at the end", "around", "from the deadline on", "after"],
)
@pytest.mark.parametrize("protects", ["vendor", "customer", "law"])
def test_an_outage_over_the_deadline_moves_it_to_the_end_of_the_next_day(
    state: SubscriptionState, protects: str, length: timedelta, up: datetime, moved: bool
) -> None:
    """A deadline that protects the customer, or the law, is never moved by an outage."""
    entry = put(state, replace(CLOSING, protects=protects))  # type: ignore[arg-type]
    facts = replace(NOTHING, outages=((up - length, up),))
    to = datetime(2026, 1, 16, 23, tzinfo=UTC)
    expected = IsExtended(to) if moved and protects == "vendor" else Closes()
    assert judged(state, entry, facts) == expected


@pytest.mark.rule("G7")
@pytest.mark.parametrize(
    ("day", "to"),
    [
        (datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC)),
        (datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC)),
    ],
    ids=["spring", "autumn"],
)
def test_the_next_day_ends_at_local_midnight_across_both_clock_changes(
    state: SubscriptionState, day: datetime, to: datetime
) -> None:
    entry = put(state, replace(CLOSING, due_at=day))
    facts = replace(NOTHING, outages=((day - timedelta(minutes=6), day),))
    assert judged(state, entry, facts) == IsExtended(to)


@pytest.mark.rule("G3")
def test_an_early_receipt_goes_before_every_other_reason(state: SubscriptionState) -> None:
    """The applied receipt may settle the matter; the other reasons are checked again after it."""
    entry = put(state, CLOSING)
    park(state, "charge")
    outage = (NOON - timedelta(hours=1), NOON)
    assert judged(state, entry, ClosingFacts((receipt(1, NOON - TICK),), (outage,), True)) == AppliesFirst()
    assert judged(state, entry, ClosingFacts((), (outage,), True)) == IsHeld("charge")
    state.parked.clear()
    assert judged(state, entry, ClosingFacts((), (outage,), True)) == AsksAgain(
        NOON + CLOSING_GRACE + AVAILABILITY_RETRY
    )


instants = st.integers(-3, 3).map(lambda ticks: NOON + ticks * TICK)


@given(
    live=st.booleans(),
    entries=st.lists(st.tuples(instants, st.booleans()), max_size=3),
    stamps=st.lists(instants, max_size=3),
    now=instants.map(lambda at: at + CLOSING_GRACE),
)
def test_whatever_is_due_or_said_no_message_is_applied_after_a_closing_it_is_later_than(
    live: bool, entries: list[tuple[datetime, bool]], stamps: list[datetime], now: datetime
) -> None:
    """An entity is never stuck either: once its clock has passed, either an entry is due or the next message may be applied."""
    state = state_of(live=live)
    for number, (at, closing) in enumerate(entries):
        state.agenda.put(Entry(f"{number}", at, Due.TERM_END, None, "law", closing=closing))
    inbox = Inbox(state)
    inbox.enqueue([receipt(seq + 1, at) for seq, at in enumerate(stamps)])
    deadlines = Deadlines(state, inbox)
    deadlines.reach(now)
    due, head = deadlines.is_due(now, working=False), inbox.head
    if head is not None and deadlines.is_processable():
        assert all(at > head.at for at, closing in entries if closing)
    ripe = now >= NOON + 3 * TICK + CLOSING_GRACE
    if head is not None and ripe and not due:
        assert deadlines.is_processable()

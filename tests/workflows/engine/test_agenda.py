"""An agenda is processed in the order of its instants, and no message is applied past a closing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from workflows.engine.agenda import Agenda, Due, Entry

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def agenda(*entries: Entry) -> Agenda:
    made = Agenda()
    for entry in entries:
        made.put(entry)
    return made


def closing(at: datetime, *, held: bool = False) -> Entry:
    return Entry(Due.TERM_END, at, Due.TERM_END, "G8", "law", closing=True, held=held)


def notice(at: datetime) -> Entry:
    return Entry(Due.RENEWAL_NOTICE.numbered(0), at, Due.RENEWAL_NOTICE, "D14", "customer")


@pytest.mark.rule("G3")
@pytest.mark.parametrize(("at", "closes"), [(NOON - TICK, False), (NOON, True), (NOON + TICK, True)])
def test_a_right_ends_at_its_very_instant(at: datetime, closes: bool) -> None:
    assert agenda(closing(NOON)).closes_by(at) is closes


@pytest.mark.rule("G3")
def test_an_earlier_entry_that_closes_nothing_hides_no_closing() -> None:
    met = agenda(notice(NOON - timedelta(days=30)), closing(NOON))
    assert met.next() == notice(NOON - timedelta(days=30))
    assert met.closes_by(NOON)


def test_a_held_closing_and_a_notice_close_nothing() -> None:
    assert not agenda(closing(NOON, held=True), notice(NOON)).closes_by(NOON + timedelta(days=1))

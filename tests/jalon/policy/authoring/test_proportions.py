"""Windows fit in one another whenever they begin, in the shortest month as well (X13, D14, D15)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st

from jalon.domain.calendar.calendars import Calendar
from jalon.domain.calendar.deadlines import closes_before_end, reminder_before
from jalon.domain.calendar.durations import Duration
from jalon.domain.calendar.periods import term_bounds
from jalon.policy.authoring.faults import StoreFileFaults
from jalon.policy.authoring.loader import load_store
from tests.jalon.policy.conftest import Edit, WriteStore, faults_of

PARIS = Calendar("Europe/Paris")
MONTHLY = '[terms."P1M".renewal]\n'


def of_the_month(stop_until: str, notice: str) -> Edit:
    written = (
        f'{MONTHLY}stop_until = "{stop_until}"\nnotices_before = ["{notice}"]\nnotice_task_before = "P0D"\n'
    )
    return f'{MONTHLY}notices_before = ["P7D"]\n', written


def own_stop(write_store: WriteStore, stop_until: str, notice: str) -> list[str]:
    """The keys of the term of a month that are refused; no product overrides them."""
    try:
        load_store(
            write_store(
                of_the_month(stop_until, notice), ('[products.overrides.renewal]\nstop_until = "P3D"\n', "")
            )
        )
    except StoreFileFaults as refused:
        return [fault.key for fault in refused.faults]
    return []


@pytest.mark.rule("X16", "D15")
@pytest.mark.parametrize(
    ("stop_until", "notice", "at_fault"),
    [
        ("P0D", "P26D", None),
        ("P0D", "P27D", "notices_before[0]"),
        ("P0D", "P30D", "notices_before[0]"),
        ("P0D", "PT671H", None),
        ("P0D", "PT672H", "notices_before[0]"),
        ("P1M", "P1D", "stop_until"),
        ("P28D", "P1D", "stop_until"),
        ("P29D", "P1D", "stop_until"),
        ("5BD", "P18D", None),
        ("5BD", "P19D", "notices_before[0]"),
    ],
)
def test_a_notice_and_the_time_to_stop_fit_in_the_shortest_month(
    write_store: WriteStore, stop_until: str, notice: str, at_fault: str | None
) -> None:
    expected = [f"terms.P1M.renewal.{at_fault}"] if at_fault else []
    assert own_stop(write_store, stop_until, notice) == expected


@pytest.mark.rule("X16")
@tried(max_examples=40, deadline=None)
@given(
    st.dates(date(2025, 1, 1), date(2029, 12, 31)),
    st.times(),
    st.integers(0, 30),
    st.integers(1, 31),
    st.integers(0, 3),
)
def test_a_notice_that_passes_leaves_within_each_term(
    write_store_of_module: WriteStore, day: date, hour: time, stop: int, notice: int, number: int
) -> None:
    if own_stop(write_store_of_module, f"P{stop}D", f"P{notice}D"):
        return
    anchor = datetime.combine(day, hour, UTC)
    start, end = term_bounds(anchor, Duration.parse("P1M"), number, PARIS)
    cutoff = closes_before_end(end, Duration("days", stop), PARIS)
    assert start <= reminder_before(cutoff, Duration("days", notice), PARIS) < cutoff <= end
    assert cutoff - start > timedelta(0)


@pytest.mark.parametrize(
    ("addition", "key"),
    [
        ('[cart]\nreminder_after = "P30D"\nabandoned_after = "P1M"\n', "cart.reminder_after"),
        ('[cart]\nreminder_after = "P365D"\nabandoned_after = "P1Y"\n', "cart.reminder_after"),
        ('[retention]\nperiod = "P28D"\npurge_warning_before = "P1M"\n', "retention.purge_warning_before"),
        ('[retention]\nperiod = "P8D"\npurge_warning_before = "5BD"\n', "retention.purge_warning_before"),
    ],
)
def test_a_window_fits_whenever_it_begins(write_store: WriteStore, addition: str, key: str) -> None:
    path = write_store(("[cart]\nself_service_max_quantity = 10\n", addition if "[cart]" in addition else "\n"),
                       append="" if "[cart]" in addition else addition)  # fmt: skip
    assert [fault.key for fault in faults_of(path)] == [key]


@pytest.mark.parametrize(
    "addition",
    [
        '[cart]\nreminder_after = "P27D"\nabandoned_after = "P1M"\n',
        '[cart]\nreminder_after = "P11M"\nabandoned_after = "P1Y"\n',
        '[cart]\nreminder_after = "2BD"\nabandoned_after = "3BD"\n',
    ],
)
def test_a_window_that_always_fits_passes(write_store: WriteStore, addition: str) -> None:
    assert load_store(write_store(("[cart]\nself_service_max_quantity = 10\n", addition))).id == "optics"

"""Finds windows that contradict each other: a reminder after its window, a notice before its term.

A window is held to fit where it fits whenever it begins: the longest that it may last is compared with the shortest that what it has to
fit in may last. A month has 28 to 31 days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache

from jalon.domain.calendar.calendars import add_months
from jalon.domain.calendar.durations import Duration
from jalon.policy.authoring.effects import check_effect
from jalon.policy.authoring.faults import FaultList
from jalon.policy.authoring.lines import Path
from jalon.policy.authoring.parsed_file import ParsedFile
from jalon.policy.authoring.resolution import places
from jalon.policy.model.sections import Rules

_DAY = timedelta(days=1)
_BUSINESS_DAYS_A_WEEK = 5
_FREE_DAYS_A_WEEK = 3
"""A weekend, and a public holiday."""
# Around 2100, which is no leap year: the shortest and the longest spans of months both begin in these years.
_BEGINS = tuple(date(2095, 1, 1) + number * _DAY for number in range(6 * 366))

Misfit = tuple[str, Path, str]


def check_proportions(
    parsed: ParsedFile, resolved: Mapping[tuple[str, str], Rules], faults: FaultList
) -> None:
    """Records every contradiction between windows in the rules of every product and term, where the file writes it."""
    for index, product in parsed.products.items():
        for term in product.terms:
            rules = resolved.get((product.sku, term))
            for section, at, message in _misfits(rules, term) if rules is not None else ():
                layers = places(index, term, section)
                written = [layer + at for layer in layers] + [layer + at[:1] for layer in layers]
                faults.add((section, *at), message, written)
    check_effect(parsed, resolved, faults)


def _misfits(rules: Rules, term: str) -> Iterator[Misfit]:
    yield from _cart_and_retention(rules)
    yield from _activation(rules)
    if rules.renewal.automatic:
        yield from _renewal(rules, term)
    if rules.export.score_review > rules.export.score_block:
        yield "export", ("score_review",), "is above score_block: a likeness is reviewed before it is blocked"


def _cart_and_retention(rules: Rules) -> Iterator[Misfit]:
    cart, retention = rules.cart, rules.retention
    if not _fits(cart.reminder_after, cart.abandoned_after):
        message = f"{cart.reminder_after} is not always before abandoned_after = {cart.abandoned_after}"
        yield "cart", ("reminder_after",), message
    if not _fits(retention.purge_warning_before, retention.period):
        message = f"{retention.purge_warning_before} before the purge is not always within period = {retention.period}"
        yield "retention", ("purge_warning_before",), message


def _activation(rules: Rules) -> Iterator[Misfit]:
    window = rules.activation.window
    for item, reminder in enumerate(rules.activation.reminders):
        if window is not None and not _fits(reminder, window):
            yield (
                "activation",
                ("reminders", item),
                f"{reminder} after the order is not always within window = {window}",
            )


def _renewal(rules: Rules, term: str) -> Iterator[Misfit]:
    renewal = rules.renewal
    if not _fits(renewal.stop_until, term):
        message = (
            f"{renewal.stop_until} is not always shorter than a term of {term}: refine it per term (X13)"
        )
        yield "renewal", ("stop_until",), message
        return
    stop_until, shortest = _longest(renewal.stop_until), _shortest(term)
    for item, notice in enumerate(renewal.notices_before):
        if stop_until + _longest(notice) + _begun(notice) >= shortest:
            message = f"{notice} before the stop cutoff is not always within a term of {term}: refine it per term (X13)"
            yield "renewal", ("notices_before", item), message
    first, task = max(renewal.notices_before, key=_longest, default=None), renewal.notice_task_before
    if first is not None and Duration.parse(task) != Duration.parse(first) and not _fits(task, first):
        message = f"{task} before the stop cutoff no notice can have failed yet: the first is due later"
        yield "renewal", ("notice_task_before",), message


def _fits(window: str, within: str) -> bool:
    """Whether a time is over before another one that began with it, whenever they begin."""
    inner, outer = Duration.parse(window), Duration.parse(within)
    if inner.unit == outer.unit:
        return inner.count < outer.count
    return _longest(window) < _shortest(within)


def _begun(notice: str) -> timedelta:
    """A notice counted in days leaves in the morning, which may be before a term that began on that day at noon."""
    return timedelta(0) if Duration.parse(notice).unit == "seconds" else _DAY


def _longest(text: str) -> timedelta:
    """The most time that a duration may last: its business days meet a weekend and a public holiday in each week begun."""
    duration = Duration.parse(text)
    if duration.unit == "months":
        return _spans(duration.count)[1]
    if duration.unit == "business_days":
        weeks = -(-duration.count // _BUSINESS_DAYS_A_WEEK)
        return (duration.count + weeks * _FREE_DAYS_A_WEEK) * _DAY
    return duration.count * (_DAY if duration.unit == "days" else timedelta(seconds=1))


def _shortest(text: str) -> timedelta:
    """The least time that a duration may last."""
    duration = Duration.parse(text)
    if duration.unit == "months":
        return _spans(duration.count)[0]
    return duration.count * (timedelta(seconds=1) if duration.unit == "seconds" else _DAY)


@lru_cache(maxsize=64)
def _spans(months: int) -> tuple[timedelta, timedelta]:
    """The shortest and the longest that so many months may last."""
    spans = [add_months(day, months) - day for day in _BEGINS]
    return min(spans), max(spans)

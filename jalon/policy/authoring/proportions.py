"""Finds windows that contradict each other: a reminder after its window, a notice before its term."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jalon.domain.calendar.durations import Duration
from jalon.policy.authoring.effects import check_effect
from jalon.policy.authoring.faults import FaultList
from jalon.policy.authoring.lines import Path
from jalon.policy.authoring.parsed_file import ParsedFile
from jalon.policy.authoring.resolution import places
from jalon.policy.model.sections import Rules

_DAY = 86_400.0
_SECONDS = {"seconds": 1.0, "days": _DAY, "business_days": 1.4 * _DAY, "months": 30.44 * _DAY}

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
    yield from _renewal(rules, term)
    if rules.export.score_review > rules.export.score_block:
        yield "export", ("score_review",), "is above score_block: a likeness is reviewed before it is blocked"


def _cart_and_retention(rules: Rules) -> Iterator[Misfit]:
    cart, retention = rules.cart, rules.retention
    if _length(cart.reminder_after) >= _length(cart.abandoned_after):
        message = f"{cart.reminder_after} is not before abandoned_after = {cart.abandoned_after}"
        yield "cart", ("reminder_after",), message
    if _length(retention.purge_warning_before) >= _length(retention.period):
        message = (
            f"{retention.purge_warning_before} before the purge is not within period = {retention.period}"
        )
        yield "retention", ("purge_warning_before",), message


def _activation(rules: Rules) -> Iterator[Misfit]:
    window = rules.activation.window
    for item, reminder in enumerate(rules.activation.reminders):
        if window is not None and _length(reminder) >= _length(window):
            yield (
                "activation",
                ("reminders", item),
                f"{reminder} after the order is not within window = {window}",
            )


def _renewal(rules: Rules, term: str) -> Iterator[Misfit]:
    stop_until = _length(rules.renewal.stop_until)
    if stop_until >= _length(term):
        message = f"{rules.renewal.stop_until} is no shorter than a term of {term}: refine it per term (X13)"
        yield "renewal", ("stop_until",), message
        return
    for item, notice in enumerate(rules.renewal.notices_before):
        if stop_until + _length(notice) >= _length(term):
            message = (
                f"{notice} before the stop cutoff is not within a term of {term}: refine it per term (X13)"
            )
            yield "renewal", ("notices_before", item), message
    first, task = (
        max(map(_length, rules.renewal.notices_before), default=0.0),
        rules.renewal.notice_task_before,
    )
    if rules.renewal.automatic and first and _length(task) > first:
        message = f"{task} before the stop cutoff no notice can have failed yet: the first is due later"
        yield "renewal", ("notice_task_before",), message


def _length(text: str) -> float:
    duration = Duration.parse(text)
    return _SECONDS[duration.unit] * duration.count

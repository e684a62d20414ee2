"""A step that parks or resumes is logged, by ids and names of faults alone."""

from __future__ import annotations

import dataclasses
from typing import Any

from structlog.testing import capture_logs

from activities.parking_log import log_parkings
from jalon.domain.parking import fingerprint
from jalon.domain.transition import AuditEntry, TimelineEntry, Transition
from tests.activities.conftest import AT

CAUSE = "ProviderRefusedRequest:merchant_suspended"
MARK = fingerprint("payment", CAUSE)
QUIET = Transition("drafting", "order", "ord_1", 4, AT, "submitted", {}, None, False, (), (), (), ())


def said(**more: Any) -> list[Any]:
    with capture_logs() as lines:
        log_parkings(dataclasses.replace(QUIET, **more))
    return lines


def test_a_step_that_parks_is_told_with_its_fingerprint_and_cause() -> None:
    data = {"step": "payment", "cause": CAUSE, "fingerprint": MARK}
    (line,) = said(timeline=(TimelineEntry(AT, "order_placed"), TimelineEntry(AT, "step_parked", data=data)))
    assert line == {
        "event": "step_parked", "log_level": "warning", "store": "drafting", "entity": "ord_1",
        "step": "payment", "fingerprint": MARK, "last_error": CAUSE,
    }  # fmt: skip


def test_a_step_that_goes_on_is_told_without_the_operators_words() -> None:
    data = {"step": "payment", "edit": {"fields": {"name": "Ada"}}, "evidence": None, "cause": CAUSE}
    act = AuditEntry(AT, "Octave Ops", "ops", "retry", reason="Ada rang", data=data)
    (line,) = said(audit=(act,))
    assert line == {
        "event": "step_goes_on", "log_level": "info", "store": "drafting", "entity": "ord_1",
        "step": "payment", "fingerprint": MARK, "last_error": CAUSE, "action": "retry",
    }  # fmt: skip


def test_other_acts_are_not_told() -> None:
    park = AuditEntry(AT, "Octave Ops", "ops", "park", reason="because", data={"step": "payment"})
    assert said(audit=(park,), timeline=(TimelineEntry(AT, "step_sign"),)) == []


def test_equal_steps_of_equal_causes_share_a_fingerprint() -> None:
    assert fingerprint("mail/seat-1/invitation-1", "X") == fingerprint("mail/seat-2/invitation-1", "X")

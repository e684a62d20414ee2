"""The judge finds each kind of loss and repetition, planted in evidence that is otherwise clean."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jalon.rehearsal.faults.judge import judge
from jalon.rehearsal.faults.observations import (
    Acknowledgement,
    Capture,
    Evidence,
    Expected,
    Intent,
    Letter,
    Mark,
)

ORDER, SUBSCRIPTION, BUYER = "ord_1", "sub_100", "buyer-001@example.com"
AT = datetime(2026, 11, 21, 10, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MAILS = ("contract_ready", "subscription_active")
CONTRACT_ID = "<contract_ready@shop>"


def views() -> dict[str, dict[str, Any]]:
    """A completed order and its active subscription."""
    line = {"sku": "signed", "subscription": SUBSCRIPTION, "outcome": "active"}
    steps = [
        {"step": step, "done_at": AT.isoformat()} for step in ("open_contract", "click_activate", "sign")
    ]
    return {
        ORDER: {"status": "completed", "placed_at": AT.isoformat(), "lines": [line]},
        SUBSCRIPTION: {"status": "active", "order_id": ORDER, "steps": steps},
    }


@pytest.fixture
def clean() -> Evidence:
    """The evidence of one order that ended as expected."""
    moves = (
        ("open", ORDER, 201),
        ("place", ORDER, 202),
        ("activate", SUBSCRIPTION, 200),
        ("sign", SUBSCRIPTION, 200),
    )
    return Evidence(
        expected=(Expected("order 1", BUYER, ORDER, "completed", "active", 1, frozenset(MAILS)),),
        acknowledgements=tuple(
            Acknowledgement(f"key-{move}", move, entity, status) for move, entity, status in moves
        ),
        captures=(Capture("ch_1", SUBSCRIPTION, 120000, "EUR"),),
        letters=tuple(Letter(f"<{name}@shop>", BUYER, name, AT) for name in MAILS),
        intents=tuple(
            Intent(f"<{name}@shop>", SUBSCRIPTION, name, "accepted", AT, AT + SECOND) for name in MAILS
        ),
        marks={f"key-{move}": Mark(entity, move, "applied") for move, entity, _ in moves},
        projections=views(),
        answers=views(),
    )


def found(evidence: Evidence) -> list[tuple[str, str]]:
    return [(finding.kind, finding.what) for finding in judge(evidence).findings]


def test_a_clean_run_has_no_findings(clean: Evidence) -> None:
    assert judge(clean).findings == ()
    assert judge(clean).mail_repeats == 0


def test_a_second_capture_is_charged_twice(clean: Evidence) -> None:
    again = Capture("ch_2", SUBSCRIPTION, 120000, "EUR")
    assert found(replace(clean, captures=(*clean.captures, again))) == [
        ("charged_twice", "one capture too many")
    ]


def test_a_capture_on_the_order_beside_one_on_its_subscription_is_charged_twice(clean: Evidence) -> None:
    again = Capture("ch_2", ORDER, 120000, "EUR")
    assert judge(replace(clean, captures=(*clean.captures, again))).count("charged_twice") == 1


def test_a_missing_capture_is_lost(clean: Evidence) -> None:
    assert found(replace(clean, captures=())) == [("lost", "a capture is missing")]


def test_a_capture_without_an_order_is_lost(clean: Evidence) -> None:
    stray = Capture("ch_2", "sub_900", 120000, "EUR")
    assert found(replace(clean, captures=(*clean.captures, stray))) == [
        ("lost", "the capture ch_2 has no order")
    ]


@pytest.mark.parametrize(
    ("state", "what"),
    [
        (None, "sign, answered 200, left no receipt"),
        ("pending", "sign, answered 200, was never heard"),
        ("refused", "sign, answered 200, was refused after all"),
    ],
)
def test_an_acknowledgement_that_postgresql_does_not_bear_out_is_lost(
    clean: Evidence, state: str | None, what: str
) -> None:
    marks = {key: mark for key, mark in clean.marks.items() if key != "key-sign"}
    if state is not None:
        marks["key-sign"] = Mark(SUBSCRIPTION, "take_step", state)
    assert found(replace(clean, marks=marks)) == [("lost", what)]


def test_an_acknowledgement_that_the_workflow_knows_nothing_of_is_lost_whatever_postgresql_says(
    clean: Evidence,
) -> None:
    answers = views()
    answers[SUBSCRIPTION]["steps"][2]["done_at"] = None
    assert ("lost", "sign, answered 200, left no trace in the workflow") in found(
        replace(clean, answers=answers)
    )


def test_a_placement_without_a_trace_is_lost(clean: Evidence) -> None:
    without = views()
    without[ORDER]["placed_at"] = None
    lost = [("lost", "place, answered 202, left no trace in the workflow")]
    assert found(replace(clean, answers=without, projections=without)) == lost


def test_a_late_request_that_was_promised_a_hearing_may_be_refused(clean: Evidence) -> None:
    late = Acknowledgement("key-late", "activate", SUBSCRIPTION, 202)
    marks = clean.marks | {"key-late": Mark(SUBSCRIPTION, "take_step", "refused")}
    heard = replace(clean, acknowledgements=(*clean.acknowledgements, late), marks=marks)
    assert found(heard) == []


def test_two_message_ids_for_one_intent_are_mailed_twice(clean: Evidence) -> None:
    other = Letter("<other@shop>", BUYER, "contract_ready", AT)
    intents = (
        *clean.intents,
        Intent("<other@shop>", SUBSCRIPTION, "contract_ready", "accepted", AT, AT + SECOND),
    )
    twice = replace(clean, letters=(*clean.letters, other), intents=intents)
    assert found(twice) == [("mailed_twice", "contract_ready under 2 Message-IDs")]


def test_a_copy_after_the_acceptance_was_recorded_is_mailed_twice(clean: Evidence) -> None:
    late = Letter(CONTRACT_ID, BUYER, "contract_ready", AT + 2 * SECOND)
    verdict = judge(replace(clean, letters=(*clean.letters, late)))
    assert verdict.count("mailed_twice") == 1


def test_a_copy_before_the_acceptance_was_recorded_is_a_repeat_and_no_finding(clean: Evidence) -> None:
    again = Letter(CONTRACT_ID, BUYER, "contract_ready", AT + SECOND / 2)
    verdict = judge(replace(clean, letters=(*clean.letters, again)))
    assert (verdict.findings, verdict.mail_repeats) == ((), 1)


@pytest.mark.rule("X21")
def test_an_e_mail_that_was_withdrawn_is_not_lost(clean: Evidence) -> None:
    without = replace(
        clean, letters=tuple(each for each in clean.letters if each.template != "contract_ready")
    )
    assert found(without) == [("lost", "the e-mail contract_ready never came")]
    assert found(replace(without, withdrawn=frozenset({(ORDER, "contract_ready")}))) == []


def test_an_e_mail_that_never_came_is_lost(clean: Evidence) -> None:
    assert found(replace(clean, letters=clean.letters[:1])) == [
        ("lost", "the e-mail subscription_active never came")
    ]


def test_an_e_mail_that_a_good_day_does_not_send_is_at_odds_where_none_is_allowed(clean: Evidence) -> None:
    sorry, intent = Letter("<sorry@shop>", BUYER, "order_delayed", AT), clean.intents[0]
    told = replace(
        clean,
        letters=(*clean.letters, sorry),
        intents=(*clean.intents, replace(intent, message_id="<sorry@shop>", template="order_delayed")),
    )
    assert found(told) == []
    waited = tuple(replace(each, no_other_mail=True) for each in clean.expected)
    assert found(replace(clean, expected=waited)) == []
    assert found(replace(told, expected=waited)) == [
        ("at_odds", "the e-mail order_delayed is not of a good day")
    ]


def test_an_e_mail_that_no_ledger_knows_is_at_odds(clean: Evidence) -> None:
    stray = Letter("<stray@shop>", BUYER, "renewed", AT)
    assert found(replace(clean, letters=(*clean.letters, stray))) == [("at_odds", "renewed is in no ledger")]


def test_an_order_that_did_not_end_where_it_should_is_lost(clean: Evidence) -> None:
    stuck = views()
    stuck[ORDER]["status"] = "processing"
    assert found(replace(clean, answers=stuck, projections=stuck)) == [
        ("lost", "is processing, should be completed")
    ]


def test_an_order_that_was_never_opened_is_lost(clean: Evidence) -> None:
    unborn = Expected("order 2", "buyer-002@example.com", None, "completed", "active", 1, frozenset())
    assert found(replace(clean, expected=(*clean.expected, unborn))) == [("lost", "never opened")]


def test_an_order_that_no_caller_was_told_of_is_at_odds(clean: Evidence) -> None:
    twin: dict[str, dict[str, Any]] = {"ord_2": {"status": "cart", "placed_at": None, "lines": []}}
    doubled = replace(clean, projections=clean.projections | twin, answers=clean.answers | twin)
    assert found(doubled) == [("at_odds", "an order that no caller was told of")]


def test_a_projection_that_is_not_the_workflows_answer_is_at_odds(clean: Evidence) -> None:
    shown = views()
    shown[SUBSCRIPTION]["status"] = "void"
    assert found(replace(clean, projections=shown)) == [
        ("at_odds", "projection and workflow differ in status")
    ]


def test_a_projection_without_a_workflow_is_at_odds(clean: Evidence) -> None:
    answers = views()
    del answers[SUBSCRIPTION]
    assert ("at_odds", "has no workflow") in found(replace(clean, answers=answers))

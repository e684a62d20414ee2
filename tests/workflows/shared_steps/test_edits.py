"""An edit of a parked step is taken only where the step can work with it: what is tried is parked no more."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic_core import to_jsonable_python

from activities.contracts.mail import MailRequest
from jalon.domain.emails import Email
from jalon.domain.error_codes import ErrorCode
from tests.jalon.integrations.mail.samples import SAMPLES
from workflows.engine.commands import Refused
from workflows.engine.state import Parked
from workflows.shared_steps.edits import edited

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TRANSFER = SAMPLES["admin_transfer_pending"][0]
EVERY = [email for variants in SAMPLES.values() for email in variants if email.template != "sign_in_code"]


def parked(email: Email = TRANSFER) -> Parked:
    request = MailRequest(
        "shop", "sub_1", "once", email.template, email.as_facts(), "pty_1", NOON, live=False
    )
    return Parked("mail/once", "MailUnreachable", "f", NOON, NOON, to_jsonable_python(request))


@pytest.mark.parametrize("email", EVERY, ids=lambda email: email.template)
def test_every_email_may_be_given_its_own_facts(email: Email) -> None:
    whole = edited(parked(email), {"fields": email.as_facts()})
    assert whole == parked(email).request


def test_a_fact_replaces_one_and_leaves_the_others() -> None:
    accept_by = "2026-05-04T00:00:00+02:00"
    whole = edited(parked(), {"fields": {"accept_by": accept_by}, "party": "pty_2"})
    assert isinstance(whole, dict)
    assert (whole["party"], whole["fields"]) == ("pty_2", TRANSFER.as_facts() | {"accept_by": accept_by})


@pytest.mark.parametrize(
    ("facts", "place"),
    [
        (None, "/edit/fields"),
        ([], "/edit/fields"),
        ("x", "/edit/fields"),
        ({"colour": "red"}, "/edit/fields"),
        ({"a/b": "x" * 5_000}, "/edit/fields"),
        ({"accept_by": "tomorrow"}, "/edit/fields/accept_by"),
        ({"accept_by": "2026-05-04"}, "/edit/fields/accept_by"),
        ({"accept_by": "2026-05-04T10:00:00"}, "/edit/fields/accept_by"),
        ({"accept_by": "9999-12-31T23:59:59-14:00"}, "/edit/fields/accept_by"),
        ({"accept_by": "0001-01-01T00:00:00+00:00"}, "/edit/fields/accept_by"),
        ({"accept_by": 1_777_000_000}, "/edit/fields/accept_by"),
        ({"accept_by": None}, "/edit/fields/accept_by"),
        ({"product": None}, "/edit/fields/product"),
        ({"product": 7}, "/edit/fields/product"),
        ({"product": ["x"]}, "/edit/fields/product"),
        ({"product": "a\r\nBcc: eve@example.com"}, "/edit/fields/product"),
        ({"product": "x" * 1_001}, "/edit/fields/product"),
        ({"product": {"amount": "1.00", "currency": "EUR"}}, "/edit/fields/product"),
    ],
)
def test_facts_of_which_no_email_can_be_written_are_refused(facts: Any, place: str) -> None:
    refused = edited(parked(), {"fields": facts})
    assert isinstance(refused, Refused)
    (violation,) = refused.violations
    assert (refused.status, violation.code, violation.pointer) == (422, ErrorCode.EDIT_INVALID, place)
    assert len(violation.message) < 500


@pytest.mark.parametrize(
    "money",
    [
        {"amount": "NaN", "currency": "EUR"},
        {"amount": "1e999999", "currency": "EUR"},
        {"amount": "0e99999999999999999999", "currency": "EUR"},
        {"amount": "1.001", "currency": "EUR"},
        {"amount": "1.00", "currency": "euro"},
        {"amount": "1.00"},
        {"amount": None, "currency": "EUR"},
        {"currency": "EUR"},
        "1.00 EUR",
        {},
    ],
)
def test_an_amount_that_is_none_is_refused(money: Any) -> None:
    refused = edited(parked(SAMPLES["order_processing"][0]), {"fields": {"total": money}})
    assert isinstance(refused, Refused)
    assert (refused.status, refused.violations[0].code) == (422, ErrorCode.EDIT_INVALID)


@pytest.mark.parametrize("edit", [{"party": None}, {"party": 7}])
def test_a_receiver_that_is_none_is_refused(edit: dict[str, Any]) -> None:
    refused = edited(parked(), edit)
    assert isinstance(refused, Refused)
    assert refused.violations[0].pointer == "/edit/party"


def test_without_an_edit_the_input_stays() -> None:
    assert edited(parked(), None) is None
    assert edited(parked(), {}) == parked().request

"""E-mails as facts: they survive a round trip through JSON."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from jalon.domain import emails
from jalon.domain.emails import EMAILS, Email, UnknownEmail, email_from_facts
from tests.jalon.integrations.mail.samples import ACTIVATION, DATA, INVITED, NEXT_TERM, SAMPLES, STOP, TERM

EVERY = [email for variants in SAMPLES.values() for email in variants]
TICK = timedelta(microseconds=1)
PERSONAL = ("name", "email", "address", "phone", "recipient", "person")


@pytest.mark.parametrize("email", EVERY, ids=lambda email: email.template)
def test_facts_survive_the_journey(email: Email) -> None:
    travelled = json.loads(json.dumps(email.as_facts()))
    assert email_from_facts(email.template, travelled) == email


@pytest.mark.parametrize("kind", EMAILS.values(), ids=lambda kind: kind.template)
def test_an_email_has_no_place_for_anything_personal(kind: type[Email]) -> None:
    for field in dataclasses.fields(kind):
        assert not any(word in field.name for word in PERSONAL), field.name


@pytest.mark.parametrize("kind", EMAILS.values(), ids=lambda kind: kind.template)
def test_a_link_that_is_required_is_named(kind: type[Email]) -> None:
    assert kind.link is not None or not kind.link_required


def test_an_unknown_email_is_named() -> None:
    with pytest.raises(UnknownEmail, match="no_such_mail"):
        email_from_facts("no_such_mail", {})


def test_facts_that_do_not_fit_are_refused() -> None:
    with pytest.raises(TypeError):
        email_from_facts("user_added", {"order_number": "ord_1"})
    with pytest.raises(TypeError):
        email_from_facts("user_added", {"order_number": "ord_1", "product": "x", "colour": "red"})


MIDNIGHT = datetime(2026, 4, 14, 22, tzinfo=UTC)
"""The beginning of 15 April in Paris, the last open day of `ACTIVATION`."""


@pytest.mark.rule("X21", "P5")
@pytest.mark.parametrize(("at", "left"), [(MIDNIGHT - TICK, 1), (MIDNIGHT, 0), (ACTIVATION, 0)])
def test_a_reminder_counts_the_days_from_when_it_leaves(at: datetime, left: int) -> None:
    late = SAMPLES["activation_reminder"][0].as_of(at, "Europe/Paris")
    assert late.as_facts()["days_left"] == left


@pytest.mark.rule("X21", "T2")
def test_an_invitation_names_the_end_of_the_hours_that_begin_when_it_leaves() -> None:
    invitation = emails.Invitation(order_number="ord_1", product="CAD", accept_by=INVITED, window="PT72H")
    left = invitation.as_of(INVITED, "Europe/Paris")
    assert left.accept_by == INVITED + timedelta(hours=72)
    assert [(band.label, band.at, band.until) for band in left.pole(INVITED)] == [
        ("invited", INVITED, None),
        ("set_up", None, left.accept_by),
        ("active", None, None),
    ]


@pytest.mark.rule("T1")
def test_who_is_given_a_seat_is_shown_their_own_start_alone() -> None:
    (band,) = SAMPLES["user_added"][0].pole(INVITED) or ()
    assert (band.label, band.state, band.at) == ("active", "reached", INVITED)


@pytest.mark.rule("X21", "D15")
@pytest.mark.parametrize(
    ("template", "field"),
    [("renewal_notice", "stop_by"), ("renewal_stopped", "resume_by"), ("renewal_resumed", "stop_by")],
)
def test_an_e_mail_that_leaves_after_the_cutoff_offers_no_switch(template: str, field: str) -> None:
    email = SAMPLES[template][0]
    assert email.as_of(STOP - TICK, "Europe/Paris") == email
    assert email.as_of(STOP, "Europe/Paris").as_facts()[field] is None


@pytest.mark.rule("X21", "D14", "X4")
@pytest.mark.parametrize(
    ("template", "closes", "field"),
    [
        ("renewed", NEXT_TERM, "over"),
        ("renewal_notice", TERM, "renewed"),
        ("subscription_ended", DATA, "data_gone"),
    ],
)
def test_an_e_mail_that_leaves_when_its_time_is_over_tells_of_the_past(
    template: str, closes: datetime, field: str
) -> None:
    email = SAMPLES[template][0]
    assert [email.as_of(at, "Europe/Paris").as_facts()[field] for at in (closes - TICK, closes)] == [
        False,
        True,
    ]


@pytest.mark.rule("X21", "G1")
@pytest.mark.parametrize(
    "email", [each for each in EVERY if each.asks is not None], ids=lambda email: email.template
)
def test_what_can_no_longer_be_done_is_not_asked_for(email: Email) -> None:
    assert email.asks is not None
    until = getattr(email, email.asks.until)
    if until is None:
        assert email.while_open(MIDNIGHT, []) == email
        return
    assert [email.while_open(at, []) for at in (until - TICK, until)] == [email, None]
    later = until + timedelta(days=1)
    moved = email.while_open(until, [until, later])
    assert moved is not None
    assert getattr(moved, email.asks.until) == later
    assert email.while_open(later, [later]) is None


@pytest.mark.rule("X21", "X25")
def test_the_admin_is_offered_the_choice_of_who_stays_until_the_cutoff_alone() -> None:
    email = SAMPLES["fewer_seats"][0]
    chosen = [email.as_of(at, "Europe/Paris").as_facts()["choose_by"] for at in (STOP - TICK, STOP)]
    assert chosen == [STOP.isoformat(), None]


@pytest.mark.rule("X16", "X21")
def test_a_late_notice_leaves_its_time_past_the_start_of_the_term_only_where_the_charge_waits() -> None:
    notice = replace(cast(emails.RenewalNotice, SAMPLES["renewal_notice"][0]), lead="P7D")
    left = [replace(notice, waits=waits).as_of(TERM - TICK, "Europe/Paris") for waits in (False, True)]
    assert [each.stop_by for each in left] == [TERM, TERM + timedelta(days=7)]

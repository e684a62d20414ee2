"""E-mails as facts: they survive a round trip through JSON."""

from __future__ import annotations

import dataclasses
import json

import pytest

from jalon.domain.emails import EMAILS, Email, UnknownEmail, email_from_facts
from tests.jalon.integrations.mail.samples import SAMPLES

EVERY = [email for variants in SAMPLES.values() for email in variants]
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

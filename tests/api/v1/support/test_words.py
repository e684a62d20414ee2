"""Support has words in both languages for every wait, event, command, e-mail and date on an agenda."""

from __future__ import annotations

import re

from api.v1.support.waits import ENDS, TURNS, Turn
from api.v1.waits import words_for
from jalon.domain.due import Due
from jalon.domain.emails import EMAILS
from jalon.domain.events import EVENTS
from jalon.domain.projections import WaitingFor
from jalon.domain.stuck import StuckKind
from jalon.integrations.mail.words import Words, words
from jalon.settings import ROOT
from workflows.order.workflow import OrderWorkflow
from workflows.subscription.workflow import SubscriptionWorkflow

ENGLISH: Words = words(ROOT / "templates", "en", "support")
FRENCH: Words = words(ROOT / "templates", "fr", "support")
COMMANDS = {*OrderWorkflow.steps.named, *SubscriptionWorkflow.steps.named}


def test_both_languages_say_the_same_with_the_same_facts() -> None:
    assert {name: set(section) for name, section in ENGLISH.items()} == {
        name: set(section) for name, section in FRENCH.items()
    }
    for name, section in ENGLISH.items():
        for key, told in section.items():
            assert set(re.findall(r"{\w+}", told)) == set(re.findall(r"{\w+}", FRENCH[name][key])), (
                name,
                key,
            )


def test_everything_that_can_be_told_has_words() -> None:
    assert set(WaitingFor) == set(TURNS) == set(ENDS)
    assert set(WaitingFor) <= set(ENGLISH["waits"])
    assert all(ENGLISH["waits"][code].replace("’", "'") == words_for(code) for code in WaitingFor)
    assert set(Turn) == set(ENGLISH["turns"])
    assert {str(what) for what in Due} - {"term_end"} <= set(ENGLISH["next"])
    assert set(EMAILS) == set(ENGLISH["mails"])
    assert set(EVENTS) == set(ENGLISH["events"])
    assert set(ENGLISH["causes"]) == set(ENGLISH["ways"]) >= {f"{kind}_otherwise" for kind in StuckKind}
    assert set(ENGLISH["commands"]) >= COMMANDS

"""Examples of e-mails: each can be rendered, and each choice of its wording is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from jalon.domain.emails import EMAILS
from jalon.integrations.mail.formats import LANGUAGES
from jalon.integrations.mail.renderer import Renderer
from jalon.integrations.mail.specimens import specimens
from tests.jalon.integrations.mail.samples import LINK, STORE

RENDERER = Renderer(Path(__file__).parents[4] / "templates")
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize("name", EMAILS)
def test_every_e_mail_has_examples_that_can_be_rendered(name: str) -> None:
    shown = list(specimens(name, NOW))
    for email in shown:
        for language in LANGUAGES:
            mail = RENDERER.render(email, language=language, recipient_name="Ada", store=STORE, link_url=LINK)
            assert "None" not in mail.text
    for field, declared in get_type_hints(EMAILS[name]).items():
        choices = get_args(declared)
        if choices and all(isinstance(each, str) for each in choices) and field not in ("link", "purpose"):
            assert {getattr(each, field) for each in shown} == set(choices)

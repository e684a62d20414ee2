"""The footer of every e-mail: the answers to frequent questions, and the help for resellers, where the store names them (D18, T16)."""

from __future__ import annotations

import dataclasses

import pytest

from jalon.domain.emails import Email
from jalon.integrations.mail.formats import Language
from tests.jalon.integrations.mail.samples import LINK, STORE
from tests.jalon.integrations.mail.test_emails import NAME, RENDERER, every_email, render, seen

PROMISED = ("frequent", "fréquentes", "esellers", "evendeurs")


@every_email
@pytest.mark.rule("T16", "D18")
def test_both_parts_lead_to_them_where_the_store_names_them(email: Email, language: Language) -> None:
    mail = render(email, language)
    lines = mail.text.splitlines()
    for route in (STORE.faq, STORE.reseller):
        assert any(line.endswith(f": {route}") for line in lines)
        assert f'href="{route}"' in mail.html
    bare = dataclasses.replace(STORE, faq=None, reseller=None)
    mail = RENDERER.render(email, language=language, recipient_name=NAME, store=bare, link_url=LINK)
    assert [said for said in PROMISED if said in seen(mail.html) + mail.text] == []

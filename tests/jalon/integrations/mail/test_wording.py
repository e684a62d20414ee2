"""What e-mails say in words where a reader would otherwise be misled or left alone, in each language."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from jalon.domain.emails import AboutOrder, Email
from jalon.integrations.mail.formats import LANGUAGES, Language
from tests.jalon.integrations.mail.samples import LINK, SAMPLES, STORE
from tests.jalon.integrations.mail.test_emails import RENDERER, plain

NO_SHOP = replace(STORE, shop_url=None)
each_language = pytest.mark.parametrize("language", LANGUAGES)


def text_of(email: Email, language: Language) -> str:
    """The text part as a store without a page of its own sends it."""
    link = "https://bank.example.com/confirm" if email.link_required else None
    mail = RENDERER.render(email, language=language, recipient_name=None, store=NO_SHOP, link_url=link)
    return plain(mail.text)


@pytest.mark.rule("X22", "X3")
@each_language
def test_a_failed_payment_leads_to_its_page_and_not_to_support(language: Language) -> None:
    for email in SAMPLES["payment_failed"]:
        mail = RENDERER.render(email, language=language, recipient_name=None, store=STORE, link_url=LINK)
        assert (mail.html.count(LINK), mail.text.count(STORE.support_email)) == (1, 1)


@pytest.mark.rule("X3", "X4")
@pytest.mark.parametrize(("language", "cause"), [("en", "for want of payment"), ("fr", "faute de paiement")])
def test_a_subscription_that_was_never_paid_says_why_it_ended(language: Language, cause: str) -> None:
    ended = [text_of(email, language) for email in SAMPLES["subscription_ended"]]
    assert [cause in text for text in ended] == [False, False, True, False, False]


@pytest.mark.rule("X22", "P6")
@pytest.mark.parametrize(
    ("language", "nothing_now", "pay"),
    [("en", "Nothing is charged now", "To pay"), ("fr", "Rien n’est débité maintenant", "Pour payer")],
)
def test_a_confirmed_mandate_is_no_payment(language: Language, nothing_now: str, pay: str) -> None:
    for email in SAMPLES["payment_action_required"]:
        text, mandate = text_of(email, language), email.as_facts()["occasion"] == "mandate"
        assert (nothing_now in text, pay in text) == (mandate, not mandate)


@each_language
def test_a_row_of_facts_is_no_link(language: Language) -> None:
    for email in (each for variants in SAMPLES.values() for each in variants):
        mail = RENDERER.render(email, language=language, recipient_name=None, store=STORE, link_url=LINK)
        assert not re.search(r"</th>\s*<td[^>]*>\s*<a", mail.html), email.template


@pytest.mark.parametrize("name", ["subscription_active", "renewed", "subscription_ended"])
def test_a_french_subject_agrees_with_a_product_of_any_gender(name: str) -> None:
    for email in SAMPLES[name]:
        assert isinstance(email, AboutOrder)
        mail = RENDERER.render(email, language="fr", recipient_name=None, store=STORE)
        assert mail.subject.startswith(f"Votre abonnement {email.product} ")


@pytest.mark.rule("X21", "D14", "X4")
@pytest.mark.parametrize(
    ("template", "past", "english", "french"),
    [
        ("renewed", "over", "new term", "nouvelle période"),
        ("renewal_notice", "renewed", "renews", "se renouvelle"),
        ("subscription_ended", "data_gone", "stays available", "restent disponibles"),
    ],
)
def test_what_leaves_too_late_speaks_of_the_past(template: str, past: str, english: str, french: str) -> None:
    for email in SAMPLES[template]:
        late = email.as_facts()[past]
        if late or email == SAMPLES[template][0]:
            said = [english in text_of(email, "en"), french in text_of(email, "fr")]
            assert said == [not late, not late]

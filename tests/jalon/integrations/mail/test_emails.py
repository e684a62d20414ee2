"""Every e-mail, in every language and variant: complete, the same in both parts, well set and safe."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from jalon.domain.emails import EMAILS, AboutOrder, Email, Milestone
from jalon.integrations.mail.formats import LANGUAGES, Language
from jalon.integrations.mail.renderer import LinkMissing, Rendered, Renderer
from tests.jalon.integrations.mail.samples import ACTIVATION, LINK, ORDER, PARIS, POLE, SAMPLES, STORE

RENDERER = Renderer(Path(__file__).parents[4] / "templates")
NAME = "Amélie Durand-Lefèvre"
EVERY = [
    pytest.param(email, language, id=f"{name}-{number}-{language}")
    for name, variants in SAMPLES.items()
    for number, email in enumerate(variants)
    for language in LANGUAGES
]
every_email = pytest.mark.parametrize(("email", "language"), EVERY)
every_email_about_an_order = pytest.mark.parametrize(
    ("email", "language"), [each for each in EVERY if isinstance(each.values[0], AboutOrder)]
)
HOSTILE = '<script>alert("x")</script>'
LONG = "Maximilienne-Guillemette Archambault de la Rochefoucauld-Montmorency " * 3


@cache
def render(email: Email, language: Language, name: str | None = NAME, person: str | None = None) -> Rendered:
    return RENDERER.render(
        email,
        language=language,
        recipient_name=name,
        store=STORE,
        link_url=LINK,
        milestones=POLE,
        person=person,
    )


class Words(HTMLParser):
    """The text that a reader sees, without the hidden preview line."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self._parts: list[str] = []
        self.feed(html.partition("<body")[2])

    def handle_data(self, data: str) -> None:
        self._parts.append(data)

    def __str__(self) -> str:
        return " ".join("".join(self._parts).replace("\xa0", " ").split())


def seen(html: str) -> str:
    return str(Words("<body" + html.partition("</div>")[2]))


def plain(text: str) -> str:
    return " ".join(text.replace("\xa0", " ").split())


def squeezed(text: str) -> str:
    """The text without the spaces and colons that only one of the parts needs."""
    return re.sub(r"[\s:]", "", text)


def test_every_email_has_an_example() -> None:
    assert SAMPLES.keys() == EMAILS.keys()
    assert all(email.template == name for name, variants in SAMPLES.items() for email in variants)


def test_every_choice_of_wording_has_an_example() -> None:
    for name, kind in EMAILS.items():
        for field, declared in get_type_hints(kind).items():
            choices = get_args(declared)
            if choices and all(isinstance(choice, str) for choice in choices) and field != "link":
                used = {getattr(email, field) for email in SAMPLES[name]}
                assert used == set(choices), f"{name}.{field}"


@every_email
def test_the_subject_is_one_short_line(email: Email, language: Language) -> None:
    subject = render(email, language).subject
    assert 10 <= len(subject) <= 78, subject
    assert subject.isprintable() or "\xa0" in subject or "\u202f" in subject
    assert "\n" not in subject


@every_email
def test_both_parts_say_who_what_and_where_to_ask(email: Email, language: Language) -> None:
    mail = render(email, language)
    for part in (plain(mail.text), seen(mail.html)):
        assert NAME in part
        if isinstance(email, AboutOrder):
            assert ORDER in part
            assert email.product in part
        assert STORE.support_email in part
        assert STORE.name in part
        assert "None" not in part
        assert "{" not in part


@every_email
def test_both_parts_hold_the_same_facts(email: Email, language: Language) -> None:
    mail = render(email, language)
    html = squeezed(seen(mail.html))
    for line in mail.text.splitlines():
        fact = squeezed(line).lstrip("-■□▨")
        if not fact.startswith(("[", "https")):
            assert fact in html, line


@every_email
def test_a_link_is_in_both_parts(email: Email, language: Language) -> None:
    mail = render(email, language)
    if email.link:
        assert f'href="{LINK}"' in mail.html
        assert f"\n{LINK}\n" in mail.text
    assert mail.html.count("href=") == mail.html.count('href="https://') + mail.html.count('href="mailto:')


@pytest.mark.parametrize("name", sorted(name for name, kind in EMAILS.items() if kind.link_required))
def test_a_link_that_is_needed_is_asked_for(name: str) -> None:
    with pytest.raises(LinkMissing, match=name):
        RENDERER.render(SAMPLES[name][0], language="en", recipient_name=NAME, store=STORE)


@pytest.mark.parametrize("name", sorted(name for name, kind in EMAILS.items() if not kind.link_required))
@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_link_no_button_is_left_behind(name: str, language: Language) -> None:
    store = dataclasses.replace(STORE, shop_url=None, faq=None, reseller=None)
    mail = RENDERER.render(SAMPLES[name][0], language=language, recipient_name=None, store=store)
    assert 'class="action"' not in mail.html
    assert "https://" not in mail.text


@every_email
def test_instants_are_in_the_zone_of_the_store(email: Email, language: Language) -> None:
    text = plain(render(email, language).text)
    for field in dataclasses.fields(email):
        value = getattr(email, field.name)
        if isinstance(value, datetime) and field.name.endswith(("_by", "_until")):
            last_open = (value - timedelta(microseconds=1)).astimezone(PARIS)
            assert f"{last_open:%H:%M}" in text, field.name
            assert str(last_open.year) in text


@every_email
def test_french_is_set_as_french(email: Email, language: Language) -> None:
    mail = render(email, language)
    written = re.sub(r"https?://\S+|\d\d:\d\d|mailto:\S+", "", mail.subject + "\n" + mail.text)
    assert "'" not in written
    assert '"' not in written
    if language == "fr":
        assert not re.search(r"[^\u202f][;!?]", written)
        assert not re.search(r"[^\u00a0][:»]", written)
        assert not re.search(r"«[^\u00a0]", written)
        assert not re.search(r"\d €", written)


@every_email_about_an_order
def test_nothing_a_person_wrote_becomes_markup(email: AboutOrder, language: Language) -> None:
    product = dataclasses.replace(email, product=HOSTILE)
    store = dataclasses.replace(STORE, name=HOSTILE)
    mail = RENDERER.render(
        product, language=language, recipient_name=HOSTILE, store=store, link_url=LINK, person=HOSTILE
    )
    assert "<script" not in mail.html
    assert "&lt;script&gt;" in mail.html
    assert HOSTILE in mail.text


@every_email_about_an_order
def test_long_and_broken_names_stay_in_their_place(email: AboutOrder, language: Language) -> None:
    product = dataclasses.replace(email, product=LONG + "\r\nBcc: everyone@example.com")
    mail = render(product, language, name=LONG + "\n\n\x07- item")
    assert "\n" not in mail.subject
    assert "\r" not in mail.subject
    assert len(mail.subject) <= 110
    assert "\x07" not in mail.html + mail.text


@every_email
def test_styles_are_on_the_elements(email: Email, language: Language) -> None:
    html = render(email, language).html
    assert html.startswith("<!DOCTYPE html>")
    assert f'lang="{language}"' in html
    assert 'name="viewport"' in html
    assert "prefers-color-scheme: dark" in html
    assert re.search(r'<h1 style="[^"]+"', html)
    assert len(html) < 100_000, "longer e-mails are clipped by large mail services"


def test_the_pole_is_drawn_in_both_parts() -> None:
    mail = render(SAMPLES["contract_ready"][0], "en")
    assert "[■ ▨ □ □ □]" in mail.text
    assert "■ Order placed: 15 January 2026" in mail.text
    assert "□ Read the contract: until Wednesday 15 April 2026, 23:59" in mail.text
    assert [mail.html.count(f'class="band {state}"') for state in ("reached", "held", "awaited")] == [1, 1, 3]


def test_without_milestones_there_is_no_pole() -> None:
    mail = RENDERER.render(SAMPLES["user_added"][0], language="en", recipient_name=NAME, store=STORE)
    assert "■" not in mail.text
    assert 'class="pole"' not in mail.html


def test_a_released_seat_names_the_person_when_told() -> None:
    email, _ = SAMPLES["seat_released"]
    assert "Théo Marchand did not complete" in render(email, "en", person="Théo Marchand").text
    assert "The person you invited" in render(email, "en").text


def test_without_a_name_the_greeting_stands_alone() -> None:
    assert "\nBonjour,\n" in render(SAMPLES["user_added"][0], "fr", name=None).text


@pytest.mark.rule("P5", "P8", "G1")
def test_the_contract_says_until_when() -> None:
    mail = render(SAMPLES["contract_ready"][0], "fr")
    assert "jusqu’au mercredi 15 avril 2026 à 23:59" in plain(mail.text)
    assert datetime(2026, 4, 15, 21, 59, 59, 999_999, tzinfo=UTC) < ACTIVATION


@every_email_about_an_order
def test_each_fact_of_the_text_part_has_its_line(email: Email, language: Language) -> None:
    mail = render(email, language, person="Théo Marchand")
    labels = re.findall(r"<th[^>]*>([^<]+)</th>", mail.html)
    assert labels
    lines = mail.text.splitlines()
    for label in map(unescape, labels):
        assert any(line.startswith(label) for line in lines), label


@pytest.mark.rule("X4", "D17", "H25")
def test_a_stopped_renewal_says_when_the_data_goes() -> None:
    text = render(SAMPLES["renewal_stopped"][0], "en").text
    assert "go on using it until Thursday 31 December 2026, 23:59" in text
    assert "available until Sunday 3 January 2027, 23:59" in text


@pytest.mark.rule("T10")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_delayed_order_gives_the_contact(language: Language) -> None:
    mail = render(SAMPLES["order_delayed"][0], language)
    assert mail.text.count(STORE.support_email) >= 2
    assert f'href="mailto:{STORE.support_email}"' in mail.html


@pytest.mark.rule("T6")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hold_never_says_why(language: Language) -> None:
    mail = render(SAMPLES["export_hold"][0], language)
    everything = (mail.subject + mail.text + mail.html).lower()
    for word in (
        "export",
        "sanction",
        "embargo",
        "screen",
        "certific",
        "complian",
        "conformit",
        "hold",
        "check",
        "vérif",
    ):
        assert word not in everything, word


@pytest.mark.parametrize("moved", [-1, 0, 1])
def test_a_pole_band_that_is_reached_shows_its_day(moved: int) -> None:
    midnight = datetime(2026, 1, 14, 23, 0, tzinfo=UTC) + timedelta(microseconds=moved)
    bands = (Milestone("ordered", "reached", at=midnight),)
    mail = RENDERER.render(
        SAMPLES["user_added"][0], language="en", recipient_name=None, store=STORE, milestones=bands
    )
    assert f"Order placed: {14 if moved < 0 else 15} January 2026" in mail.text

"""Reading: what e-mails and pages say in whole lives is so, their links lead on, and a false word is found."""

from __future__ import annotations

import shutil
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

import api.web.orders.routes
from api.web.hosted.links import Opened, unknown_link
from api.web.orders.opened import OpenedOrder
from jalon.domain.emails import EMAILS, AboutOrder
from jalon.domain.statuses import OrderStatus, Status, SubscriptionStatus
from jalon.integrations.mail.formats import LANGUAGES
from jalon.rehearsal.sim.life import Lived, live
from jalon.rehearsal.sim.reading.paper import TEMPLATES
from jalon.rehearsal.sim.reading.reader import Reading

SEEDS = (16, 23, 26, 36, 42, 52, 94, 111, 140, 226, 236, 255, 257, 288, 293, 317)
"""The cheapest of 350 lives that together held every link and saying found in the first 130, every e-mail that is not rare in each
language, and every rare one. `jalon sim --read` reads more.
"""
RARE = {
    "admin_transfer_held",
    "admin_transfer_refused",
    "cancellation_refused",
    "deadline_extended",
    "order_delayed",
    "order_rejected",
    "renewal_resumed",
    "takeover_held",
    "takeover_refused",
    "user_held",
    "user_refused",
}
"""E-mails that the sample need not hold in each language, but in one."""
AFTER_ANSWERS = [OrderStatus.EXPORT_HOLD, OrderStatus.PROCESSING, OrderStatus.REJECTED, OrderStatus.CANCELLED]
READING = Reading.of(TEMPLATES)


@cache
def lived(seed: int) -> Lived:
    return live(seed, readers=READING)


@cache
def sample() -> Counter[str]:
    """What was read and followed, in how many places."""
    marks: Counter[str] = Counter()
    for seed in SEEDS:
        marks.update(lived(seed).marks)
    return marks


@pytest.mark.rule("X22", "X21")
@pytest.mark.timeout(300)
def test_what_e_mails_and_pages_say_is_so_and_their_links_lead_on() -> None:
    found = [(lived(seed).seed, each) for seed in SEEDS for each in lived(seed).found]
    assert found == []


def test_the_page_of_an_order_is_not_read_while_its_run_lives_its_past_again() -> None:
    assert lived(217).found == ()


def test_the_sample_reads_nearly_every_e_mail_in_each_language() -> None:
    lived_by = [name for name, kind in EMAILS.items() if issubclass(kind, AboutOrder)]
    read = {name: {each for each in LANGUAGES if sample()[f"read: {name} {each}"]} for name in lived_by}
    assert {name for name, languages in read.items() if languages != set(LANGUAGES)} <= RARE
    assert {name for name, languages in read.items() if not languages} == set()


@pytest.mark.parametrize(
    ("kind", "statuses"),
    [
        ("contract", [each for each in SubscriptionStatus if each is not SubscriptionStatus.NEW]),
        ("invitation", [SubscriptionStatus.ACTIVE, SubscriptionStatus.DATA_RETAINED]),
        ("portal", [SubscriptionStatus.ACTIVE, SubscriptionStatus.DATA_RETAINED, SubscriptionStatus.PURGED]),
        ("order", [each for each in OrderStatus if each is not OrderStatus.NEW]),
        ("certificate", [OrderStatus.SUBMITTED, OrderStatus.SCREENING, *AFTER_ANSWERS]),
        ("payment", [each for each in SubscriptionStatus if each is not SubscriptionStatus.NEW]),
        ("payment", [OrderStatus.CART, OrderStatus.SUBMITTED, OrderStatus.PROCESSING, OrderStatus.CANCELLED]),
    ],
)
def test_the_sample_follows_each_kind_of_link_in_every_status(kind: str, statuses: list[Status]) -> None:
    seen = {
        status for status in statuses for each in LANGUAGES if sample()[f"followed: {kind} {status} {each}"]
    }
    assert seen >= set(statuses) - {SubscriptionStatus.ENDED}


PLANTED = [
    (88, "emails/contract_ready/en.j2", "{{ activate_by|until|strong }}", "Monday 1 March 2027, 23:59"),
    (17, "emails/contract_ready/fr.j2", "pas avant.", "pas avant. Vous n'avez rien à faire."),
    (45, "emails/order_confirmed/en.j2", "We have charged {{ charged|money|strong }}", "Nothing was charged"),
    (6, "emails/subscription_active/fr.j2", "{{ term_until|until|strong }}", "lundi 1er mars 2027 à 23:59"),
    (54, "emails/renewal_stopped/en.j2", "{{ resume_by|until }}", "{{ term_until|until }}"),
    (129, "portal/subscription.html.j2", "{{ s.next_renewal_at|day }}", "{{ s.next_renewal_at|until }}"),
    (6, "translations/fr.toml", "Votre commande est complète", "Votre panier n'est plus gardé"),
    (61, "hosted/certificate.html.j2", '<form class="step"', '<div class="step"'),
    (11, "translations/en.toml", "You can activate it until {when}.", "It could be activated until {when}."),
    (95, "hosted/contract.html.j2", '{% elif state == "active" %}', '{% elif state == "other" %}'),
    (17, "hosted/contract.html.j2", '<form class="step"', '<div class="step"'),
    (23, "hosted/payment.html.j2", "{% if form %}", "{% if not form %}"),
    (39, "hosted/payment.html.j2", "settle_by|until", "settle_by|day"),
    (39, "translations/fr.toml", "Il est trop tard pour payer", "C’est payé"),
    (112, "translations/en.toml", "There is nothing left to pay for it", "It is too late to pay for it"),
    (95, "translations/en.toml", "The licence of {product} is yours", "A licence is reserved for you"),
    (16, "emails/fewer_seats/fr.j2", "{{ renews_at|day|strong }}", "lundi 1er mars 2027"),
    (95, "translations/fr.toml", "Votre abonnement {product} est actif", "Rien n'a été débité"),
]
"""False words: a seed whose life holds them, the template, and what is written there instead."""


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("seed", "file", "former", "planted"), PLANTED, ids=[each[3] for each in PLANTED])
def test_a_false_word_is_found(seed: int, file: str, former: str, planted: str, tmp_path: Path) -> None:
    templates = Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))
    text = (templates / file).read_text("utf-8")
    assert former in text
    (templates / file).write_text(text.replace(former, planted), "utf-8")
    assert rules_broken(Reading.of(templates), seed) & {"words", "links"}


def rules_broken(reading: Reading, seed: int) -> set[str]:
    """The rules that the life of the seed, or else of one of the sample, breaks."""
    broken = (
        {each.rule for each in live(each, readers=reading, until_broken=True).found}
        for each in (seed, *SEEDS)
    )
    return next(filter(None, broken), set())


@pytest.mark.rule("X22")
@pytest.mark.timeout(300)
def test_a_link_that_leads_nowhere_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    async def lost(*_: object) -> OpenedOrder:
        raise unknown_link()

    monkeypatch.setattr(api.web.orders.routes, "open_order", lost)
    assert "links" in rules_broken(READING, 38)


@pytest.mark.timeout(300)
def test_a_page_in_another_language_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Opened, "language", "en")
    assert "links" in rules_broken(READING, 2)

"""`jalon mail`: each e-mail as a page, one sent as a test, and what came back."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from jalon.domain.emails import EMAILS
from tests.api.web.portal.test_subscriptions import bought
from tests.jalon.cli.conftest import ROOT, Jalon
from tests.jalon.integrations.mail.test_bounces import report
from tests.support.machines import Serving
from tests.support.portal import Guest
from tests.support.shop import OpenShop, Shop, eventually, instant
from tests.support.stores import files_of

FOLDERS = ("--stores", str(ROOT / "stores"), "--templates", str(ROOT / "templates"))


def test_every_e_mail_is_written_as_a_page_and_as_a_text(jalon: Jalon, tmp_path: Path) -> None:
    result = jalon("mail", "preview", "seen", *FOLDERS)
    assert (result.returncode, result.stderr) == (0, "")
    written = {each.name for each in (tmp_path / "seen").iterdir()}
    assert {
        f"{name}-1.{language}.{kind}"
        for name in EMAILS
        for language in ("fr", "en")
        for kind in ("html", "txt")
    } <= written
    refused = jalon("mail", "preview", "seen", "--email", "no_such", *FOLDERS)
    assert refused.returncode == 1
    assert "one of activation_reminder" in refused.stderr


@pytest.mark.parametrize("to", ["a:b@x.example.com", "nobody", "a@b\nBcc: c@d.example.com"])
def test_what_is_no_address_is_written_to_by_nobody(jalon: Jalon, to: str) -> None:
    told = jalon("mail", "send", "contract_ready", "--to", to, *FOLDERS, JALON_SMTP_PORT="1")
    assert (told.returncode, "is no e-mail address" in told.stderr) == (1, True)


def test_one_is_sent_as_a_test(jalon: Jalon, machine: Serving, open_shop: OpenShop) -> None:
    shop = open_shop("drafting")
    given = machine.environment
    to = f"test@{shop.id}.example.com"
    told = jalon(
        "mail", "send", "contract_ready", "--to", to, *FOLDERS,
        JALON_SMTP_HOST=given["JALON_SMTP_HOST"], JALON_SMTP_PORT=given["JALON_SMTP_PORT"],
    )  # fmt: skip
    assert (told.returncode, told.stderr) == (0, "")
    eventually(lambda: shop.mails("contract_ready", to), "the e-mail")
    assert shop.mails("contract_ready", to)[0]["subject"].startswith("[Test] ")
    nobody = jalon("mail", "send", "contract_ready", "--to", to, *FOLDERS, JALON_SMTP_PORT="1")
    assert (nobody.returncode, "did not take it" in nobody.stderr) == (1, True)


def stores_of(shop: Shop, folder: Path) -> str:
    """A folder with the file of this store alone."""
    alone = folder / "stores"
    alone.mkdir(exist_ok=True)
    return str(files_of(shop.machine.stores_dir, [shop.id], alone))


@pytest.mark.rule("X16")
def test_an_e_mail_that_came_back_is_seen_at_its_order_and_its_person(
    jalon: Jalon, machine: Serving, open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shop = open_shop("drafting")
    order = shop.order("drafting-light").buy()

    def mails() -> list[tuple[str, str, str]]:
        told = shop.store.get(f"{order.url}/timeline", role="support").json()["timeline"]
        return [
            (each["event"], each["data"]["message_id"], each["data"]["template"])
            for each in told
            if each["kind"] == "mail"
        ]

    _, message_id, template = mails()[0]

    def come_back(raw: bytes) -> str:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        named = {"JALON_DATABASE_URL": machine.environment["JALON_DATABASE_URL"]}
        result = jalon("mail", "bounce", "--stores", stores_of(shop, tmp_path), **named)
        return result.stdout + result.stderr

    assert "nothing to note" in come_back(report("delayed", "4.4.1"))
    assert "no e-mail of" in come_back(report())
    for _ in range(2):
        assert "came back (5.1.1)" in come_back(
            report().replace(b"<abc123@fastening.example.com>", message_id.encode())
        )
    assert ("mail_bounced", message_id, template) in mails()
    assert shop.store.get(order.url, role="support").json()["buyer"]["undeliverable"] == "5.1.1"


@pytest.mark.rule("X22", "T3", "X11")
def test_an_admin_sees_whose_e_mail_came_back_and_the_way_on(
    jalon: Jalon, machine: Serving, open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    subscription, path = bought(shop, "anchor-design-premium")
    jean, noe = (f"{name}@{shop.id}.example.com" for name in ("jean", "noe"))
    assert subscription.assign(jean).ok
    assert subscription.post("transfer-admin", {"email": noe, "name": "Noé Petit"}).ok
    shop.settle()
    named = {"JALON_DATABASE_URL": machine.environment["JALON_DATABASE_URL"]}
    told = {path: noe, f"{path}/users": "cette adresse", f"{path}/users/1": jean}
    with Guest(shop) as ana:
        ana.sign_in(path)
        assert not any("est revenu" in ana.see(page).text for page in told)
        for template, to in (("invitation", jean), ("admin_transfer_pending", noe)):
            (sent,) = shop.mails(template, to)
            message_id = f"<{sent['message_id'].strip('<>')}>"
            raw = report().replace(b"<abc123@fastening.example.com>", message_id.encode())
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
            assert (
                "came back" in jalon("mail", "bounce", "--stores", stores_of(shop, tmp_path), **named).stdout
            )
        for page, whom in told.items():
            assert f"Un e-mail envoyé à {whom} est revenu" in ana.see(page).text
        assert f"{path}/call-off-transfer" in ana.see(path).forms
        user = ana.see(f"{path}/users/1")
        assert {f"{path}/users/1/reassign", f"{path}/users/1/reinvite"} < user.forms.keys()
        ana.send(user, "/reinvite")
        shop.settle()
        assert not any("est revenu" in ana.see(f"{path}{page}").text for page in ("/users", "/users/1"))
        assert "est revenu" in ana.see(path).text


@pytest.mark.rule("X16", "D15")
def test_a_notice_that_came_back_is_no_proof_any_more_and_the_subscription_hears_of_it(
    jalon: Jalon, machine: Serving, open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shop = open_shop("lifecycle", "2026-02-02 10:00")
    subscription = shop.order("mechanical-designer").buy().subscription
    stop_by = instant(subscription["stop_by"])
    assert stop_by is not None
    shop.to(stop_by)
    assert subscription.standing == "renewal_committed"
    path = f"{subscription.url}/renewal-notices"
    for notice in shop.store.get(path, role="support").json()["data"]:
        raw = report().replace(b"<abc123@fastening.example.com>", notice["message_id"].encode())
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        named = {"JALON_DATABASE_URL": machine.environment["JALON_DATABASE_URL"]}
        told = jalon("mail", "bounce", "--stores", stores_of(shop, tmp_path), **named)
        assert subscription.id in told.stdout, told.stderr
    eventually(lambda: subscription["notice_missing_since"], "the task", within=60)
    assert (subscription.standing, subscription["stop_by"]) == ("active", subscription["term_end"])
    notices = shop.store.get(path, role="support").json()["data"]
    assert {(each["state"], each["code"]) for each in notices} == {("failed", "5.1.1")}
    assert subscription.stop().ok

"""Renewals whose notice reached nobody, through the API, the portal's page and the mailbox (X15, X16, C1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from jalon.domain.calendar.calendars import Calendar
from jalon.domain.calendar.deadlines import closes_at, reminder_before
from jalon.domain.calendar.durations import Duration
from tests.support.portal import Guest, Screen
from tests.support.shop import TICK, Answer, OpenShop, Shop, Subscription, at, instant
from workflows.engine.state import known

DAY = timedelta(days=1)
PARIS_CALENDAR = Calendar("Europe/Paris")
WEEK, MONTH = Duration.parse("P7D"), Duration.parse("P1M")
BOUGHT = "2026-02-02 10:00"
BECAUSE = {"reason": "the notice came back"}
SOLD = {
    "lifecycle": ("mechanical-designer", "collaborator"),
    "drafting": ("drafting-suite", "drafting-suite"),
}
CONSUMERS = {"lifecycle": "maker", "drafting": "individual"}


def bought(shop: Shop, *, consumer: bool = False, refused: int = 50) -> Subscription:
    """An active subscription for a year. The mail server refuses so many e-mails to its buyer from now on, by default all."""
    kind = shop.id.rpartition("-")[0]
    sku = SOLD[kind][consumer]
    audience = {"audience": CONSUMERS[kind]} if consumer else {}
    subscription = shop.order(sku, **audience).buy().subscription
    shop.mailbox.fail("refuse_554", to=shop.email, count=refused)
    return subscription


def tasks(shop: Shop) -> list[dict[str, Any]]:
    """Support's tasks about subscriptions of this store."""
    found: list[dict[str, Any]] = []
    after: dict[str, Any] = {}
    while True:
        page = Answer.of(shop.store.get("/v1/support/tasks", role="support", limit=1, **after)).ok
        found += page["data"]
        if not page["has_more"]:
            break
        after = {"after": page["next"]}
    return [each for each in found if (each["subscription"] or {}).get("store") == shop.id]


def notices(subscription: Subscription) -> list[dict[str, Any]]:
    """The notices of its renewals, with their proof."""
    path = f"{subscription.url}/renewal-notices"
    found: list[dict[str, Any]] = Answer.of(subscription.shop.store.get(path, role="support")).ok["data"]
    return found


def instant_in(subscription: Subscription, name: str) -> Any:
    return known(instant(subscription[name]))


def plain(screen: Screen) -> str:
    return screen.text.replace("\u202f", " ").replace("\xa0", " ").replace("’", "'")


@pytest.mark.rule("X15")
def test_a_notice_keeps_its_proof_for_support_alone(open_shop: OpenShop) -> None:
    shop = open_shop("drafting", BOUGHT)
    subscription = shop.order("drafting-suite").buy().subscription
    stop_by = instant_in(subscription, "stop_by")
    assert notices(subscription) == []
    shop.to(reminder_before(stop_by, Duration.parse("P30D"), PARIS_CALENDAR))
    first, second = notices(subscription)
    sent = [each["message_id"] for each in shop.mails("renewal_notice")]
    assert [first["message_id"], second["message_id"]] == sent
    for notice, before in ((first, "P90D"), (second, "P30D")):
        assert at(notice["taken_at"]) == reminder_before(stop_by, Duration.parse(before), PARIS_CALENDAR)
        assert (notice["state"], notice["price"]["amount"]) == ("taken", "2290.00")
        assert (at(notice["refuse_by"]), at(notice["renews_at"])) == (
            stop_by,
            instant_in(subscription, "term_end"),
        )
        assert notice["answer"].startswith("250 ")
        assert notice["server"].partition(":")[2].isdigit()
    assert "@" not in str([each | {"message_id": ""} for each in (first, second)])
    told = [each for each in subscription.timeline()["timeline"] if each["event"] == "renewal_notice_taken"]
    assert [each["data"]["message_id"] for each in told] == sent
    assert Answer.of(shop.store.get(f"{subscription.url}/renewal-notices")).refused[0] == 403
    with Guest(shop) as ana:
        shown = plain(ana.sign_in(f"/portal/{shop.id}/FR/subscriptions/{subscription.id}"))
        assert shown.count("Un serveur de messagerie a reçu l'avis de renouvellement") == 2


@pytest.mark.rule("X16")
@pytest.mark.parametrize(
    ("began", "task_due", "closes"),
    [
        (BOUGHT, "2027-01-20T09:00:00+01:00", "2027-01-28T00:00:00+01:00"),
        ("2026-04-06 10:00", "2027-03-24T09:00:00+01:00", "2027-04-01T00:00:00+02:00"),
        ("2026-11-07 10:00", "2027-10-25T09:00:00+02:00", "2027-11-02T00:00:00+01:00"),
    ],
    ids=["winter", "spring", "autumn"],
)
def test_support_has_the_task_exactly_a_week_before_the_cutoff_and_a_new_address_settles_it(
    open_shop: OpenShop, began: str, task_due: str, closes: str
) -> None:
    shop = open_shop("lifecycle", began)
    subscription = bought(shop)
    cutoff, due = at(closes), at(task_due)
    assert instant_in(subscription, "stop_by") == cutoff
    shop.to(due - TICK)
    assert (tasks(shop), subscription["notice_missing_since"]) == ([], None)
    assert [each["state"] for each in notices(subscription)] == ["failed"]
    shop.to(due)
    (task,) = tasks(shop)
    assert (task["task"], task["rule"], at(task["since"])) == ("announce_renewal", "X16", due)
    assert at(task["until"]) == instant_in(subscription, "term_end")
    assert "renewal-notices" in task["to_do"]
    found = Answer.of(shop.store.get("/v1/subscriptions", fact="notice_missing_since", store=shop.id)).ok
    assert [each["id"] for each in found["data"]] == [subscription.id]
    shop.to(due + TICK)
    moved = f"ana.martin@{shop.id}.example.com"
    body = {"reason": "She called.", "email": moved}
    people = f"/v1/people/{subscription['admin']['id']}/changes"
    assert Answer.of(shop.store.post(people, body, role="support")).ok
    shop.settle()
    assert [each["state"] for each in notices(subscription)] == ["failed", "failed", "taken"]
    assert len(shop.mails("renewal_notice", to=moved)) == 1
    assert (tasks(shop), subscription["notice_missing_since"]) == ([], None)
    shop.to(cutoff)
    assert subscription.standing == "renewal_committed"


@pytest.mark.rule("X16", "C1", "D15")
@pytest.mark.parametrize(
    ("sells", "consumer", "waits"),
    [("lifecycle", False, True), ("drafting", False, False), ("drafting", True, True)],
    ids=["company, waits", "company, charges", "consumer, always waits"],
)
def test_without_notice_the_switch_stays_open_and_the_charge_waits_or_is_made(
    open_shop: OpenShop, sells: str, *, consumer: bool, waits: bool
) -> None:
    shop = open_shop(sells, BOUGHT)
    subscription = bought(shop, consumer=consumer)
    cutoff, began = instant_in(subscription, "stop_by"), instant_in(subscription, "term_end")
    sku, user = subscription["sku"], f"jean@{shop.id}.example.com"
    assert subscription.assign(user).ok
    shop.settle()
    assert shop.page(shop.link("invitation", "invitation", user)).send(name="Jean").status == 200
    paid = len(subscription.charged)
    for moment in (cutoff - TICK, cutoff, cutoff + TICK, began - TICK):
        shop.to(moment)
        assert (subscription.standing, subscription["renewal_committed_at"]) == ("active", None)
        assert subscription.stop().ok
        assert subscription.resume().ok
        assert len(subscription.charged) == paid
    shop.to(began)
    assert (subscription.status, subscription["term_number"]) == ("active", 1)
    assert shop.entitled(sku, user)
    assert len(subscription.charged) == paid + (not waits)
    wait = subscription["charge_waits_for"]
    if not waits:
        assert (wait, subscription.standing, tasks(shop)) == (None, "active", [])
        return
    assert (wait["what"], at(wait["since"]), wait["until"]) == ("renewal_notice", began, None)
    assert (subscription.standing, subscription["waiting_for"]) == ("charge_waits", "renewal_notice")
    assert [each["until"] for each in tasks(shop)] == [None]
    found = Answer.of(shop.store.get("/v1/subscriptions", fact="charge_waits_for", store=shop.id)).ok
    assert [each["id"] for each in found["data"]] == [subscription.id]
    shop.to(began + 20 * DAY)
    assert len(subscription.charged) == paid


@pytest.mark.rule("X16", "C1")
@pytest.mark.parametrize(
    ("bought_at", "consumer", "refused", "closes"),
    [
        (BOUGHT, False, 2, "2027-02-11T00:00:00+01:00"),
        (BOUGHT, True, 3, "2027-03-04T00:00:00+01:00"),
        ("2026-03-24 10:00", False, 2, "2027-04-02T00:00:00+02:00"),
        ("2026-10-28 10:00", True, 2, "2027-11-30T00:00:00+01:00"),
    ],
    ids=["company", "consumer", "company, spring", "consumer, autumn"],
)
def test_the_late_notice_names_the_day_until_which_the_term_can_be_refused_and_then_it_is_charged_once(
    open_shop: OpenShop, bought_at: str, closes: str, refused: int, *, consumer: bool
) -> None:
    shop = open_shop("lifecycle", bought_at)
    subscription = bought(shop, consumer=consumer, refused=refused)
    began = instant_in(subscription, "term_end")
    shop.to(began + DAY)
    paid = len(subscription.charged)
    assert subscription.post("renewal-notices").refused[0] == 403
    assert subscription.post("renewal-notices", BECAUSE, role="support").ok
    shop.settle()
    until = at(closes)
    assert at(subscription["charge_waits_for"]["until"]) == until
    assert subscription.post("renewal-notices", BECAUSE, role="support").refused[1] == "nothing_to_announce"
    text = shop.letter("renewal_notice")["text"]
    assert "n'avons donc encore rien débité" in text.replace("’", "'")
    shop.to(until - TICK)
    assert len(subscription.charged) == paid
    shop.to(until)
    assert (subscription.charged_at[paid:], subscription["charge_waits_for"]) == ([until], None)
    shop.to(until + TICK)
    assert (len(subscription.charged), subscription.standing) == (paid + 1, "active")
    assert "renewed" in shop.templates()


@pytest.mark.rule("X16", "H24")
def test_at_the_portal_the_unannounced_term_says_why_it_is_not_charged_and_can_be_refused(
    open_shop: OpenShop,
) -> None:
    shop = open_shop("lifecycle", BOUGHT)
    subscription = shop.order("mechanical-designer").buy().subscription
    path = f"/portal/{shop.id}/FR/subscriptions/{subscription.id}"
    began = instant_in(subscription, "term_end")
    with Guest(shop) as ana:
        ana.sign_in(path)
        shop.mailbox.fail("refuse_554", to=shop.email, count=2)
        shop.to(began + DAY)
        paid = len(subscription.charged)
        shown = plain(ana.see(path))
        assert "n'est pas encore débitée, car nous ne savons pas si notre avis vous est parvenu" in shown
        assert "Si votre adresse e-mail a changé, écrivez-nous" in shown
        told = subscription.post("renewal-notices/told", {"how": "letter", "note": "posted"}, role="support")
        assert told.ok
        until = closes_at(began + DAY, WEEK, PARIS_CALENDAR)
        assert "vous pouvez l'arrêter jusqu'au" in plain(ana.see(path))
        last = notices(subscription)[-1]
        assert (last["state"], last["how"], at(last["refuse_by"])) == ("told", "letter", until)
        assert last["by"]
        shop.to(until - TICK)
        asked = ana.see(f"{path}/stop")
        warning = ana.send(asked, "/stop", reason="")
        assert "prend fin aussitôt" in plain(warning)
        assert "Vous ne devez rien" in plain(warning)
        ana.send(warning, "/stop")
        shop.settle()
        over = ana.see(path)
        assert "Il a pris fin" in plain(over)
        (receipt,) = [each for each in over.links if "/receipts/" in each]
        assert receipt.rsplit("/", 1)[1] in shop.letter("subscription_ended")["text"]
    assert (subscription.status, at(subscription["ended_at"])) == ("data_retained", until - TICK)
    assert len(subscription.charged) == paid
    assert "Rien n'a été débité" in shop.letter("subscription_ended")["text"].replace("’", "'")


@pytest.mark.rule("X16", "C1")
def test_a_consumer_is_told_in_writing(open_shop: OpenShop) -> None:
    shop = open_shop("lifecycle", BOUGHT)
    subscription = bought(shop, consumer=True)
    told = {"how": "telephone", "note": "called"}
    assert subscription.post("renewal-notices/told", told, role="support").refused[1] == "nothing_to_announce"
    shop.to(instant_in(subscription, "stop_by"))
    assert subscription.post("renewal-notices/told", told, role="support").refused == (
        409,
        "notice_not_written",
        "C1",
    )
    assert subscription.post("renewal-notices/told", {"how": "letter", "note": "posted"}, role="support").ok
    audited = [each for each in notices(subscription) if each["state"] == "told"]
    assert len(audited) == 1


@pytest.mark.rule("C1", "D14")
@pytest.mark.parametrize(
    ("bought_at", "announced"),
    [
        (BOUGHT, "2026-11-27T09:00:00+01:00"),
        ("2026-04-16 10:00", "2027-02-10T09:00:00+01:00"),
        ("2026-11-15 10:00", "2027-09-09T09:00:00+02:00"),
    ],
    ids=["winter", "spring", "autumn"],
)
def test_a_consumer_of_the_union_has_a_notice_in_the_time_of_the_law(
    open_shop: OpenShop, bought_at: str, announced: str
) -> None:
    shop = open_shop("lifecycle", bought_at)
    company, consumer = (
        shop.order(sku, **cart).buy().subscription
        for sku, cart in (("mechanical-designer", {}), ("collaborator", {"audience": "maker"}))
    )
    cutoff = instant_in(consumer, "stop_by")
    by_law = at(announced)
    shop.to(by_law - TICK)
    assert (notices(company), notices(consumer)) == ([], [])
    for moment in (by_law, by_law + TICK):
        shop.to(moment)
        (notice,) = notices(consumer)
        assert (notices(company), at(notice["taken_at"])) == ([], by_law)
    assert closes_at(by_law, MONTH, PARIS_CALENDAR) <= cutoff == at(notice["refuse_by"])

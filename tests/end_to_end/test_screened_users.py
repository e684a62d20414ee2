"""A user is screened where the order was: a match holds the seat until two people release it, and says nothing to the person (X19)."""

from __future__ import annotations

import pytest

from tests.api.web.portal.test_subscriptions import plain
from tests.end_to_end.test_screened_successors import LISTED, address, bought
from tests.support.portal import Guest
from tests.support.shop import TICK, Answer, OpenShop, Shop, Subscription, at

SKU = "survey-office"
SECRETS = ("list", "screen", "export", "sanction")


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """A store that asks for end-use certificates."""
    return open_shop("geomatics", "2026-03-02 10:00")


def assigned(subscription: Subscription, who: str, name: str, seat: int | None = None) -> Answer:
    """The answer to an assignment, to the person of this name."""
    body = {"email": address(subscription.shop, who), "name": name, "language": "en"}
    return subscription.post("seats", body if seat is None else body | {"seat": seat})


def held(shop: Shop) -> Subscription:
    """A subscription with a person of the list on its first seat."""
    subscription = bought(shop)
    assert assigned(subscription, "adam", LISTED).ok["result"] == {"seat": 1, "state": "held"}
    shop.settle()
    return subscription


def released(subscription: Subscription) -> None:
    for role in ("compliance", "compliance_second"):
        assert subscription.decide("release", role).ok


def evidence(subscription: Subscription) -> dict[str, object]:
    """What a reviewer reads of the open hold."""
    store = subscription.shop.store
    seen = Answer.of(store.get(f"/v1/compliance/holds/{subscription.id}", role="compliance")).ok
    hold: dict[str, object] = seen["hold"]
    return hold


@pytest.mark.rule("X19", "T1")
def test_a_user_whom_no_list_names_is_invited_at_once(shop: Shop) -> None:
    subscription = bought(shop)
    assert assigned(subscription, "noe", "Noé Petit").ok["result"]["state"] == "invited"
    shop.settle()
    shop.page(shop.link("invitation", "invitation", address(shop, "noe"))).send()
    assert subscription.seats == ["assigned", "free"]
    other = bought(shop)
    assert assigned(other, "noe", "Noé Petit").ok["result"]["state"] == "assigned"
    assert "seat_held" not in subscription.events + other.events


@pytest.mark.rule("X19", "X7")
def test_a_match_reserves_the_seat_without_access_or_word_to_the_person(shop: Shop) -> None:
    subscription, adam = held(shop), address(shop, "adam")
    assert (subscription.seats, shop.entitled(SKU, adam)) == (["held", "free"], False)
    assert shop.templates(adam) == []
    letter = shop.letter("user_held")
    assert LISTED in letter["text"]
    assert [secret for secret in SECRETS if secret in letter["text"].lower()] == []
    assert assigned(subscription, "adam", LISTED).refused == (409, "already_assigned", "D3")
    assert assigned(subscription, "noe", "Noé Petit", 1).refused == (409, "no_free_seat", "D3")
    public = Answer.of(shop.store.get(subscription.url)).ok
    assert [set(hold) for hold in public["holds"]] == [{"opened_at", "person", "seat"}]
    assert public["seats"][0]["held_since"] == subscription["seats"][0]["held_since"]
    with Guest(shop, email=adam) as guest:
        assert subscription["product"] not in plain(guest.sign_in(f"/portal/{shop.id}/FR"))


@pytest.mark.rule("X19", "T6", "T2")
def test_two_reviewers_release_and_the_invitation_goes_out_then(shop: Shop) -> None:
    subscription, adam = held(shop), address(shop, "adam")
    (listed,) = Answer.of(shop.store.get("/v1/compliance/holds", role="compliance", store=shop.id)).ok["data"]
    assert (listed["id"], listed["holds"][0]["reasons"][0]["code"]) == (subscription.id, "possible_match")
    seen = evidence(subscription)
    assert (seen["person"]["name"], seen["seat"], seen["turn"]) == (LISTED, 1, 1)  # type: ignore[index]
    assert subscription.decide("release").ok["result"]["decisions"] == 1
    assert subscription.decide("release").refused == (409, "same_reviewer", "T6")
    assert shop.templates(adam) == []
    assert subscription.decide("release", "compliance_second").ok
    shop.settle()
    assert (subscription.seats, shop.templates(adam)) == (["invited", "free"], ["invitation"])
    shop.page(shop.link("invitation", "invitation", adam)).send()
    assert shop.entitled(SKU, adam)


@pytest.mark.rule("X19", "X18")
def test_reviewers_read_the_name_that_was_screened_though_it_was_changed(shop: Shop) -> None:
    subscription = held(shop)
    person = subscription["holds"][0]["person"]["id"]
    change = {"name": "Noé Petit", "reason": "married"}
    assert Answer.of(shop.store.post(f"/v1/people/{person}/changes", change, role="storefront")).ok
    assert evidence(subscription)["person"]["name"] == LISTED  # type: ignore[index]
    assert subscription["seats"][0]["user"]["name"] == "Noé Petit"


@pytest.mark.rule("X19", "T6")
def test_one_rejection_frees_the_seat_and_tells_the_admin(shop: Shop) -> None:
    subscription = held(shop)
    assert subscription.decide("reject").ok["result"]["decisions"] == 1
    shop.settle()
    assert (subscription.seats, subscription["holds"]) == (["free", "free"], [])
    letter = shop.letter("user_refused")
    assert [secret for secret in SECRETS if secret in letter["text"].lower()] == []
    assert shop.templates(address(shop, "adam")) == []
    assert subscription.decide("release").refused[:2] == (409, "hold_closed")


@pytest.mark.rule("X19", "T6", "G1")
def test_a_hold_that_nobody_releases_frees_the_seat_when_it_is_over(shop: Shop) -> None:
    subscription = held(shop)
    assert subscription.due("hold_max") == at("2026-04-02 00:00")
    shop.to(at("2026-04-02 00:00") - TICK)
    assert subscription.seats == ["held", "free"]
    shop.to("2026-04-02 00:00")
    assert (subscription.seats, subscription.events[-1]) == (["free", "free"], "seat_refused")
    assert shop.letter("user_refused")


@pytest.mark.rule("X19", "H22")
def test_a_seat_goes_to_a_matched_person_and_its_former_user_loses_it_at_once(shop: Shop) -> None:
    subscription, noe = bought(shop), address(shop, "noe")
    assert assigned(subscription, "noe", "Noé Petit").ok
    shop.settle()
    shop.page(shop.link("invitation", "invitation", noe)).send()
    assert shop.entitled(SKU, noe)
    body = {"email": address(shop, "adam"), "name": LISTED, "language": "en"}
    assert subscription.post("seats/1/reassign", body).ok["result"]["state"] == "held"
    assert (shop.entitled(SKU, noe), subscription.seats) == (False, ["held", "free"])
    assert subscription.revoke(1).ok["result"]["state"] == "free"
    assert subscription.due("hold_max") is None
    assert subscription.decide("release").refused[:2] == (409, "hold_closed")


@pytest.mark.rule("X19", "T6")
def test_two_holds_of_a_subscription_are_decided_apart(shop: Shop) -> None:
    subscription = held(shop)
    shop.on("PT1H")
    heir = {"email": address(shop, "heir"), "name": LISTED, "language": "en"}
    assert subscription.post("transfer-admin", heir).ok
    shop.settle()
    assert subscription.post("transfer-admin/1/accept").ok
    shop.settle()
    (listed,) = Answer.of(shop.store.get("/v1/compliance/holds", role="compliance", store=shop.id)).ok["data"]
    assert [(hold["turn"], hold["seat"], hold["person"]["name"]) for hold in listed["holds"]] == [
        (1, 1, LISTED),
        (2, None, LISTED),
    ]
    assert (listed["transfer"]["hold"]["turn"], evidence(subscription)["turn"]) == (2, 1)
    path = f"/v1/compliance/holds/{subscription.id}/decisions"
    nameless = {"decision": "release", "reason": "of whom?"}
    unnamed = Answer.of(shop.store.post(path, nameless, role="compliance"))
    assert (unnamed.refused[0], unnamed.codes) == (422, {"field_missing"})
    assert subscription.decide("release", turn=3).refused == (409, "hold_closed", "T6")
    for role in ("compliance", "compliance_second"):
        assert subscription.decide("release", role, turn=2).ok
    shop.settle()
    assert (subscription["admin"]["email"], subscription.seats) == (heir["email"], ["held", "free"])
    for role in ("compliance", "compliance_second"):
        assert Answer.of(shop.store.post(path, nameless, role=role)).ok
    shop.settle()
    assert (subscription.seats, subscription["holds"]) == (["invited", "free"], [])


@pytest.mark.rule("X19", "T6")
def test_a_decision_on_a_hold_that_is_not_the_oldest_counts_by_its_key_too(shop: Shop) -> None:
    subscription = held(shop)
    shop.on("PT1H")
    assert assigned(subscription, "eve", LISTED, 2).ok["result"]["state"] == "held"
    shop.settle()
    wanted = {"role": "compliance", "stores": [shop.id], "reason": "a test"}
    path = f"/v1/compliance/holds/{subscription.id}/decisions"
    answers = []
    for person in ("Rita", "Remy"):
        key = shop.store.post("/v1/keys", wanted | {"person": f"{person} {shop.id}"}, role="admin").json()
        answers.append(
            shop.browser.post(
                path,
                json={"decision": "release", "reason": "seen", "turn": 2},
                headers={"Authorization": f"Bearer {key['token']}", "Idempotency-Key": person},
            )
        )
    assert [answer.status_code for answer in answers] == [200, 409]
    assert answers[1].json()["code"] == "same_reviewer"
    assert subscription.seats == ["held", "held"]
    assert subscription.decide("release", turn=2).ok["result"]["decisions"] == 2
    shop.settle()
    assert subscription.seats == ["held", "invited"]


@pytest.mark.rule("X19", "X22")
def test_the_admin_sees_that_it_takes_longer_and_may_take_the_seat_back(shop: Shop) -> None:
    subscription, adam = bought(shop), address(shop, "adam")
    path = f"/portal/{shop.id}/FR/subscriptions/{subscription.id}/users"
    with Guest(shop) as ana:
        ana.sign_in(path.removesuffix("/users"))
        added = ana.send(ana.see(path), "/add", email=adam, name=LISTED, language="en")
        said = "L'ajout de cette personne prend un peu plus de temps"
        assert (plain(added).count(said), subscription.seats) == (2, ["held", "free"])
        shop.settle()
        user = ana.see(f"{path}/1")
        assert said in plain(user)
        assert not any("reinvite" in form for form in user.forms)
        warning = ana.send(user, "/revoke")
        assert f"n'est alors plus réservée à {LISTED}" in plain(warning)
        ana.send(warning, "/revoke", confirmed="yes")
    assert subscription.seats == ["free", "free"]
    assert "user_refused" not in shop.templates()


@pytest.mark.rule("X19")
def test_a_screening_that_stands_still_is_among_the_parked_work_and_goes_on(shop: Shop) -> None:
    subscription = bought(shop)
    for number in (1, 2):
        assert shop.operate(subscription.id, "park", f"person_screening/{number}").ok
    for number, name in enumerate(("Noé Petit", LISTED), 1):
        assert assigned(subscription, f"user{number}", name).ok["result"] == {"seat": number, "state": "held"}
    (cause,) = shop.parked()
    steps = [each["step"] for each in cause["entities"]]
    assert (cause["step"], steps) == ("person_screening", ["person_screening/1", "person_screening/2"])
    assert (subscription.seats, subscription["holds"]) == (["held", "held"], [])
    for edit in ({"party": subscription["buyer"]["id"]}, {"countries": ["FR"]}):
        another = shop.operate(subscription.id, "retry", "person_screening/1", edit=edit)
        assert another.refused[:2] == (409, "not_editable")
    assert shop.operate(subscription.id, "retry", "person_screening/1").ok
    assert shop.operate(subscription.id, "skip", "person_screening/2", evidence="by hand").ok
    shop.settle()
    assert (subscription.seats, [hold["seat"] for hold in subscription["holds"]]) == (
        ["invited", "held"],
        [2],
    )
    assert shop.operate(subscription.id, "park", "person_screening/3").ok
    assert subscription.revoke(1).ok
    assert assigned(subscription, "user3", LISTED, 1).ok
    assert subscription.revoke(1).ok
    assert (subscription["parked"], shop.parked()) == ([], [])

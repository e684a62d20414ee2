"""Hostile input of operators: a repair is refused in words, or done; a parked step never leaves its list otherwise."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.support.shop import OpenShop, Order, Shop, eventually

MAIL = "mail/order-confirmed"
LONG = "x" * 201


def with_parked_mail(shop: Shop) -> Order:
    """An order whose confirmation waits for an operator."""
    order = shop.order("drafting-light")
    assert shop.operate(order.id, "park", MAIL).ok
    assert order.place().ok
    shop.settle()
    assert order.status == "completed"
    return order


def parked_in(shop: Shop, order: Order) -> list[str]:
    return [each["step"] for cause in shop.parked() for each in cause["entities"] if each["id"] == order.id]


EDITS: dict[str, tuple[dict[str, Any], str, str]] = {
    "no facts": ({"fields": None}, "edit_invalid", "/edit/fields"),
    "no e-mail's fact": ({"fields": {"colour": "red"}}, "edit_invalid", "/edit/fields"),
    "no amount": (
        {"fields": {"total": {"amount": "NaN", "currency": "EUR"}}},
        "edit_invalid",
        "/edit/fields/total/amount",
    ),
    "no number": ({"fields": {"more_lines": "tomorrow"}}, "edit_invalid", "/edit/fields/more_lines"),
    "two lines": ({"fields": {"product": "a\nb"}}, "edit_invalid", "/edit/fields/product"),
    "nobody": ({"party": "pty_none"}, "edit_invalid", "/edit/party"),
    "a receiver who is null": ({"party": None}, "edit_invalid", "/edit/party"),
    "a name alone": ({"name": "Ada Byron"}, "invalid_request", "/edit"),
    "a language alone": ({"language": "en"}, "invalid_request", "/edit"),
    "an address of null": ({"email": None}, "invalid_request", "/edit"),
    "another name": ({"person": "Ada Byron"}, "not_editable", "/edit"),
}


def test_an_edit_that_a_mail_cannot_take_is_refused_and_the_mail_stays_parked(open_shop: OpenShop) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    order = with_parked_mail(shop)
    for name, (edit, code, pointer) in EDITS.items():
        refused = shop.operate(order.id, "retry", MAIL, edit=edit)
        assert refused.refused[1] == code, name
        assert [each["pointer"] for each in refused.body["violations"]] == [pointer], name
        assert parked_in(shop, order) == [MAIL], name
    assert shop.operate(order.id, "retry", MAIL, edit={"fields": {"product": "Drafting Light, again"}}).ok
    shop.settle()
    assert (parked_in(shop, order), "order_confirmed" in shop.templates()) == ([], True)
    assert "drafting light, again" in shop.prose("order_confirmed")


def test_what_no_step_takes_is_kept_without_its_value(open_shop: OpenShop) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    order = with_parked_mail(shop)
    assert shop.operate(order.id, "retry", MAIL, edit={"person": "Ada Byron"}).refused[1] == "not_editable"
    url = shop.machine.environment["JALON_DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute("select set_config('app.stores', %s, false)", [shop.id])
        kept = connection.execute(
            "select body from receipt where entity_id = %s and command = 'resolve'", [order.id]
        ).fetchall()
    assert [body["edit"] for (body,) in kept] == [{"person": None}]


EVIDENCE: dict[str, Any] = {
    "null": {"reference": None},
    "empty": {"reference": ""},
    "blank": {"reference": "\u200b"},
    "a number": {"reference": 7},
    "a list": {"reference": ["x"]},
    "an object": {"reference": {"id": "x"}},
    "too long": {"reference": LONG},
    "too long a note": {"note": LONG},
    "too long a text": LONG,
    "two lines": {"reference": "a\nb"},
    "nothing": {},
    "an empty name": {"": "x"},
    "a long name": {"x" * 81: "x"},
    "too many": {f"n{number}": "x" for number in range(21)},
    "no object": [],
    "no evidence": None,
}


@pytest.mark.parametrize("name", EVIDENCE)
def test_evidence_is_a_line_or_lines_with_names(shared_shop: Shop, name: str) -> None:
    answer = shared_shop.operate("ord_none", "skip", "payment", evidence=EVIDENCE[name])
    assert answer.refused[:2] == (422, "invalid_request")
    assert all(each["pointer"].startswith("/evidence") for each in answer.body["violations"])


def test_a_reference_of_the_greatest_length_is_kept(open_shop: OpenShop) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    order = shop.order("drafting-light")
    assert shop.operate(order.id, "park", "payment").ok
    assert order.place().ok
    eventually(lambda: shop.parked() or None, "the payment parks")
    assert shop.operate(order.id, "skip", "payment", evidence={"reference": "\U0001d54f" * 200}).ok
    shop.settle()
    assert (order.status, shop.parked()) == ("completed", [])


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("person_screening/99999", "unknown_step"),
        ("mail/", "unknown_step"),
        ("x" * 201, "invalid_request"),
        ("mail/a b", "invalid_request"),
    ],
)
def test_a_step_that_cannot_be_is_parked_nowhere(shared_shop: Shop, step: str, code: str) -> None:
    order = shared_shop.order("anchor-design-premium")
    assert shared_shop.operate(order.id, "park", step).refused[:2] == (422, code)


def test_steps_that_never_come_are_parked_up_to_a_limit(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    order = shop.order("anchor-design-premium")
    for number in range(20):
        assert shop.operate(order.id, "park", f"mail/nonsense-{number}").ok
    assert shop.operate(order.id, "park", "payment").refused[:2] == (409, "too_many_to_park")
    assert shop.operate(order.id, "retry", "mail/nonsense-7").ok
    assert shop.operate(order.id, "park", "payment").ok

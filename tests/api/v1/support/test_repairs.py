"""What support does for a customer: an e-mail read and sent again, and a deadline moved, each audited."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.api.v1.support.test_history import history, lines
from tests.api.v1.support.test_overview import act, overview
from tests.support.shop import Answer, Entity, OpenShop, at


def mail_of(entity: Entity, template: str) -> str:
    """The path of the latest e-mail of this name."""
    page = history(entity, limit=100)
    (found, *_) = [each for each in lines(page, "mail") if each["what"] == template]
    return f"/v1/support/entities/{entity.id}/mails/{quote(found['data']['id'], safe='')}"


def done(entity: Entity, action: str) -> dict[str, Any]:
    """The audit entry of an action, as the history has it."""
    (found, *_) = [each for each in lines(history(entity, limit=100), "operator") if each["what"] == action]
    return dict(found)


@pytest.mark.rule("X21", "X18")
def test_an_e_mail_is_read_again_and_sent_once_more_where_it_is_still_true(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    line = shop.order("anchor-design-premium").buy().subscription
    store, path = shop.store, mail_of(line, "contract_ready")
    sent = shop.letter("contract_ready")
    shown = Answer.of(store.get(path, role="support")).ok
    assert (shown["subject"], shown["to"]["email"]) == (sent["subject"], shop.email)
    assert "15\u00a0avril 2026" in shown["text"]
    assert shown["rendered_again"]
    assert "/h/contract/shown-to-support" in shown["html"]
    assert Answer.of(shop.browser.get("/h/contract/shown-to-support")).status == 404
    assert shop.link("contract_ready", "contract") not in shown["html"] + shown["text"]
    assert Answer.of(store.get(path, role="storefront")).status == 403

    why = {"reason": "The customer says that nothing came."}
    assert Answer.of(store.post(f"{path}/resend", why, role="ops")).status == 403
    again = Answer.of(store.post(f"{path}/resend", why, role="support", key="again-1")).ok
    assert again["result"]["action"] == "resend"
    assert (
        Answer.of(store.post(f"{path}/resend", why, role="support", key="again-1")).ok["result"]
        == again["result"]
    )
    shop.settle()
    letters = shop.mails("contract_ready")
    assert len(letters) == 2
    assert len({each["message_id"] for each in letters}) == 2
    told = done(line, "resend_mail")
    assert (told["data"]["reason"], told["data"]["template"]) == (why["reason"], "contract_ready")
    assert act(overview(line), "resend")["allowed"]

    line.start()
    late = Answer.of(store.post(f"{path}/resend", why, role="support"))
    assert late.refused == (409, "mail_not_resent", "X21")
    shop.settle()
    assert len(shop.mails("contract_ready")) == 2


@pytest.mark.rule("P5")
def test_a_deadline_of_ours_moves_to_a_later_day_and_the_customer_is_told(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    order = shop.order("anchor-design-premium").buy()
    line = order.subscription
    path, why = f"/v1/ops/entities/{line.id}/extend", "The signer is abroad."
    body = {"what": "activation_window", "until": "2026-04-30", "reason": why}
    offered = act(overview(line), "extend")
    assert offered["allowed"]
    assert "time to activate (Wednesday 15 April 2026, 23:59)" in offered["preview"]
    assert Answer.of(shop.store.post(path, body, role="compliance")).status == 403
    moved = Answer.of(shop.store.post(path, body, role="support")).ok
    assert moved["result"]["action"] == "extend"
    shop.settle()
    assert line.due("activation_window") == at("2026-05-01 00:00")
    assert "30 avril 2026" in shop.letter("deadline_extended")["text"]
    told = done(line, "extend_deadline")
    dues = (told["data"]["before"]["due_at"], told["data"]["after"]["due_at"])
    assert tuple(each[:10] for each in dues) == ("2026-04-15", "2026-04-30")
    assert told["data"]["reason"] == why
    for wrong, pointer in (
        ({"until": "2026-04-20"}, "/until"),
        ({"until": "2026-09-30"}, "/until"),
        ({"what": "order_news", "until": "2026-06-01"}, "/what"),
        ({"what": "recovery", "by": 3}, "/what"),
    ):
        given = {key: value for key, value in (body | wrong).items() if key != "until" or "until" in wrong}
        refused = Answer.of(shop.store.post(path, given, role="ops"))
        assert (refused.status, refused.body["violations"][0]["pointer"]) == (409, pointer), wrong
    assert Answer.of(shop.store.post(path, body | {"by": 3}, role="ops")).status == 422
    later = {"what": "activation_window", "by": 2, "reason": why}
    assert Answer.of(shop.store.post(path, later, role="ops")).ok
    assert line.due("activation_window") == at("2026-05-03 00:00")
    shop.to("2026-05-02 23:59")
    line.start()
    assert line.status == "active"

"""The merged history of an order, its notes, and what becomes of them when the person is erased."""

from __future__ import annotations

from typing import Any

from tests.support.shop import Answer, Entity, OpenShop, Order


def history(entity: Entity, **query: Any) -> dict[str, Any]:
    """One page of the history."""
    path = f"/v1/support/entities/{entity.id}/history"
    return Answer.of(entity.shop.store.get(path, role="support", **query)).ok


def lines(page: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The lines of one kind."""
    return [each for each in page["data"] if each["kind"] == kind]


def test_everything_about_an_order_stands_in_one_history_with_its_why(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    order = shop.order("survey-office")
    assert order.certify(state_owned=True).ok
    assert order.place(export_control_accepted=False).status == 422
    assert order.place().ok
    shop.settle()
    path = f"/v1/support/entities/{order.id}/notes"
    told = {"text": "Called Ana Lefèvre.\nShe waits for news."}
    note = Answer.of(shop.store.post(path, told, role="support", key="note-1")).ok
    assert Answer.of(shop.store.post(path, told, role="support", key="note-1")).ok == note
    assert Answer.of(shop.store.post(path, told, role="admin")).status == 403
    assert Answer.of(shop.store.post(path, {"text": " \n"}, role="support")).status == 422
    assert order.decide("release").ok
    assert order.decide("release", role="compliance_second").ok
    shop.settle()

    page = history(order, limit=100)
    recorded = [each["recorded_at"] for each in page["data"]]
    assert recorded == sorted(recorded, reverse=True)
    (written,) = lines(page, "note")
    assert (written["words"], written["actor"]) == (told["text"], note["actor"])
    for kinds in (["mail"], ["operator", "note"], ["command"], ["webhook", "reset"]):
        some = history(order, limit=100, kind=kinds)["data"]
        assert some == [each for each in page["data"] if each["kind"] in kinds], kinds
    commands = {each["what"]: each for each in lines(page, "command")}
    assert {"open_cart", "answer_certificate", "place", "decide_hold"} <= set(commands)
    refused = [each for each in lines(page, "command") if each["data"]["state"] == "refused"]
    assert [(each["what"], each["rule"]) for each in refused] == [("place", "T4")]
    assert refused[0]["data"]["violations"][0]["code"] == "export_requirements_not_accepted"
    events = {each["what"]: each for each in lines(page, "event")}
    placed = events["order_placed"]
    assert (
        placed["receipt"]
        == next(each for each in lines(page, "command") if each["what"] == "place")["receipt"]
    )
    assert placed["policy_hash"] == order["policy_hash"]
    assert (events["hold_released"]["rule"], events["hold_released"]["words"]) == (
        "T6",
        "The hold was released.",
    )
    assert {each["what"] for each in lines(page, "mail")} >= {"export_hold", "order_confirmed"}
    assert [each["data"]["state"] for each in lines(page, "payment") if each["what"] == "charge"] == [
        "succeeded"
    ]
    assert {each["what"] for each in lines(page, "operator")} >= {"write_note", "hold_release"}

    pages_agree(order, page)


def pages_agree(order: Order, page: dict[str, Any]) -> None:
    """Small pages hold the same, and the lives of the lines are merged where they are asked for."""
    seen, after = [], None
    while True:
        part = history(order, limit=4, **({"after": after} if after else {}))
        seen += part["data"]
        after = part["next"]
        if after is None:
            break
    assert seen == page["data"]
    whole = history(order, limit=100, include="subscriptions", lang="fr")
    assert {each["entity"] for each in whole["data"]} == {order.id, order.subscription.id}
    assert "La commande a été passée, ce qui fige ses conditions." in {
        each["words"] for each in whole["data"]
    }
    wrong = order.shop.store.get(f"/v1/support/entities/{order.id}/history", role="support", after="nonsense")
    assert Answer.of(wrong).codes == {"cursor_unknown"}

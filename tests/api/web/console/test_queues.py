"""Reviewers decide with the evidence before them, and ops takes a cause from its page to a repair that says what healed."""

from __future__ import annotations

import re

from tests.support.console import Desk
from tests.support.machines import Serving
from tests.support.portal import Screen
from tests.support.shop import OpenShop, eventually


def test_two_reviewers_release_what_is_held(machine: Serving, open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    same = shop.order("survey-office")
    order = shop.order("survey-office")
    assert order.place().ok
    shop.settle()
    assert order.certify(state_owned=True).ok
    shop.settle()
    path = f"/console/queues/holds/{order.id}"
    with Desk(machine, "compliance").enter() as one, Desk(machine, "compliance_second").enter() as other:
        assert order.id in one.see("/console/queues/holds").response.text
        page = one.see(path)
        assert "Is the end user owned by a government or its forces? Yes" in page.text
        assert f"/console/orders/{same.id}" in page.links, "what the company ordered besides"
        refused = one.send(page, "/decisions", decision="release", reason="")
        assert refused.status == 422
        assert "Reference " in refused.text
        assert one.send(page, "/decisions", decision="release", reason="known customer").status == 200
        assert "Release Camille Compliance" in other.see(path).text
        other.send(other.see(path), "/decisions", decision="release", reason="checked with the embassy")
    eventually(lambda: order.status != "export_hold", "the order goes on")


def test_ops_repairs_a_cause_from_its_page(machine: Serving, open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    line = shop.order("anchor-design-premium").buy().subscription
    shop.bank.fault("refuse_400", match={"entity": line.id})
    assert line.activate().ok
    assert line.sign().ok
    eventually(lambda: line.read()["parked"] or None, "the charge parks")
    with Desk(machine, "ops").enter() as desk, Desk(machine).enter() as support:
        entity = desk.see(f"/console/subscriptions/{line.id}")
        (path,) = set(re.findall(r"/console/queues/causes/[0-9a-f]{12}", entity.response.text))
        assert line.id in desk.see(path).response.text
        noted = desk.send(desk.see(path), "/note", owner="Octave Ops", note="The provider mends it today.")
        assert "The provider mends it today." in noted.text
        ignored = desk.send(noted, "/ignore", more="50", reason="Known.")
        assert "Octave Ops has this ignored: Known." in ignored.text
        minded = desk.send(ignored, "/ignore")
        assert "has this ignored" not in minded.text
        assert "Ops repairs, notes and ignores." in support.see(path).text

        refused = desk.send(
            minded, path.rpartition("/")[2], name="INC-1", action="skip", reason="r", evidence=""
        )
        assert refused.status == 422
        assert 'value="INC-1"' in refused.response.text, "what was typed is kept"
        whole = desk.send(refused, path.rpartition("/")[2], name="INC-1", action="retry", reason="r")
        assert "Plan: Retry" in whole.text
        plan = choose_and_correct(desk, path.rpartition("/")[2], line.id)
        repair = desk.send(plan, "/start")
        assert repair.status == 200, repair.text
        assert "INC-1" in repair.text
        assert "Report for the post-mortem" in repair.text
        at = str(repair.response.url.path)
        eventually(lambda: "done" in desk.see(at).text or None, "the repair ends")
        part = desk.browser.get(at, headers={"HX-Request": "true"}).text
        assert "<html" not in part
        assert "Healed" in part
        healed = desk.see(f"{at}/steps?list=healed")
        assert "Healed 1" in healed.text
        assert f"/console/entities/{line.id}" in healed.links
        assert at in desk.see("/console/queues/repairs").response.text
    eventually(lambda: line.status == "active" or None, "the charge goes through")


def choose_and_correct(desk: Desk, fingerprint: str, held: str) -> Screen:
    """The plan of what was ticked on the page for several causes, to retry with another input."""
    chosen = desk.see(f"/console/queues/selection?cause={fingerprint}&cause=000000000000")
    tick = f"pick {held} charge"
    assert f'name="{tick}" value="yes" checked' in chosen.response.text
    fields = {"name": "INC-1", "action": "retry", "reason": "It answers.", "edit.method": "card_ok"}
    nothing = desk.send(chosen, "/selection", **fields)
    assert nothing.status == 422
    assert 'value="card_ok"' in nothing.response.text, "what was typed is kept"
    plan = desk.send(nothing, "/selection", **fields, **{tick: "yes"})
    assert "Plan: Retry. Steps: 1." in plan.text
    assert "retry the step charge with another method" in plan.text
    assert "Already took effect, not repeated" in plan.text
    path = plan.response.url.path
    assert f"/console/entities/{held}" in desk.see(f"{path}/steps?list=planned").links
    assert "There are none." in desk.see(f"{path}/steps?list=left_out").text
    return plan

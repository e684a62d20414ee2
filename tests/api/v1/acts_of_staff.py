"""Each thing that staff do by a route or a form that writes, once, with what the audit has to say of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.api.test_isolation import key_for
from tests.api.v1.test_compliance import held
from tests.support.repairs import stopped_orders
from tests.support.shop import Shop, eventually

WHY = "because of INC-7"


@dataclass
class Act:
    """One act of `who`, by its route or form. `before` and `after` are among the facts that the audit has; they differ."""

    by: str
    who: str
    about: str
    action: str
    body: Mapping[str, Any] = field(default_factory=dict)
    at: Mapping[str, str] = field(default_factory=dict)
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    token: str | None = None
    person: str | None = None
    page: str = ""
    answer: Any = None


def of_customers(shop: Shop) -> Iterator[Act]:
    """What support does with orders, people and what they were sent."""
    cart = shop.order("anchor-design-premium")
    line = shop.order("anchor-design-premium").buy().subscription
    buyer = cart["buyer"]["id"]
    yield Act("write_note", "support", cart.id, "write_note", {"text": "Called."}, {"entity_id": cart.id})
    yield Act(
        "POST /console/entities/{entity}/acts/{name}", "support", line.id, "extend_deadline",
        {"what": "activation_window", "by": "3", "reason": WHY}, {"entity": line.id, "name": "extend"},
        page=f"/console/subscriptions/{line.id}",
    )  # fmt: skip
    yield Act(
        "extend_deadline", "ops", line.id, "extend_deadline",
        {"what": "activation_window", "until": "2026-04-30", "reason": WHY}, {"entity_id": line.id},
        after={"due_at": "2026-04-30T22:00:00+00:00"},
    )  # fmt: skip
    told = shop.store.get(f"/v1/support/entities/{line.id}/history", role="support", limit=100).json()["data"]
    mail = next(each["data"]["id"] for each in told if each["what"] == "contract_ready")
    message = quote(mail, safe="")
    again = {"reason": WHY}
    yield Act("resend_mail", "support", line.id, "resend_mail", again, {"entity_id": line.id, "message": message},
              before={"sent_again": 0}, after={"sent_again": 1})  # fmt: skip
    path = f"/console/entities/{line.id}/mails/{message}"
    yield Act("POST /console/entities/{entity}/mails/{message}/resend", "support", line.id, "resend_mail", again,
              {"entity": line.id, "message": message}, after={"sent_again": 2}, page=path)  # fmt: skip
    yield Act("change_person", "support", buyer, "change_person", {"name": "Ana Martin", "reason": WHY},
              {"party_id": buyer}, before={"name": "Ana Lefèvre"}, after={"name": "Ana Martin"})  # fmt: skip
    yield Act("cancel_order", "support", cart.id, "cancel", again, {"order_id": cart.id},
              before={"status": "cart"}, after={"status": "cancelled", "cancel_requested": True})  # fmt: skip
    line.start()
    at = {"subscription_id": line.id}
    yield Act(
        "stop_renewal", "support", line.id, "stop_renewal", again, at, before={"stop_requested_at": None}
    )
    yield Act(
        "resume_renewal", "support", line.id, "resume_renewal", again, at, after={"stop_requested_at": None}
    )
    user = {"email": f"lise@{shop.id}.example.com", "name": "Lise Roy", "reason": WHY}
    yield Act("reassign_seat", "support", line.id, "reassign_seat", user, at | {"seat": "1"})
    asked = {
        "email": f"grace@{shop.id}.example.com",
        "name": "Grace",
        "reason": WHY,
        "evidence": "An extract.",
    }
    ask = Act("ask_admin_recovery", "support", line.id, "ask_admin_recovery", asked, {"entity_id": line.id},
              after={"state": "awaiting_approval"})  # fmt: skip
    yield ask
    yield Act("refuse_admin_recovery", "ops", line.id, "refuse_admin_recovery", again,
              {"entity_id": line.id, "recovery": str(ask.answer["id"])}, after={"state": "refused"})  # fmt: skip
    yield ask
    yield Act("POST /console/entities/{entity}/recoveries/{number}", "ops", line.id, "refuse_admin_recovery",
              again | {"decision": "refuse"}, {"entity": line.id, "number": str(ask.answer["id"])},
              page=f"/console/subscriptions/{line.id}")  # fmt: skip
    yield ask
    yield Act("approve_admin_recovery", "ops", line.id, "approve_admin_recovery", again,
              {"entity_id": line.id, "recovery": str(ask.answer["id"])}, before={"state": "awaiting_approval"})  # fmt: skip


def of_notices(shop: Shop) -> Iterator[Act]:
    """What support does where no notice of a renewal arrived."""
    line = shop.order("mechanical-designer").buy().subscription
    shop.mailbox.fail("refuse_554", to=shop.email, count=9)
    shop.to(line["stop_by"])
    at = {"subscription_id": line.id}
    yield Act("announce_renewal", "support", line.id, "announce_renewal", {"reason": WHY}, at)
    shop.settle()
    yield Act("tell_renewal", "support", line.id, "renewal_told", {"how": "letter", "note": WHY}, at)


def of_holds(shop: Shop) -> Iterator[Act]:
    """What reviewers decide."""
    order = held(shop)
    body, one = {"decision": "release", "reason": WHY}, {"Camille Compliance": "release"}
    yield Act("decide_hold", "compliance", order.id, "hold_release", body, {"held_id": order.id},
              before={"decisions": {}}, after={"decisions": one})  # fmt: skip
    yield Act("POST /console/queues/holds/{held}/decisions", "compliance_second", order.id, "hold_release", body,
              {"held": order.id}, before={"decisions": one}, page=f"/console/queues/holds/{order.id}")  # fmt: skip


def of_steps(shop: Shop) -> Iterator[Act]:
    """What ops does with stopped steps, one and many, and with stores."""
    cart = shop.order("drafting-light")
    park, again = {"step": "payment", "reason": WHY}, {"reason": WHY}
    yield Act("park_step", "ops", cart.id, "park", park, {"entity_id": cart.id},
              before={"to_park": []}, after={"to_park": ["payment"]})  # fmt: skip
    one, other, third, fourth, *_ = (each.id for each in stopped_orders(shop, 13))
    (cause,) = (each["fingerprint"] for each in shop.parked())
    yield Act("retry_step", "ops", one, "retry", park | {"edit": {"method": "card_limit_exceeded"}}, {"entity_id": one},
              before={"parked": ["payment"], "input": {"method": "card_ok"}},
              after={"parked": [], "input": {"method": "card_limit_exceeded"}})  # fmt: skip
    yield Act("skip_step", "ops", other, "skip", park | {"evidence": "cheque 42"}, {"entity_id": other},
              before={"parked": ["payment"]}, after={"parked": []})  # fmt: skip
    yield Act("compensate_step", "ops", third, "compensate", park, {"entity_id": third}, after={"parked": []})
    noted = f"cause/{shop.id}/{cause}"
    yield Act("change_cause", "ops", noted, "change_cause", {"owner": "Octave Ops", "reason": WHY}, {"fingerprint": cause},
              before={"owner": None}, after={"owner": "Octave Ops"})  # fmt: skip
    page = f"/console/queues/causes/{cause}"
    yield Act("POST /console/queues/causes/{fingerprint}/note", "ops", noted, "change_cause", {"note": WHY},
              {"fingerprint": cause}, after={"note": WHY}, page=page)  # fmt: skip
    yield Act("POST /console/queues/causes/{fingerprint}/ignore", "ops", noted, "change_cause",
              {"more": "50", "reason": WHY}, {"fingerprint": cause}, page=page)  # fmt: skip
    yield from of_repairs(shop, cause, fourth)
    yield Act("change_stop", "ops", f"stop/{shop.id}/mail", "stop",
              {"store": shop.id, "what": "mail", "stopped": True, "reason": WHY}, after={"stopped": True})  # fmt: skip
    yield Act("POST /console/queues/stops", "ops", f"stop/{shop.id}/charges", "stop",
              {"store": shop.id, "what": "charges", "stopped": "yes", "reason": WHY},
              before={"stopped": False}, after={"stopped": True}, page="/console/queues/stops")  # fmt: skip
    span = {"from": "2026-03-01T20:00:00Z", "to": "2026-03-01T23:00:00Z", "store": shop.id, "reason": WHY}
    yield (act := Act("declare_outage", "ops", "outage/{id}", "declare_outage", span))
    number = str(act.answer["id"])
    yield Act("withdraw_outage", "ops", f"outage/{number}", "withdraw_outage", again, {"outage_id": number})
    yield Act(
        "advance_test_clock", "admin", f"clock/{shop.id}", "advance_clock", {"by": "PT1H"}, {"store": shop.id}
    )


def of_repairs(shop: Shop, cause: str, stopped: str) -> Iterator[Act]:
    """A repair that gives ten orders up: planned, started, approved by a second person, paused, resumed, aborted."""
    again, about = {"reason": WHY}, "repair/{id}"
    body = {
        "name": "INC-7", "action": "compensate", "reason": WHY, "canary": 1, "per_minute": 1,
        "selection": {"cause": cause, "store": shop.id},
    }  # fmt: skip
    yield (
        plan := Act("plan_repair", "ops", "repair/{plan}", "plan_repair", body, after={"state": "planned"})
    )
    started = {"plan": plan.answer["plan"], "version": plan.answer["version"]}
    repair = started["plan"]
    yield Act("start_repair", "ops", about, "start_repair", started,
              before={"state": "planned"}, after={"state": "awaiting_approval"})  # fmt: skip
    at = {"repair_id": repair}
    yield Act("approve_repair", "admin", about, "approve_repair", again, at, after={"state": "canary"})
    yield Act("POST /console/queues/repairs/{repair}/moves", "ops", f"repair/{repair}", "pause_repair",
              {"move": "pause", "reason": WHY}, {"repair": repair}, after={"state": "paused"},
              page=f"/console/queues/repairs/{repair}")  # fmt: skip
    yield Act("resume_repair", "ops", about, "resume_repair", again, at, before={"state": "paused"})
    yield Act("pause_repair", "ops", about, "pause_repair", again, at, after={"state": "paused"})
    yield Act("abort_repair", "ops", about, "abort_repair", again, at, after={"state": "aborted"})
    read = f"/v1/ops/repairs/{repair}"
    eventually(lambda: shop.store.get(read, role="ops").json()["ended_at"], "the repair ends")
    # The console plans for every store of the key, and other tests stop steps for the same cause.
    token = key_for(shop, "ops", shop.id, person="Octave Ops")
    body = {"name": "INC-8", "action": "retry", "reason": WHY}
    yield Act("POST /console/queues/selection", "ops", about, "plan_repair",
              body | {f"pick {stopped} payment": "yes"}, page=f"/console/queues/selection?cause={cause}", token=token)  # fmt: skip
    yield (by_form := Act("POST /console/queues/repairs/plan/{fingerprint}", "ops", about, "plan_repair", body,
                          {"fingerprint": cause}, page=f"/console/queues/causes/{cause}", token=token))  # fmt: skip
    number = by_form.answer["id"]
    yield Act("POST /console/queues/repairs/plans/{plan_id}/start", "ops", f"repair/{number}", "start_repair",
              at={"plan_id": number}, page=f"/console/queues/repairs/plans/{number}", token=token)  # fmt: skip


def of_keys(shop: Shop) -> Iterator[Act]:
    """What an admin does with keys, and a person with their own."""
    person = f"Grace of {shop.id}"
    body = {"person": person, "role": "support", "stores": [shop.id], "reason": WHY}
    yield (act := Act("issue_key", "admin", "key/{id}", "issue_key", body))
    key, token = act.answer["id"], act.answer["token"]
    yield (mine := Act("accept_key", "support", f"key/{key}", "accept_key", token=token, person=person,
                       before={"accepted_at": None}))  # fmt: skip
    yield Act(
        "make_sign_in_link",
        "support",
        f"key/{key}",
        "make_sign_in_link",
        token=mine.answer["token"],
        person=person,
    )
    yield Act("revoke_key", "admin", f"key/{key}", "revoke_key", {"reason": WHY}, {"key_id": key},
              before={"revoked_at": None})  # fmt: skip

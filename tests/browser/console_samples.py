"""The pages of the console in their states, made of answers of the API that were kept in `console_answers.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api.web.console.acting import Attempt, forms_of
from api.web.console.causes import STATES
from api.web.console.problems import Trouble
from api.web.console.rendering import ConsolePages, frame_of
from api.web.console.repairs import LISTS
from api.web.console.sections import LATER
from api.web.console.sending import Sent
from api.web.console.staff import Staff
from jalon.integrations.mail.formats import Language
from jalon.persistence.operations.keys import Key
from jalon.persistence.operations.staff_links import StaffLink

ROOT = Path(__file__).resolve().parents[2]
PAGES = ConsolePages(ROOT / "templates")
ANSWERS: dict[str, Any] = json.loads((Path(__file__).parent / "console_answers.json").read_text())
NOW = datetime(2026, 12, 6, 9, 0, tzinfo=UTC)
AT = NOW.isoformat()
LONG = "Maximiliane-Charlotte von Hohenlohe-Waldenburg-Schillingsfürst"
CLOCKS = {"fastening": AT, "geomatics": AT}
TROUBLE = Trouble(
    422,
    "invalid_request",
    "The request is not understood",
    "reason is too long",
    "Write at most 500 characters.",
    ("reason is too long", "step is unknown"),
    "7KQ2M9XW4T",
    "help@example.com",
)


def _staff(role: str, language: Language, person: str = "Salomé Support") -> Staff:
    key = Key("key_1", person, role, ("*",), NOW, NOW, None, person, None, NOW)
    return Staff(key, "jln_sample", language, "c5" * 32)


def console_pages(language: Language) -> Iterator[tuple[str, str]]:
    """Each sample's name and its page."""
    for name, template, role, facts in (*_entities(), *_queues(), *_stuck(), *_stops(), *_found()):
        staff = _staff(role, language, LONG if name.endswith("long") else "Salomé Support")
        shown = frame_of(staff, facts.pop("path", "/console")) | facts
        yield f"console-{name}", _still(PAGES.render(template, language, shown))
    for name, template, facts in _strangers():
        yield f"console-{name}", _still(PAGES.render(template, language, {"staff": None} | facts))


def _still(page: str) -> str:
    """The page without its scripts, and with an empty frame: there is no server to ask."""
    return re.sub(
        r'<iframe class="document tall" src="[^"]*"', '<iframe class="document tall"', _without_scripts(page)
    )


def _without_scripts(page: str) -> str:
    return re.sub(r"<script .*?</script>", "", page)


Sample = tuple[str, str, str, dict[str, Any]]


def _entity(name: str, attempt: Attempt | None = None, **facts: Any) -> dict[str, Any]:
    shown = facts.pop("o", None) or ANSWERS[f"overview-{name}"]
    return {
        "o": shown,
        "history": ANSWERS[f"history-{name}"],
        "recoveries": [],
        "only": "",
        "later": False,
        "attempt": attempt,
        "forms": forms_of(shown, attempt),
        "done": None,
        **facts,
    }


def _entities() -> Iterator[Sample]:
    yield "entity", "entity", "support", _entity("contract")
    yield "entity-held", "entity", "support", _entity("held", done="Release")
    yield "entity-parked", "entity", "ops", _entity("parked")
    asked = {
        "id": 7,
        "successor": ANSWERS["overview-contract"]["parties"][0]["person"],
        "reason": "The admin left, and the mailbox is closed.",
        "evidence": "Extract of the register, and a call back on its number.",
        "asked_by": LONG,
        "asked_at": AT,
    }
    tried = Attempt("recovery-7", {"reason": "x"}, TROUBLE)
    yield "entity-recovery", "entity", "ops", _entity("parked", tried, recoveries=[asked])
    refused = Attempt("cancel", {"reason": "x" * 200}, TROUBLE)
    yield "entity-refused", "entity", "support", _entity("contract", refused)
    named = deepcopy(ANSWERS["overview-contract"])
    for party in named["parties"]:
        party["person"] |= {"name": LONG, "email": f"{'hohenlohe' * 6}@example.com", "undeliverable": "5.1.1"}
    empty = {"data": [], "has_more": False, "next": None}
    yield "entity-long", "entity", "support", _entity("contract", o=named, history=empty, only="mail")


def _queues() -> Iterator[Sample]:
    none: Mapping[str, Any] = {"data": [], "has_more": False, "next": None}
    yield "tasks", "tasks", "support", {"page": ANSWERS["tasks"], "now": CLOCKS}
    yield "tasks-none", "tasks", "support", {"page": none, "now": {}}
    yield "holds", "holds", "compliance", {"page": ANSWERS["holds"], "now": CLOCKS}
    hold = ANSWERS["hold"]
    facts = {
        "held": hold["order"]["id"],
        "evidence": hold,
        "about": hold["order"],
        "holds": [hold["hold"]],
        "until": "2026-12-31T23:00:00Z",
        "now": AT,
        "sent": None,
        "asked": "Études Lefèvre",
        "others": ANSWERS["search"]["data"],
    }
    yield "hold", "hold", "compliance", facts
    sent = Sent(None, TROUBLE, {"reason": "x", "turn": str(hold["hold"]["turn"])})
    yield "hold-refused", "hold", "compliance", facts | {"sent": sent, "others": []}


def _stuck() -> Iterator[Sample]:
    cause, page = ANSWERS["cause"], ANSWERS["cause_entities"]
    listed = {"page": ANSWERS["causes"], "state": "open", "states": STATES, "now": AT}
    yield "causes", "causes", "ops", listed
    yield "undeliverable", "undeliverable", "support", {"page": ANSWERS["causes"], "now": AT}
    facts = {"cause": cause, "page": page, "inputs": {}, "sent": None, "form": "", "now": AT}
    yield "cause", "cause", "ops", facts
    inputs = {"method": "card_ok", "party": "par_1", "fields": {"amount": "1200.00"}}
    several = {
        "found": [(cause, page), (cause, page | {"data": []})],
        "inputs": inputs,
        "sent": None,
        "now": AT,
    }
    yield "selection", "selection", "ops", several
    typed = {"name": "INC-1", "action": "skip", "reason": "x", "canary": "3", "stop_at": "50"}
    yield "cause-refused", "cause", "ops", facts | {"sent": Sent(None, TROUBLE, typed), "form": "plan"}
    yield "repairs", "repairs", "ops", {"page": ANSWERS["repairs"]}
    steps = {"data": ANSWERS["plan"]["items"], "has_more": True, "next": 50}
    yield "plan", "plan", "ops", {"plan": ANSWERS["plan"], "steps": steps, "sent": None}
    repair = deepcopy(ANSWERS["repair"])
    over = {"repair": repair, "lists": LISTS, "moves": [], "over": True, "sent": None}
    yield "repair", "repair", "ops", over
    again = [{**repair["healed"][0], "found_cause": "0f9e8c2a459e", "found_step": "charge"}]
    counts = {
        "total": 2000,
        "pending": 0,
        "healed": 1800,
        "parked_again": 200,
        "parked_other": 0,
        "refused": 0,
    }
    listed = {name: counts[name] for name in LISTS}
    facts = {
        "whose": LONG,
        "here": "/console/queues/repairs/rep_1",
        "counts": listed,
        "chosen": "parked_again",
    }
    yield "steps", "steps", "ops", facts | {"page": {"data": again, "has_more": True, "next": 100}}
    running = repair | {"state": "stopped", "parked_again": again, "counts": counts, "ended_at": None}
    yield "repair-stopped", "repair", "ops", over | {"repair": running, "moves": ["resume", "abort"]}


def _stops() -> Iterator[Sample]:
    """Nothing stopped, for support; and a form that was refused beside what is stopped."""
    facts = {"stopped": [], "stores": ["fastening", "geomatics"], "may_stop": False, "sent": None, "now": AT}
    yield "stops-none", "stops", "support", facts
    stopped = [
        {"store": store, "what": what, "since": AT, "actor": LONG, "reason": "The bank asked us to wait."}
        for store, what in (("fastening", "charges"), ("geomatics", "mail"))
    ]
    sent = Sent(None, TROUBLE, {"store": "geomatics", "what": "mail", "reason": "x"})
    yield "stops", "stops", "ops", facts | {"stopped": stopped, "may_stop": True, "sent": sent}


def _found() -> Iterator[Sample]:
    yield "home", "home", "ops", {"later": LATER}
    yield "search", "search", "support", {"query": "ana", "found": ANSWERS["search"]["data"], "more": True}
    yield "search-none", "search", "support", {"query": "nobody", "found": [], "more": False}
    yield "not-for-role-long", "not_for_role", "support", {"roles": ("compliance", "admin")}
    mail = {
        "id": "<a@fastening.example.com>",
        "subject": "Votre contrat est prêt",
        "to": ANSWERS["overview-contract"]["parties"][0]["person"],
        "state": "bounced",
        "at": AT,
    }
    yield "mail", "mail", "support", {"mail": mail, "entity": "ord_1", "sent": None}
    yield "error", "error", "support", {"trouble": TROUBLE}


def _strangers() -> Iterator[tuple[str, str, dict[str, Any]]]:
    link = StaffLink("Octave Ops", "ops", ("*",), "command line", accepted=False)
    yield "sign-in", "sign_in", {"then": "", "openid": False, "minutes": 15}
    yield "sign-in-openid", "sign_in", {"then": "/console", "openid": True, "minutes": 15}
    yield "sign-in-link", "sign_in_link", {"link": link, "path": "/console/sign-in/x", "minutes": 15}
    yield "sign-in-over", "sign_in_link", {"link": None, "path": "/console/sign-in/x", "minutes": 15}
    choices = [("support", "/console/sign-in/a"), ("ops", "/console/sign-in/b")]
    yield "sign-in-role", "sign_in_role", {"choices": choices, "person": "ada@example.com"}
    refused = {"reason": "no_role", "reference": "7KQ2M9XW4T", "again": "/console"}
    yield "sign-in-refused", "sign_in_refused", refused

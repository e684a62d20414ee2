"""Staff: operators who park and repair, reviewers who decide on holds, and people who edit the store's file or reset a run."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from functools import partial
from typing import Any

from jalon.rehearsal.sim.conduct import EDGES
from jalon.rehearsal.sim.inbox import Asked
from jalon.rehearsal.sim.kernel import DAY, SECOND, microseconds
from jalon.rehearsal.sim.modelled.database import EntityRow
from jalon.rehearsal.sim.policies import FEWER_SEATS, VERSIONS
from jalon.rehearsal.sim.world import World
from workflows.engine.commands import Command, Park, Resolve
from workflows.shared_steps.holds import DecideHold
from workflows.subscription.commands import AnnounceRenewal, TellRenewal

SOON_DAYS = 20
"""Most repairs are made within this many days; the others take longer than many deadlines."""
MOST_TURNS = 40
"""The number of commands without effect after which an operator gives up; the judge then finds the step still parked."""
SKIPS_AFTER = 4
"""The number of commands without effect after which, once the faults are over, an operator skips the step."""
COMPENSABLE = ("payment", "charge", "screening")
PARKABLE_AHEAD = ("payment", "screening", "mail/certificate-requested/1")
PARKABLE = {
    "order": (
        "payment",
        "screening",
        "mail/order-confirmed",
        "refund",
        "find",
        "withdraw",
    ),
    "subscription": ("charge", "mail/contract", "mail/active"),
}
"""Steps that operators park although they did not fail."""
MOST_OF_A_KIND = 4
"""The number of edits of the store's file, and of resets, in a life."""
FEWER_SEATS_PART = 0.9
"""The probability that a store sells fewer seats a unit, once a subscription has given more of them in a term."""
SHUT_AT_A_DEADLINE = 0.08
"""The probability that the API is unreachable around a deadline, at the highest rate of such outages."""


class Staff:
    """The people who work for the store."""

    def __init__(self, world: World, until_us: int) -> None:
        self._world, self._until_us = world, until_us
        self._seen: set[tuple[Hashable, ...]] = set()
        self._keys = 0
        self._repairing: set[tuple[str, str]] = set()
        self._turns: dict[str, int] = {}
        world.db.changed.append(self._noticed)

    def _say(self, row: EntityRow, command: Command, actor: str, role: str = "ops") -> None:
        self._keys += 1
        asked = Asked(row.kind, row.id, command.name, command.as_body(), actor, role, f"staff-{self._keys}")
        self._world.trace(f"STAFF {command.name} to {row.id} {asked.body}")
        self._world.ask(asked)

    def _is_new(self, row: EntityRow, *about: Hashable) -> bool:
        key = (row.id, *about)
        new = key not in self._seen
        self._seen.add(key)
        return new

    def _noticed(self, row: EntityRow) -> None:
        for parked in row.view["parked"]:
            if self._is_new(row, parked["step"], parked["since"], parked["fingerprint"], parked["cause"]):
                self._world.marks(f"parked: {parked['step'].split('/')[0]}")
                self._plan_repair(row, parked)
        for hold in self._open_holds(row):
            if self._is_new(row, "hold", hold["turn"]):
                self._plan_review(row, hold)
        missing = row.view.get("notice_missing_since")
        if missing and self._is_new(row, "notice", missing, row.view["charge_waits_for"] is None):
            self._plan_notice(row)
        self._maybe_park(row)

    # -- notices -----------------------------------------------------------------------------------------------------------

    def _plan_notice(self, row: EntityRow) -> None:
        """Support sees that the customer hears of the renewal: soon, late, or never."""
        weights = {"again": 3.0, "letter": 2.0, "telephone": 2.5, "nothing": 2.0}
        way = self._world.chance.weighed("staff: notice", weights)
        if way == "nothing" or self._world.now_us >= self._until_us:
            return
        pause = int(self._world.chance.span("staff: notice", 60, 60 * 86_400) * SECOND)
        command: Command = AnnounceRenewal() if way == "again" else TellRenewal(way)
        self._world.plan(self._world.now_us + pause, lambda: self._say(row, command, "nora", role="support"))

    # -- repairs -----------------------------------------------------------------------------------------------------------

    def _plan_repair(self, row: EntityRow, parked: dict[str, Any]) -> None:
        if (row.id, parked["step"]) in self._repairing:
            return
        self._repairing.add((row.id, parked["step"]))
        within_days = self._world.chance.weighed("staff: patience", {20: 3, 150: 1})
        least = 30 if within_days == SOON_DAYS else SOON_DAYS * 86_400
        pause = int(self._world.chance.span("staff: repair", least, within_days * 86_400) * SECOND)
        self._world.plan(self._world.now_us + pause, lambda: self._repair(row.id, parked["step"]))

    def _repair(self, entity: str, step: str) -> None:
        row = self._world.db.entities[entity]
        found = next((each for each in row.view["parked"] if each["step"] == step), None)
        if found is None:
            self._repairing.discard((entity, step))
            return
        action = self._action()
        if self._world.chance.over:
            turns = self._turns[entity] = self._turns.get(entity, 0) + 1
            if turns > MOST_TURNS:
                return
            action = "skip" if turns > SKIPS_AFTER else action
        if action == "compensate" and not self._compensates(step):
            action = "retry"
        self._say(row, self._resolution(step, action, found), "olga")
        # One command may not be enough: it may be refused, or the step may park again in the same instant.
        self._world.plan(self._world.now_us + 3 * DAY, lambda: self._repair(entity, step))

    def _action(self) -> str:
        weights = {"retry": 6.0, "edit": 1.5, "skip": 1.5, "compensate": 1.5, "wrong": 0.5}
        return self._world.chance.weighed("staff: action", weights)

    def _compensates(self, step: str) -> bool:
        """Whether an operator compensates a step; at times they try although there is nothing to compensate."""
        kind = step.split("/", maxsplit=1)[0]
        return kind in COMPENSABLE or self._world.chance.pick("staff: anyway", [True, False])

    def _resolution(self, step: str, action: str, parked: dict[str, Any]) -> Resolve:
        if action == "edit":
            corrected = {"method": "card_ok"} if "method" in parked["editable"] else None
            return Resolve(step, "retry", "put right", edit=corrected)
        if action == "wrong":
            wrong = self._world.chance.pick("staff: wrong", ["field", "step", "value"])
            if wrong == "step":
                return Resolve("unheard-of", "retry", "a slip")
            edit = {"amount": "1"} if wrong == "field" else {"method": 7}
            return Resolve(step, "retry", "a slip", edit=edit)
        if action == "skip":
            return Resolve(step, "skip", "done by hand", evidence={"reference": f"by hand {step}"})
        return Resolve(step, action, "as agreed")

    def _maybe_park(self, row: EntityRow) -> None:
        if self._world.now_us >= self._until_us or not self._is_new(row, "park", row.seq):
            return
        if not self._world.chance.strikes("operator_parks"):
            return
        steps = PARKABLE_AHEAD if row.status == "cart" else PARKABLE[row.kind]
        step = self._world.chance.pick("staff: parked step", steps)
        self._say(row, Park(step, "look first"), "olga")
        if self._world.chance.pick("staff: parks again", [True, False, False]):
            self._say(row, Park(step, "look first"), "otto")

    # -- reviews -----------------------------------------------------------------------------------------------------------

    @staticmethod
    def _open_holds(row: EntityRow) -> list[dict[str, Any]]:
        if row.kind == "subscription":
            return list(row.view["holds"])
        return [row.view["hold"]] if row.status == "export_hold" and row.view["hold"] else []

    def _plan_review(self, row: EntityRow, hold: dict[str, Any]) -> None:
        chance = self._world.chance
        subject = str(hold["seat"]) if hold.get("seat") else None
        ends = [entry for entry in row.view["agenda"] if entry["what"] == "hold_max"]
        due = [entry["due_at"] for entry in ends if entry.get("subject") == subject]
        people = chance.weighed(
            "staff: reviewers", {"vera victor": 6, "vera vera": 1, "vera vera victor": 1, "vera": 1, "": 1}
        )
        for person in people.split():
            decision = chance.weighed("staff: decision", {"release": 5, "reject": 1})
            when = self._world.now_us + int(chance.span("staff: review", 60, 25 * 86_400) * SECOND)
            if due and chance.weighed("staff: review at the edge", {"yes": 1, "no": 4}) == "yes":
                when = microseconds(datetime.fromisoformat(due[0])) + chance.pick("staff: edge", EDGES)
            body = DecideHold(decision, "looked at the evidence", hold["turn"])
            self._world.plan(when, partial(self._say, row, body, person, "compliance"))

    # -- the store's file, and resets --------------------------------------------------------------------------------------

    def plan_trouble(self) -> None:
        """Plans edits of the store's file and resets of runs, at instants of the life."""
        chance, world = self._world.chance, self._world
        span = self._until_us - world.now_us
        for name, call in (("policy_edit", self._edit_policy), ("reset", self._reset)):
            for _ in range(chance.most(name, MOST_OF_A_KIND)):
                when = self._sometime(f"staff: when {name}", span)
                if chance.strikes(name):
                    world.plan(when, call)
        if chance.strikes("doors_shut") and world.live:
            for _ in range(3):
                world.plan(self._sometime("staff: doors", span), self._shut_doors)
        world.db.changed += (self._shut_at_a_deadline, self._sell_fewer_seats)

    def _sometime(self, name: str, span_us: int) -> int:
        """An instant within the time from now, rather early than late."""
        return self._world.now_us + int(self._world.chance.stream(name).random() ** 2 * span_us)

    def _edit_policy(self) -> None:
        version = self._world.chance.pick("staff: version", sorted(VERSIONS))
        self._world.marks(f"policy: {version}")
        self._put_in_force(version)

    def _put_in_force(self, version: str) -> None:
        self._world.edit_policy(version)
        self._world.trace(f"POLICY {version}")

    def _sell_fewer_seats(self, row: EntityRow) -> None:
        """Plans that the store sells fewer seats a unit, soon after a subscription has given more, and later as many as before (X25)."""
        world, chance = self._world, self._world.chance
        many = row.kind == "subscription" and len(row.view["seats"]) > row.view["quantity"]
        version = world.version.removesuffix(FEWER_SEATS)
        if not many or not chance.keeps("policy_edit") or version + FEWER_SEATS not in world.versions:
            return
        about = (row, "fewer seats", row.view["term_number"])
        if self._is_new(*about) and chance.falls("staff: fewer seats", FEWER_SEATS_PART):
            world.marks("policy: fewer seats")
            soon = int(chance.span("staff: when fewer seats", 3600, 10 * 86_400) * SECOND)
            later = int(chance.span("staff: when as many seats", 90 * 86_400, 500 * 86_400) * SECOND)
            for after_us, now in ((soon, version + FEWER_SEATS), (soon + later, version)):
                if world.now_us + after_us < self._until_us:
                    world.plan(world.now_us + after_us, partial(self._put_in_force, now))

    def _shut_doors(self) -> None:
        world = self._world
        world.api.die(int(world.chance.span("staff: doors shut", 100, 2 * 86_400) * SECOND))
        world.marks("death: api, for long")

    def _shut_at_a_deadline(self, row: EntityRow) -> None:
        """Plans an outage of the API that contains a closing (G7)."""
        world = self._world
        rate = SHUT_AT_A_DEADLINE * world.chance.rates["doors_shut"]
        if not world.live or not rate or world.now_us >= self._until_us:
            return
        for entry in row.view["agenda"]:
            if entry["protects"] != "vendor" or not self._is_new(
                row, "doors", entry["what"], entry["due_at"]
            ):
                continue
            if world.chance.falls("staff: doors at a deadline", rate):
                before = world.chance.between("staff: doors before", 10, 3 * 3600) * SECOND
                world.plan(microseconds(datetime.fromisoformat(entry["due_at"])) - before, self._shut_doors)

    def _reset(self) -> None:
        world, chance = self._world, self._world.chance
        names = sorted(world.engine.chains)
        if not names or chance.over or not world.reach.up:
            return
        name = chance.pick("staff: reset workflow", names)
        chain = world.engine.chains[name]
        runs = [number for number, run in enumerate(chain) if run.tasks and run.closed != "broken"]
        if not runs:
            return
        # People mostly reset the latest runs, and a former one now and then.
        number = runs[-1]
        if chance.weighed("staff: reset run", {"last": 3, "any": 1}) == "any":
            number = chance.pick("staff: any run", runs)
        task = chance.between("staff: reset task", 0, len(chain[number].tasks) - 1)
        world.trace(f"RESET {name} run {number} before task {task} of {len(chain[number].tasks)}")
        world.marks("reset")
        world.engine.reset(name, number, task)

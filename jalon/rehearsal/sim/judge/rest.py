"""After the faults every lifecycle comes to rest: nothing is pending or parked, and a free seat keeps no data of a person."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Set as AbstractSet

from jalon.domain import events
from jalon.domain.kinds import KINDS
from jalon.rehearsal.sim.judge.facts import Facts
from jalon.rehearsal.sim.modelled.database import EntityRow
from jalon.rehearsal.sim.runs import NotReproduced, Run
from jalon.rehearsal.sim.world import World

ONCE = {
    "subscription_active",
    "activation_voided",
    "subscription_ended",
    "contract_ready",
    "order_rejected",
}
"""E-mails that an entity sends at most once."""


def judge(facts: Facts) -> None:
    """Judges one entity after the end of the life."""
    world, row = facts.world, facts.row
    if row.status not in KINDS.named(row.kind).final:
        world.violated(
            "rest", f"{row.id} never ended: it is {row.status}, waiting for {row.view['waiting_for']}"
        )
    if row.view["parked"]:
        world.violated(
            "rest", f"{row.id} is {row.status} with parked steps {[p['step'] for p in row.view['parked']]}"
        )
    if row.status in KINDS.named(row.kind).final and row.view["agenda"]:
        world.violated(
            "rest", f"{row.id} is {row.status} with an agenda {[e['what'] for e in row.view['agenda']]}"
        )
    for receipt in facts.receipts:
        if receipt.state == "pending":
            world.violated("rest", f"{row.id}: {receipt.command} was never answered")
    resets = [
        each for each in world.db.audit if each.entity == row.id and each.entry.action == "entity_reset"
    ]
    if len(resets) != row.epoch:
        world.violated("epoch", f"{row.id} is in epoch {row.epoch} with {len(resets)} resets audited")
    for held in facts.named(events.DeadlineHeld):
        world.marks(f"held by a parked step: {held.entry.data['what']}")
    _mails(facts)
    _reminders(facts)


def _mails(facts: Facts) -> None:
    world, row = facts.world, facts.row
    sent: dict[str, set[tuple[str, str]]] = {}
    unsent = Counter[str]()
    for mail in world.db.mails.values():
        if mail.entity != row.id:
            continue
        if mail.state != "intent":
            sent.setdefault(mail.template, set()).add((mail.message_id, mail.party))
        elif "mail" not in facts.by_hand and not facts.was_reset:
            unsent[mail.template] += 1
    # What stopped being true before it could leave is withdrawn (X21).
    unsent.subtract(event.entry.data["template"] for event in facts.named(events.MailWithdrawn))
    for template in (template for template, count in unsent.items() if count > 0):
        world.violated("mail lost", f"{row.id} {template} was meant to be sent and never was")
    for template in ONCE & set(sent):
        if len(sent[template]) > 1:
            world.violated("mailed twice", f"{row.id} {template}: {len(sent[template])} Message-IDs")
    # A renewal that was stopped, resumed and stopped again names a new date, of which the customer is warned again.
    dates = {event.entry.data["data_until"] for event in facts.named(events.PurgeAnnounced)}
    if len(sent.get("purge_warning", ())) > len(dates) and not facts.was_reset:
        world.violated("mailed twice", f"{row.id}: more warnings of a purge than dates: {sorted(dates)}")


def _reminders(facts: Facts) -> None:
    """Checks that no reminder is sent for a thing that is done, or before it is due."""
    world, row = facts.world, facts.row
    complete = facts.named(events.SubscriptionActive, events.SubscriptionVoid)
    for event in facts.named(events.ActivationReminded):
        if event.entry.data["days_left"] < 0:
            world.violated(
                "late reminder", f"{row.id} was reminded with {event.entry.data['days_left']} days left"
            )
        if any(other.seq < event.seq for other in complete):
            world.violated("late reminder", f"{row.id} was reminded to activate when all was over")
    if row.kind == "subscription":
        _reminded_when_signed(facts)
        _announced_when_stopped(facts)


def _reminded_when_signed(facts: Facts) -> None:
    steps = {step["step"] for step in facts.row.view["steps"]}
    for reminded in facts.named(events.ActivationReminded):
        done = {step for step, event in facts.steps if event.seq < reminded.seq}
        if steps and steps <= done:
            facts.world.violated(
                "late reminder", f"{facts.row.id} was reminded to activate after its last step"
            )


def _announced_when_stopped(facts: Facts) -> None:
    stopped = False
    for event in facts.events:
        name = event.entry.event
        if name in (events.RenewalStopped.name, events.RenewalResumed.name, events.TermStarted.name):
            stopped = name == events.RenewalStopped.name
        if name == events.RenewalAnnounced.name and stopped:
            facts.world.violated(
                "late reminder", f"{facts.row.id}: a renewal was announced that had been stopped"
            )


def seats(world: World, row: EntityRow) -> None:
    """Judges the seats at every transition: a seat is of one person, one of the paid ones, and an invited one has its deadline."""
    entries = {
        entry["subject"].split(".")[0] for entry in row.view["agenda"] if entry["what"] == "invitation"
    }
    taken = [seat["party"] for seat in row.view["seats"] if seat["party"]]
    if len(taken) != len(set(taken)):
        world.violated("seat", f"{row.id}: one person has two seats")
    if len(taken) > row.view["seat_count"]:
        world.violated("seat", f"{row.id}: {len(taken)} people have one of {row.view['seat_count']} seats")
    for seat in row.view["seats"]:
        number, state = seat["number"], seat["state"]
        if state == "free" or not seat["party"]:
            world.violated("seat", f"{row.id}: seat {number} is {state} and nobody's")
        awaited = state == "invited" and seat["open_until"] is not None
        if awaited != (str(number) in entries) and row.view["agenda"]:
            world.violated(
                "seat",
                f"{row.id}: seat {number} is {state}; its invitation's end is on the agenda: {not awaited}",
            )


def judge_runs(world: World, silent: AbstractSet[str]) -> None:
    """Judges every run: its replay gives the same bytes, the last run ended, and the row equals the workflow's own view.

    `silent` are the entities whose last run was reset to where nothing was left to record: their row is that of the former epoch.
    """
    for name, chain in world.engine.chains.items():
        last = chain[-1]
        if last.closed != "ended":
            world.violated("rest", f"{name} is still {last.closed or 'running'}")
        for run in chain:
            if run.tasks and run.closed != "broken":
                speaks = run.workflow_id.rpartition("/")[2] not in silent
                _replayed(world, run, is_end=run is last and run.closed == "ended" and speaks)


def _replayed(world: World, run: Run, *, is_end: bool) -> None:
    run.evict()
    try:
        run.instance = run.make_again(frozenset())
    except NotReproduced as fault:
        world.violated("replay", str(fault))
        return
    row = world.db.entities.get(run.workflow_id.rpartition("/")[2])
    if is_end and row is not None:
        own = json.loads(run.view().data)
        if own != row.view:
            names = sorted(key for key in own if own[key] != row.view.get(key))
            world.violated(
                "projection", f"{row.id} ended {row.status}; its row differs from its own view in {names}"
            )
    run.evict()

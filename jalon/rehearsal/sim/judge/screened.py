"""Who joins what was screened: nobody on the list has a seat or the administration before two reviewers released them (X19, T6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jalon.domain import events
from jalon.domain.calendar.deadlines import closes_at
from jalon.domain.calendar.durations import Duration
from jalon.domain.texts import same_name
from jalon.rehearsal.sim.judge.facts import Facts
from jalon.rehearsal.sim.judge.stamps import race
from jalon.rehearsal.sim.modelled.database import EntityRow, TimelineRow
from jalon.rehearsal.sim.trouble import SCORES
from jalon.rehearsal.sim.world import World
from workflows.shared_steps.holds import REVIEWERS

SEAT_GONE = (events.SeatRevoked, events.SeatRefused, events.SeatReleased, events.InvitationUndeliverable)
GIVEN = ("invited", "assigned")
HELD = (events.SeatHeld, events.AdminTransferHeld)


def users(world: World, row: EntityRow) -> None:
    """Judges the users and the admin of a subscription at every transition."""
    facts = Facts(world, row)
    given = {seat["party"]: seat["number"] for seat in row.view["seats"] if seat["state"] in GIVEN}
    listed = [party for party in given if _is_listed(facts, party)]
    for party in listed:
        world.marks("a listed user was released")
        if not _released(facts, _hold_of_seat(facts, given[party])):
            world.violated("screening", f"{row.id}: {party}, whom the list names, has seat {given[party]}")
    admin = row.view["admin"]
    if admin != row.view["buyer"] and _is_listed(facts, admin):
        world.marks("a listed admin was released")
        if not _released(facts, _hold_of_admin(facts)):
            world.violated("screening", f"{row.id}: {admin}, whom the list names, is the admin")


def _terms(facts: Facts) -> Mapping[str, Any] | None:
    """The terms by which the order was screened, None where it was not."""
    begun = next(facts.said("begin"), None)
    return None if begun is None else begun.body.get("export")


def _is_listed(facts: Facts, party: str) -> bool:
    """Whether the modelled list names a person of a screened subscription well enough for a review."""
    person = facts.db.parties.get(party)
    score = max((score for word, score in SCORES.items() if person and word in person.name), default=0.0)
    terms = _terms(facts) if score else None
    return terms is not None and score >= float(terms["score_review"])


def _hold_of_seat(facts: Facts, seat: int) -> TimelineRow | None:
    """The hold by which the present holder of a seat came, None where there was none since the seat was last free."""
    latest = None
    for event in facts.named(events.SeatHeld, events.SeatsLost, *SEAT_GONE):
        if event.entry.event == events.SeatHeld.name and event.entry.data["seat"] == seat:
            latest = event
        elif seat in (event.entry.data.get("seat"), *event.entry.data.get("seats", ())):
            latest = None
    return latest


def _hold_of_admin(facts: Facts) -> TimelineRow | None:
    switch = facts.named(events.AdminTransferred)[-1].entry.data["transfer"]
    held = [each for each in facts.named(events.AdminTransferHeld) if each.entry.data["transfer"] == switch]
    return held[-1] if held else None


def _released(facts: Facts, hold: TimelineRow | None) -> bool:
    """Whether two different reviewers spoke for the release of this very hold, and nobody against it."""
    if hold is None:
        return False
    turn = hold.entry.data["turn"]
    decided = [
        each
        for each in facts.named(events.HoldRelease, events.HoldReject)
        if each.seq >= hold.seq and each.entry.data["turn"] == turn
    ]
    people = {same_name(str(each.entry.actor)) for each in decided}
    return len(people) >= REVIEWERS and all(each.entry.event == events.HoldRelease.name for each in decided)


def judge(facts: Facts) -> None:
    """Judges every hold: a decision is on the hold that its reviewer saw, and one that two people released in time is not refused."""
    terms = _terms(facts)
    said = {(each.actor, each.body["turn"]) for each in facts.said("decide_hold") if each.state == "applied"}
    for event in facts.named(events.HoldRelease, events.HoldReject):
        if (event.entry.actor, event.entry.data["turn"]) not in said:
            facts.world.violated(
                "hold", f"{facts.row.id}: {event.entry.actor} never decided on {event.entry.data}"
            )
    for hold in facts.named(*HELD) if terms is not None else ():
        turn, longest = hold.entry.data["turn"], Duration.parse(str(terms["hold_max"]) if terms else "")
        due = closes_at(hold.entry.at, longest, facts.calendar)
        decided = [each for each in facts.said("decide_hold") if each.body["turn"] == turn]
        for receipt in decided:
            race(facts, receipt, due, "hold of a person")
        in_time = [each for each in decided if hold.entry.at <= each.received_at < due]
        people = {same_name(each.actor) for each in in_time if each.state == "applied"}
        refused = facts.named(events.SeatRefused, events.AdminTransferRefused)
        is_over = any(_is_of(hold, each) for each in refused)
        rejected = any(each.body["decision"] == "reject" for each in in_time)
        if is_over and not rejected and len(people) >= REVIEWERS and not facts.was_reset:
            facts.world.violated(
                "in time refused", f"{facts.row.id}: hold {turn} ended although {sorted(people)} released it"
            )


def _is_of(hold: TimelineRow, end: TimelineRow) -> bool:
    """Whether a refusal is the end of this hold."""
    name = "seat" if hold.entry.event == events.SeatHeld.name else "transfer"
    turn = hold.entry.data["turn"]
    return (end.entry.data.get(name), end.entry.data.get("turn", turn)) == (hold.entry.data[name], turn)

"""The notices of renewals: without proof nothing is committed, and where the charge waits, nothing is taken before its time (X16, C1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from jalon.domain import events
from jalon.persistence.inbox.receipts import Receipt
from jalon.rehearsal.sim.judge.facts import Facts, at_of
from jalon.rehearsal.sim.judge.terms import bounds_of, term_at
from jalon.rehearsal.sim.modelled.database import TimelineRow

FIRST = events.SubscriptionActive
TOLD = (events.RenewalNoticeTaken, events.RenewalTold)


@dataclass(frozen=True)
class Proof:
    """What was known of the notices of one renewal before the transition `seq`: whether any was asked for, and until when each gave."""

    asked: bool
    untils: tuple[datetime, ...]

    @property
    def lacking(self) -> bool:
        """Whether a notice was due and none reached the customer."""
        return self.asked and not self.untils

    def leaves(self, at: datetime) -> bool:
        """Whether the renewal can still be refused at this instant."""
        return self.lacking or (bool(self.untils) and at < min(self.untils))


def judge(facts: Facts) -> None:
    """Judges the renewals of one subscription. A notice heard of too late closes its time in the very transition that tells of it."""
    for committed in facts.named(events.RenewalCommitted):
        renews_at = _renews_after(facts, committed)
        if renews_at is not None and proof_of(facts, renews_at, committed.seq + 1).lacking:
            facts.world.violated(
                "notice", f"{facts.row.id}: the renewal of {renews_at} was committed without a notice"
            )
    for started in facts.named(events.TermStarted):
        _begun(facts, started)


def proof_of(facts: Facts, renews_at: datetime, before: int) -> Proof:
    """What the events before a transition prove of the notices of the renewal at this instant."""
    rows = [
        row
        for row in facts.named(events.RenewalAnnounced, events.RenewalNoticeFailed, *TOLD)
        if row.seq < before
    ]
    mine = {
        row.entry.data["notice"]
        for row in rows
        if "renews_at" in row.entry.data and at_of(row.entry.data, "renews_at") == renews_at
    }
    failed = {row.entry.data["notice"] for row in rows if row.entry.event == events.RenewalNoticeFailed.name}
    names = {each.name for each in TOLD}
    untils = tuple(
        at_of(row.entry.data, "refuse_by")
        for row in rows
        if row.entry.event in names
        and row.entry.data["notice"] in mine - failed
        and row.entry.data["refuse_by"]
    )
    return Proof(bool(mine), untils)


def _begun(facts: Facts, started: TimelineRow) -> None:
    """The charge of a term waits where its notice lacks or leaves time, for consumers and where the store says so; nowhere else."""
    world, name, term = facts.world, facts.row.id, int(started.entry.data["term"])
    former, line = facts.line_terms(term - 1), facts.line_terms(term)
    if former is None or line is None:
        return
    proof = proof_of(facts, started.entry.at, started.seq)
    holds = _is_consumer(facts) or former.renewal.without_notice == "wait"
    expected = holds and proof.leaves(started.entry.at) and bool(line.amount.amount)
    waits = [each for each in facts.named(events.ChargeWaits) if each.entry.at == started.entry.at]
    if bool(waits) != expected:
        said = f"its charge {'waits' if waits else 'does not wait'}, with {proof}"
        world.violated("notice", f"{name} term {term} of {started.entry.at}: {said}")
    if waits:
        world.marks("a charge waited for its notice")
        _released(facts, term, started)


def _released(facts: Facts, term: int, started: TimelineRow) -> None:
    """What waited is charged from the end of the time that a notice left, and not at all where none did."""
    world, name = facts.world, facts.row.id
    # A term that begins late may be written together with the end of its own refusal, and with that of the term before.
    begun = (started.seq, started.entry.at)
    after = [
        each
        for each in facts.named(events.RefusalClosed, events.TermStarted)
        if (each.seq, each.entry.at) > begun
    ]
    closed = next((each for each in after if each.entry.event == events.RefusalClosed.name), None)
    following = next((each for each in after if each.entry.event == events.TermStarted.name), None)
    if closed is not None and following is not None and after.index(closed) > after.index(following):
        closed = None
    charges = [
        each
        for each in world.gateway.charges.values()
        if (each.metadata["entity"], int(each.metadata["cycle"])) == (name, term)
    ]
    if closed is None:
        if charges and not facts.was_reset:
            world.violated("notice", f"{name} term {term} was charged and its customer was never told")
        if any(facts.named(events.RenewalStopped)) and facts.row.status != "active":
            world.marks("a term was refused before its charge")
        return
    untils = proof_of(facts, started.entry.at, closed.seq + 1).untils
    if not untils or closed.entry.at != min(untils):
        world.violated("notice", f"{name} term {term}: refusable until {untils}, closed at {closed.entry.at}")


def _renews_after(facts: Facts, row: TimelineRow) -> datetime | None:
    """The end of the term that an event lies in."""
    term = term_at(facts, row.entry.at)
    bounds = bounds_of(facts, term) if term is not None else None
    return bounds.end if bounds else None


def _is_consumer(facts: Facts) -> bool:
    begun = next(facts.said("begin"), None)
    return begun is not None and bool(begun.body["consumer"])


def kept_open(facts: Facts, receipt: Receipt) -> bool:
    """Whether the switch was open beyond its cutoff at this receipt: nobody was told in time, or the running term waits for that."""
    return any(_is_open(facts, receipt.received_at, renews_at) for renews_at in _renewals(facts, receipt))


def _renewals(facts: Facts, receipt: Receipt) -> Iterator[datetime]:
    """The renewal at the end of the term that a receipt lies in, and the one at its beginning."""
    term = term_at(facts, receipt.received_at)
    bounds = bounds_of(facts, term) if term is not None else None
    if bounds is not None:
        yield from (bounds.end, bounds.begin)


def _is_open(facts: Facts, at: datetime, renews_at: datetime) -> bool:
    """A report may come later, so that what was known then decides: by the last transition at or before the instant."""
    seqs = [row.seq for row in facts.events if row.entry.at <= at]
    return any(proof_of(facts, renews_at, seq + turn).leaves(at) for seq in seqs[-1:] for turn in (0, 1))

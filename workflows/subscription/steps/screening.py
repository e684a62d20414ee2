"""The screening of a person who joins what was cleared, as the new admin or as a user, and the end of a hold on them (X19).

Several may be under way at once, each as a step of its own number beside the course.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from activities.contracts.screening import SCREEN_PERSON, PersonScreened, PersonScreening
from jalon.domain.calendar.deadlines import closes_at
from jalon.domain.calendar.durations import Duration
from jalon.domain.compliance.export import ScreeningOutcome
from jalon.domain.transition import AuditEntry
from workflows.engine import options
from workflows.engine.agenda import Due, Entry
from workflows.engine.commands import Refused
from workflows.engine.effects import Skipped
from workflows.engine.state import known
from workflows.engine.step import person_step
from workflows.shared_steps.holds import SKIPPED, Hold
from workflows.subscription.life import SubscriptionLife
from workflows.subscription.seat import Agreed

Found = PersonScreened | Skipped


def begin(
    subscription: SubscriptionLife,
    party: str,
    agreed: Agreed,
    done: Callable[[Found], None],
    as_it_stands: Callable[[], dict[str, Any]],
) -> None:
    """Screens a person by the terms of the order and today's lists; `done` gets what was found.

    Where it waits for an operator, whoever asked hears `as_it_stands`.
    """
    state, export = subscription.state, known(subscription.state.export)
    request = PersonScreening(state.store, party, export.countries, export.terms, agreed.at)
    step = person_step(agreed.number)
    parked = partial(_parked, subscription, agreed, as_it_stands)
    subscription.beside.start(step, SCREEN_PERSON, request, options.SCREENING, done, parked)


def _parked(
    subscription: SubscriptionLife, agreed: Agreed, as_it_stands: Callable[[], dict[str, Any]]
) -> None:
    answer(subscription, agreed, as_it_stands())


def answer(subscription: SubscriptionLife, agreed: Agreed, outcome: dict[str, Any] | Refused) -> None:
    """Answers whoever asked, once."""
    if agreed.receipt is not None:
        subscription.transition.settle(agreed.receipt, outcome)
        agreed.receipt = None


def noted(subscription: SubscriptionLife, party: str, agreed: Agreed, found: Found) -> ScreeningOutcome:
    """The outcome of a screening, which the audit keeps with the names that were screened (X18). One that an operator skipped holds."""
    outcome = SKIPPED if isinstance(found, Skipped) else found.outcome
    agreed.names = None if isinstance(found, Skipped) else found.names
    facts = {"turn": agreed.number, "party": party, "names": agreed.names, "decision": str(outcome.decision)}
    entry = AuditEntry(subscription.state.now, "system", "system", "screen_person", "X19", None, facts)
    subscription.transition.audit(entry)
    return outcome


def opened(
    subscription: SubscriptionLife, agreed: Agreed, outcome: ScreeningOutcome, subject: str = ""
) -> Hold:
    """A new hold, as long as one of an order may last. `subject` names the seat on the agenda, where there is one."""
    state = subscription.state
    longest = Duration.parse(known(state.export).terms.hold_max)
    until = closes_at(state.now, longest, known(state.terms).calendar)
    key = Due.HOLD_MAX.numbered(agreed.number)
    state.agenda.put(Entry(key, until, Due.HOLD_MAX, "T6", "law", closing=True, subject=subject))
    return Hold.of(state.now, outcome.reasons, agreed.number)


def over(subscription: SubscriptionLife, agreed: Agreed) -> None:
    """Ends a screening and its hold: nothing waits for them any more."""
    subscription.state.agenda.remove(Due.HOLD_MAX.numbered(agreed.number))
    subscription.beside.stop(person_step(agreed.number))

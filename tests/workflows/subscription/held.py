"""A subscription without Temporal: its own `run`, advanced by the test from one wait to the next."""

from __future__ import annotations

import types
from collections import Counter
from collections.abc import Callable, Coroutine, Generator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from pydantic import TypeAdapter

from activities.contracts.base import ActivityRef, Done
from activities.contracts.documents import ContractDrawn, ContractRequest, SignedCopyRequest
from activities.contracts.payments import PaymentOutcome, PaymentRequest
from activities.contracts.people import PartyAnswer, PartyQuestion
from activities.contracts.policy import RenewalAnswer, RenewalQuestion
from activities.contracts.records import ReceivedCommand
from activities.contracts.screening import PersonScreened
from jalon.domain.emails import Email
from jalon.policy.decisions.freezing import bound_by
from workflows.engine.beside import Beside
from workflows.engine.commands import Command, Later, Refused
from workflows.engine.effects import Skipped
from workflows.engine.options import Budget
from workflows.engine.step import Outcome, person_step
from workflows.subscription.workflow import SubscriptionStart, SubscriptionWorkflow


class NextRun(Exception):
    """The run continued as new, with this start."""

    def __init__(self, start: SubscriptionStart) -> None:
        super().__init__("next run")
        self.start = start


def continue_as_new(start: SubscriptionStart) -> None:
    raise NextRun(start)


@types.coroutine
def _pause() -> Generator[None, None, None]:
    yield


class Aside(Beside):
    """Keeps the effects that nobody waits for, until the test answers them."""

    def __init__(self) -> None:
        self.asked: dict[str, tuple[Any, Callable[[Any], None]]] = {}
        self.parked: dict[str, Callable[[], None]] = {}

    def stop(self, step: str) -> None:
        """Forgets the request, which nobody wants any more."""
        self.asked.pop(step, None)

    def start(
        self,
        step: str,
        ref: ActivityRef[Any, Any],
        request: Any,
        budget: Budget,
        done: Callable[[Any], None],
        parked: Callable[[], None] | None = None,
    ) -> None:
        """Records the request."""
        self.asked.setdefault(step, (request, done))
        if parked is not None:
            self.parked[step] = parked


class Held(SubscriptionWorkflow):
    """Waits return to the test. `told` holds the bank's answers, `asked` the requests to the bank.

    The store sells `sold` seats for the line, or as many as it has. What else happens while PostgreSQL is next asked is `meanwhile`.
    """

    asked: PaymentRequest | None = None
    told: PaymentOutcome | None = None
    sold: int | None = None
    meanwhile: Callable[[], None] | None = None
    mails: Counter[str]
    facts: dict[str, dict[str, Any]]
    aside: Aside

    async def until(self, reached: Callable[[], bool]) -> None:
        """Returns to the test until the condition holds."""
        while not reached():
            await _pause()

    async def perform(self, step: str, ref: ActivityRef[Any, Any], request: Any, budget: Budget) -> Any:
        """Records the request and returns to the test until there is an answer."""
        self.asked, self.told = request, None
        await self.until(lambda: self.told is not None)
        self.asked = None
        return self.told

    async def local(self, ref: ActivityRef[Any, Any], request: Any) -> Any:
        """The answer that PostgreSQL would give. A person whose name begins with i has an identity."""
        if self.meanwhile is not None:
            happens, self.meanwhile = self.meanwhile, None
            happens()
        if isinstance(request, ContractRequest):
            return ContractDrawn("doc_1", "sha")
        if isinstance(request, SignedCopyRequest):
            return ContractDrawn("doc_2", "sha of the signed copy")
        if isinstance(request, RenewalQuestion):
            line = replace(request.line, seats=self.sold or request.line.seats)
            bound = bound_by(request.bound, line) if request.bound and self.sold else line
            return RenewalAnswer(bound, self.terms_of_store(), line)
        if isinstance(request, PartyQuestion):
            return PartyAnswer(request.party.startswith("i"))
        return Done()

    def mail(
        self,
        email: Email,
        occurrence: str,
        party: str,
        subject: str = "",
        about: str | None = None,
        people: tuple[str, ...] = (),
    ) -> None:
        """Renders the e-mail's facts, as sending it would, keeps them and counts it."""
        facts = email.as_facts()
        assert facts["order_number"] == self.state.number
        self.mails[occurrence] += 1
        self.facts[occurrence] = facts

    def mail_admin(
        self, email: Email, occurrence: str, about: str | None = None, people: tuple[str, ...] = ()
    ) -> None:
        """The same, for an e-mail to the admin."""
        self.mail(email, occurrence, self.state.admin, about=about, people=people)

    async def drain(self) -> None:
        """Returns at once, since nothing is under way."""

    async def finish(self) -> None:
        """Returns at once, since nothing is pending."""

    @property
    def history_long(self) -> bool:
        """False, since the histories of a test are short."""
        return False


class Course:
    """A lifecycle over all its runs. The state is passed from run to run as JSON, as in Temporal."""

    def __init__(self, start: SubscriptionStart, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("temporalio.workflow.continue_as_new", continue_as_new)
        self.mails: Counter[str] = Counter()
        self.facts: dict[str, dict[str, Any]] = {}
        self.ended: str | None = None
        self.receipts = 0
        self.sold: int | None = None
        self._begin(start)

    def _begin(self, start: SubscriptionStart) -> None:
        self.life = Held(start)
        self.life.sold = self.sold
        self.life.beside = self.life.aside = Aside()
        self.life.mails, self.life.facts = self.mails, self.facts
        self._run: Coroutine[Any, Any, str] = self.life.run(start)

    @property
    def state(self) -> Any:
        """The state of the present run."""
        return self.life.state

    def go_on(self) -> None:
        """Advances `run` to its next wait, through as many runs as needed."""
        while self.ended is None:
            try:
                self._run.send(None)
            except NextRun as next_run:
                self._begin(through_json(next_run.start))
            except StopIteration as stop:
                self.ended = stop.value
            else:
                return

    def say(self, command: Command, at: datetime, actor: str = "Ada") -> Outcome:
        """Applies a command as the engine would."""
        self.receipts += 1
        self.state.now = max(self.state.now, at)
        message = ReceivedCommand(
            f"req_{self.receipts}", self.receipts, command.name, at, command.as_body(), actor, "storefront"
        )
        outcome = _done(self.life.outcome_of(message))
        self.go_on()
        assert isinstance(outcome, dict | Refused | Later)
        return outcome

    def meet(self, until: datetime) -> None:
        """Processes every entry due by the instant, in the order of the agenda."""
        while self.ended is None and (entry := self.state.agenda.next()) and entry.due_at <= until:
            self.state.now = max(entry.due_at, self.state.now)
            self.state.agenda.remove(entry.key)
            _done(self.life.steps.due[entry.what](self.life, entry))
            self.go_on()

    def pay(self, outcome: PaymentOutcome) -> None:
        """Answers the payment that was requested."""
        self.life.told = outcome
        self.go_on()

    def screened(self, number: int, found: PersonScreened | Skipped) -> None:
        """Answers the screening of a person, by its number."""
        _, done = self.life.aside.asked.pop(person_step(number))
        done(found)
        self.go_on()

    def answers(self) -> dict[str, Any]:
        """The answers to receipts since the last time."""
        built = self.life.transition.build(self.state, "subscription", {}, False)
        return {each.receipt: each.outcome for each in built.settled}

    def release(self, outcome: PaymentOutcome) -> None:
        """Answers the release that was requested."""
        _, done = self.life.aside.asked.pop("release")
        done(outcome)


def as_json(start: SubscriptionStart) -> bytes:
    """The start of a run as Temporal carries it."""
    return TypeAdapter(SubscriptionStart).dump_json(start)


def through_json(start: SubscriptionStart) -> SubscriptionStart:
    """The start of a run as the run receives it."""
    return TypeAdapter(SubscriptionStart).validate_json(as_json(start))


def _done(work: Any) -> Any:
    """The result of a coroutine that never waits."""
    try:
        work.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("a handler waited")

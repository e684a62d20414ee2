"""A subscription outside the engine: its own `run`, moved on by hand from one wait to the next."""

from __future__ import annotations

import types
from collections import Counter
from collections.abc import Callable, Coroutine, Generator
from datetime import datetime
from typing import Any

import pytest
from pydantic import TypeAdapter

from activities.contracts.base import ActivityRef, Done
from activities.contracts.documents import ContractDrawn, ContractRequest
from activities.contracts.payments import PaymentOutcome, PaymentRequest
from activities.contracts.people import PartyAnswer, PartyQuestion
from activities.contracts.policy import RenewalAnswer, RenewalQuestion
from activities.contracts.records import ReceivedCommand
from jalon.domain.emails import Email
from workflows.engine.commands import Command, Refused
from workflows.engine.options import Budget
from workflows.engine.step import Outcome
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


class Held(SubscriptionWorkflow):
    """Waits give way to the test; what the bank says is `told`, what is asked of it `asked`."""

    asked: PaymentRequest | None = None
    told: PaymentOutcome | None = None
    mails: Counter[str]

    async def until(self, reached: Callable[[], bool]) -> None:
        """Gives way to the test until the fact holds."""
        while not reached():
            await _pause()

    async def perform(self, step: str, ref: ActivityRef[Any, Any], request: Any, budget: Budget) -> Any:
        """Asks the bank, and gives way to the test until it has told."""
        self.asked, self.told = request, None
        await self.until(lambda: self.told is not None)
        self.asked = None
        return self.told

    async def local(self, ref: ActivityRef[Any, Any], request: Any) -> Any:
        """What PostgreSQL would answer; a person whose name begins with i has an identity."""
        if isinstance(request, ContractRequest):
            return ContractDrawn("doc_1", "sha")
        if isinstance(request, RenewalQuestion):
            return RenewalAnswer(request.line, self.terms_of_store())
        if isinstance(request, PartyQuestion):
            return PartyAnswer(request.party.startswith("i"))
        return Done()

    def mail(
        self, email: Email, occurrence: str, party: str, subject: str = "", about: str | None = None
    ) -> None:
        """An e-mail is rendered to facts, as it would be on its way out, and counted."""
        assert email.as_facts()["order_number"] == self.state.number
        self.mails[occurrence] += 1

    async def drain(self) -> None:
        """Nothing is under way."""

    async def finish(self) -> None:
        """Nothing is left to answer."""

    @property
    def history_long(self) -> bool:
        """The histories of a test are short."""
        return False


class Course:
    """A life over all its runs. The state goes from run to run as JSON, as it does in the engine."""

    def __init__(self, start: SubscriptionStart, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("temporalio.workflow.continue_as_new", continue_as_new)
        self.mails: Counter[str] = Counter()
        self.ended: str | None = None
        self.receipts = 0
        self._begin(start)

    def _begin(self, start: SubscriptionStart) -> None:
        self.life = Held(start)
        self.life.mails = self.mails
        self._run: Coroutine[Any, Any, str] = self.life.run(start)

    @property
    def state(self) -> Any:
        """The state of the present run."""
        return self.life.state

    def go_on(self) -> None:
        """Moves `run` on to its next wait, through as many runs as it takes."""
        while self.ended is None:
            try:
                self._run.send(None)
            except NextRun as next_run:
                self._begin(_through_json(next_run.start))
            except StopIteration as stop:
                self.ended = stop.value
            else:
                return

    def say(self, command: Command, at: datetime) -> Outcome:
        """Says a command as the inbox would apply it."""
        self.receipts += 1
        self.state.now = max(self.state.now, at)
        message = ReceivedCommand(
            f"req_{self.receipts}", self.receipts, command.name, at, command.as_body(), "Ada", "storefront"
        )
        outcome = _done(self.life.outcome_of(message))
        self.go_on()
        assert isinstance(outcome, dict | Refused)
        return outcome

    def meet(self, until: datetime) -> None:
        """Meets whatever comes due by the instant, in the order of the agenda."""
        while self.ended is None and (entry := self.state.agenda.next()) and entry.due_at <= until:
            self.state.now = max(entry.due_at, self.state.now)
            self.state.agenda.remove(entry.key)
            _done(self.life.steps.due[entry.what](self.life, entry))
            self.go_on()

    def pay(self, outcome: PaymentOutcome) -> None:
        """The bank tells what became of the payment it was asked for."""
        self.life.told = outcome
        self.go_on()


def _through_json(start: SubscriptionStart) -> SubscriptionStart:
    adapter = TypeAdapter(SubscriptionStart)
    return adapter.validate_json(adapter.dump_json(start))


def _done(work: Any) -> Any:
    """What a coroutine that waits for nothing returns."""
    try:
        work.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("a handler waited")

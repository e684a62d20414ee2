"""E-mails of an entity. Each is sent once under the name of its occurrence, and no step waits for it."""

from __future__ import annotations

import asyncio
import dataclasses

from temporalio.exceptions import ActivityError

from activities.contracts.mail import SEND_MAIL, MailRequest
from jalon.domain import events
from jalon.domain.emails import Email
from workflows.engine import options
from workflows.engine.effects import Compensated, Effects, Skipped
from workflows.engine.parking import Parking
from workflows.engine.state import EntityState
from workflows.engine.step import MailHooks, mail_step
from workflows.engine.transition_builder import TransitionBuilder


class Mail:
    """The unsent e-mails of one run."""

    def __init__(
        self,
        state: EntityState,
        transition: TransitionBuilder,
        parking: Parking,
        effects: Effects,
        hooks: MailHooks,
    ) -> None:
        self._state = state
        self._transition = transition
        self._parking = parking
        self._effects = effects
        self._hooks = hooks
        self._withdrawn: set[str] = set()
        self._sending: set[str] = set()
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def send(
        self,
        email: Email,
        occurrence: str,
        party: str,
        subject: str,
        about: str | None,
        people: tuple[str, ...],
        support: str | None,
        *,
        to_admin: bool = False,
    ) -> None:
        """Sends an e-mail. A second e-mail of the same occurrence is not sent while the first is unsent.

        `to_admin`: what cannot leave yet follows the administration.
        """
        step = mail_step(occurrence)
        if step in self._state.outgoing:
            return
        self._state.outgoing[step] = MailRequest(
            store=self._state.store,
            entity=self._state.id,
            occurrence=occurrence,
            template=email.template,
            fields=email.as_facts(),
            party=party,
            names=self._state.names_of(party),
            at=self._state.now,
            live=self._state.live,
            link=email.link,
            link_subject=subject or email.purpose,
            about=about,
            people=people,
            support=support,
            to_admin=to_admin,
        )
        if not self._effects.draining:
            self._start(step)

    def resume(self) -> None:
        """Resumes the e-mails that an earlier run left unsent. Called from `run`, where tasks may start."""
        for step in self._state.outgoing:
            self._start(step)

    def withdraw(self) -> None:
        """Withdraws the e-mails that stopped being true before they could leave (X21), and those whose reader is another person now.

        The latter are written anew. One that is being sent may still arrive.
        """
        if self._effects.draining:
            return
        for step, request in list(self._state.outgoing.items()):
            if step in self._withdrawn or (self._hooks.stands(request) and self._reads(request)):
                continue
            self._withdrawn.add(step)
            if step in self._parking.waiting:
                self._tasks[step].cancel()
                self._gone(step)
            elif step in self._sending:
                self._tasks[step].cancel()

    def _reads(self, request: MailRequest) -> bool:
        return self._state.reader_of(request) == request.party

    def _gone(self, step: str) -> None:
        self._parking.forget(step)
        self._withdrawn.discard(step)
        self._sending.discard(step)
        request = self._state.outgoing.pop(step)
        self._transition.record_event(self._state.now, events.MailWithdrawn(template=request.template))
        if self._hooks.stands(request) and not self._reads(request):
            reader = self._state.reader_of(request)
            names = self._state.names_of(reader)
            self._state.outgoing[step] = dataclasses.replace(request, party=reader, names=names)
            self._start(step)

    def drain(self) -> None:
        """Leaves unsent e-mails to the next run, so that an unreachable mail server delays nothing. Attempts under way are waited for."""
        for step, task in self._tasks.items():
            if step not in self._parking.waiting:
                task.cancel()

    def _start(self, step: str) -> None:
        self._tasks[step] = self._effects.watch(asyncio.create_task(self._send(step)))

    async def _send(self, step: str) -> None:
        if step in self._withdrawn:
            self._gone(step)
            return
        request = self._state.outgoing[step]
        self._sending.add(step)
        try:
            if step in self._state.parked:
                request = await self._effects.until_resolved(step, request)
            outcome = await self._effects.perform(
                step, SEND_MAIL, request, options.MAIL, lambda: step not in self._withdrawn
            )
        except (Skipped, Compensated):
            outcome = None
        except ActivityError:
            if step in self._withdrawn and not self._effects.draining:
                self._gone(step)
            # Left to the next run otherwise; see `drain`.
            return
        self._parking.settle(step)
        if outcome is not None and outcome.withdrawn:
            self._gone(step)
            return
        del self._state.outgoing[step]
        if outcome is None:
            return
        if outcome.refusal is not None:
            event = events.MailRefused(template=request.template, code=outcome.refusal)
            self._transition.record_event(self._state.now, event)
        self._hooks.accepted(request, outcome)

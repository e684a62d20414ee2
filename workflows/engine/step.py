"""A step of a lifecycle: the commands it takes, the deadlines it processes, and its hook for accepted e-mails."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any, Generic, TypeVar

from activities.contracts.mail import MailOutcome, MailRequest
from activities.contracts.records import ReceivedCommand
from jalon.domain.emails import Email
from workflows.engine.agenda import Due, Entry
from workflows.engine.commands import Command, Later, Refused

Lifecycle = TypeVar("Lifecycle")
Taken = TypeVar("Taken", bound=Command)
Outcome = dict[str, Any] | Refused | Later
Handler = Callable[[Any, Any, ReceivedCommand], Awaitable[Outcome]]
OnDue = Callable[[Any, Entry], Awaitable[None]]
OnSent = Callable[[Any, MailRequest, MailOutcome], None]
Redate = Callable[[Any, MailRequest], MailRequest]
Stands = Callable[[Any, MailRequest], bool]


class StepName(StrEnum):
    """Steps that run outside effects and can be parked.

    The step of an e-mail is `mail/` and its occurrence, that of the screening of one more person `person_screening/` and its number.
    """

    PAYMENT = "payment"
    CHARGE = "charge"
    SCREENING = "screening"
    PERSON_SCREENING = "person_screening"
    REFUND = "refund"
    RELEASE = "release"
    WITHDRAW = "withdraw"
    FIND = "find"
    MAIL = "mail"

    @classmethod
    def of(cls, step: str) -> StepName:
        """The name of a step, without its occurrence."""
        return cls(step.partition("/")[0])


def mail_step(occurrence: str) -> str:
    """The step that sends the e-mail of this occurrence."""
    return f"{StepName.MAIL}/{occurrence}"


def person_step(number: int) -> str:
    """The step that screens one more person."""
    return f"{StepName.PERSON_SCREENING}/{number}"


@dataclass(frozen=True)
class Handling(Generic[Lifecycle]):
    """A command with the function that handles it."""

    command: type[Command]
    handler: Handler


def takes(
    command: type[Taken], handler: Callable[[Lifecycle, Taken, ReceivedCommand], Awaitable[Outcome]]
) -> Handling[Lifecycle]:
    """The handling of a command by a function for exactly that command."""
    return Handling(command, handler)


@dataclass(frozen=True)
class Step(Generic[Lifecycle]):
    """What one step file registers.

    `sent` is called after an e-mail is accepted, `redate` renews an e-mail that waited for an operator. `stands` says whether an e-mail
    that could not leave yet is still true (X21); an e-mail without it tells of what stays true.
    """

    takes: tuple[Handling[Lifecycle], ...] = ()
    due: Mapping[Due, Callable[[Lifecycle, Entry], Awaitable[None]]] = field(default_factory=dict)
    sent: Mapping[type[Email], Callable[[Lifecycle, MailRequest, MailOutcome], None]] = field(
        default_factory=dict
    )
    redate: Mapping[type[Email], Callable[[Lifecycle, MailRequest], MailRequest]] = field(
        default_factory=dict
    )
    stands: Mapping[type[Email], Callable[[Lifecycle, MailRequest], bool]] = field(default_factory=dict)


@dataclass(frozen=True)
class MailHooks:
    """What the steps know of an e-mail: `accepted` is called once a server took or refused it, `stands` says whether it is still true."""

    accepted: Callable[[MailRequest, MailOutcome], None]
    stands: Callable[[MailRequest], bool]


def dated(request: MailRequest, field: str, at: datetime | None) -> MailRequest:
    """The e-mail with the date that holds now; as it was, where there is none any more."""
    if at is None:
        return request
    return dataclasses.replace(request, fields=request.fields | {field: at.isoformat()})


class RegisteredTwice(Exception):
    """Two steps of a lifecycle take the same command, deadline or e-mail; an internal fault."""


@dataclass(frozen=True)
class Steps:
    """Everything that the steps of a lifecycle registered."""

    commands: Mapping[type[Command], Handler]
    named: Mapping[str, type[Command]]
    due: Mapping[Due, OnDue]
    sent: Mapping[str, OnSent]
    redate: Mapping[str, Redate]
    stands: Mapping[str, Stands]

    @classmethod
    def of(cls, steps: Iterable[Step[Any]]) -> Steps:
        """Combines the steps. Raises RegisteredTwice."""
        steps = tuple(steps)
        return cls(
            _merged((each.command, each.handler) for step in steps for each in step.takes),
            _merged((each.command.name, each.command) for step in steps for each in step.takes),
            _merged(pair for step in steps for pair in step.due.items()),
            _merged((email.template, hook) for step in steps for email, hook in step.sent.items()),
            _merged((email.template, hook) for step in steps for email, hook in step.redate.items()),
            _merged((email.template, hook) for step in steps for email, hook in step.stands.items()),
        )

    def hooks_of(self, lifecycle: Any) -> MailHooks:
        """What the steps know of the e-mails of one lifecycle."""
        return MailHooks(partial(self.accepted, lifecycle), partial(self.stand, lifecycle))

    def accepted(self, lifecycle: Any, request: MailRequest, outcome: MailOutcome) -> None:
        """Calls the hook of the step that registered for this e-mail, if there is one."""
        hook = self.sent.get(request.template)
        if hook is not None:
            hook(lifecycle, request, outcome)

    def stand(self, lifecycle: Any, request: MailRequest) -> bool:
        """Whether an e-mail that could not leave yet is still true."""
        stands = self.stands.get(request.template)
        return stands is None or stands(lifecycle, request)

    def redated(self, lifecycle: Any, request: Any) -> Any:
        """Re-dates a parked request to the instant at which the operator resolved it."""
        if hasattr(request, "at"):
            request = dataclasses.replace(request, at=lifecycle.state.now)
        redate = self.redate.get(request.template) if isinstance(request, MailRequest) else None
        return redate(lifecycle, request) if redate is not None else request


_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


def _merged(pairs: Iterable[tuple[_Key, _Value]]) -> dict[_Key, _Value]:
    merged: dict[_Key, _Value] = {}
    for key, value in pairs:
        if key in merged:
            raise RegisteredTwice(str(key))
        merged[key] = value
    return merged

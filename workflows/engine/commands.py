"""Commands: one class for each, whose fields are the body of its receipt; and the commands of operators to any entity."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from pydantic import ConfigDict, TypeAdapter
from pydantic_core import to_jsonable_python

from jalon.domain.error_codes import ErrorCode
from jalon.domain.violations import Violation

Shape = TypeVar("Shape")


class Command:
    """A command. Its `name` in receipts is the class name in snake_case. Unknown fields are refused."""

    name: ClassVar[str]
    __pydantic_config__ = ConfigDict(extra="forbid")

    def __init_subclass__(cls) -> None:
        cls.name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def as_body(self) -> dict[str, Any]:
        """The body of the command's receipt, as plain JSON."""
        body: dict[str, Any] = to_jsonable_python(self)
        return body


@dataclass(frozen=True)
class Park(Command):
    """An operator stops a step before its next effect."""

    step: str
    reason: str


@dataclass(frozen=True)
class Resolve(Command):
    """An operator resolves a parked step.

    `action` is retry, skip or compensate; `edit` changes the step's input; `evidence` says how the effect was done outside Jalon.
    """

    step: str
    action: str
    reason: str
    edit: dict[str, Any] | None = None
    evidence: dict[str, Any] | None = None


@dataclass(frozen=True)
class ResendMail(Command):
    """Support has an e-mail sent once more. Its facts are those with which it left as `message`; people are ids."""

    message: str
    occurrence: str
    template: str
    facts: dict[str, Any]
    party: str
    reason: str
    subject: str = ""
    about: str | None = None
    people: tuple[str, ...] = ()
    to_admin: bool = False


@dataclass(frozen=True)
class ExtendDeadline(Command):
    """Support moves a deadline to a later first closed instant. `subject` names the seat, where there are several."""

    what: str
    until: datetime
    reason: str
    subject: str | None = None


@dataclass(frozen=True)
class Refused:
    """The command is refused and nothing changed. `status` is the HTTP status of the answer."""

    violations: tuple[Violation, ...]
    status: int = 409


@dataclass(frozen=True)
class Later:
    """The command is under way and not answered yet. A step settles its receipt once the entities that it concerns have answered."""


def refused(
    code: ErrorCode, message: str, rule: str | None = None, pointer: str = "", status: int = 409
) -> Refused:
    """A refusal for one reason."""
    return Refused((Violation(code, message, pointer, rule),), status)


def read_command(commands: Mapping[str, type[Command]], name: str, body: dict[str, Any]) -> Command:
    """The command of a receipt.

    An unknown name raises LookupError, a body that does not fit ValidationError; both are internal faults.
    """
    command = commands.get(name)
    if command is None:
        raise LookupError(f"there is no command {name}")
    read: Command = adapter(command).validate_python(body)
    return read


def adapter(shape: type[Shape]) -> TypeAdapter[Shape]:
    """The validator of a type. Building one takes longer than the rest of a command, so each is built once."""
    if shape not in _ADAPTERS:
        _ADAPTERS[shape] = TypeAdapter(shape)
    return _ADAPTERS[shape]


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}

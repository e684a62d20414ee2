"""The commands of operators to any entity: park a step, and resolve it by retry, edit, skip or compensation. All of them are audited."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

from activities.contracts.mail import MailRequest
from activities.contracts.records import ReceivedCommand
from jalon.domain import events
from jalon.domain.emails import DeadlineExtended
from jalon.domain.error_codes import ErrorCode
from jalon.domain.transition import AuditEntry
from workflows.engine.commands import Park, Refused, Resolve, refused
from workflows.engine.state import Parked
from workflows.engine.step import Step, StepName, person_step, takes
from workflows.shared_steps.edits import edited


def _audit(entity: Any, message: ReceivedCommand, action: str, reason: str, data: dict[str, Any]) -> None:
    entity.transition.audit(
        AuditEntry(entity.state.now, message.actor, message.role, action, None, reason, data)
    )


COMPENSABLE = {StepName.PAYMENT, StepName.CHARGE, StepName.SCREENING}
"""The steps that can be compensated. An e-mail cannot be undone, and an undoing effect is not undone again."""

OCCURRING = {StepName.MAIL, StepName.PERSON_SCREENING}
"""The steps of which several may be under way at once. Each is named with its occurrence."""

RESOLVED = {"retry": events.StepRetry, "skip": events.StepSkip, "compensate": events.StepCompensate}


TO_PARK_AT_MOST = 20
"""How many steps of one entity may be asked to stop before they come. They are part of the state that each run passes on."""


async def park(entity: Any, request: Park, message: ReceivedCommand) -> dict[str, Any] | Refused:
    """Stops the named step before its next effect."""
    if not _has_step(entity, request.step):
        return _unknown_step(entity, request.step)
    if request.step in entity.state.parked:
        return refused(
            ErrorCode.ALREADY_PARKED,
            f"The step {request.step} is parked already; retry, skip or compensate it.",
            pointer="/step",
        )
    to_park = entity.state.park_requested
    if request.step not in to_park and len(to_park) >= TO_PARK_AT_MOST:
        return refused(
            ErrorCode.TOO_MANY_TO_PARK,
            f"{len(to_park)} steps wait to be parked, {TO_PARK_AT_MOST} at most: {', '.join(sorted(to_park))}. Retry one of them first.",
            pointer="/step",
        )
    before = sorted(to_park)
    to_park[request.step] = request.reason
    entity.transition.record_event(
        entity.state.now, events.ParkRequested(step=request.step), actor=message.actor
    )
    _audit(entity, message, "park", request.reason, _to_park(entity, request.step, before))
    return {"step": request.step}


def _to_park(entity: Any, step: str, before: list[str]) -> dict[str, Any]:
    """The facts of a change of the steps that are to stop once they come."""
    return {
        "step": step,
        "before": {"to_park": before},
        "after": {"to_park": sorted(entity.state.park_requested)},
    }


def _has_step(entity: Any, step: str) -> bool:
    """Whether the entity has the step, or may come to have it: nobody can tell which e-mails there will be."""
    name, _, occurrence = step.partition("/")
    if name not in entity.effects or bool(occurrence) != (name in OCCURRING):
        return False
    return name != StepName.PERSON_SCREENING or step in map(person_step, _screenings(entity))


def _screenings(entity: Any) -> range:
    """The numbers of the screenings that were begun, and of as many to come as may be parked ahead."""
    return range(1, entity.state.screenings + TO_PARK_AT_MOST + 1)


def _unknown_step(entity: Any, step: str) -> Refused:
    steps, person = ", ".join(sorted(entity.effects - OCCURRING)), ""
    if StepName.PERSON_SCREENING in entity.effects:
        person = f" and person_screening/ with the number of a screening, 1 to {_screenings(entity)[-1]}"
    return refused(
        ErrorCode.UNKNOWN_STEP,
        f"There is no step {step} here. Steps: {steps}, and mail/ with the name of an e-mail{person}.",
        pointer="/step",
        status=422,
    )


async def resolve(entity: Any, request: Resolve, message: ReceivedCommand) -> dict[str, Any] | Refused:
    """Resolves a parked step. A retry of one that was to be parked, and did not come yet, takes that back."""
    parked = entity.state.parked.get(request.step)
    if parked is None and request.action == "retry" and request.step in entity.state.park_requested:
        return _taken_back(entity, request, message)
    if parked is None:
        waiting = ", ".join(sorted(entity.state.parked)) or "none"
        return refused(
            ErrorCode.NOT_PARKED,
            f"The step {request.step} is not parked. Parked steps: {waiting}.",
            pointer="/step",
        )
    unknown = sorted(set(request.edit or {}) - parked.editable)
    if unknown:
        allowed = ", ".join(sorted(parked.editable)) or "none"
        return refused(
            ErrorCode.NOT_EDITABLE,
            f"{', '.join(unknown)} may not be edited; these may: {allowed}.",
            pointer="/edit",
        )
    edit = edited(parked, request.edit)
    if isinstance(edit, Refused):
        return edit
    if request.action == "compensate" and StepName.of(parked.step) not in COMPENSABLE:
        objection = f"{parked.step} has nothing to undo: retry it, or skip it with evidence."
        return refused(ErrorCode.NOT_COMPENSABLE, objection, pointer="/step")
    entity.transition.record_event(
        entity.state.now,
        RESOLVED[request.action](step=request.step, edited=tuple(sorted(request.edit or {}))),
        actor=message.actor,
    )
    _audit(
        entity,
        message,
        request.action,
        request.reason,
        _resolved(entity, request, parked),
    )
    entity.resolve(dataclasses.replace(request, edit=edit))
    return {"step": request.step, "action": request.action}


def _resolved(entity: Any, request: Resolve, parked: Parked) -> dict[str, Any]:
    """The facts of a resolution: the steps that stand before and after it, and the corrected input with what it was."""
    standing = sorted(entity.state.parked)
    before: dict[str, Any] = {"parked": standing}
    after: dict[str, Any] = {"parked": [each for each in standing if each != request.step]}
    if request.edit:
        before["input"] = {name: parked.request.get(name) for name in request.edit}
        after["input"] = request.edit
    facts = {"step": request.step, "edit": request.edit, "evidence": request.evidence, "cause": parked.cause}
    return facts | {"before": before, "after": after}


def _taken_back(entity: Any, request: Resolve, message: ReceivedCommand) -> dict[str, Any] | Refused:
    if request.edit:
        return refused(
            ErrorCode.NOT_EDITABLE,
            f"The step {request.step} did not come yet, so that it has no input to edit; retry it without an edit.",
            pointer="/edit",
        )
    before = sorted(entity.state.park_requested)
    del entity.state.park_requested[request.step]
    entity.transition.record_event(
        entity.state.now, events.StepRetry(step=request.step, edited=()), actor=message.actor
    )
    _audit(entity, message, request.action, request.reason, _to_park(entity, request.step, before))
    return {"step": request.step, "action": request.action}


def _is_open(entity: Any, request: MailRequest) -> bool:
    """Whether the deadline stands as the e-mail names it: it was not met, and not moved again."""
    new_by = datetime.fromisoformat(request.fields["new_by"])
    return any(entry.due_at == new_by for entry in entity.state.agenda.entries)


STEP = Step(
    takes=(
        takes(Park, park),
        takes(Resolve, resolve),
    ),
    stands={DeadlineExtended: _is_open},
)

"""The commands of operators to any entity: park a step, and resolve it by retry, edit, skip or compensation. All of them are audited."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from activities.contracts.mail import MailRequest
from activities.contracts.payments import PaymentRequest
from activities.contracts.records import ReceivedCommand
from activities.contracts.screening import PersonScreening, ScreeningRequest
from jalon.domain import events
from jalon.domain.emails import DeadlineExtended
from jalon.domain.error_codes import ErrorCode
from jalon.domain.transition import AuditEntry
from workflows.engine.commands import Park, Refused, Resolve, adapter, refused
from workflows.engine.state import Parked
from workflows.engine.step import Step, StepName, takes


def _audit(entity: Any, message: ReceivedCommand, action: str, reason: str, data: dict[str, Any]) -> None:
    entity.transition.audit(
        AuditEntry(entity.state.now, message.actor, message.role, action, None, reason, data)
    )


COMPENSABLE = {StepName.PAYMENT, StepName.CHARGE, StepName.SCREENING}
"""The steps that can be compensated. An e-mail cannot be undone, and an undoing effect is not undone again."""

OCCURRING = {StepName.MAIL, StepName.PERSON_SCREENING}
"""The steps of which several may be under way at once. Each is named with its occurrence."""

SHAPES: dict[StepName, type[Any]] = {
    StepName.MAIL: MailRequest,
    StepName.SCREENING: ScreeningRequest,
    StepName.PERSON_SCREENING: PersonScreening,
}
"""The inputs of the steps that are no payments."""

RESOLVED = {"retry": events.StepRetry, "skip": events.StepSkip, "compensate": events.StepCompensate}


async def park(entity: Any, request: Park, message: ReceivedCommand) -> dict[str, Any] | Refused:
    """Stops the named step before its next effect."""
    name, _, occurrence = request.step.partition("/")
    if name not in entity.effects or bool(occurrence) != (name in OCCURRING):
        steps = ", ".join(sorted(entity.effects - OCCURRING))
        screens = StepName.PERSON_SCREENING in entity.effects
        person = " and person_screening/ with the number of a screening" if screens else ""
        return refused(
            ErrorCode.UNKNOWN_STEP,
            f"There is no step {request.step} here. Steps: {steps}, and mail/ with the name of an e-mail{person}.",
            pointer="/step",
            status=422,
        )
    if request.step in entity.state.parked:
        return refused(
            ErrorCode.ALREADY_PARKED,
            f"The step {request.step} is parked already; retry, skip or compensate it.",
            pointer="/step",
        )
    entity.state.park_requested[request.step] = request.reason
    entity.transition.record_event(
        entity.state.now, events.ParkRequested(step=request.step), actor=message.actor
    )
    _audit(entity, message, "park", request.reason, {"step": request.step})
    return {"step": request.step}


async def resolve(entity: Any, request: Resolve, message: ReceivedCommand) -> dict[str, Any] | Refused:
    """Resolves a parked step."""
    parked = entity.state.parked.get(request.step)
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
    edit = _typed(parked, request.edit)
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
        {"step": request.step, "edit": request.edit, "evidence": request.evidence, "cause": parked.cause},
    )
    entity.resolve(dataclasses.replace(request, edit=edit))
    return {"step": request.step, "action": request.action}


def _typed(parked: Parked, edit: dict[str, Any] | None) -> dict[str, Any] | Refused | None:
    """The whole edited input, or a refusal where it is not valid; None without an edit."""
    if edit is None:
        return None
    fields = {"fields": parked.request["fields"] | edit["fields"]} if "fields" in edit else {}
    edited = parked.request | edit | fields
    shape = SHAPES.get(StepName.of(parked.step), PaymentRequest)
    try:
        adapter(shape).validate_python(edited)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = "/".join(str(part) for part in fault["loc"])
        return refused(
            ErrorCode.EDIT_INVALID, f"{place}: {fault['msg']}", pointer=f"/edit/{place}", status=422
        )
    return edited


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

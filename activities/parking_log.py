"""Logs when a step parks and when an operator resolves it, once the transition is recorded."""

from __future__ import annotations

from typing import Any

import structlog
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from jalon.domain import events
from jalon.domain.parking import fingerprint
from jalon.domain.transition import Transition

log = structlog.get_logger()

ACTIONS = frozenset({"retry", "skip", "compensate"})


class ParkingLog(Interceptor):
    """An interceptor for every worker that records transitions. It logs ids, steps and names of faults, and no personal data."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 (the SDK's name)
        """Wraps the SDK's interceptor."""
        return _Read(next)


class _Read(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 (the SDK's name)
        recorded = await super().execute_activity(input)
        if input.args and isinstance(input.args[0], Transition):
            log_parkings(input.args[0])
        return recorded


def log_parkings(transition: Transition) -> None:
    """Logs the steps that the transition parks or resumes. A transition that is written twice may be logged twice."""
    place = {"store": transition.store, "entity": transition.entity}
    for entry in transition.timeline:
        if entry.event == events.StepParked.name:
            step, cause = entry.data["step"], entry.data["cause"]
            log.warning(
                "step_parked", **place, step=step, fingerprint=entry.data["fingerprint"], last_error=cause
            )
    for act in transition.audit:
        if act.action in ACTIONS and "cause" in act.data:
            step, cause = act.data["step"], act.data["cause"]
            log.info(
                "step_goes_on",
                **place,
                step=step,
                fingerprint=fingerprint(step, cause),
                last_error=cause,
                action=act.action,
            )

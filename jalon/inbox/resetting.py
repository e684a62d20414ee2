"""Takes an entity whose workflow task fails back to the point before the fault."""

from __future__ import annotations

from collections.abc import Sequence

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.dispatching import EngineUnreachable, ResetPoint, ResetRefused, TaskState
from jalon.domain.error_codes import ErrorCode
from jalon.inbox.dispatch import workflow_id
from jalon.integrations.temporal import resets
from jalon.integrations.temporal.workflow_tasks import failing_task


class EntityResetter:
    """Finds the point before a fault by replaying on the present code, and resets entities there."""

    def __init__(self, client: Client, workflows: Sequence[type]) -> None:
        self._client = client
        self._workflows = tuple(workflows)

    async def point(self, kind: str, store: str, entity: str) -> ResetPoint | None:
        """Where the entity can go on from; None where its workflow task fails no more. Raises EngineUnreachable and ResetRefused."""
        of_entity = workflow_id(kind, store, entity)
        try:
            state = await resets.run_state(self._client, of_entity)
            if not state.open or not state.fails:
                return None
            event = await resets.point_before_fault(self._client, of_entity, state.run, self._workflows)
            if event is None and not (await resets.run_state(self._client, of_entity)).fails:
                # It went on by itself while its history was read, which shows no fault any more.
                return None
        except RPCError as error:
            raise _refusal(error, entity) from None
        if event is None:
            message = (
                "This run has completed no workflow task, so that there is no point to go back to. Deploy code that does not fail: "
                "Temporal tries the task again by itself."
            )
            raise ResetRefused(ErrorCode.NO_RESET_POINT, message)
        return ResetPoint(state.run, event)

    async def reset(
        self, kind: str, store: str, entity: str, point: ResetPoint, request_id: str, reason: str
    ) -> str:
        """Resets the entity once from this point. Returns the run that replaced the failing one. Raises EngineUnreachable, ResetRefused."""
        of_entity = workflow_id(kind, store, entity)
        try:
            state = await resets.run_state(self._client, of_entity)
            if state.run != point.run:
                # An interrupted attempt reset it. Temporal alone would reset it again (seen on server 1.32).
                return state.run
            return await resets.reset(self._client, of_entity, point.run, point.event, request_id, reason)
        except RPCError as error:
            raise _refusal(error, entity) from None

    async def task_state(self, kind: str, store: str, entity: str) -> TaskState:
        """How the entity's workflow task stands. Raises EngineUnreachable and ResetRefused."""
        of_entity = workflow_id(kind, store, entity)
        try:
            state = await resets.run_state(self._client, of_entity)
            if state.open and state.fails:
                return TaskState(False, await failing_task(self._client, of_entity))
        except RPCError as error:
            raise _refusal(error, entity) from None
        return TaskState(state.attempt == 0 or not state.open, None)


def _refusal(error: RPCError, entity: str) -> Exception:
    if error.status == RPCStatusCode.NOT_FOUND:
        return ResetRefused(ErrorCode.ENTITY_CLOSED, f"Temporal has no run of {entity} that can be reset.")
    if error.status == RPCStatusCode.INVALID_ARGUMENT:
        return ResetRefused(
            ErrorCode.NO_RESET_POINT, f"Temporal refuses to reset {entity} to the point before the fault."
        )
    return EngineUnreachable(error.status.name)

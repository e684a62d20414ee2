"""Carries the trace that a workflow follows to its activities and to its next run, in Temporal's headers."""

from __future__ import annotations

from typing import Any, NoReturn

from temporalio import workflow
from temporalio.worker import (
    ContinueAsNewInput,
    ExecuteWorkflowInput,
    Interceptor,
    StartActivityInput,
    StartLocalActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from activities.traces import header_of, trace_in
from jalon import tracing


class TracedWorkflows(Interceptor):
    """An interceptor for the worker of workflows. Headers are no part of what a replay compares."""

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002 (the SDK's name)
    ) -> type[WorkflowInboundInterceptor]:
        """The SDK makes one of this class for each run."""
        return _Inbound


class _Inbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Outbound(outbound))

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002 (the SDK's name)
        tracing.follow(trace_in(workflow.info().headers))
        return await super().execute_workflow(input)


class _Outbound(WorkflowOutboundInterceptor):
    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:  # noqa: A002
        _mark(input)
        return super().start_activity(input)

    def start_local_activity(
        self,
        input: StartLocalActivityInput,  # noqa: A002
    ) -> workflow.ActivityHandle[Any]:
        _mark(input)
        return super().start_local_activity(input)

    def continue_as_new(self, input: ContinueAsNewInput) -> NoReturn:  # noqa: A002
        _mark(input)
        super().continue_as_new(input)


def _mark(given: StartActivityInput | StartLocalActivityInput | ContinueAsNewInput) -> None:
    place = tracing.current()
    if place is not None:
        given.headers = {**given.headers, **header_of(place)}

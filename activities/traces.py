"""Each attempt of an activity as a span of the trace that its workflow follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from temporalio import activity
from temporalio.api.common.v1 import Payload
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from jalon import tracing
from jalon.domain.traces import Trace

HEADER = "traceparent"
_ENCODING = {"encoding": b"binary/plain"}


def header_of(trace: Trace) -> dict[str, Payload]:
    """The header by which Temporal carries a trace. It holds ids alone, so it needs no codec."""
    return {HEADER: Payload(metadata=_ENCODING, data=str(trace).encode())}


def trace_in(headers: Mapping[str, Payload]) -> Trace | None:
    """The trace in the headers, if there is one."""
    found = headers.get(HEADER)
    return None if found is None else Trace.parse(found.data.decode())


class TracedActivities(Interceptor):
    """An interceptor for every worker. It comes first, so that what the others log has the trace."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 (the SDK's name)
        """Wraps the SDK's interceptor."""
        return _Traced(next)


class _Traced(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 (the SDK's name)
        info = activity.info()
        ids: dict[str, str | int] = {"jalon.workflow": str(info.workflow_id), "jalon.attempt": info.attempt}
        with tracing.span(info.activity_type, "consumer", trace_in(input.headers), **ids):
            return await super().execute_activity(input)

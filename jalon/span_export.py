"""Exports spans by OTLP over HTTP with OpenTelemetry's SDK. Only `jalon.tracing` uses it, and only where an endpoint is configured."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextvars import ContextVar
from importlib.metadata import version

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from jalon.domain.traces import Trace

SENT_EVERY_MILLISECONDS = 1000.0
GIVEN_UP_AFTER_SECONDS = 3.0
"""A batch that the collector does not take within this time is lost. The end of a process waits no longer for one."""
_wanted: ContextVar[Trace] = ContextVar("jalon_span_ids")


class _GivenIds(RandomIdGenerator):
    """Gives a span the ids that Jalon chose for it, which logs and receipts name too."""

    def generate_span_id(self) -> int:
        return int(_wanted.get().span, 16)

    def generate_trace_id(self) -> int:
        return int(_wanted.get().id, 16)


class SpanExport:
    """The spans of one process, sent in batches from a thread. The end of the process sends what is left."""

    def __init__(self, endpoint: str, process: str) -> None:
        named = {"service.name": f"jalon-{process}", "service.version": version("jalon")}
        provider = TracerProvider(resource=Resource.create(named), id_generator=_GivenIds())
        exporter = OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces", timeout=GIVEN_UP_AFTER_SECONDS)
        # One line tells that a batch was lost; those about each attempt would fill the log while the collector is away.
        logging.getLogger("opentelemetry.exporter").setLevel(logging.ERROR)
        provider.add_span_processor(
            BatchSpanProcessor(exporter, schedule_delay_millis=SENT_EVERY_MILLISECONDS)
        )
        self._tracer = provider.get_tracer("jalon")

    def start(
        self,
        name: str,
        kind: str,
        place: Trace,
        parent: Trace | None,
        ids: Mapping[str, str | int],
        began: int | None = None,
    ) -> Span:
        """The open span at `place`, within `parent` or the first of its trace; `began` is in nanoseconds since 1970."""
        token = _wanted.set(place)
        try:
            return self._tracer.start_span(
                name,
                context=Context() if parent is None else _remote(parent),
                kind=SpanKind[kind.upper()],
                attributes=ids,
                start_time=began,
            )
        finally:
            _wanted.reset(token)


def fail(span: Span, fault: BaseException) -> None:
    """Marks a span as failed by a fault of this class. The fault's text is left out, since it may hold anything."""
    span.set_status(Status(StatusCode.ERROR, type(fault).__name__))


def _remote(parent: Trace) -> Context:
    flags = TraceFlags(TraceFlags.SAMPLED if parent.sampled else TraceFlags.DEFAULT)
    place = SpanContext(int(parent.id, 16), int(parent.span, 16), is_remote=True, trace_flags=flags)
    return set_span_in_context(NonRecordingSpan(place), Context())

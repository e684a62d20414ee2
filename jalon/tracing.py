"""The trace that the running code belongs to, and its spans (OpenTelemetry).

Every request has a trace, whose id stands in logs, errors, receipts and e-mails. Spans are made and exported only where an endpoint is
configured; otherwise OpenTelemetry is not even loaded. Spans hold ids and the names of steps, and no personal data.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Literal

from jalon.domain.traces import Trace

if TYPE_CHECKING:
    from opentelemetry.trace import Span as ExportedSpan

    from jalon.span_export import SpanExport

Kind = Literal["server", "client", "consumer", "internal"]

_current: ContextVar[Trace | None] = ContextVar("jalon_trace", default=None)
_export: SpanExport | None = None


def configure(endpoint: str | None, process: str) -> None:
    """Exports the spans of this process to an OTLP endpoint, as in http://collector:4318; without one none are made.

    Call it once, at the start.
    """
    global _export  # noqa: PLW0603 (a process has one, as it has one log)
    if endpoint is None:
        return
    # Loaded only where it is used: it takes memory and time.
    from jalon.span_export import SpanExport  # noqa: PLC0415

    _export = SpanExport(endpoint, process)


def exports() -> bool:
    """Whether this process exports spans."""
    return _export is not None


def now() -> int:
    """The present time of spans, in nanoseconds since 1970."""
    return time.time_ns()


def current() -> Trace | None:
    """The place of the running code in its trace; None outside of any."""
    return _current.get()


def follow(trace: Trace | None) -> None:
    """Makes all that the running task does from now on part of the trace."""
    _current.set(trace)


def new_trace() -> Trace:
    """The first place of a trace that nobody knows yet."""
    return Trace(os.urandom(16).hex(), os.urandom(8).hex())


class OpenSpan:
    """A span within its block."""

    def __init__(self, exported: ExportedSpan | None) -> None:
        self._exported = exported

    def note(self, name: str, **ids: str | int | None) -> None:
        """Gives the span its name and ids, where they are known only now."""
        if self._exported is not None:
            self._exported.update_name(name)
            self._exported.set_attributes({key: value for key, value in ids.items() if value is not None})


@contextmanager
def span(name: str, kind: Kind, parent: Trace | None, **ids: str | int) -> Iterator[OpenSpan]:
    """A span within `parent`. Without an exporter, or a parent, the block keeps the place of the parent."""
    if _export is None or parent is None:
        with _at(parent):
            yield OpenSpan(None)
        return
    place = Trace(parent.id, os.urandom(8).hex(), parent.sampled)
    with _at(place), _exported(_export.start(name, kind, place, parent, ids)) as exported:
        yield OpenSpan(exported)


@contextmanager
def request(traceparent: str | None) -> Iterator[tuple[str, OpenSpan]]:
    """The id of a request's trace, and its span. The trace is the one that the caller's `traceparent` names, else a new one."""
    parent = Trace.parse(traceparent)
    if parent is not None:
        with span("request", "server", parent) as within:
            yield parent.id, within
        return
    place = new_trace()
    if _export is None:
        with _at(place):
            yield place.id, OpenSpan(None)
        return
    with _at(place), _exported(_export.start("request", "server", place, None, {})) as exported:
        yield place.id, OpenSpan(exported)


def record(name: str, place: Trace, parent: Trace | None, began: int, ended: int, **ids: str | int) -> None:
    """Exports a span that is over, and whose place was known before."""
    if _export is not None:
        _export.start(name, "consumer", place, parent, ids, began).end(ended)


@contextmanager
def _at(place: Trace | None) -> Iterator[None]:
    token = _current.set(place)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def _exported(exported: ExportedSpan) -> Iterator[ExportedSpan]:
    try:
        yield exported
    except BaseException as fault:
        from jalon.span_export import fail  # noqa: PLC0415 (loaded with the exporter)

        fail(exported, fault)
        raise
    finally:
        exported.end()

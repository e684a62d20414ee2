"""Traces as W3C Trace Context writes them, and places in them that a replay finds again."""

from __future__ import annotations

import pytest

from jalon.domain.traces import Trace

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize("flags", ["00", "01"])
def test_a_traceparent_is_read_and_written(flags: str) -> None:
    text = f"00-{TRACE}-{SPAN}-{flags}"
    trace = Trace.parse(text)
    assert trace == Trace(TRACE, SPAN, flags == "01")
    assert str(trace) == text


def test_a_later_version_may_add_fields_and_flags() -> None:
    assert Trace.parse(f"cc-{TRACE}-{SPAN}-03-more") == Trace(TRACE, SPAN)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE}-{SPAN}-01-more",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01\n",
        f" 00-{TRACE}-{SPAN}-01",
    ],
)
def test_anything_else_names_no_trace(text: str | None) -> None:
    assert Trace.parse(text) is None


def test_a_step_has_a_place_of_its_own_in_the_same_trace() -> None:
    trace = Trace(TRACE, SPAN, sampled=False)
    assert trace.step("a") == trace.step("a")
    assert len({trace.span, trace.step("a").span, trace.step("b").span}) == 3
    assert (trace.step("a").id, trace.step("a").sampled) == (TRACE, False)
    assert Trace.parse(str(Trace.of("a deadline"))) == Trace.of("a deadline") != Trace.of("another")

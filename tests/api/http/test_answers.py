"""An answer that does not match its class is never sent: the request fails, and the log names the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest
from fastapi import FastAPI
from pydantic import ValidationError
from structlog.testing import capture_logs

from api.app import build
from api.http.answers import Person
from api.v1.clocks.answers import Clock
from api.v1.orders.answers import OrderResult
from api.web.hosted.pages import Pages

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
CLOCK: dict[str, Any] = {
    "store": "fastening",
    "now": "2026-01-15T10:30:00+01:00",
    "advancing_to": None,
    "delivered": 0,
    "unsettled": [],
    "parked": [],
    "events": [],
}


def application(answer: dict[str, Any]) -> FastAPI:
    """The application with one more route, which returns this as a clock."""

    def never_opened() -> NoReturn:
        raise AssertionError

    app = build(never_opened, Pages(TEMPLATES))

    @app.get("/v1/planted", response_model=Clock)
    async def planted() -> dict[str, Any]:
        return answer

    return app


async def answered(answer: dict[str, Any]) -> tuple[httpx.Response, list[Any]]:
    transport = httpx.ASGITransport(app=application(answer))
    with capture_logs() as logged:
        async with httpx.AsyncClient(transport=transport, base_url="http://jalon") as client:
            response = await client.get("/v1/planted")
    return response, [line for line in logged if line["event"] == "request_failed"]


async def test_what_fits_is_answered() -> None:
    response, failures = await answered(CLOCK)
    assert (response.status_code, response.json(), failures) == (200, CLOCK, [])


@pytest.mark.parametrize(
    "wrong", [{"colour": "red"}, {"delivered": "many"}, {"events": [{"id": 1}]}, {"now": None}]
)
async def test_an_undeclared_key_or_a_wrong_type_is_our_fault_and_logged(wrong: dict[str, Any]) -> None:
    response, failures = await answered(CLOCK | wrong)
    assert (response.status_code, response.json()["code"]) == (500, "internal_error")
    assert [failure["fault"] for failure in failures] == ["ResponseValidationError"]


def test_an_answer_takes_no_key_that_it_does_not_declare() -> None:
    wrong: dict[str, Any] = {"id": "pty_1", "phone": "0123"}
    with pytest.raises(ValidationError, match="phone"):
        Person(**wrong)
    painted: dict[str, Any] = {"order": "ord_1", "colour": "red"}
    with pytest.raises(ValidationError, match="colour"):
        OrderResult(**painted)

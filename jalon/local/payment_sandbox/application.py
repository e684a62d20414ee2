"""The sandbox as one ASGI application, with the same shape for every error."""

from __future__ import annotations

from typing import cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from jalon.local.payment_sandbox import api, control, pages
from jalon.local.payment_sandbox.book import Refusal
from jalon.local.payment_sandbox.gateway import Gateway


def create_app(gateway: Gateway) -> FastAPI:
    """The application. The server sets its `state.listener`."""
    app = FastAPI(title="Payment sandbox", openapi_url=None)
    app.state.gateway = gateway
    app.include_router(control.routes)
    app.include_router(pages.routes)
    app.add_api_route("/healthz", healthy)
    app.include_router(api.routes)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    return app


async def healthy() -> dict[str, bool]:
    """Answers while the gateway serves; its ledger is open whenever it answers."""
    return {"ok": True}


async def _refused(_: Request, refusal: Exception) -> JSONResponse:
    known = cast(Refusal, refusal)
    return _error(known.status, known.code, known.message)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    found = cast(RequestValidationError, error).errors()
    faults = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in found)
    return _error(400, "invalid_request", "; ".join(faults))


def _error(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message}}, status)

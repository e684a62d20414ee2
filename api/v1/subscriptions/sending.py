"""Sends a command to a subscription and answers with the subscription."""

from __future__ import annotations

from http import HTTPStatus

from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.errors import refusal
from api.http.writing import existing
from api.v1.subscriptions.answers import Subscription, subscription_answer
from api.v1.writes import written
from jalon.domain.error_codes import ErrorCode
from jalon.domain.kinds import SUBSCRIPTION
from jalon.domain.violations import Violation
from jalon.inbox.caller import Caller
from jalon.inbox.submission import Submitter
from jalon.inbox.writes import Compose, IdempotentRequest
from jalon.persistence.inbox.targets import TargetState
from workflows.engine.commands import Command


def why(caller: Caller, reason: str | None) -> str | None:
    """The reason of the caller. Raises Problem where one of staff acts for a customer without one: the audit says why."""
    if reason is None and caller.role == "support":
        message = "Say why you do this for the customer: send reason."
        violation = Violation(ErrorCode.REASON_MISSING, message, "/reason")
        raise refusal(HTTPStatus.UNPROCESSABLE_ENTITY, [violation])
    return reason


async def sent(
    caller: Caller,
    idempotent: IdempotentRequest,
    submitter: Submitter,
    subscription_id: str,
    command: Command,
) -> Subscription | JSONResponse:
    """The subscription once it has taken the command, or why it refused it."""

    async def compose(_: AsyncConnection, __: TargetState) -> Command:
        return command

    return await composed(caller, idempotent, submitter, subscription_id, compose)


async def composed(
    caller: Caller,
    idempotent: IdempotentRequest,
    submitter: Submitter,
    subscription_id: str,
    compose: Compose,
) -> Subscription | JSONResponse:
    """The subscription once it has taken the command that `compose` makes of its state, or why it refused it."""
    return written(
        await submitter.submit(caller, idempotent, existing(SUBSCRIPTION, subscription_id), compose),
        caller,
        subscription_answer,
    )

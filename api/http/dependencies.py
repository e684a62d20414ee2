"""The dependencies of routes: the resources of the process, and the caller of the request."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request

from api.http.errors import Problem
from api.http.request_context import context_of
from api.http.resources import ApiResources, resources_of
from jalon.domain.error_codes import ErrorCode
from jalon.domain.staff import STAFF_ROLES
from jalon.domain.texts import same_name
from jalon.inbox.caller import Caller
from jalon.persistence.operations import keys
from jalon.persistence.operations.keys import EVERY_STORE, Key
from jalon.persistence.sessions import Sessions

KEY_CACHED_SECONDS = 2.0
KEYS_CACHED_AT_MOST = 4096


class Keyring:
    """Looks keys up and caches them for KEY_CACHED_SECONDS, so that a revocation takes effect within a few seconds."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._known: dict[bytes, tuple[float, Key]] = {}

    async def find(self, token: str) -> Key | None:
        """The key with this token, or None."""
        digest, now = keys.token_hash(token), time.monotonic()
        held = self._known.get(digest)
        if held is not None and now - held[0] < KEY_CACHED_SECONDS:
            return held[1]
        async with self._sessions.unscoped() as tx:
            key = await keys.find(tx, token)
        self._known.pop(digest, None)
        if key is not None:
            if len(self._known) >= KEYS_CACHED_AT_MOST:
                self._known.clear()
            self._known[digest] = (now, key)
        return key

    def forget(self, token: str) -> None:
        """Looks the key up again at its next request, as after its end. Other processes do within KEY_CACHED_SECONDS."""
        self._known.pop(keys.token_hash(token), None)


_bearer = HTTPBearer(
    auto_error=False, description="A key: `jln_…`. Every key belongs to a named person or system."
)
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


async def _caller(request: Request, credentials: Credentials) -> Caller:
    key = None
    if len(request.headers.getlist("Authorization")) > 1:
        raise _unauthorized(ErrorCode.KEY_INVALID, "There are two Authorization headers. Send one")
    if credentials is not None:
        key = await request.app.state.keyring.find(credentials.credentials)
    if key is None:
        if credentials is None:
            raise _unauthorized(
                ErrorCode.KEY_MISSING, "The API key is missing. Send Authorization: Bearer jln_…"
            )
        wrong = "The API key is not valid, or was revoked. Send Authorization: Bearer jln_…"
        raise _unauthorized(ErrorCode.KEY_INVALID, wrong)
    everywhere = EVERY_STORE in key.stores
    known = resources_of(request).policies
    stores = tuple(known) if everywhere else tuple(store for store in key.stores if store in known)
    # A rotated key meets the first answer of the former one: the scope of an Idempotency-Key is the person or system.
    caller = Caller(
        f"person:{same_name(key.person)}",
        key.person,
        key.role,
        stores,
        everywhere,
        key.id,
        accepted=key.accepted_at is not None,
    )
    context = context_of(request.scope)
    context.caller, context.role = f"key:{key.id}", caller.role
    if len(stores) == 1:
        context.store = stores[0]
    return caller


def _unauthorized(code: ErrorCode, what: str) -> Problem:
    detail = f"{what}; an admin issues keys."
    return Problem(HTTPStatus.UNAUTHORIZED, code, detail, headers={"WWW-Authenticate": "Bearer"})


class Allowed:
    """The caller, if their key has one of the roles. Otherwise the answer is 403 and names the roles that may call."""

    def __init__(self, *roles: str) -> None:
        self.roles = roles

    async def __call__(self, caller: Annotated[Caller, Depends(_caller)]) -> Caller:
        """The caller. Raises Problem."""
        if caller.role not in self.roles:
            raise Problem(
                HTTPStatus.FORBIDDEN,
                ErrorCode.ROLE_NOT_ALLOWED,
                f"A key of role {caller.role} may not do this; keys of role {', '.join(self.roles)} may.",
            )
        return caller


TheResources = Annotated[ApiResources, Depends(resources_of)]
KeyHolder = Annotated[Caller, Depends(_caller)]
StaffMember = Annotated[Caller, Depends(Allowed(*STAFF_ROLES))]
Shopper = Annotated[Caller, Depends(Allowed("storefront"))]
Supporter = Annotated[Caller, Depends(Allowed("support"))]
Canceller = Annotated[Caller, Depends(Allowed("storefront", "support"))]
Reader = Annotated[Caller, Depends(Allowed("storefront", "support", "ops", "compliance", "admin"))]
Searcher = Annotated[Caller, Depends(Allowed("support", "ops", "compliance", "admin"))]
RepairApprover = Annotated[Caller, Depends(Allowed("ops", "admin"))]
NoteWriter = Annotated[Caller, Depends(Allowed("support", "ops", "compliance"))]
Recoverer = Annotated[Caller, Depends(Allowed("support", "ops", "admin"))]
Exporter = Annotated[Caller, Depends(Allowed("support", "admin"))]
Extender = Annotated[Caller, Depends(Allowed("support", "ops"))]
Operator = Annotated[Caller, Depends(Allowed("ops"))]
ParkedReader = Annotated[Caller, Depends(Allowed("ops", "support", "admin"))]
Watcher = Annotated[Caller, Depends(Allowed("ops", "support", "compliance", "admin"))]
OutageKeeper = Annotated[Caller, Depends(Allowed("admin", "ops"))]
HoldReader = Annotated[Caller, Depends(Allowed("compliance", "admin"))]
Reviewer = Annotated[Caller, Depends(Allowed("compliance"))]
Admin = Annotated[Caller, Depends(Allowed("admin"))]
ClockMover = Annotated[Caller, Depends(Allowed("admin", "storefront"))]

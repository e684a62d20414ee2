"""Keys: an admin issues them to named people and systems, who accept them. A token is shown once; a revocation is final."""

from __future__ import annotations

from typing import Any, cast

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.dependencies import Admin, Credentials, KeyHolder, StaffMember, TheResources
from api.http.errors import not_found
from api.http.json_bodies import StrictRoute
from api.http.unknown import refuse_body
from api.http.writing import Idempotent, TheSubmitter
from api.v1.keys.answers import ApiKey, IssuedKey, KeyList, SignInLink
from api.v1.operations.bodies import IssueKey, RevokeKey
from api.v1.responses import LIST, WRITE_HERE
from jalon.domain.transition import AuditEntry
from jalon.inbox.caller import Caller
from jalon.persistence.operations import clocks, keys, staff_links, worklists
from jalon.persistence.operations.keys import EVERY_STORE, Key

routes = APIRouter(prefix="/v1/keys", tags=["keys"], route_class=StrictRoute)


def _shown(key: Key) -> ApiKey:
    return ApiKey(
        id=key.id,
        person=key.person,
        role=cast(Any, key.role),
        stores=list(key.stores),
        created_at=key.created_at,
        accepted_at=key.accepted_at,
        issued_by=key.issued_by,
        revoked_by=key.revoked_by,
        revoked_at=key.revoked_at,
        expires_at=key.expires_at,
    )


def _home(caller: Caller) -> str:
    """The store in which the admin's write is recorded. Raises Problem where none of the key's stores is served here."""
    if not caller.stores:
        raise not_found("No store")
    return caller.stores[0]


def _governs(caller: Caller, key: Key) -> bool:
    return caller.everywhere or set(key.stores) <= set(caller.stores)


async def _note(
    tx: AsyncConnection,
    caller: Caller,
    action: str,
    before: Key | None,
    key: Key,
    reason: str | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Audits what became of a key, in the store in which the write is recorded. The key itself says for whom it is."""
    facts: dict[str, Any] = {
        "person": key.person,
        "before": _standing(before) if before is not None else None,
        "after": after or _standing(key),
    }
    store = _home(caller)
    at = await clocks.clock_now(tx, store)
    entry = AuditEntry(at, caller.actor, caller.role, action, None, reason, facts)
    # Admins of other stores may go on with it: each store has a chain of its own.
    await worklists.record_audit(tx, store, f"key/{key.id}/{store}", entry)


def _standing(key: Key) -> dict[str, Any]:
    """What the audit keeps of a key."""
    shown = _shown(key).model_dump(mode="json")
    return {name: shown[name] for name in ("role", "stores", "accepted_at", "revoked_at")}


@routes.get("", responses=LIST)
async def list_keys(caller: Admin, resources: TheResources) -> KeyList:
    """Every key for stores of yours, revoked ones included; never a token."""
    async with resources.sessions.unscoped() as tx:
        held = await keys.list_keys(tx)
    return KeyList(data=[_shown(key) for key in held if _governs(caller, key)])


@routes.post("", status_code=201, responses=WRITE_HERE)
async def issue_key(
    body: IssueKey, caller: Admin, idempotent: Idempotent, submitter: TheSubmitter
) -> IssuedKey:
    """Issues a key. Only this answer contains the token; a repeated request returns the key without it."""
    if EVERY_STORE in body.stores and not caller.everywhere:
        raise not_found("No store")
    stores = (
        [*body.stores] if EVERY_STORE in body.stores else [caller.seeing(each)[0] for each in body.stores]
    )
    token: list[str] = []

    async def issue(tx: AsyncConnection) -> dict[str, Any]:
        token.append(
            await keys.issue(tx, person=body.person, role=body.role, stores=stores, issued_by=caller.actor)
        )
        issued = await keys.find(tx, token[0])
        if issued is None:
            raise LookupError("a key that was just issued is gone")
        await _note(tx, caller, "issue_key", None, issued, body.reason)
        return _shown(issued).model_dump(mode="json")

    outcome, new = await submitter.settle_here(caller, idempotent, _home(caller), "issue_key", issue)
    return IssuedKey(**outcome, token=token[0] if new else None)


@routes.post("/accept", responses=WRITE_HERE, dependencies=[Depends(refuse_body)])
async def accept_key(
    caller: KeyHolder, credentials: Credentials, idempotent: Idempotent, submitter: TheSubmitter
) -> IssuedKey:
    """Exchanges the token of the caller's own key for a fresh one, which its issuer never saw. The former token ends within seconds.

    Until then the issuer holds the key as well, and the two cannot release a hold together (T6). A lost answer takes a new key.
    """
    token: list[str] = []

    async def accept(tx: AsyncConnection) -> dict[str, Any]:
        before = await keys.read(tx, caller.key or "")
        fresh = await keys.accept(tx, credentials.credentials) if credentials else None
        if fresh is None or (key := await keys.find(tx, fresh)) is None:
            raise not_found("No key")
        token.append(fresh)
        await _note(tx, caller, "accept_key", before, key)
        return _shown(key).model_dump(mode="json")

    outcome, new = await submitter.settle_here(caller, idempotent, _home(caller), "accept_key", accept)
    return IssuedKey(**outcome, token=token[0] if new else None)


@routes.post("/link", status_code=201, responses=WRITE_HERE, dependencies=[Depends(refuse_body)])
async def make_sign_in_link(
    caller: StaffMember,
    credentials: Credentials,
    idempotent: Idempotent,
    submitter: TheSubmitter,
    resources: TheResources,
) -> SignInLink:
    """Makes a link that signs the key's own person in at the console, once, within 15 minutes. A session makes none."""
    path: list[str] = []

    async def make(tx: AsyncConnection) -> dict[str, Any]:
        key = await keys.find(tx, credentials.credentials) if credentials else None
        if key is None or key.is_session:
            raise not_found("No key that makes links")
        made = await staff_links.make_for(tx, key)
        path.append(made.path)
        await _note(tx, caller, "make_sign_in_link", None, key, after={"over_at": made.over_at.isoformat()})
        return {"over_at": made.over_at.isoformat()}

    outcome, new = await submitter.settle_here(caller, idempotent, _home(caller), "make_sign_in_link", make)
    return SignInLink(url=f"{resources.settings.public_url}{path[0]}" if new else None, **outcome)


@routes.post("/{key_id}/revoke", responses=WRITE_HERE)
async def revoke_key(
    key_id: str,
    caller: Admin,
    idempotent: Idempotent,
    submitter: TheSubmitter,
    body: RevokeKey | None = None,
) -> ApiKey:
    """Revokes a key for good, within a few seconds."""

    async def revoke(tx: AsyncConnection) -> dict[str, Any]:
        key = await keys.read(tx, key_id)
        if key is None or not _governs(caller, key):
            raise not_found("No key")
        await keys.revoke(tx, key_id, caller.actor)
        revoked = await keys.read(tx, key_id) or key
        await _note(tx, caller, "revoke_key", key, revoked, body.reason if body else None)
        return _shown(revoked).model_dump(mode="json")

    outcome, _ = await submitter.settle_here(caller, idempotent, _home(caller), "revoke_key", revoke)
    return ApiKey(**outcome)

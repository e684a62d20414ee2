"""Requests of staff to put another person in as admin, where the present one cannot be reached; each takes a second person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.compliance.reviewers import DecidingKey
from jalon.persistence.people.parties import Parties
from jalon.persistence.people.vault import PersonErased

_ASK = text(
    """insert into admin_recovery (store_id, entity_id, admin_id, party_id, reason, evidence, person, issued_by, accepted, at)
       values (:store, :entity, :admin, :party, :reason, :evidence, :person, :issued_by, :accepted, :at) returning id"""
)
_COLUMNS = """r.id, r.entity_id, r.admin_id, r.party_id, r.reason, r.evidence, r.person, r.issued_by, r.accepted, r.at,
              d.approved, d.person as decided_by, d.reason as why, d.at as decided_at"""
_FROM = "admin_recovery r left join admin_recovery_decision d on d.recovery_id = r.id"
_OF_ENTITY = text(f"select {_COLUMNS} from {_FROM} where r.entity_id = :entity order by r.id desc limit 50")
_READ = text(f"select {_COLUMNS} from {_FROM} where r.entity_id = :entity and r.id = :id")
_DECIDE = text(
    """insert into admin_recovery_decision (recovery_id, store_id, approved, person, reason, at)
       values (:id, :store, :approved, :person, :reason, :at)
       on conflict (recovery_id) do nothing returning recovery_id"""
)


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a request was approved, by whom, when and why."""

    approved: bool
    person: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Recovery:
    """A request: who is to follow which admin, why, and on which evidence; None where that was erased with the successor."""

    id: int
    entity: str
    admin: str
    party: str
    reason: str
    evidence: str | None
    asked_by: DecidingKey
    at: datetime
    decision: Decision | None


async def ask(
    tx: AsyncConnection,
    parties: Parties,
    store: str,
    entity: str,
    successor: str,
    *,
    admin: str,
    reason: str,
    evidence: str,
    key: DecidingKey,
    at: datetime,
) -> int:
    """Records a request and returns its number. The evidence is sealed under the successor's key. Raises PersonErased."""
    row: dict[str, Any] = {
        "store": store,
        "entity": entity,
        "admin": admin,
        "party": successor,
        "reason": reason,
        "evidence": await parties.seal_for(tx, successor, evidence.encode()),
        "person": key.person,
        "issued_by": key.issued_by,
        "accepted": key.accepted,
        "at": at,
    }
    return int((await tx.execute(_ASK, row)).scalar_one())


async def of_entity(tx: AsyncConnection, parties: Parties, entity: str) -> list[Recovery]:
    """The requests of a subscription, the latest first."""
    rows = (await tx.execute(_OF_ENTITY, {"entity": entity})).all()
    return [await _recovery(tx, parties, row) for row in rows]


async def read(tx: AsyncConnection, parties: Parties, entity: str, number: int) -> Recovery | None:
    """The request with this number, if it is of this subscription."""
    row = (await tx.execute(_READ, {"entity": entity, "id": number})).one_or_none()
    return None if row is None else await _recovery(tx, parties, row)


async def decide(tx: AsyncConnection, store: str, number: int, decision: Decision) -> bool:
    """Records the decision. False where there is one already."""
    row = {
        "id": number,
        "store": store,
        "approved": decision.approved,
        "person": decision.person,
        "reason": decision.why,
        "at": decision.at,
    }
    return (await tx.execute(_DECIDE, row)).first() is not None


async def _recovery(tx: AsyncConnection, parties: Parties, row: Any) -> Recovery:
    try:
        evidence: str | None = (await parties.open_for(tx, row.party_id, row.evidence)).decode()
    except PersonErased:
        evidence = None
    return Recovery(
        id=row.id,
        entity=row.entity_id,
        admin=row.admin_id,
        party=row.party_id,
        reason=row.reason,
        evidence=evidence,
        asked_by=DecidingKey(row.person, row.issued_by, row.accepted),
        at=row.at,
        decision=None
        if row.decided_at is None
        else Decision(row.approved, row.decided_by, row.decided_at, row.why),
    )

"""The evidence of a signature: who, when, from where, under which sentence, and which bytes were shown (H4, X1)."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import cast

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request

from api.http.resources import resources_of
from api.web.hosted.pages import pages_of
from jalon.inbox.caller import Caller
from jalon.integrations.mail.formats import Language
from jalon.persistence.entities.projections import subscription_of
from jalon.persistence.inbox.targets import TargetState

_USER_AGENT_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as given; `document_sha256` is the hash of the bytes that the signer declares to have read."""

    name: str
    title: str | None
    document_sha256: str | None


async def keep_signature(
    tx: AsyncConnection, request: Request, caller: Caller, target_state: TargetState, signature: Signature
) -> str:
    """Encrypts the evidence under the buyer's key, stores it and returns its record id. The store's instant is that of the receipt."""
    subscription = subscription_of(target_state.view or {})
    store, buyer, parties = target_state.store or "", subscription.buyer, resources_of(request).parties
    document = asdict(subscription.document) if subscription.document else {}
    asked = subscription.buyer_names or buyer
    account = (await parties.read(tx, asked)).get(asked)
    language = account.language if account else resources_of(request).policies[store].store.default_language
    consent = pages_of(request).consent(cast(Language, language))
    evidence = {
        "signer": {"name": signature.name, "title": signature.title, "authorised": True},
        "account": {"party": buyer, "email": account.email if account else None},
        "entered_by": {"principal": caller.principal, "actor": caller.actor, "role": caller.role},
        "network": {
            "address": request.client.host if request.client else None,
            "user_agent": request.headers.get("user-agent", "")[:_USER_AGENT_AT_MOST],
        },
        "signed_at": {
            "real": datetime.now(UTC).isoformat(),
            "store": target_state.clock.now.isoformat() if target_state.clock else None,
        },
        "consent": {
            "text": consent,
            "sha256": hashlib.sha256(consent.encode()).hexdigest(),
            "language": language,
        },
        "document": document | {"shown_sha256": signature.document_sha256},
    }
    return await parties.keep(tx, store, buyer, "signature_evidence", evidence)

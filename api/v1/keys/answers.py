"""Keys as answers."""

from __future__ import annotations

from datetime import datetime

from api.http.answers import Answer
from api.v1.operations.bodies import Role


class ApiKey(Answer):
    """A key without its token. `person` is the person or system that the key belongs to; `stores` may be ["*"], for all.

    `accepted_at` is when its person exchanged the token that the issuer saw for one of their own. `expires_at` is when a session of the
    console ends; other keys have none.
    """

    id: str
    person: str
    role: Role
    stores: list[str]
    created_at: datetime
    accepted_at: datetime | None
    issued_by: str
    revoked_by: str | None
    revoked_at: datetime | None
    expires_at: datetime | None


class IssuedKey(ApiKey):
    """A key with its token, which is shown once; null where the same request is sent again."""

    token: str | None


class SignInLink(Answer):
    """A link that signs the caller's person in at the console, once, before `over_at`; null where the same request is sent again."""

    url: str | None
    over_at: datetime


class KeyList(Answer):
    """Every key for the caller's stores."""

    data: list[ApiKey]

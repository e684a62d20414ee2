"""Signed links in e-mails: what a link opens is in the token, whether it still may is decided by the entity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeSerializer


@dataclass(frozen=True, slots=True)
class Link:
    """`kind` is contract, invitation or portal; `subject` tells more, e.g. "3.1" for seat 3's first invitation."""

    kind: str
    store: str
    entity: str
    subject: str = ""


class LinkInvalid(ValueError):
    """The token was not signed by us, or was changed."""


class Links:
    """Signs with the newest key and opens what any key of the ring signed. Links hold no deadline: the database does."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """`keys` newest first."""
        self._serializer = URLSafeSerializer(list(reversed(keys)), salt="jalon-link")

    def sign(self, link: Link) -> str:
        """The token for a URL."""
        token = self._serializer.dumps([link.kind, link.store, link.entity, link.subject])
        return str(token)

    def open(self, token: str) -> Link:
        """What the token stands for. Raises LinkInvalid."""
        try:
            kind, store, entity, subject = self._serializer.loads(token)
        except (BadSignature, ValueError, TypeError):
            raise LinkInvalid("this link is not one of ours") from None
        return Link(kind, store, entity, subject)

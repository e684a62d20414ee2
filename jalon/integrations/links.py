"""Signed links in e-mails. The token names what a link opens; the entity decides whether the link is still valid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from itsdangerous import BadData, URLSafeSerializer
from itsdangerous.encoding import base64_decode, base64_encode


@dataclass(frozen=True, slots=True)
class Link:
    """The content of a link.

    `kind` is contract, invitation, portal, payment, order or certificate; `subject` is a detail, e.g. "3.1" for seat 3's first
    invitation. `reader` is the person, or the record of the person's names, to whom the link was sent; a link of an earlier release names
    none.
    """

    kind: str
    store: str
    entity: str
    subject: str = ""
    reader: str = ""


class LinkInvalid(ValueError):
    """The token has no valid signature."""


class Links:
    """Signs links with the newest key and verifies them with every key of the ring. Deadlines are in the database, not in the link."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """`keys` are in order, newest first."""
        self._serializer = URLSafeSerializer(list(reversed(keys)), salt="jalon-link")

    def sign(self, link: Link) -> str:
        """The token for a URL."""
        token = self._serializer.dumps([link.kind, link.store, link.entity, link.subject, link.reader])
        return str(token)

    def open(self, token: str) -> Link:
        """The link that the token carries. Raises LinkInvalid, also for another spelling of the same signature."""
        signature = token.rpartition(".")[2]
        try:
            kind, store, entity, subject, *reader = self._serializer.loads(token)
            as_signed = base64_encode(base64_decode(signature)).decode()
        except (BadData, ValueError, TypeError):
            raise LinkInvalid("this link is not one of ours") from None
        if signature != as_signed:
            raise LinkInvalid("this link is not one of ours")
        return Link(kind, store, entity, subject, *reader[:1])

"""Encryption of personal values at rest: one key per person, wrapped by the installation's key.

Destroying a person's wrapped key makes every value sealed under it unreadable, in backups too.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from jalon.addresses import same_address

KEY_BYTES = 32


class PersonErased(LookupError):
    """The person's key was destroyed; their values cannot be read again."""


class Vault:
    """Seals and opens personal values. `master` is 32 bytes; it wraps persons' keys and derives the search key."""

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            raise ValueError("the vault's master key is 32 bytes long")
        self._wrap = AESGCM(master)
        self._search = hmac.digest(master, b"jalon e-mail search", "sha256")

    def new_person_key(self) -> bytes:
        """A fresh key for one person, wrapped for storage."""
        nonce = os.urandom(12)
        return nonce + self._wrap.encrypt(nonce, AESGCM.generate_key(256), b"person")

    def _person(self, wrapped: bytes | None) -> AESGCM:
        if wrapped is None:
            raise PersonErased("this person was erased")
        return AESGCM(self._wrap.decrypt(wrapped[:12], wrapped[12:], b"person"))

    def seal(self, wrapped: bytes | None, value: dict[str, Any] | bytes) -> bytes:
        """`value` encrypted under the person's key. Raises PersonErased."""
        nonce = os.urandom(12)
        plain = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
        return nonce + self._person(wrapped).encrypt(nonce, plain, None)

    def open_bytes(self, wrapped: bytes | None, sealed: bytes) -> bytes:
        """The bytes sealed under the person's key. Raises PersonErased."""
        return self._person(wrapped).decrypt(sealed[:12], sealed[12:], None)

    def open(self, wrapped: bytes | None, sealed: bytes) -> dict[str, Any]:
        """The mapping sealed under the person's key. Raises PersonErased."""
        value: dict[str, Any] = json.loads(self.open_bytes(wrapped, sealed))
        return value

    def email_hash(self, email: str) -> bytes:
        """The blind index of an e-mail address: equal for equal addresses. ValueError for a text that is none."""
        return hmac.digest(self._search, same_address(email).encode(), hashlib.sha256)

    def fingerprint(self, *parts: bytes) -> bytes:
        """A keyed hash of a request. The stored fingerprint reveals nothing of the body."""
        return hmac.digest(self._search, b"\x00".join(parts), hashlib.sha256)

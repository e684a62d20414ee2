"""Encrypts every payload before it leaves the process (AES-256-GCM), so that histories cannot be read without the keys."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

ENCODING = b"binary/encrypted"


class EncryptingCodec(PayloadCodec):
    """Encrypts with the active key. The key's name is stored beside the payload and authenticated with it."""

    def __init__(self, active: str, keys: Mapping[str, bytes]) -> None:
        self._active = active
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """The payloads, encrypted."""
        return [self._encrypt(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """The decrypted payloads; a payload that this codec did not encrypt is not changed. Raises KeyError for an unknown key."""
        return [self._decrypt(payload) for payload in payloads]

    def _encrypt(self, payload: Payload) -> Payload:
        nonce, kid = os.urandom(12), self._active.encode()
        sealed = self._ciphers[self._active].encrypt(nonce, payload.SerializeToString(), kid)
        return Payload(metadata={"encoding": ENCODING, "kid": kid}, data=nonce + sealed)

    def _decrypt(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        kid = payload.metadata["kid"]
        plain = self._ciphers[kid.decode()].decrypt(payload.data[:12], payload.data[12:], kid)
        return Payload.FromString(plain)

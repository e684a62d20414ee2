"""Signed heads of the audit, in a file outside the database. One JSON line an hour names each chain that moved, and its last entry.

A line carries the digest of the line before it and an Ed25519 signature, so that no line can be changed, removed or moved without a sign.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from jalon.domain.audit_chains import Chain, Head
from jalon.domain.explained import Explained

_BLOCK = 65_536


class HeadsUnusable(Explained):
    """A key cannot be read, or a line of the file is not as it was signed. The text names the file and the line."""


@dataclass(frozen=True, slots=True)
class SignedLine:
    """One signed line: when it was signed (UTC), the chains that had moved, and the digest that the next line carries."""

    at: datetime
    heads: Mapping[Chain, Head]
    digest: str


@dataclass(frozen=True, slots=True)
class SignedHeads:
    """What a whole file says: its number of lines, when the last one was signed (UTC), and the last signed head of each chain."""

    lines: int = 0
    last_at: datetime | None = None
    heads: Mapping[Chain, Head] = field(default_factory=dict)


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _read_line(raw: bytes, public: Ed25519PublicKey, previous: str | None, name: str) -> SignedLine:
    """The line. `previous` is the digest of the line before it; None asks nothing of it. Raises HeadsUnusable."""
    signed: bytes | None = None
    try:
        content = json.loads(raw)
        signature = b64decode(content.pop("signature"), validate=True)
        public.verify(signature, _canonical(content))
        signed = _canonical(content | {"signature": b64encode(signature).decode()})
    except (InvalidSignature, ValueError, KeyError, TypeError, AttributeError):
        pass
    if signed != raw:
        raise HeadsUnusable(f"{name} is not as this key signed it: it was changed, or signed by another key")
    if previous is not None and content["previous"] != previous:
        raise HeadsUnusable(f"{name} does not follow the line before it: a line was removed or moved")
    heads = {
        Chain(store, entity): Head(*head)
        for store, chains in content["chains"].items()
        for entity, head in chains.items()
    }
    return SignedLine(datetime.fromisoformat(content["at"]), heads, hashlib.sha256(raw).hexdigest())


def read_public_key(path: Path) -> Ed25519PublicKey:
    """The public key in a PEM file. Raises HeadsUnusable."""
    key = _load(path, load_pem_public_key)
    if not isinstance(key, Ed25519PublicKey):
        raise HeadsUnusable(f"{path} holds no public key of Ed25519 in PEM")
    return key


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """The private key in a PEM file, PKCS 8 without a password. Raises HeadsUnusable."""
    key = _load(path, lambda text: load_pem_private_key(text, password=None))
    if not isinstance(key, Ed25519PrivateKey):
        raise HeadsUnusable(f"{path} holds no private key of Ed25519 in PEM, without a password")
    return key


def _load(path: Path, load: Callable[[bytes], object]) -> object:
    """The key, None where the file holds none that can be read."""
    try:
        return load(path.read_bytes())
    except OSError as fault:
        raise HeadsUnusable(f"{path} cannot be read: {fault.strerror}") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def read_signed(file: Path, public: Ed25519PublicKey) -> SignedHeads:
    """What the file says, every line verified. A last line without its end was never written whole. Raises HeadsUnusable."""
    heads: dict[Chain, Head] = {}
    count, last_at, previous = 0, None, ""
    try:
        with file.open("rb") as lines:
            for raw in lines:
                if not raw.endswith(b"\n"):
                    break
                count += 1
                line = _read_line(raw[:-1], public, previous, f"{file}: line {count}")
                heads |= line.heads
                last_at, previous = line.at, line.digest
    except OSError as fault:
        raise HeadsUnusable(f"{file} cannot be read: {fault.strerror}") from None
    return SignedHeads(count, last_at, heads)


class OpenHeads:
    """The file of heads, locked by this process: its last line, or None of a new file."""

    def __init__(self, path: Path, descriptor: int, key: Ed25519PrivateKey) -> None:
        self._descriptor = descriptor
        self._key = key
        whole, last = _last_line(descriptor)
        # What a crash left of a line was never read by anybody.
        os.ftruncate(descriptor, whole)
        self.last = (
            None if last is None else _read_line(last, key.public_key(), None, f"{path}: the last line")
        )

    def append(self, at: datetime, heads: Mapping[Chain, Head]) -> None:
        """Signs the heads at this instant (UTC) and adds their line. It is on the disk when this returns."""
        chains: dict[str, dict[str, Head]] = {}
        for chain, head in heads.items():
            chains.setdefault(chain.store, {})[chain.entity] = head
        previous = "" if self.last is None else self.last.digest
        content = {"at": at.isoformat(), "chains": chains, "previous": previous}
        signature = b64encode(self._key.sign(_canonical(content))).decode()
        remaining = _canonical(content | {"signature": signature}) + b"\n"
        while remaining:
            remaining = remaining[os.write(self._descriptor, remaining) :]
        os.fsync(self._descriptor)


@dataclass(frozen=True, slots=True)
class HeadsFile:
    """The file to which the heads are added, and the key that signs them."""

    path: Path
    key: Ed25519PrivateKey = field(repr=False)

    @contextmanager
    def open(self) -> Iterator[OpenHeads | None]:
        """The file, made where it is missing; None while another process adds to it. Raises HeadsUnusable and OSError."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            yield OpenHeads(self.path, descriptor, self.key) if _lock(descriptor) else None
        finally:
            os.close(descriptor)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _last_line(descriptor: int) -> tuple[int, bytes | None]:
    """The length of the file up to the end of its last whole line, and that line without its end; None of an empty file."""
    tail, start = b"", os.fstat(descriptor).st_size
    while start > 0 and tail.count(b"\n") < 2:  # noqa: PLR2004  # the ends of the last line and of the one before it
        step = min(_BLOCK, start)
        start -= step
        tail = os.pread(descriptor, step, start) + tail
    end = tail.rfind(b"\n")
    if end < 0:
        return 0, None
    return start + end + 1, tail[tail.rfind(b"\n", 0, end) + 1 : end]

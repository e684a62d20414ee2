"""The secrets of a local machine, generated at its first start and stored in its folder, readable by its owner only."""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from jalon.local.postgres import Passwords

PRIVATE = 0o600


@dataclass(frozen=True, slots=True)
class Secrets:
    """Passwords as text; key rings in the form of the settings ("kid:base64")."""

    superuser_password: str = field(repr=False)
    owner_password: str = field(repr=False)
    application_password: str = field(repr=False)
    codec_keys: str = field(repr=False)
    link_keys: str = field(repr=False)
    person_keys: str = field(repr=False)
    payment_webhook_secret: str = field(repr=False)

    @property
    def passwords(self) -> Passwords:
        """The passwords of the local PostgreSQL."""
        return Passwords(self.superuser_password, self.owner_password, self.application_password)


def read_or_make(folder: Path) -> Secrets:
    """The secrets of the machine in `folder`; generates and stores them at its first start."""
    path = folder / "secrets.json"
    if path.exists():
        return Secrets(**json.loads(path.read_text()))
    made = Secrets(
        superuser_password=secrets.token_urlsafe(24),
        owner_password=secrets.token_urlsafe(24),
        application_password=secrets.token_urlsafe(24),
        codec_keys=_ring(),
        link_keys=_ring(),
        person_keys=_ring(),
        payment_webhook_secret="whsec_" + _random_base64(),
    )
    write_private(path, json.dumps(asdict(made), indent=2))
    return made


@dataclass(frozen=True, slots=True)
class AuditFiles:
    """The files of a local machine's signed audit heads, in its folder."""

    folder: Path

    @property
    def private_key(self) -> Path:
        """The key that signs, made by `make_keys`."""
        return self.folder / "audit.key"

    @property
    def public_key(self) -> Path:
        """The key that verifies."""
        return self.folder / "audit.pub"

    @property
    def heads(self) -> Path:
        """The signed heads, which the relay writes."""
        return self.folder / "audit-heads.jsonl"

    def make_keys(self) -> None:
        """Makes the pair of keys at the machine's first start."""
        if self.private_key.exists():
            return
        key = Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        self.public_key.write_bytes(public)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_private(self.private_key, private.decode())


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner may read. A reader sees the old text or the new one, never a part."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _ring() -> str:
    return f"k1:{_random_base64()}"


def _random_base64() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()

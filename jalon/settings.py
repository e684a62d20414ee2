"""The settings of Jalon, read once by `bootstrap` from environment variables that begin with `JALON_`.

Secrets are never printed: they are `SecretStr` or a `KeyRing`, whose repr shows key names only. A start with missing or unreadable
variables ends with one `SettingsInvalid` that names all of them.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from jalon.domain.explained import Explained
from jalon.domain.staff import STAFF_ROLES, Grant

PREFIX = "JALON_"
PROVIDERS_VARIABLE = f"{PREFIX}PAYMENT_PROVIDERS"
ROOT = Path(__file__).resolve().parents[1]
KEY_BYTES = 32
PROVIDER_NAME = re.compile(r"[a-z][a-z0-9_-]*")


class SettingsInvalid(Explained):
    """Names every variable that is missing or cannot be read, one on each line."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        self.faults = faults
        super().__init__("Jalon cannot start, these settings are wrong:\n  " + "\n  ".join(faults))


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Named 32-byte keys. `active`, the first given, is used for new work; the others open what they encrypted or signed earlier."""

    active: str
    keys: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def parse(cls, value: object) -> KeyRing:
        """Reads "kid:base64,kid:base64". Raises ValueError: no key, a repeated name, not 32 bytes."""
        if isinstance(value, KeyRing):
            return value
        keys: dict[str, bytes] = {}
        for entry in filter(None, (part.strip() for part in str(value).split(","))):
            kid, _, encoded = entry.partition(":")
            if not kid or kid in keys:
                raise ValueError("every key needs a name of its own, as in kid:base64")
            try:
                keys[kid] = base64.b64decode(encoded, validate=True)
            except binascii.Error:
                raise ValueError(f"key {kid!r} is not base64") from None
            if len(keys[kid]) != KEY_BYTES:
                raise ValueError(f"key {kid!r} must be {KEY_BYTES} bytes before base64")
        if not keys:
            raise ValueError("at least one key is needed, as kid:base64")
        return cls(active=next(iter(keys)), keys=keys)

    def __str__(self) -> str:
        return f"KeyRing(active={self.active!r}, names={sorted(self.keys)})"


def _with_driver(url: SecretStr) -> SecretStr:
    text = url.get_secret_value()
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise ValueError("must be a postgresql:// address")
    return SecretStr(f"postgresql+psycopg://{rest}")


def _without_trailing_slash(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    return url.rstrip("/")


def parse_providers(value: object) -> Mapping[str, Mapping[str, object]]:
    """Reads {"name": {"url": …}, …}; each provider checks its own keys. Raises ValueError."""
    try:
        parsed = json.loads(value) if isinstance(value, str) else value
    except json.JSONDecodeError:
        raise ValueError("is not JSON") from None
    if (
        not isinstance(parsed, dict)
        or not parsed
        or not all(isinstance(keys, dict) for keys in parsed.values())
    ):
        raise ValueError('must be one object per provider, as in {"sandbox": {"url": "…"}}')
    for name in parsed:
        if not PROVIDER_NAME.fullmatch(name):
            raise ValueError(
                f'"{name}" must be small letters, digits, - and _, since a web address carries it'
            )
    return parsed


Providers = Annotated[Mapping[str, Mapping[str, object]], NoDecode, BeforeValidator(parse_providers)]


def parse_grants(value: object) -> Mapping[str, Grant]:
    """Reads {"value": {"role": "support", "stores": ["*"]}, …}. Raises ValueError."""
    try:
        parsed = json.loads(value) if isinstance(value, str) else value
    except json.JSONDecodeError:
        raise ValueError("is not JSON") from None
    if not isinstance(parsed, dict) or not parsed:
        raise ValueError('must be one object per value, as in {"desk": {"role": "support", "stores": ["*"]}}')
    return {str(name): _grant(name, granted) for name, granted in parsed.items()}


def _grant(name: str, granted: object) -> Grant:
    if isinstance(granted, Grant):
        return granted
    role, stores = (granted.get("role"), granted.get("stores")) if isinstance(granted, dict) else (None, None)
    if role not in STAFF_ROLES:
        raise ValueError(f'"{name}" needs a role: {", ".join(STAFF_ROLES)}')
    if not isinstance(stores, list) or not stores or not all(isinstance(each, str) for each in stores):
        raise ValueError(f'"{name}" needs stores: ids, or ["*"] for all')
    return Grant(role, tuple(stores))


Grants = Annotated[Mapping[str, Grant], NoDecode, BeforeValidator(parse_grants)]
Ring = Annotated[KeyRing, NoDecode, BeforeValidator(KeyRing.parse)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_with_driver)]
HttpUrl = Annotated[str, AfterValidator(_without_trailing_slash)]


class Settings(BaseSettings):
    """One field per variable: `database_url` is read from JALON_DATABASE_URL. Built by `Settings.read()`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    database_url: DatabaseUrl = Field(
        description="the application's role: owns nothing, obeys row-level security"
    )
    database_owner_url: DatabaseUrl | None = Field(
        None, description="the schema owner's, for migrations only"
    )
    database_pool_size: int = Field(10, ge=1, description="connections of one process")

    temporal_address: str = Field(description="host:port of the Temporal front end")
    temporal_namespace: str = Field("default", description="namespace there")
    temporal_ui_url: HttpUrl | None = Field(
        None,
        description="the address of Temporal's own pages, to which support's pages link; none without it",
    )
    temporal_tls: bool = Field(False, description="true where the front end speaks TLS")
    temporal_tls_ca: Path | None = Field(
        None, description="file of the authority to trust, if not a public one"
    )
    temporal_tls_cert: Path | None = Field(None, description="file of our certificate, for mutual TLS")
    temporal_tls_key: Path | None = Field(None, description="file of its key")
    temporal_api_key: SecretStr | None = Field(None, description="for a cloud namespace")
    task_queue: str = Field("jalon", description="where the workers of this installation take their work")
    max_concurrent_activities: int = Field(50, ge=1, description="outside effects at once in one worker")
    max_concurrent_workflow_tasks: int = Field(50, ge=2, description="decisions at once in one worker")
    shutdown_grace_seconds: float = Field(
        10.0, ge=0, description="what a worker gives running effects to finish"
    )

    codec_keys: Ring = Field(description="AES-GCM key ring of the payload codec")
    link_keys: Ring = Field(description="key ring that signs the links in e-mails")
    person_keys: Ring = Field(description="key ring that wraps the key of each person")

    audit_heads_file: Path | None = Field(
        None,
        description="the file outside the database to which the relay adds the signed heads of the audit",
    )
    audit_key_file: Path | None = Field(
        None, description="file of the private key that signs them, read by the relay alone"
    )

    stores_dir: Path = Field(ROOT / "stores", description="folder of store files")
    templates_dir: Path = Field(ROOT / "templates", description="folder of templates")
    screening_list: Path | None = Field(None, description="file of listed parties; a sample without it")

    public_url: HttpUrl = Field(description="where buyers reach the hosted pages, as links in e-mails say it")
    mailbox_url: HttpUrl | None = Field(None, description="the local mailbox; none where mail really leaves")

    smtp_host: str = Field(description="the mail server")
    smtp_port: int = Field(25, ge=1, le=65535, description="its port")
    smtp_tls: Literal["none", "starttls", "tls"] = Field("starttls", description="none, starttls or tls")
    smtp_user: str | None = Field(None, description="to sign in there")
    smtp_password: SecretStr | None = Field(None, description="with this password")
    mail_sender: str = Field(
        description="whom to write to where no store is known, as in Jalon <orders@example.com>"
    )

    payment_providers: Providers = Field(
        repr=False, description="the payment providers to open, by the name that stores use, as JSON"
    )

    oidc_issuer: HttpUrl | None = Field(
        None,
        description="the OpenID Connect provider that signs staff in at the console; one-time links do without",
    )
    oidc_client_id: str | None = Field(None, description="our client there")
    oidc_client_secret: SecretStr | None = Field(None, description="with this secret")
    oidc_person_claim: str = Field("email", description="the claim that names a member of staff in the audit")
    oidc_roles_claim: str = Field("groups", description="the claim whose values grant roles")
    oidc_roles: Grants | None = Field(None, description="the role and stores that each value grants, as JSON")
    repair_second_person_from: int = Field(
        500, ge=1, description="entities from which a repair in bulk takes a second person"
    )
    repair_second_person_to_give_up_from: int = Field(
        10, ge=1, description="entities from which a repair that compensates takes a second person"
    )

    metrics_host: str = Field("127.0.0.1", description="address on which a process serves its figures")
    metrics_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="port of its own for the figures of a process; none are served without",
    )
    otlp_endpoint: HttpUrl | None = Field(
        None,
        description="where spans are sent by OTLP over HTTP, as in http://collector:4318; none are made without",
    )
    release: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9._+-]{1,60}$",
        description="what was deployed, such as a commit; it stands behind the version at every cause that a process records",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="least level that is logged"
    )
    log_format: Literal["json", "console"] = Field(
        "json", description="json for machines, console for people"
    )

    @model_validator(mode="after")
    def _whole_provider(self) -> Self:
        given = (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret, self.oidc_roles)
        if any(given) and not all(given):
            raise ValueError(
                "JALON_OIDC_ISSUER, JALON_OIDC_CLIENT_ID, JALON_OIDC_CLIENT_SECRET and JALON_OIDC_ROLES are set together or not at all"
            )
        return self

    @classmethod
    def read(cls) -> Self:
        """The settings of this process. Raises SettingsInvalid, which names every variable at fault."""
        try:
            return cls()
        except ValidationError as error:
            raise SettingsInvalid(
                tuple(_fault(entry["loc"], entry["msg"]) for entry in error.errors())
            ) from None


def _fault(location: tuple[int | str, ...], message: str) -> str:
    if not location:
        return message.removeprefix("Value error, ")
    name = f"{PREFIX}{location[0]}".upper()
    if message == "Field required":
        return f"{name} is missing"
    return f"{name}: {message.removeprefix('Value error, ')}"

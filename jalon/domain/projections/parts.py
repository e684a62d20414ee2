"""What orders and subscriptions show of themselves, in the parts that both have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Literal, Protocol

from jalon.domain.due import Due


def _is_none(value: object) -> bool:
    return value is None


def _without_null(schema: dict[str, Any]) -> None:
    """Takes null out of the JSON schema of a field that is left out instead."""
    others = [kind for kind in schema.pop("anyOf") if kind.get("type") != "null"]
    schema.pop("default", None)
    if len(others) > 1:
        schema["anyOf"] = others
    else:
        schema.update(others[0])


WHERE_KNOWN: Final[Mapping[str, Any]] = {"exclude_if": _is_none, "json_schema_extra": _without_null}
"""The metadata of a field that the JSON leaves out while it is None; pydantic reads it."""


class PaymentState(StrEnum):
    """Where a payment stands: what the provider took, keeps, refused, or asks the buyer to confirm."""

    CAPTURED = "captured"
    MANDATE = "mandate"
    DECLINED = "declined"
    ACTION_REQUIRED = "action_required"


class WaitingFor(StrEnum):
    """Whom or what an order or a subscription waits for: a short code that support can read out."""

    OPERATOR = "operator"
    BUYER_TO_PLACE = "buyer_to_place"
    COMPLIANCE_REVIEW = "compliance_review"
    BUYER_CERTIFICATE = "buyer_certificate"
    BUYER_PAYMENT_CONFIRMATION = "buyer_payment_confirmation"
    BUYER_PAYMENT_METHOD = "buyer_payment_method"
    BUYER_OPEN_CONTRACT = "buyer_open_contract"
    BUYER_CLICK_ACTIVATE = "buyer_click_activate"
    BUYER_SIGN = "buyer_sign"
    PAYMENT = "payment"
    SCREENING = "screening"
    ACTIVATION = "activation"
    TERM_END = "term_end"
    RETENTION = "retention"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaEntry:
    """What is to come. `due_at` of an entry that closes a right is the first closed instant.

    `protects` says for whom the date stands, `held` that a stopped step moves it; `subject` names the seat, where there is one.
    """

    due_at: datetime
    what: Due
    rule: str | None
    protects: Literal["customer", "vendor", "law"]
    held: bool
    subject: str | None = field(default=None, metadata=WHERE_KNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedStep:
    """A step that cannot go on. `fingerprint` groups equal causes; `reason` is the operator's who parked it, if one did.

    `editable` is the part of the step's input that an operator may correct, as it is now.
    """

    step: str
    cause: str
    fingerprint: str
    since: datetime
    reason: str | None
    editable: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Where the latest payment stands. `code` says why it was declined, `action_url` where the buyer confirms it."""

    state: PaymentState
    code: str | None
    action_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityFacts:
    """What orders and subscriptions have in common, for every reader.

    `number` is the order's, which people read out; `policy_hash` names the version of the store's file they are frozen on.
    """

    id: str
    store: str
    number: str
    purchase_order_number: str | None
    agenda: tuple[AgendaEntry, ...]
    payment: Payment | None
    waiting_for: WaitingFor | None
    delayed_at: datetime | None
    policy_hash: str | None


class Projection(Protocol):
    """What the projection of every kind has: enough to list it, and to tell its life."""

    @property
    def id(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def status(self) -> StrEnum: ...
    @property
    def buyer(self) -> str | None: ...
    @property
    def waiting_for(self) -> WaitingFor | None: ...
    @property
    def parked(self) -> tuple[ParkedStep, ...]: ...
    @property
    def agenda(self) -> tuple[AgendaEntry, ...]: ...

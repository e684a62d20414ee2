"""The parts that the projections of orders and subscriptions share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Literal, Protocol

from jalon.domain.due import Due
from jalon.domain.stops import Stop


def _is_none(value: object) -> bool:
    return value is None


def _without_null(schema: dict[str, Any]) -> None:
    """Removes null from the JSON schema of a field that is left out instead."""
    others = [kind for kind in schema.pop("anyOf") if kind.get("type") != "null"]
    schema.pop("default", None)
    if len(others) > 1:
        schema["anyOf"] = others
    else:
        schema.update(others[0])


WHERE_KNOWN: Final[Mapping[str, Any]] = {"exclude_if": _is_none, "json_schema_extra": _without_null}
"""The metadata of a field that the JSON leaves out while it is None; pydantic reads it."""


class PaymentState(StrEnum):
    """The state of a payment: what the provider took, stores or refused, or what the buyer must confirm."""

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
    RENEWAL_NOTICE = "renewal_notice"
    TERM_END = "term_end"
    RETENTION = "retention"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaEntry:
    """An agenda entry. `due_at` of an entry that closes a right is the first closed instant.

    `protects` is the party that the date protects, `held` is set while a stopped step moves it; `subject` names the seat, where there is
    one.
    """

    due_at: datetime
    what: Due
    rule: str | None
    protects: Literal["customer", "vendor", "law"]
    held: bool
    subject: str | None = field(default=None, metadata=WHERE_KNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedStep:
    """A parked step. `fingerprint` groups equal causes; `reason` is that of the operator who parked the step, if one did.

    `since` is the store's time, `real_since` real time. `editable` is the part of the step's input that an operator may correct, with its
    present values.
    """

    step: str
    cause: str
    fingerprint: str
    since: datetime
    reason: str | None
    editable: Mapping[str, Any]
    real_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltedStep:
    """A step that an emergency stop holds, since an instant of the store's time and one of real time. It goes on by itself."""

    step: str
    stop: Stop
    since: datetime
    real_since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """The state of the latest payment. `code` is the reason of a decline, `action_url` the page where the buyer confirms."""

    state: PaymentState
    code: str | None
    action_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityFacts:
    """The fields that orders and subscriptions share, for every reader.

    `number` is the order's, which people read out; `policy_hash` identifies the version of the store's file on which the terms are
    frozen.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReason:
    """Why something is held: a stable code, the rule it serves and a detail free of personal data."""

    code: str
    rule: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldProjection:
    """An export hold. `decisions` are the reviewers' decisions by name; `turn` numbers those of one entity."""

    opened_at: datetime
    reasons: tuple[HoldReason, ...]
    decisions: Mapping[str, Literal["release", "reject"]]
    turn: int


class Projection(Protocol):
    """The fields of every kind's projection that lists and timelines need."""

    @property
    def id(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def status(self) -> StrEnum: ...
    @property
    def standing(self) -> StrEnum: ...
    @property
    def buyer(self) -> str | None: ...
    @property
    def buyer_names(self) -> str | None: ...
    @property
    def waiting_for(self) -> WaitingFor | None: ...
    @property
    def parked(self) -> tuple[ParkedStep, ...]: ...
    @property
    def agenda(self) -> tuple[AgendaEntry, ...]: ...

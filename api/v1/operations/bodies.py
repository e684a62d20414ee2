"""Bodies of requests by operators, compliance and admins, and of test clocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    WithJsonSchema,
    model_validator,
)

from api.fields import (
    Body,
    Code,
    EmailAddress,
    Form,
    Id,
    Instant,
    LanguageCode,
    Line,
    Name,
    Reason,
    StoreId,
    Token,
    example,
)
from jalon.domain.stops import Stop
from jalon.domain.texts import read_person
from jalon.persistence.operations.cause_notes import Ignore

Role = Literal["storefront", "partner", "support", "ops", "compliance", "admin"]
StepName = Annotated[
    str, Field(min_length=1, max_length=200), Form(r"[^\s\x00-\x1f\x7f]+", "is written without blanks")
]


PersonName = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(read_person)]


CountryCode = Annotated[str, Form(r"[A-Z]{2}", "is an ISO 3166-1 alpha-2 code, as in FR")]
KeyStore = Annotated[
    str,
    Field(min_length=1, max_length=80),
    Form(r"(\*|[a-z][a-z0-9_-]*)", "is the id of a store, or * for every store"),
]


EvidenceLines = Annotated[dict[Code, Line], Field(min_length=1, max_length=20)]


def _read_evidence(evidence: Any) -> Any:
    if isinstance(evidence, str):
        return _EVIDENCE_LINE.validate_python(evidence)
    if isinstance(evidence, dict):
        return _EVIDENCE_LINES.validate_python(evidence)
    raise ValueError("is a text, or an object of names with a text each")


_EVIDENCE_LINE: TypeAdapter[str] = TypeAdapter(Line)
_EVIDENCE_LINES: TypeAdapter[dict[str, str]] = TypeAdapter(EvidenceLines)
_EVIDENCE: Mapping[str, Any] = TypeAdapter(Line | EvidenceLines).json_schema()
# A union of the two would name the branches in the pointer of a misfit.
Evidence = Annotated[Any, BeforeValidator(_read_evidence), WithJsonSchema(dict(_EVIDENCE))]


RECEIVER = frozenset({"email", "name", "language"})
"""The fields by which an edit names the receiver of an e-mail."""


class ParkStep(Body):
    """Stops a step before its next effect."""

    model_config = example(step="charge", reason="The bank asked us to wait.")

    step: StepName
    reason: Reason


class Edit(Body):
    """Corrections of a parked step's input: the payment method, the facts of an e-mail, or its receiver by `email`, `name` and `language`.

    The step judges any other name, and is told the name alone.
    """

    model_config = ConfigDict(extra="allow")

    method: Token | None = None
    email: EmailAddress | None = None
    name: Name | None = None
    language: LanguageCode | None = None
    party: Id | None = None
    countries: Annotated[list[CountryCode], Field(max_length=50)] | None = None
    fields: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _names_nobody_without_an_address(self) -> Edit:
        if self.email is None and self.model_fields_set & RECEIVER:
            raise ValueError(
                "email is missing: name and language say how the person with that address is met"
            )
        return self

    @property
    def values(self) -> dict[str, Any]:
        """What the step may be told: what was given, but neither the receiver nor the value of a name that no step has."""
        given = self.model_dump(exclude_unset=True, exclude=set(RECEIVER))
        return {name: value if name in type(self).model_fields else None for name, value in given.items()}


class RetryStep(ParkStep):
    """Retries a parked step. `edit` corrects its input first."""

    model_config = example(step="charge", reason="The buyer gave another card.", edit={"method": "card_ok"})

    edit: Edit | None = None


class SkipStep(ParkStep):
    """Skips a parked step. `evidence` says in a line, or in named lines, how its effect was done; `evidence.reference` names a payment."""

    model_config = example(
        step="charge", reason="Paid by bank transfer.", evidence={"reference": "transfer 2026-03-14"}
    )

    evidence: Evidence


class CompensateStep(ParkStep):
    """Undoes the effects of a parked step and of the steps before it."""

    model_config = example(step="charge", reason="The buyer does not want it any more.")


class DeclareOutage(Body):
    """Declares that the API could not be reached from `from` to `to`. Deadlines that protect the vendor in that time move (G7)."""

    model_config = example(
        store="your-store",
        reason="Power cut in the data centre",
        **{"from": "2024-01-15T10:00:00+01:00", "to": "2024-01-15T10:30:00+01:00"},
    )

    store: StoreId | None = None
    started_at: Instant = Field(alias="from")
    ended_at: Instant = Field(alias="to")
    reason: Reason

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> DeclareOutage:
        if self.ended_at <= self.started_at:
            raise ValueError("an outage ends after it began: `to` is later than `from`")
        return self


class WithdrawOutage(Body):
    """Withdraws an outage that was declared by mistake."""

    model_config = example(reason="Declared for the wrong day.")

    reason: Reason


class IgnoreCause(Body):
    """Leaves a cause out of the list until an instant, until so many more entities stop for it, or until the first of both."""

    until: Instant | None = None
    more: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    reason: Reason

    @model_validator(mode="after")
    def _comes_back(self) -> IgnoreCause:
        if self.until is None and self.more is None:
            raise ValueError("say `until` when, or after how many `more` entities the cause comes back")
        return self


class ChangeCause(Body):
    """What people say of a cause. What is not named stays; null takes the note, the owner or the ignoring away.

    The audit keeps the `reason`; without one, that of the ignoring, or the new note.
    """

    model_config = example(
        note="The provider mends it today.",
        owner="Octave Ops",
        ignore={"more": 50, "reason": "Known, INC-7."},
    )

    note: Reason | None = None
    owner: PersonName | None = None
    ignore: IgnoreCause | None = None
    reason: Reason | None = None

    @model_validator(mode="after")
    def _says_something(self) -> ChangeCause:
        if not self.model_fields_set - {"reason"}:
            raise ValueError("name at least one of `note`, `owner` and `ignore`")
        return self

    @property
    def changes(self) -> dict[str, Any]:
        """The named fields."""
        wanted = {name: getattr(self, name) for name in self.model_fields_set - {"reason"}}
        if self.ignore is not None:
            wanted["ignore"] = Ignore(self.ignore.until, self.ignore.more, self.ignore.reason)
        return wanted

    @property
    def why(self) -> str | None:
        """The reason that the audit keeps."""
        return self.reason or (self.ignore.reason if self.ignore else None) or self.note


class ChangeStop(Body):
    """Stops charges or e-mail in a store, or lifts the stop."""

    model_config = example(
        store="your-store", what="charges", stopped=True, reason="The provider takes each charge twice."
    )

    store: StoreId
    what: Annotated[Stop, Field(strict=False)]
    stopped: bool
    reason: Reason


class IssueKey(Body):
    """A key for a named person or system. `stores` may be ["*"]. The audit keeps the `reason`."""

    model_config = example(
        person="Grace Dupont", role="support", stores=["your-store"], reason="Begins in support on Monday."
    )

    person: PersonName
    role: Role
    stores: Annotated[list[KeyStore], Field(min_length=1, max_length=500)]
    reason: Reason | None = None


class RevokeKey(Body):
    """Why a key is revoked, for the audit."""

    model_config = example(reason="Left support.")

    reason: Reason | None = None


class Decide(Body):
    """A reviewer's decision on an export hold. Two different people release; one rejects.

    `turn` is that of the hold which was read. Where it is not open any more, nothing is decided. It is required where a subscription has
    several holds.
    """

    model_config = example(decision="release", reason="The end use is civil; the customer is known to us.")

    decision: Literal["release", "reject"]
    reason: Reason
    turn: Annotated[int, Field(ge=1)] | None = None


class Advance(Body):
    """Moves a test clock by a duration ("P90D", "PT72H", "P1M") or to an instant. A request contains one of the two."""

    model_config = example(by="P1D")

    by: Code | None = None
    to: Instant | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Advance:
        if (self.by is None) == (self.to is None):
            raise ValueError("say either `by` or `to`")
        return self

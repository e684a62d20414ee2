"""Bodies of requests by operators, compliance and admins, and of test clocks."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from api.v1.bodies import Body, Code, Form, Instant, Line, Reason, StoreId, example
from jalon.domain.texts import read_person

Role = Literal["storefront", "partner", "support", "ops", "compliance", "admin"]
StepName = Annotated[
    str, Field(min_length=1, max_length=200), Form(r"[^\s\x00-\x1f\x7f]+", "is written without blanks")
]


PersonName = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(read_person)]


class ParkStep(Body):
    """Stops a step before its next effect."""

    model_config = example(step="charge", reason="The bank asked us to wait.")

    step: StepName
    reason: Reason


class RetryStep(ParkStep):
    """Retries a parked step. `edit` corrects its input first, `edit.email` (and `name`) the receiver of an e-mail."""

    model_config = example(step="charge", reason="The buyer gave another card.", edit={"method": "card_ok"})

    edit: dict[str, Any] | None = None


class SkipStep(ParkStep):
    """Skips a parked step. `evidence` states how its effect was done, `evidence.reference` names a payment."""

    model_config = example(
        step="charge", reason="Paid by bank transfer.", evidence={"reference": "transfer 2026-03-14"}
    )

    evidence: Line | dict[str, Any]


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


class IssueKey(Body):
    """A key for a named person or system. `stores` may be ["*"]."""

    model_config = example(person="Grace Dupont", role="support", stores=["your-store"])

    person: PersonName
    role: Role
    stores: Annotated[list[StoreId | Literal["*"]], Field(min_length=1, max_length=500)]


class Decide(Body):
    """A reviewer's decision on an export hold. Two different people release; one rejects."""

    model_config = example(decision="release", reason="The end use is civil; the customer is known to us.")

    decision: Literal["release", "reject"]
    reason: Reason


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

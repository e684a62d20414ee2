"""Bodies of requests about repairs in bulk."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from api.fields import Body, Code, Id, Line, Reason, StoreId, Token, example
from api.v1.operations.bodies import Evidence, StepName
from jalon.domain.repairs.names import RepairAction

NAMED_AT_MOST = 500
Fingerprint = Code


class SelectedStep(Body):
    """One step of one entity. A reset takes the whole entity, whose step is `workflow_task`."""

    entity: Id = Field(alias="id")
    step: StepName


class Selection(Body):
    """The steps to repair: all of a cause, of one store or of all that the key sees, or those of named entities."""

    cause: Fingerprint | None = None
    store: StoreId | None = None
    entities: Annotated[list[SelectedStep], Field(min_length=1, max_length=NAMED_AT_MOST)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Selection:
        if (self.cause is None) == (self.entities is None):
            raise ValueError("say either `cause` or `entities`")
        if self.store is not None and self.entities is not None:
            raise ValueError("`store` narrows a cause; named entities have their stores")
        named = [(each.entity, each.step) for each in self.entities or ()]
        if len(named) != len(set(named)):
            raise ValueError("a step is named twice")
        return self


class BulkEdit(Body):
    """Corrections that fit every entity: a payment method, the id of a receiver, or facts of an e-mail."""

    method: Token | None = None
    party: Id | None = None
    fields: dict[str, Any] | None = None


class PlanRepair(Body):
    """Plans one action for many steps. Nothing is done before the plan is started.

    The first `canary` entities go first, and the rest once they healed. `per_minute` limits the pace; the repair stops by itself once
    more than `stop_at_error_rate` of what has settled did not heal.
    """

    model_config = example(
        name="INC-2026-014 payment sandbox down",
        action="retry",
        reason="The provider answers again.",
        selection={"entities": [{"id": "sub_01k0000000000000000000000", "step": "charge"}]},
    )

    name: Line
    action: RepairAction = Field(strict=False)
    reason: Reason
    selection: Selection
    edit: BulkEdit | None = None
    evidence: Evidence | None = None
    canary: Annotated[int, Field(ge=0, le=1000)] = 3
    per_minute: Annotated[int, Field(ge=1, le=60_000)] | None = None
    stop_at_error_rate: Annotated[float, Field(gt=0, le=1)] = 0.5

    @model_validator(mode="after")
    def _fits_its_action(self) -> PlanRepair:
        if self.edit is not None and self.action is not RepairAction.RETRY:
            raise ValueError("`edit` is for retry")
        if (self.evidence is not None) != (self.action is RepairAction.SKIP):
            raise ValueError("`evidence` is for skip, which needs it: say how the effects were done")
        return self


class StartRepair(Body):
    """Starts a plan, by the version that was read."""

    model_config = example(plan="rep_01k0000000000000000000000", version="0123456789abcdef")

    plan: Id
    version: Code


class MoveRepair(Body):
    """Says why a repair is approved, paused, resumed or aborted."""

    model_config = example(reason="The canary looks right.")

    reason: Reason

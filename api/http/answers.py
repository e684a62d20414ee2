"""The base of every answer: an object with declared fields, validated when it is made, and described in `/openapi.json`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from jalon.domain.error_codes import Code
from jalon.domain.kinds import KINDS
from jalon.domain.projections import WHERE_KNOWN
from jalon.domain.statuses import Standing
from jalon.domain.violations import Violation

ANSWER: Final = ConfigDict(extra="forbid")
"""A key that the class does not declare, or a value of another type, fails the request with 500 and is logged."""


KindName = Annotated[str, WithJsonSchema({"type": "string", "enum": [kind.name for kind in KINDS]})]
"""The name of a kind of entity: one of the rows of `jalon.domain.kinds`."""

StatusName = Annotated[
    str,
    WithJsonSchema(
        {
            "type": "string",
            "enum": sorted({status for kind in KINDS for status in kind.moves if status != "new"}),
        }
    ),
]
"""The status of an entity of any kind."""


StandingName = Annotated[
    str,
    WithJsonSchema(
        {
            "type": "string",
            "enum": sorted(
                {status for kind in KINDS for status in kind.moves if status != "new"} | set(Standing)
            ),
        }
    ),
]
"""The word that people read for an entity of any kind: its status, or the fact beside it that decides."""


def where_known() -> Any:
    """The default of a model's field that is left out of the JSON while it is None."""
    return Field(default=None, **WHERE_KNOWN)


class Answer(BaseModel):
    """A JSON object that an answer holds."""

    model_config = ConfigDict(**ANSWER, frozen=True)


class Progress(Answer):
    """Progress of a test clock: it shows `now` and advances to `to`; `delivered` counts the entries that came due on the way."""

    now: datetime
    to: datetime
    delivered: int


class ProblemDetails(Answer):
    """The body of every error (application/problem+json, RFC 9457). `reference` is the id by which support finds the request.

    `type` is the address of a page with the cause and the remedy; `/problems` lists every code. A store's own cart rules have codes of
    their own beside the listed ones. `plan` is the fresh plan of a repair whose former plan has changed.
    """

    type: str = Field(examples=["https://orders.example.com/problems/activation_window_closed"])
    title: str
    status: int
    code: Code
    detail: str
    rule: str | None
    violations: list[Violation]
    support: str
    reference: str
    progress: Progress | None = where_known()
    plan: str | None = where_known()


class Person(Answer):
    """A person. Of an erased person only the id is known; `undeliverable` is the reason why their mailbox refuses e-mail."""

    id: str
    email: str | None = None
    name: str | None = None
    company: str | None = None
    language: Literal["fr", "en"] | None = None
    undeliverable: str | None = None
    erased: bool = False

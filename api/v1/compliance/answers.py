"""Export holds as answers."""

from __future__ import annotations

from typing import Literal

from api.http.answers import Answer, where_known
from api.v1.lists import Page
from api.v1.orders.answers import Hold, Order


class CertificateAnswer(Answer):
    """One question of the end-use certificate with its answer; `on_yes` is the consequence of a yes."""

    question: str
    asks: str
    answer: str | bool | list[str] | None
    on_yes: Literal["reject", "hold"] | None


class CertificateEvidence(Answer):
    """The answers of a certificate in plain text; `erased` where the person was erased, and the answers with them."""

    record: str
    answers: list[CertificateAnswer] | None = where_known()
    erased: Literal[True] | None = where_known()


class HoldEvidence(Answer):
    """An export hold with the evidence for the reviewer's decision."""

    order: Order
    hold: Hold
    certificate: CertificateEvidence | None


class HoldPage(Page[Order]):
    """A page of orders on export hold, the oldest hold first."""

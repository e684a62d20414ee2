"""Export holds as answers."""

from __future__ import annotations

from typing import Literal

from api.http.answers import Answer, where_known
from api.v1.orders.answers import Hold, Order


class CertificateAnswer(Answer):
    """One question of the end-use certificate with its answer; `on_yes` is what a yes makes of the order."""

    question: str
    asks: str
    answer: str | bool | list[str] | None
    on_yes: Literal["reject", "hold"] | None


class CertificateEvidence(Answer):
    """The answers of a certificate in the clear; `erased` where its person was erased, and the answers with them."""

    record: str
    answers: list[CertificateAnswer] | None = where_known()
    erased: Literal[True] | None = where_known()


class HoldEvidence(Answer):
    """An export hold with what the reviewer needs to decide on it."""

    order: Order
    hold: Hold
    certificate: CertificateEvidence | None


class HoldList(Answer):
    """Orders on export hold, the oldest hold first."""

    data: list[Order]

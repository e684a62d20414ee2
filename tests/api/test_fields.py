"""No text that people write holds the number of a card."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from api.fields import Line, Name, PurchaseOrderNumber, Reason, Token
from api.v1.operations.bodies import Evidence

CARD = "4242 4242 4242 4242"
TEXTS: dict[str, TypeAdapter[Any]] = {
    "line": TypeAdapter(Line),
    "name": TypeAdapter(Name),
    "reason": TypeAdapter(Reason),
    "purchase-order number": TypeAdapter(PurchaseOrderNumber),
    "evidence": TypeAdapter(Evidence),
}


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("written", [CARD, f"PO 2026-{CARD}", f"paid with {CARD}, 12/28"])
def test_a_text_with_the_number_of_a_card_is_refused(kind: str, written: str) -> None:
    with pytest.raises(ValidationError, match="holds the number of a card"):
        TEXTS[kind].validate_python(written)
    assert TEXTS[kind].validate_python("PO 2026-000123") == "PO 2026-000123"


def test_evidence_holds_none_in_any_of_its_values() -> None:
    with pytest.raises(ValidationError, match="holds the number of a card"):
        TEXTS["evidence"].validate_python({"reference": "transfer", "by": CARD})
    assert TEXTS["evidence"].validate_python({"reference": "transfer 2026-03-14"})


@pytest.mark.parametrize("token", ["4242--4242--4242--4242", "tok_4242,4242,4242,4242"])
def test_a_card_number_is_no_token(token: str) -> None:
    with pytest.raises(ValidationError, match="looks like a card number"):
        TypeAdapter(Token).validate_python(token)

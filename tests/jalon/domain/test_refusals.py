"""The refusal of a command after the end of its order or subscription."""

from __future__ import annotations

import pytest

from jalon.domain.error_codes import ErrorCode
from jalon.domain.kinds import KINDS


@pytest.mark.rule("P5", "T3")
@pytest.mark.parametrize(
    ("kind", "status", "command", "code", "rule", "says"),
    [
        ("subscription", "void", "take_step", ErrorCode.ACTIVATION_WINDOW_CLOSED, "P5", "order again"),
        ("subscription", "void", "accept_invitation", ErrorCode.INVITATION_EXPIRED, "T3", "account owner"),
        ("subscription", "purged", "accept_invitation", ErrorCode.INVITATION_EXPIRED, "T3", "account owner"),
        ("subscription", "void", "stop_renewal", ErrorCode.ENTITY_CLOSED, None, "subscription is void"),
        ("subscription", "purged", "take_step", ErrorCode.ENTITY_CLOSED, None, "subscription is purged"),
        ("order", "completed", "cancel", ErrorCode.ENTITY_CLOSED, None, "subscriptions live on"),
        ("order", "cancelled", "place", ErrorCode.ENTITY_CLOSED, None, "open a new order"),
    ],
)
def test_each_end_leaves_its_own_way_out(
    kind: str, status: str, command: str, code: ErrorCode, rule: str | None, says: str
) -> None:
    violation = KINDS.named(kind).after_end(status, command)
    assert (violation.code, violation.rule, violation.pointer) == (code, rule, "")
    assert says in violation.message

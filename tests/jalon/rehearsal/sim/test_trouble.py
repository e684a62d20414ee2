"""The model of a payment provider fails as the payment sandbox does."""

from __future__ import annotations

from typing import Any

import pytest

from jalon.integrations.payments.port import ActionRequired, PaymentProvider, ProviderEvent
from jalon.rehearsal.sim.modelled.gateway import Gateway, Trouble
from tests.jalon.integrations.payments.provider_cases import decide
from tests.jalon.local.payment_sandbox_process import SandboxProcess
from tests.jalon.rehearsal.sim.trouble_contract import TroubleContract, Troubled

HANGING: dict[str, Any] = {"seconds": 8.0}
KINDS: dict[Trouble, tuple[str, dict[str, Any]]] = {
    Trouble.LOST: ("timeout_before", HANGING),
    Trouble.UNANSWERED: ("hang_after_commit", HANGING),
    Trouble.SPOILT: ("stored_500", {}),
    Trouble.SPOILT_AFTER: ("stored_500", {"after_commit": True}),
    Trouble.REFUSED: ("refuse_400", {"code": "request_refused"}),
}


class TroubledModel(Troubled):
    """The model. A hanging request takes no time."""

    def __init__(self) -> None:
        self._next: list[Trouble] = []
        self.provider: Gateway = Gateway(self._take, lambda: True, _at_once, _unheard)

    def strike(self, trouble: Trouble, order: str) -> None:
        self._next.append(trouble)

    def forget(self, key: str) -> None:
        self.provider.forget_keys_before(1, 1)

    async def refuse(self, asked: ActionRequired) -> None:
        self.provider.answer_challenge(asked.reference, approved=False)

    def _take(self, what: str) -> Trouble:
        return self._next.pop() if self._next else Trouble.NONE


class TroubledSandbox(Troubled):
    """The sandbox, in a process of its own."""

    def __init__(self, sandbox: SandboxProcess, provider: PaymentProvider) -> None:
        self._sandbox, self.provider = sandbox, provider

    def strike(self, trouble: Trouble, order: str) -> None:
        kind, options = KINDS[trouble]
        self._sandbox.fault(kind, match={"order": order}, **options)

    def forget(self, key: str) -> None:
        self._sandbox.expire_keys(key)

    async def refuse(self, asked: ActionRequired) -> None:
        await decide(asked.url, "deny")


@pytest.fixture(params=["model", "sandbox"])
def troubled(request: pytest.FixtureRequest) -> Troubled:
    if request.param == "model":
        return TroubledModel()
    return TroubledSandbox(request.getfixturevalue("sandbox"), request.getfixturevalue("provider"))


class TestTrouble(TroubleContract):
    pass


async def _at_once(hanging: bool) -> None:
    """Adds no delay."""


def _unheard(event: ProviderEvent) -> None:
    """Ignores the event."""

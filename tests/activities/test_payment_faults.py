"""Money moves once, whatever hangs, breaks or is refused at the gateway."""

from __future__ import annotations

import time

import pytest
from temporalio.exceptions import ApplicationError

from activities.payments import Payments
from jalon.persistence.sessions import Sessions
from tests.activities.paying import captures, charge, fault_of, forget_the_answer, state_of
from tests.jalon.local.payment_sandbox_process import SandboxProcess

pytestmark = pytest.mark.usefixtures("behaving")


def wait_until_shut(sandbox: SandboxProcess) -> None:
    while sandbox.is_open():
        time.sleep(0.01)


async def test_a_gateway_that_hangs_after_the_capture_is_asked_not_charged_again(
    payments: Payments, sandbox: SandboxProcess, sessions: Sessions, entity: str
) -> None:
    sandbox.fault("hang_after_commit", match={"entity": entity}, seconds=2)
    outcome = await payments.pay(charge(entity))
    assert outcome.state == "succeeded"
    assert await payments.pay(charge(entity)) == outcome
    assert len(captures(sandbox, entity)) == 1
    assert await state_of(sessions, charge(entity)) == "succeeded"


async def test_a_silence_before_the_capture_is_unknown_and_then_repeated_under_the_same_key(
    payments: Payments, sandbox: SandboxProcess, sessions: Sessions, entity: str
) -> None:
    sandbox.fault("timeout_before", match={"entity": entity}, seconds=2)
    fault = await fault_of(payments, charge(entity))
    assert (fault.type, fault.non_retryable) == ("ProviderTimeout", False)
    assert await state_of(sessions, charge(entity)) == "unknown"
    assert (await payments.pay(charge(entity))).state == "succeeded"
    assert len(captures(sandbox, entity)) == 1


async def test_a_capture_that_comes_late_is_waited_for(
    payments: Payments, sandbox: SandboxProcess, entity: str
) -> None:
    sandbox.fault("late_commit", match={"entity": entity}, seconds=1.5)
    faults, outcome = [], None
    while outcome is None:
        try:
            outcome = await payments.pay(charge(entity))
        except ApplicationError as fault:
            faults.append(fault.type)
    assert set(faults) == {"PaymentPending"}
    assert outcome.state == "succeeded"
    assert len(captures(sandbox, entity)) == 1


async def test_a_stored_500_over_a_capture_is_never_taken_for_an_answer(
    payments: Payments, sandbox: SandboxProcess, entity: str
) -> None:
    sandbox.fault("stored_500", match={"entity": entity}, after_commit=True)
    assert (await payments.pay(charge(entity))).state == "succeeded"
    assert len(captures(sandbox, entity)) == 1


@pytest.mark.parametrize("purpose", ["charge", "mandate", "refund"])
async def test_a_stored_500_under_which_nothing_moved_gives_way_to_another_key(
    payments: Payments, sandbox: SandboxProcess, sessions: Sessions, entity: str, purpose: str
) -> None:
    taken = (await payments.pay(charge(entity, cycle=1))).reference if purpose == "refund" else None
    wanted = charge(entity, purpose=purpose, reference=taken)
    sandbox.fault("stored_500", match={} if purpose == "refund" else {"entity": entity})
    assert (await fault_of(payments, wanted)).type == "ProviderTimeout:http_500"
    fault = await fault_of(payments, wanted)
    assert (fault.type, fault.non_retryable) == ("KeyVoid:http_500", False)
    assert await state_of(sessions, wanted) == "void"
    moved = await payments.pay(wanted)
    assert (moved.state, await payments.pay(wanted)) == ("succeeded", moved)
    assert await payments.pay(charge(entity, purpose="find", reference=purpose)) == moved
    sandbox.expire_keys()
    assert await payments.pay(wanted) == moved
    taken_once = captures(sandbox, entity)
    assert len(taken_once) == {"charge": 1, "mandate": 0, "refund": 1}[purpose]
    assert sum(capture["refunded"] for capture in taken_once) == (120000 if purpose == "refund" else 0)


async def test_every_key_that_comes_to_nothing_is_left_behind(
    payments: Payments, sandbox: SandboxProcess, entity: str
) -> None:
    sandbox.fault("stored_500", match={"entity": entity}, count=3)
    faults = [(await fault_of(payments, charge(entity))).type for _ in range(6)]
    assert faults == ["ProviderTimeout:http_500", "KeyVoid:http_500"] * 3
    never = charge(entity, purpose="find", reference="charge")
    assert (await payments.pay(never)).code == "nothing_taken"
    assert (await payments.pay(charge(entity))).state == "succeeded"
    assert len(captures(sandbox, entity)) == 1


async def test_an_answer_lost_before_the_ledger_is_found_after_the_gateway_forgot_its_keys(
    payments: Payments, sandbox: SandboxProcess, sessions: Sessions, entity: str
) -> None:
    first = await payments.pay(charge(entity))
    await forget_the_answer(sessions, charge(entity))
    sandbox.expire_keys()
    assert await payments.pay(charge(entity)) == first
    assert len(captures(sandbox, entity)) == 1


async def test_a_refused_request_is_ours_to_repair_and_is_not_tried_again_by_itself(
    payments: Payments, sandbox: SandboxProcess, entity: str
) -> None:
    sandbox.fault("refuse_400", match={"entity": entity}, code="merchant_suspended")
    fault = await fault_of(payments, charge(entity))
    assert (fault.type, fault.non_retryable) == ("ProviderRefusedRequest:merchant_suspended", True)
    assert (await payments.pay(charge(entity))).state == "succeeded"
    assert len(captures(sandbox, entity)) == 1


async def test_a_closed_door_is_tried_again_later(
    payments: Payments, sandbox: SandboxProcess, entity: str
) -> None:
    sandbox.fault("unreachable", seconds=2)
    wait_until_shut(sandbox)
    fault = await fault_of(payments, charge(entity))
    assert (fault.type, fault.non_retryable) == ("ProviderUnreachable", False)
    sandbox.wait_until_open()
    assert (await payments.pay(charge(entity))).state == "succeeded"
    assert len(captures(sandbox, entity)) == 1

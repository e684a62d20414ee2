"""Money moves once, however often it is requested, even if the key was forgotten or is sent years later."""

from __future__ import annotations

import asyncio
import dataclasses
from decimal import Decimal

import httpx
import pytest

from activities.contracts.payments import STILL_NEEDED, Share
from activities.payments import Payments, payment_key
from jalon.domain.money import Money
from jalon.persistence.sessions import Sessions
from tests.activities.conftest import AT
from tests.activities.paying import captures, charge, fault_of, forget_the_answer, state_of
from tests.jalon.local.payment_sandbox_process import SandboxProcess
from tests.support.plain import PLAIN


async def decide(url: str | None, decision: str) -> None:
    assert url is not None
    async with httpx.AsyncClient(follow_redirects=True, verify=PLAIN) as browser:
        (await browser.post(url, data={"decision": decision})).raise_for_status()


async def test_a_charge_asked_for_twice_is_one_capture_with_one_answer(
    payments: Payments, sandbox: SandboxProcess, entity: str
) -> None:
    first = await payments.pay(charge(entity))
    sandbox.expire_keys()
    again = await payments.pay(
        dataclasses.replace(charge(entity), at=AT.replace(year=2029), method="card_lost")
    )
    assert again == first
    assert (first.state, first.at) == ("succeeded", AT)
    (capture,) = captures(sandbox, entity)
    assert (capture["amount"], capture["currency"]) == (120000, "EUR")
    assert capture["metadata"]["payment_key"] == payment_key(charge(entity))


@pytest.mark.parametrize("change", [{"cycle": 1}, {"generation": 2}], ids=["next term", "new card"])
async def test_another_occurrence_is_another_capture(
    payments: Payments, sandbox: SandboxProcess, entity: str, change: dict[str, int]
) -> None:
    await payments.pay(charge(entity))
    await payments.pay(charge(entity, **change))
    assert len(captures(sandbox, entity)) == 2


async def test_a_decline_is_an_answer_and_is_not_asked_for_again(
    payments: Payments, sandbox: SandboxProcess, entity: str
) -> None:
    declined = await payments.pay(charge(entity, method=f"card_recovers.{entity}"))
    assert (declined.state, declined.code) == ("declined", "insufficient_funds")
    assert await payments.pay(charge(entity, method=f"card_recovers.{entity}")) == declined
    assert captures(sandbox, entity) == []
    recovered = await payments.pay(charge(entity, method=f"card_recovers.{entity}", generation=2))
    assert recovered.state == "succeeded"


async def test_a_confirmation_is_waited_for_and_then_found(
    payments: Payments, sandbox: SandboxProcess, entity: str
) -> None:
    asked = await payments.pay(charge(entity, method="card_3ds"))
    assert (asked.state, await payments.pay(charge(entity, method="card_3ds"))) == ("action_required", asked)
    await decide(asked.url, "approve")
    confirmed = await payments.pay(charge(entity, method="card_3ds"))
    assert confirmed.state == "succeeded"
    assert await payments.pay(charge(entity, method="card_3ds")) == confirmed
    assert len(captures(sandbox, entity)) == 1


async def test_a_refused_confirmation_is_a_decline(payments: Payments, entity: str) -> None:
    asked = await payments.pay(charge(entity, method="card_3ds"))
    await decide(asked.url, "deny")
    refused = await payments.pay(charge(entity, method="card_3ds"))
    assert (refused.state, refused.code) == ("declined", "authentication_failed")


async def test_a_withdrawn_charge_cannot_be_confirmed_any_more(
    payments: Payments, sandbox: SandboxProcess, entity: str
) -> None:
    asked = await payments.pay(charge(entity, method="card_3ds"))
    withdrawal = charge(entity, purpose="withdraw", reference=asked.reference)
    for _ in range(2):
        assert (await payments.pay(withdrawal)).state == "declined"
    await decide(asked.url, "approve")
    assert captures(sandbox, entity) == []
    assert (await payments.pay(charge(entity, method="card_3ds"))).code == "cancelled"


async def test_a_mandate_is_stored_charged_and_released_once_each(
    payments: Payments, sandbox: SandboxProcess, sessions: Sessions, entity: str
) -> None:
    wanted = charge(entity, purpose="mandate")
    stored = await payments.pay(wanted)
    assert await payments.pay(wanted) == stored
    await forget_the_answer(sessions, wanted)
    sandbox.expire_keys()
    assert (await payments.pay(wanted)).reference == stored.reference
    await payments.pay(charge(entity, reference=stored.reference))
    release = charge(entity, purpose="release", reference=stored.reference)
    for _ in range(2):
        assert (await payments.pay(release)).state == "succeeded"
    await forget_the_answer(sessions, release)
    sandbox.expire_keys()
    assert (await payments.pay(release)).state == "succeeded"
    late = await payments.pay(charge(entity, cycle=1, reference=stored.reference))
    assert (late.state, late.code) == ("declined", "mandate_released")


async def test_a_refund_is_given_once(
    payments: Payments, sandbox: SandboxProcess, sessions: Sessions, entity: str
) -> None:
    captured = await payments.pay(charge(entity))
    half = Money(Decimal("600.00"), "EUR")
    wanted = charge(entity, purpose="refund", amount=half, reference=captured.reference)
    given = await payments.pay(wanted)
    assert await payments.pay(wanted) == given
    await forget_the_answer(sessions, wanted)
    sandbox.expire_keys()
    assert (await payments.pay(wanted)).reference == given.reference
    (capture,) = captures(sandbox, entity)
    assert capture["refunded"] == 60000


async def test_what_became_of_a_payment_is_found_at_the_provider_and_written_down(
    payments: Payments, sessions: Sessions, sandbox: SandboxProcess, entity: str
) -> None:
    taken = charge(entity)
    sent = await payments.pay(taken)
    await forget_the_answer(sessions, taken)
    found = await payments.pay(dataclasses.replace(taken, purpose="find", reference="charge"))
    assert (found.state, found.reference) == ("succeeded", sent.reference)
    assert await state_of(sessions, taken) == "succeeded"
    never = dataclasses.replace(taken, purpose="find", reference="charge", generation=2)
    nothing = await payments.pay(never)
    assert (nothing.state, nothing.code) == ("declined", "nothing_taken")
    assert len(captures(sandbox, entity)) == 1


async def test_a_refund_that_is_declined_is_no_refund(
    payments: Payments, sessions: Sessions, entity: str
) -> None:
    taken = await payments.pay(charge(entity))
    refund = charge(entity, purpose="refund", reference=taken.reference)
    too_much = dataclasses.replace(refund, amount=Money(Decimal("1200.01"), "EUR"))
    fault = await fault_of(payments, too_much)
    assert (fault.type, fault.non_retryable) == ("RefundDeclined:exceeds_captured", True)
    assert await state_of(sessions, refund) == "sent"


@pytest.mark.parametrize(
    ("purpose", "undoing", "code"),
    [("charge", "refund", "refunded"), ("mandate", "release", "mandate_released")],
)
@pytest.mark.parametrize("forgotten", [False, True], ids=["settled", "asked for when the process died"])
async def test_what_was_given_back_is_not_ours_again_after_a_reset(
    payments: Payments,
    sessions: Sessions,
    entity: str,
    purpose: str,
    undoing: str,
    code: str,
    forgotten: bool,
) -> None:
    asked = charge(entity, purpose=purpose)
    taken = await payments.pay(asked)
    assert taken.state == "succeeded"
    assert (
        await payments.pay(charge(entity, purpose=undoing, reference=taken.reference))
    ).state == "succeeded"
    if forgotten:
        await forget_the_answer(sessions, asked)
    again = await payments.pay(asked)
    assert (again.state, again.code, again.reference) == ("declined", code, taken.reference)


async def test_a_part_given_back_leaves_the_rest_ours(payments: Payments, entity: str) -> None:
    taken = await payments.pay(charge(entity))
    part = Money(Decimal("200.00"), "EUR")
    await payments.pay(charge(entity, purpose="refund", amount=part, reference=taken.reference))
    assert await payments.pay(charge(entity)) == taken


def released(sandbox: SandboxProcess, reference: str | None) -> bool:
    """Whether the provider lists the mandate as released."""
    with httpx.Client(verify=PLAIN) as http:
        return bool(http.get(f"{sandbox.url}/v1/mandates/{reference}").json()["status"] == "released")


@pytest.mark.parametrize("together", [False, True], ids=["one after the other", "at once"])
async def test_a_shared_mandate_is_released_once_the_last_line_gave_it_up(
    payments: Payments, sandbox: SandboxProcess, entity: str, together: bool
) -> None:
    stored = await payments.pay(charge(entity, purpose="mandate"))
    first, second = (
        charge(entity, purpose="release", reference=stored.reference, share=Share((f"{entity}-{line}",), 2))
        for line in ("a", "b")
    )
    if together:
        answers = list(await asyncio.gather(payments.pay(first), payments.pay(second)))
    else:
        answers = [await payments.pay(first), await payments.pay(first)]
        assert [each.code for each in answers] == [STILL_NEEDED] * 2
        assert not released(sandbox, stored.reference)
        answers = [await payments.pay(second), await payments.pay(second)]
    assert "succeeded" in {each.state for each in answers}
    assert released(sandbox, stored.reference)
    assert (await payments.pay(first)).state == "succeeded"
    assert (await payments.pay(charge(entity, purpose="mandate"))).code == "mandate_released"

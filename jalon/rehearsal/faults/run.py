"""Runs one case: a new machine, the orders, the faults, and then the judge."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jalon.client.errors import ApiError, NotAnswered
from jalon.local.supervisor import ProgramFailed
from jalon.rehearsal.faults.cases import Case
from jalon.rehearsal.faults.clicks import TooSlow
from jalon.rehearsal.faults.customers import CustomerNoticed
from jalon.rehearsal.faults.gathering import gather, unsettled, untold
from jalon.rehearsal.faults.identical import DifferentAnswers, OtherBodyTaken
from jalon.rehearsal.faults.journey import DeadlineLost
from jalon.rehearsal.faults.judge import judge
from jalon.rehearsal.faults.night import RepairMiscounted
from jalon.rehearsal.faults.observations import Evidence, Expected, Finding
from jalon.rehearsal.faults.rig import Rig, machine_in
from jalon.rehearsal.faults.storefront import Storefront

PATIENCE_SECONDS = 75.0
SETTLES_WITHIN = 60.0
SETTLES_EACH = 0.15
"""The seconds that each order adds: an e-mail of 2,000 may be the last of 6,000."""
BROKEN_OFF = (
    ApiError,
    CustomerNoticed,
    DeadlineLost,
    DifferentAnswers,
    NotAnswered,
    OtherBodyTaken,
    ProgramFailed,
    RepairMiscounted,
    TooSlow,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case's row of the table. `recovery_p99_s` is measured as the case says, None when nobody had to wait."""

    id: str
    orders: int
    lost: int
    charged_twice: int
    mailed_twice: int
    mail_repeats: int
    at_odds: int
    recovery_p99_s: float | None
    seconds: float
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether the judge found no fault."""
        return not self.findings


def run_case(case: Case, orders: int, report: Callable[[str], None]) -> Outcome:
    """Runs the case on a new machine in a temporary folder, which is removed unless the judge found a fault."""
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="jalon-faults-"))
    rig = Rig(machine_in(folder / "machine"), case.store, say=report)
    try:
        if not case.apart:
            rig.machine.__enter__()
        expected, shop, evidence = asyncio.run(_play(case, rig, min(orders, case.orders_at_most), report))
    except BROKEN_OFF as error:
        return _broken_off(case, error, time.monotonic() - began)
    finally:
        rig.close()
    verdict = judge(evidence)
    if verdict.findings:
        report(f"the logs are kept in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return Outcome(
        id=case.id,
        orders=len(expected),
        lost=verdict.count("lost"),
        charged_twice=verdict.count("charged_twice"),
        mailed_twice=verdict.count("mailed_twice"),
        mail_repeats=verdict.mail_repeats,
        at_odds=verdict.count("at_odds"),
        recovery_p99_s=p99(_recoveries(case, rig, shop, evidence)),
        seconds=time.monotonic() - began,
        findings=verdict.findings,
    )


def _broken_off(case: Case, error: Exception, seconds: float) -> Outcome:
    finding = Finding("lost", case.id, f"broken off: {type(error).__name__}: {error}")
    return Outcome(case.id, 0, 1, 0, 0, 0, 0, None, seconds, (finding,))


async def _play(
    case: Case, rig: Rig, orders: int, report: Callable[[str], None]
) -> tuple[Sequence[Expected], Storefront, Evidence]:
    async with Storefront(PATIENCE_SECONDS) as shop:
        if not case.apart:
            shop.move_to(rig.machine.urls["api"], rig.machine.keys["storefront"])
        report(f"{orders} orders: {case.summary}")
        expected = await case.play(rig, shop, orders)
        report("every caller is answered; waiting until nothing is under way")
        await _settled(rig, expected)
        evidence = await gather(rig.addresses, expected, shop.acknowledgements)
        report(
            f"{len(shop.acknowledgements)} acknowledgements, {shop.repeated} requests sent again,"
            f" {len(evidence.captures)} captures, {len(evidence.letters)} e-mails"
        )
        return expected, shop, evidence


async def _settled(rig: Rig, expected: Sequence[Expected]) -> None:
    """Waits until nothing is under way, or for too long. An e-mail whose activity Temporal has not started has no row yet."""
    deadline = time.monotonic() + SETTLES_WITHIN + SETTLES_EACH * len(expected)
    while time.monotonic() < deadline:
        if not await unsettled(rig.addresses) and not await untold(rig.addresses, expected):
            return
        await asyncio.sleep(0.5)


def _recoveries(case: Case, rig: Rig, shop: Storefront, evidence: Evidence) -> list[float]:
    if case.recovery == "mail":
        accepted = [(intent.at, intent.accepted_at) for intent in evidence.intents]
        return [(then - at).total_seconds() for at, then in accepted if then is not None]
    if case.recovery == "wait":
        return [wait.until - wait.since for wait in shop.waits if wait.until > rig.troubled_at]
    last = rig.blows[-1]
    return [wait.until - last for wait in shop.waits if wait.since < rig.healed_at and wait.until > last]


def p99(seconds: Sequence[float]) -> float | None:
    """The 99th percentile, by nearest rank."""
    if not seconds:
        return None
    ranked = sorted(seconds)
    return round(ranked[max(-(-99 * len(ranked) // 100) - 1, 0)], 2)

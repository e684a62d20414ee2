"""Clicks before and after a deadline that passes while worker and Temporal are stopped: the receipt decides (G3, P5)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from jalon.client import orders as calls
from jalon.client import subscriptions
from jalon.client.errors import ApiError, NotAnswered
from jalon.rehearsal.faults.gathering import stamps
from jalon.rehearsal.faults.journey import Journey, prepared
from jalon.rehearsal.faults.link import ContractForm, opened_contract
from jalon.rehearsal.faults.observations import Acknowledgement, Expected
from jalon.rehearsal.faults.rig import Rig
from jalon.rehearsal.faults.storefront import Storefront

EARLY_BY = timedelta(seconds=2)
LATE_BY = timedelta(seconds=1)
DOWN_BEFORE_FIRST_DEADLINE = timedelta(seconds=3)
BACK_AFTER_LAST_DEADLINE = timedelta(seconds=2)
ABSENT = ("worker", "temporal")


class TooSlow(Exception):
    """This computer did not place the orders, or receive the clicks, within the activation window."""


@dataclass
class Click:
    """One order whose activation window closes at `closes_at`.

    `received_at` is the stamp of the click's receipt, None without a receipt.
    `form` is the page of the e-mail's link, opened beforehand, for a buyer who clicks there and not in the portal.
    """

    journey: Journey
    late: bool
    by_link: bool
    closes_at: datetime = field(default=datetime.max.replace(tzinfo=UTC))
    received_at: datetime | None = None
    form: ContractForm | None = None

    async def place(self, mailbox: str) -> None:
        """Places the order, reads when its window closes and, for a click on the page, opens the link."""
        await self.journey.place_and_hear()
        shop, subscription = self.journey.shop, self.journey.subscription
        view = await shop.read(subscriptions.read(subscription))
        if view is not None:
            self.closes_at = datetime.fromisoformat(view["activation_by"])
        if self.by_link:
            self.form = await opened_contract(mailbox, self.journey.buyer)

    async def click(self) -> None:
        """Clicks before or after the deadline, and waits for the outcome."""
        at = self.closes_at + (LATE_BY if self.late else -EARLY_BY)
        await asyncio.sleep((at - datetime.now(UTC)).total_seconds())
        since, shop = time.monotonic(), self.journey.shop
        try:
            await (self._on_page(self.form) if self.form else self._in_portal())
            await shop.until(calls.read(self.journey.order), "completed", "expired")
        except ApiError:
            shop.waited(since, "a refusal")
        except NotAnswered as error:
            self.journey.trouble = str(error)

    async def _in_portal(self) -> None:
        shop, subscription = self.journey.shop, self.journey.subscription
        answer = await shop.send("activate", self.journey.activating(), entity=subscription)
        if answer.is_deferred:
            self.received_at = datetime.fromisoformat(answer.body["received_at"])
            await shop.follow(answer)
        else:  # Temporal came back while the API still tried to reach it, so the step's answer carries the stamp
            done = {step["step"]: step["done_at"] for step in answer.body["steps"]}
            self.received_at = datetime.fromisoformat(done["click_activate"])

    async def _on_page(self, form: ContractForm) -> None:
        """Clicks on the page, which does not show the stamp."""
        shop, subscription = self.journey.shop, self.journey.subscription
        form = replace(form, action=form.action.rpartition("/")[0] + "/click_activate")
        status = await form.send(shop.patience)
        if status < HTTPStatus.BAD_REQUEST:
            shop.acknowledgements.append(Acknowledgement(form.key, "activate", subscription, status))

    def read_stamp(self, stamps: Mapping[str, datetime]) -> None:
        """Reads the stamp of a click on the page from the receipts, by their keys."""
        if self.form is not None:
            self.received_at = stamps.get(self.form.key)

    @property
    def counts(self) -> bool:
        """Whether it was received in time."""
        return self.received_at is not None and self.received_at < self.closes_at

    def expected(self) -> Expected:
        """The expected end by the stamp alone: active and charged, or void at no charge."""
        how = f"{'late' if self.late else 'in time'} {'by link' if self.by_link else 'in the portal'}"
        return Expected(
            label=f"order {self.journey.number}, clicked {how}: {self.journey.trouble}",
            buyer=self.journey.buyer,
            entity=self.journey.order or None,
            status="completed" if self.counts else "expired",
            subscription_status="active" if self.counts else "void",
            captures=1 if self.counts else 0,
            mails=frozenset(
                {"contract_ready", "subscription_active" if self.counts else "activation_voided"}
            ),
        )


async def clicks_while_down(rig: Rig, shop: Storefront, orders: int) -> list[Expected]:
    """Every second click is late, and every second pair clicks on the page of the link. Raises TooSlow."""
    journeys = [Journey(shop, rig.store, number, "cart", "signed") for number in range(orders)]
    await prepared(journeys)
    clicks = [
        Click(journey, late=number % 2 == 1, by_link=number // 2 % 2 == 1)
        for number, journey in enumerate(journeys)
    ]
    await asyncio.gather(*(click.place(rig.addresses.mailbox) for click in clicks))
    down_at = min(click.closes_at for click in clicks) - DOWN_BEFORE_FIRST_DEADLINE
    if datetime.now(UTC) > down_at:
        raise TooSlow("the orders were not placed in time; ask for fewer with --orders")
    await rig.kill(*ABSENT, revive=False)
    back_at = max(click.closes_at for click in clicks) + BACK_AFTER_LAST_DEADLINE
    await asyncio.gather(_bring_back(rig, back_at), *(click.click() for click in clicks))
    received = await stamps(rig.addresses)
    for click in clicks:
        click.read_stamp(received)
    early = [click for click in clicks if not click.late]
    if sum(click.counts for click in early) * 2 < len(early):
        raise TooSlow("most clicks that were sent in time were received after their deadline")
    return [click.expected() for click in clicks]


async def _bring_back(rig: Rig, at: datetime) -> None:
    await asyncio.sleep((at - datetime.now(UTC)).total_seconds())
    rig.note_blow()
    await rig.start("temporal", "worker")

"""The notices of a subscription's renewals: their proof, sending one again, and what support told in another way (X15, X16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.http.dependencies import Searcher, Supporter, TheResources
from api.http.json_bodies import StrictRoute
from api.http.writing import Idempotent, TheSubmitter
from api.v1.lists import seen
from api.v1.responses import READ, WRITE
from api.v1.subscriptions.answers import NoticeList, NoticeState, RenewalNotice, Subscription
from api.v1.subscriptions.bodies import Because, TellRenewal
from api.v1.subscriptions.sending import sent, why
from jalon.domain import events
from jalon.domain.kinds import SUBSCRIPTION
from jalon.domain.money import Money
from jalon.persistence.entities import timelines
from jalon.persistence.entities.timelines import TimelineItem
from workflows.subscription import commands

routes = APIRouter(prefix="/v1/subscriptions", tags=["subscriptions"], route_class=StrictRoute)
TOLD = (events.RenewalAnnounced, events.RenewalNoticeTaken, events.RenewalNoticeFailed, events.RenewalTold)


@routes.get("/{subscription_id}/renewal-notices", responses=READ)
async def list_renewal_notices(subscription_id: str, caller: Searcher, resources: TheResources) -> NoticeList:
    """Each notice of a renewal with its proof: the instant, the Message-ID, the mail server and its answer, and what it said (X15)."""
    async with resources.sessions.of(*caller.stores) as tx:
        await seen(tx, SUBSCRIPTION, subscription_id)
        told = await timelines.told(tx, subscription_id, *(each.name for each in TOLD))
    return NoticeList(data=notices_of(told))


def notices_of(told: Sequence[TimelineItem]) -> list[RenewalNotice]:
    """The notices that these events tell of, with what became of each."""
    notices: dict[str, RenewalNotice] = {}
    for item in sorted(told, key=lambda each: each.event != events.RenewalAnnounced.name):
        name, data = item.data["notice"], item.data
        if item.event == events.RenewalAnnounced.name:
            notices[name] = _announced(item, NoticeState.ON_ITS_WAY)
        elif item.event == events.RenewalTold.name:
            notices[name] = replace(
                _announced(item, NoticeState.TOLD),
                taken_at=item.at,
                refuse_by=datetime.fromisoformat(data["refuse_by"]),
                how=data["how"],
                by=item.actor,
            )
        elif item.event == events.RenewalNoticeTaken.name:
            notices[name] = _taken(notices[name], item)
        else:
            failed = {"message_id": data["message_id"] or None, "code": data["code"]}
            notices[name] = replace(notices[name], state=NoticeState.FAILED, **failed)
    return sorted(notices.values(), key=lambda each: each.announced_at)


def _announced(item: TimelineItem, state: NoticeState) -> RenewalNotice:
    return RenewalNotice(
        notice=item.data["notice"],
        state=state,
        announced_at=item.at,
        price=Money.from_dict(item.data["price"]),
        renews_at=datetime.fromisoformat(item.data["renews_at"]),
    )


def _taken(notice: RenewalNotice, item: TimelineItem) -> RenewalNotice:
    data = item.data
    # A report that it came back may stand before the acceptance, at the same instant.
    failed = notice.state is NoticeState.FAILED
    return replace(
        notice,
        state=notice.state if failed else NoticeState.TAKEN,
        taken_at=item.at,
        refuse_by=datetime.fromisoformat(data["refuse_by"]) if data["refuse_by"] else None,
        message_id=data["message_id"],
        server=data["server"],
        answer=data["answer"],
    )


@routes.post("/{subscription_id}/renewal-notices", responses=WRITE, response_model=Subscription)
async def announce_renewal(
    subscription_id: str,
    caller: Supporter,
    idempotent: Idempotent,
    submitter: TheSubmitter,
    body: Because | None = None,
) -> Subscription | JSONResponse:
    """Sends the notice again, to the customer's address of today, where none has reached the customer (X16, X18)."""
    reason = why(caller, body.reason if body else None)
    return await sent(caller, idempotent, submitter, subscription_id, commands.AnnounceRenewal(reason))


@routes.post("/{subscription_id}/renewal-notices/told", responses=WRITE, response_model=Subscription)
async def tell_renewal(
    subscription_id: str,
    body: TellRenewal,
    caller: Supporter,
    idempotent: Idempotent,
    submitter: TheSubmitter,
) -> Subscription | JSONResponse:
    """Records that the customer was told of the renewal in another way, which leaves as much time to refuse as a notice (X16)."""
    command = commands.TellRenewal(body.how, body.note)
    return await sent(caller, idempotent, submitter, subscription_id, command)

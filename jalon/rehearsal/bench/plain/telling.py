"""The effects of the plain workflows. Each is a normal activity with Temporal's default retries."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, TypeVar

from pydantic_core import to_jsonable_python
from temporalio import workflow

from activities.contracts.base import ActivityRef
from activities.contracts.mail import SEND_MAIL, MailRequest
from activities.contracts.payments import PAY, PaymentOutcome, PaymentRequest
from jalon.domain.emails import Email
from jalon.domain.events import Event
from jalon.domain.transition import TimelineEntry
from jalon.rehearsal.bench.plain.rows import Row, Step, Told
from workflows.engine.state import EntityState

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

ATTEMPT = timedelta(seconds=20)


async def act(ref: ActivityRef[Asked, Answer], request: Asked) -> Answer:
    """Runs one effect that the product also has, as a normal activity."""
    answer: Answer = await workflow.execute_activity(
        ref.name, request, result_type=ref.answer, start_to_close_timeout=ATTEMPT
    )
    return answer


async def write(name: str, request: Row | Told | Step) -> None:
    """Runs one write of the plain way."""
    await workflow.execute_activity(name, request, start_to_close_timeout=ATTEMPT)


async def record(
    state: EntityState, kind: str, view: dict[str, Any], entries: list[TimelineEntry], *, bundled: bool
) -> None:
    """Records one step for readers. Its three writes do not depend on each other, so they run concurrently."""
    state.seq += 1
    row = Row(state.store, kind, state.id, state.seq, state.now, state.status, to_jsonable_python(view))
    told = Told(state.store, kind, state.id, state.seq, state.now, state.status, tuple(entries))
    if bundled:
        await write("plain_record_step", Step(row, told))
        return
    await asyncio.gather(
        write("plain_project", row), write("plain_narrate", told), write("plain_publish", told)
    )


def entry(
    state: EntityState,
    event: Event,
    rule: str | None = None,
    actor: str | None = None,
) -> TimelineEntry:
    """A line of the timeline at the workflow's present instant."""
    return TimelineEntry(state.now, event.name, event.rule or rule, actor, to_jsonable_python(event.data()))


async def mail(state: EntityState, email: Email, occurrence: str, party: str) -> None:
    """Sends one e-mail through the same mail ledger."""
    request = MailRequest(
        store=state.store,
        entity=state.id,
        occurrence=occurrence,
        template=email.template,
        fields=email.as_facts(),
        party=party,
        at=state.now,
        live=state.live,
        link=email.link,
    )
    await act(SEND_MAIL, request)


async def pay(request: PaymentRequest) -> PaymentOutcome:
    """Makes one payment through the same payment ledger."""
    return await act(PAY, request)

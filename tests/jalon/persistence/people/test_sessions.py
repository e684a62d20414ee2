"""Sessions at the portal to the microsecond: in its transaction alone, the database's clock is a setting that the test moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.persistence.people.parties import Parties
from jalon.persistence.people.sign_ins import (
    CODE_LASTS,
    CODES_AT_MOST,
    FRESH_FOR,
    SESSION_LASTS,
    Asker,
    Code,
    Given,
    SignIns,
    UsedUp,
)
from jalon.persistence.people.vault import Vault
from jalon.persistence.sessions import Sessions

TICK = timedelta(microseconds=1)
CLOCK = """
create schema if not exists moved;
create or replace function moved.clock_timestamp() returns timestamptz language sql stable
    as $$ select current_setting('moved.now')::timestamptz $$;
grant usage on schema moved to jalon_app
"""


async def move(tx: AsyncConnection, now: datetime) -> None:
    """Sets the clock of a transaction."""
    await tx.execute(text("select set_config('search_path', 'moved, pg_catalog, public', true)"))
    await tx.execute(text("select set_config('moved.now', :now, true)"), {"now": now.isoformat()})


@pytest.mark.rule("P3", "G2")
async def test_a_sign_in_is_fresh_for_half_an_hour_and_lasts_twelve_hours(
    owner: Sessions, sessions: Sessions, vault: Vault, parties: Parties, here: str
) -> None:
    async with owner.unscoped() as tx:
        for statement in CLOCK.split(";\n"):
            await tx.execute(text(statement))
    sign_ins = SignIns(vault)
    async with sessions.of(here) as tx:
        ana = await parties.meet(
            tx, here, email="ana@example.com", name="Ana Lefèvre", company=None, language="fr"
        )
        began = datetime.now(UTC)
        await move(tx, began)
        token = await sign_ins.begin(tx, here, ana, by_code=True)
        by_link = await sign_ins.begin(tx, here, ana, by_code=False)
        begun = (
            await tx.execute(
                text("select max(created_at) from portal_session where party_id = :ana"), {"ana": ana}
            )
        ).scalar_one()

        async def seen(at: datetime, token: str = token) -> bool | None:
            """Whether the sign-in is fresh then; None where it is over."""
            await move(tx, at)
            found = await sign_ins.find(tx, token)
            return None if found is None else found.is_fresh

        stale = began + FRESH_FOR
        assert [await seen(stale + off) for off in (-TICK, timedelta(), TICK)] == [True, False, False]
        assert await seen(began, by_link) is False
        await move(tx, stale)
        await sign_ins.refresh(tx, token)
        assert [await seen(stale + FRESH_FOR + off) for off in (-TICK, timedelta())] == [True, False]
        over = begun + SESSION_LASTS
        ends = [await seen(over + off, by_link) for off in (-TICK, timedelta(), TICK)]
        assert ends == [False, None, None]


@pytest.mark.rule("P3", "G2")
async def test_a_code_is_good_for_less_than_ten_minutes(
    owner: Sessions, sessions: Sessions, vault: Vault, parties: Parties, here: str
) -> None:
    async with owner.unscoped() as tx:
        for statement in CLOCK.split(";\n"):
            await tx.execute(text(statement))
    sign_ins, asker = SignIns(vault), Asker("her browser", is_known=False, network="192.0.2.7")
    async with sessions.of(here) as tx:
        ana = await parties.meet(
            tx, here, email="ana@example.com", name="Ana Lefèvre", company=None, language="fr"
        )
        code = await sign_ins.new_code(tx, here, ana, asker)
        assert isinstance(code, Code)
        made = (
            await tx.execute(text("select created_at from sign_in_code where id = :id"), {"id": code.id})
        ).scalar_one()

        async def given(at: datetime) -> Given:
            await move(tx, at)
            return await sign_ins.give(tx, ana, asker.device, code.digits)

        assert code.over_at == made + CODE_LASTS

        async def lives(at: datetime) -> bool:
            await move(tx, at)
            return await sign_ins.over_at(tx, ana, asker.device) is not None

        assert [await lives(code.over_at + off) for off in (TICK, timedelta(), -TICK)] == [False, False, True]
        worth = [await given(made + CODE_LASTS + off) for off in (TICK, timedelta(), -TICK)]
        assert worth == [Given.OVER, Given.OVER, Given.RIGHT]


@pytest.mark.rule("P3", "G2")
async def test_who_used_up_the_codes_of_an_hour_gets_the_next_one_an_hour_after_the_first(
    owner: Sessions, sessions: Sessions, vault: Vault, parties: Parties, here: str
) -> None:
    async with owner.unscoped() as tx:
        for statement in CLOCK.split(";\n"):
            await tx.execute(text(statement))
    sign_ins, asker = SignIns(vault), Asker("her browser", is_known=True, network="192.0.2.7")
    async with sessions.of(here) as tx:
        ana = await parties.meet(
            tx, here, email="ana@example.com", name="Ana Lefèvre", company=None, language="fr"
        )
        codes = [await sign_ins.new_code(tx, here, ana, asker) for _ in range(CODES_AT_MOST)]
        first = codes[0]
        assert isinstance(first, Code)
        again_at = first.over_at - CODE_LASTS + timedelta(hours=1)
        await move(tx, again_at - TICK)
        assert await sign_ins.new_code(tx, here, ana, asker) == UsedUp(again_at)
        await move(tx, again_at)
        assert isinstance(await sign_ins.new_code(tx, here, ana, asker), Code)

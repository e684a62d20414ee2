"""Gathers the evidence from each party by that party's own interface."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

import httpx
import psycopg
from psycopg.rows import dict_row
from temporalio.client import Client
from temporalio.service import RPCError

from jalon.integrations.temporal.client import TemporalServer, connect
from jalon.integrations.temporal.codec import EncryptingCodec
from jalon.rehearsal.faults.observations import (
    Acknowledgement,
    Capture,
    Evidence,
    Expected,
    Intent,
    Letter,
    Mark,
    View,
)
from jalon.settings import KeyRing

QUERIES_AT_ONCE = 10
LETTERS_AT_MOST = 50_000


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of the parties: the machine's own variables, and the pages of gateway and mailbox."""

    environment: Mapping[str, str]
    payments: str
    mailbox: str
    store: str


async def gather(
    addresses: Addresses, expected: Iterable[Expected], acknowledgements: Iterable[Acknowledgement]
) -> Evidence:
    """The present evidence. Every program must be running."""
    async with httpx.AsyncClient(timeout=30) as http:
        captures, letters = await _captures(http, addresses), await _letters(http, addresses)
    rows = await asyncio.to_thread(_read_database, addresses)
    client = await temporal(addresses.environment)
    projections = {row["id"]: row["view"] for row in rows["entity"]}
    kinds = {row["id"]: row["kind"] for row in rows["entity"]}
    return Evidence(
        expected=tuple(expected),
        acknowledgements=tuple(acknowledgements),
        captures=captures,
        letters=letters,
        intents=tuple(_intent(row) for row in rows["mail"]),
        marks={row["idempotency_key"]: _mark(row) for row in rows["receipt"]},
        projections=projections,
        answers=await _ask_all(client, addresses.store, kinds),
        withdrawn=_withdrawn(rows["withdrawn"]),
    )


async def _captures(http: httpx.AsyncClient, addresses: Addresses) -> tuple[Capture, ...]:
    query = {"metadata[store]": addresses.store, "status": "succeeded", "limit": "100"}
    found: list[Capture] = []
    while True:
        page = (await http.get(f"{addresses.payments}/v1/charges", params=query)).raise_for_status().json()
        found += [
            Capture(charge["id"], charge["metadata"]["entity"], charge["amount"], charge["currency"])
            for charge in page["data"]
        ]
        if page["next"] is None:
            return tuple(found)
        query["after"] = page["next"]


async def read_letters(addresses: Addresses) -> tuple[Letter, ...]:
    """The e-mails that arrived, from the mailbox's own store."""
    async with httpx.AsyncClient(timeout=30) as http:
        return await _letters(http, addresses)


async def _letters(http: httpx.AsyncClient, addresses: Addresses) -> tuple[Letter, ...]:
    query = {"limit": LETTERS_AT_MOST}
    page = (await http.get(f"{addresses.mailbox}/api/messages", params=query)).raise_for_status().json()
    return tuple(
        Letter(each["message_id"], each["to"], each["template"], datetime.fromisoformat(each["received_at"]))
        for each in page["messages"]
    )


_WITHDRAWN = """select coalesce(e.order_id, e.id) as entity_id, t.data ->> 'template' as template
                from timeline t join entity e on e.id = t.entity_id where t.event = 'mail_withdrawn'"""
_TABLES: Mapping[str, LiteralString] = {
    "withdrawn": _WITHDRAWN,
    "entity": "select id, kind, view from entity",
    "mail": "select message_id, entity_id, template, state, at, accepted_at from mail",
    "receipt": "select idempotency_key, entity_id, command, state from receipt where role <> 'entity'",
}
_UNSETTLED = """select (select count(*) from receipt where state = 'pending')
                     + (select count(*) from mail m where state = 'intent' and not exists (
                           select 1 from timeline t where t.entity_id = m.entity_id and t.event = 'mail_withdrawn'
                                                      and t.data ->> 'template' = m.template))
                     + (select count(*) from entity where parked > 0) as n"""


def opened(addresses: Addresses) -> psycopg.Connection[dict[str, Any]]:
    """A connection that sees the store, in the application's own role."""
    url = addresses.environment["JALON_DATABASE_URL"].replace("postgresql+psycopg", "postgresql")
    connection = psycopg.connect(url, row_factory=dict_row, connect_timeout=3, autocommit=True)
    connection.execute("select set_config('app.stores', %s, false)", (addresses.store,))
    return connection


def _read_database(
    addresses: Addresses, queries: Mapping[str, LiteralString] = _TABLES
) -> dict[str, list[dict[str, Any]]]:
    with opened(addresses) as connection:
        return {name: connection.execute(query).fetchall() for name, query in queries.items()}


async def stamps(addresses: Addresses) -> dict[str, datetime]:
    """The instant of receipt of each write, by its idempotency key (G3)."""
    query: LiteralString = "select idempotency_key, received_at from receipt where role <> 'entity'"
    rows = await asyncio.to_thread(_read_database, addresses, {"receipt": query})
    return {row["idempotency_key"]: row["received_at"] for row in rows["receipt"]}


async def unsettled(addresses: Addresses) -> int:
    """The number of receipts without an outcome, e-mails neither accepted nor withdrawn, and entities that wait for an operator."""

    def count() -> int:
        with opened(addresses) as connection:
            row = connection.execute(_UNSETTLED).fetchone()
            return int(row["n"]) if row else 0

    return await asyncio.to_thread(count)


async def untold(addresses: Addresses, expected: Iterable[Expected]) -> int:
    """The number of expected e-mails that neither have arrived yet nor were withdrawn."""
    arrived = {(letter.to, letter.template) for letter in await read_letters(addresses)}
    rows = await asyncio.to_thread(_read_database, addresses, {"withdrawn": _WITHDRAWN})
    withdrawn = _withdrawn(rows["withdrawn"])
    return sum(
        (order.buyer, template) not in arrived and (order.entity, template) not in withdrawn
        for order in expected
        for template in order.mails
    )


def _withdrawn(rows: Iterable[dict[str, Any]]) -> frozenset[tuple[str, str]]:
    return frozenset((row["entity_id"], row["template"]) for row in rows)


def _intent(row: dict[str, Any]) -> Intent:
    return Intent(
        row["message_id"], row["entity_id"], row["template"], row["state"], row["at"], row["accepted_at"]
    )


def _mark(row: dict[str, Any]) -> Mark:
    return Mark(row["entity_id"], row["command"], row["state"])


async def temporal(environment: Mapping[str, str]) -> Client:
    """A client that decrypts the payloads of the workers."""
    ring = KeyRing.parse(environment["JALON_CODEC_KEYS"])
    server = TemporalServer(environment["JALON_TEMPORAL_ADDRESS"], environment["JALON_TEMPORAL_NAMESPACE"])
    return await connect(server, EncryptingCodec(ring.active, ring.keys))


async def _ask_all(client: Client, store: str, kinds: Mapping[str, str]) -> dict[str, View]:
    slots = asyncio.Semaphore(QUERIES_AT_ONCE)

    async def ask(entity: str, kind: str) -> tuple[str, View | None]:
        async with slots:
            handle = client.get_workflow_handle(f"{kind}/{store}/{entity}")
            try:
                view: View = await handle.query("view")
            except RPCError:
                return entity, None
            return entity, view

    answers = await asyncio.gather(*(ask(entity, kind) for entity, kind in kinds.items()))
    return {entity: view for entity, view in answers if view is not None}

"""Fills a database for the search's measurement: people and texts by COPY, the rest by the database itself, indexes afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier

from jalon.domain.searching import fold, person_keys
from jalon.persistence.people.vault import Vault
from jalon.rehearsal.bench.searches.customers import Customer, Customers
from jalon.rehearsal.fill.book import Book
from jalon.rehearsal.fill.views import order_view, subscription_view

Report = Callable[[str], None]
UNTIL = datetime(2026, 9, 21, tzinfo=UTC)
TIMELINE_ROWS_AN_ORDER = 10
_TABLES = ("party", "personal_record", "entity", "seat_holder", "mail", "payment", "timeline", "search_text")
# Long before any change of the view's own instants, which no search compares.
_MODEL = Book(200, 1, UNTIL).life(199)
_STAGING = """create temporary table sale (number int, store_id text, ord text, sub text, order_number text, po text, folded_po text,
    buyer text, names text, seat text, at timestamptz)"""
_ORDERS = """insert into entity (store_id, id, kind, number, status, view, buyer_id, purchase_order_number, epoch, seq, busy, parked,
        created_at, updated_at)
    select store_id, ord, 'order', order_number, %(status)s, (replace(replace(replace(replace(%(view)s, '<id>', ord), '<buyer>', buyer),
        '<names>', names), '<store>', store_id)::jsonb || jsonb_build_object('number', order_number, 'purchase_order_number', po)),
        buyer, folded_po, 0, 5, false, 0, at, at from sale order by number"""
_SUBSCRIPTIONS = """insert into entity (store_id, id, kind, order_id, number, status, view, buyer_id, purchase_order_number, epoch, seq,
        busy, parked, created_at, updated_at)
    select store_id, sub, 'subscription', ord, order_number, %(status)s,
        (replace(replace(replace(replace(replace(replace(%(view)s, '<id>', sub), '<order>', ord), '<buyer>', buyer), '<names>', names),
        '<store>', store_id), '<seat>', seat)::jsonb || jsonb_build_object('number', order_number, 'purchase_order_number', po)),
        buyer, folded_po, 0, 5, false, 0, at, at from sale where sub is not null order by number"""
_REST = (
    "insert into seat_holder select store_id, seat, sub from sale where sub is not null",
    """insert into mail (key, store_id, entity_id, party_id, template, message_id, state, attempts, at)
       select e.id || '/' || t, e.store_id, e.id, e.party, t, e.id || '/' || t, 'accepted', 1, e.at
       from (select store_id, ord as id, buyer as party, at, 'order_processing' as t from sale
             union all select store_id, sub, buyer, at, 'contract_ready' from sale where sub is not null
             union all select store_id, sub, seat, at, 'invitation' from sale where sub is not null) e""",
    """insert into payment (key, store_id, entity_id, purpose, cycle, generation, amount, currency, provider, state, outcome, at)
       select sub || '/charge', store_id, sub, 'charge', 0, 0, 1200, 'EUR', 'sandbox', 'succeeded',
              jsonb_build_object('reference', 'pi_' || substr(md5(sub), 1, 24)), at from sale where sub is not null""",
    """insert into timeline (store_id, entity_id, epoch, seq, n, at, event, rule, actor, data)
       select store_id, case when n % 2 = 0 then coalesce(sub, ord) else ord end, 0, n, 0, at, 'mail_scheduled', 'P5', 'storefront',
              '{"product": "Design Suite", "quantity": 3}' from sale cross join generate_series(1, 10) n""",
    """insert into search_text select e.store_id, e.id, t.field, t.key, t.whole, e.created_at
       from entity e cross join lateral entity_texts(e) t""",
    """insert into search_text select store_id, entity_id, 'payment', folded_number(reference), true, at from payment""",
)


def fill(
    connection: psycopg.Connection[Any],
    customers: Customers,
    people: Sequence[Customer],
    vault: Vault,
    report: Report,
) -> None:
    """Writes everything as a superuser. No trigger runs: the functions that they call write the rows of all entities at once."""
    connection.execute(
        "set session_replication_role = replica; set maintenance_work_mem = '1GB'; set work_mem = '256MB'"
    )
    indexes = _drop_indexes(connection)
    report(f"writing {len(people):,} people and their texts")
    _write_people(connection, people, customers.buyers, vault)
    report(f"writing {customers.orders:,} orders")
    _write_sales(connection, customers, people)
    for statement in indexes:
        report(statement.partition(" USING ")[0].lower())
        connection.execute(statement)
    for table in _TABLES:
        connection.execute(SQL("vacuum analyze {}").format(Identifier(table)))
    connection.execute("checkpoint")


def _drop_indexes(connection: psycopg.Connection[Any]) -> list[str]:
    """Drops the indexes that no constraint needs, and returns what makes them."""
    rows = connection.execute(
        """select c.relname, pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indexrelid
           where i.indrelid = any(%s::regclass[]) and not exists (select from pg_constraint k where k.conindid = i.indexrelid)
           order by c.relname""",
        [list(_TABLES)],
    ).fetchall()
    for name, _ in rows:
        connection.execute(SQL("drop index {}").format(Identifier(name)))
    return [made for _, made in rows]


def _write_people(
    connection: psycopg.Connection[Any], people: Sequence[Customer], buyers: int, vault: Vault
) -> None:
    keys = [vault.new_person_key() for _ in people]
    parties = (
        (p.store, p.id, hashlib.sha256(p.email.encode()).digest(), "fr", key,
         vault.seal(key, {"email": p.email, "name": p.name, "company": p.company}), _met(p))
        for p, key in zip(people, keys, strict=True)
    )  # fmt: skip
    _copy(connection, "party (store_id, id, email_hash, language, wrapped_key, body, created_at)", parties)
    records = (
        (
            p.store,
            names_of(p),
            p.id,
            "names",
            vault.seal(key, {"name": p.name, "company": p.company, "language": "fr"}),
            _met(p),
        )
        for p, key in zip(people[:buyers], keys, strict=False)
    )
    _copy(connection, "personal_record (store_id, id, party_id, kind, body, created_at)", records)
    texts = (
        (p.store, p.id, str(each.field), each.key, each.whole, _met(p))
        for p in people
        for each in person_keys(email=p.email, name=p.name, company=p.company)
    )
    _copy(connection, "search_text (store_id, subject, field, key, whole, since)", texts)


def _write_sales(
    connection: psycopg.Connection[Any], customers: Customers, people: Sequence[Customer]
) -> None:
    connection.execute(_STAGING)
    _copy(connection, "sale", _sales(customers, people))
    connection.execute("analyze sale")
    order = (
        order_view(_MODEL, "<buyer>", "<names>")
        .replace(_MODEL.order, "<id>")
        .replace(_MODEL.store, "<store>")
    )
    view = subscription_view(_MODEL, "<buyer>", "<names>", ("<seat>",))
    view = (
        view.replace(_MODEL.subscription, "<id>")
        .replace(_MODEL.order, "<order>")
        .replace(_MODEL.store, "<store>")
    )
    connection.execute(_ORDERS, {"view": order, "status": "completed"})
    connection.execute(_SUBSCRIPTIONS, {"view": view, "status": "active"})
    for statement in _REST:
        connection.execute(statement)


def _sales(customers: Customers, people: Sequence[Customer]) -> Iterator[tuple[Any, ...]]:
    for sale in customers.sales(people):
        buyer, user = people[sale.buyer], people[sale.user]
        number = sale.purchase_order_number
        yield (
            sale.number, buyer.store, sale.order, sale.subscription, sale.order_number, number, number and fold(number),
            buyer.id, names_of(buyer), user.id, UNTIL - timedelta(milliseconds=sale.age_ms),
        )  # fmt: skip


def names_of(person: Customer) -> str:
    """The id of the record of the names that the person gave."""
    return f"rec{person.id[3:]}"


def _met(person: Customer) -> datetime:
    return UNTIL - timedelta(days=3 * 365) + timedelta(minutes=person.number)


def _copy(connection: psycopg.Connection[Any], target: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"copy {target} from stdin".encode()) as copying:
        for row in rows:
            copying.write_row(row)

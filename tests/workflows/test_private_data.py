"""No name, address or e-mail of a person is in a history, in Temporal's file, in a log, or readable in a table.

One table holds what support searches, and only while its people are not erased.
"""

from __future__ import annotations

from pathlib import Path

import psycopg
from psycopg import sql
from temporalio.client import Client

from jalon.domain.searching import fold
from tests.support import temporal as engine
from tests.support.shop import OpenShop, Shop, eventually

WORDS = ("Zéphyrine", "Quatrebarbes", "Montgolfières", "zephyrine.q", "Tombouctou", "Balthazar")
BUYER = {
    "name": "Zéphyrine Quatrebarbes",
    "company": "Montgolfières Quatrebarbes",
    "language": "fr",
}


def zephyrine(shop: Shop) -> str:
    """The address of the buyer."""
    return f"zephyrine.q@{shop.id}.example.com"


def lived(shop: Shop) -> list[str]:
    """Runs a lifecycle with every kind of personal data. Returns its workflow ids."""
    order = shop.order("survey-office", buyer={"email": zephyrine(shop), **BUYER})
    named = {
        "legal_name": BUYER["company"],
        "signatory_name": BUYER["name"],
        "majority_owners": ["Balthazar B."],
    }
    assert order.certify(**named, state_owned=True).ok
    address = {"lines": ["7 rue de Tombouctou"], "country": "FR"}
    assert order.place(billing_address=address).ok
    shop.settle()
    for reviewer in ("compliance", "compliance_second"):
        assert order.decide("release", role=reviewer).ok
    shop.settle()
    subscription = order.subscription
    user = f"user.{zephyrine(shop)}"
    assert subscription.assign(user).ok
    shop.settle()
    shop.page(shop.link("invitation", "invitation", user)).send(name="Balthazar")
    assert subscription.stop().ok
    shop.to("2027-06-01 10:00")
    assert subscription.status == "purged"
    return [engine.workflow_id(order), engine.workflow_id(subscription)]


def said_in(content: bytes) -> set[str]:
    """The personal words found in the content, in UTF-8, Latin-1, as JSON escapes or as searches fold them."""
    found = set()
    for word in WORDS:
        spelled = {
            word.encode(),
            word.encode("latin-1"),
            word.encode("unicode_escape"),
            word.lower().encode(),
            fold(word).encode(),
        }
        if any(each in content for each in spelled):
            found.add(word)
    return found


def tables_that_say(shop: Shop) -> set[str]:
    """The tables, of the store and of none, in which a personal word stands."""
    found = set()
    with psycopg.connect(shop.machine.owner_url.replace("+psycopg", "")) as connection:
        names = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        for scope in (shop.id, ""):
            connection.execute("select set_config('app.stores', %s, false)", [scope])
            for (name,) in names:
                table = sql.Identifier(name)
                rows = connection.execute(sql.SQL("select t::text from {} t").format(table)).fetchall()
                if any(said_in(row[0].encode()) for row in rows):
                    found.add(name)
    return found


def erase_everybody(shop: Shop) -> None:
    """Destroys the keys of the store's people, as an erasure does."""
    with psycopg.connect(shop.machine.owner_url.replace("+psycopg", "")) as connection:
        connection.execute("select set_config('app.stores', %s, false)", [shop.id])
        connection.execute("update party set wrapped_key = null")


def files_of(shop: Shop) -> list[Path]:
    """The files that Temporal and Jalon's processes wrote: Temporal's database and every log."""
    folder = shop.machine.data_dir
    return [*folder.glob("temporal.sqlite*"), *(folder / "logs").glob("*.log")]


async def test_nothing_personal_leaves_the_vault(open_shop: OpenShop, client: Client) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    workflows = lived(shop)
    for workflow in workflows:
        description = await client.get_workflow_handle(workflow).describe()
        events = [event async for event in engine.raw_history(client, workflow, description.run_id)]
        assert len(events) > 20
        assert said_in(b"".join(event.SerializeToString() for event in events)) == set(), workflow
    assert tables_that_say(shop) == {"search_text"}
    files = files_of(shop)
    assert {file.name for file in files} >= {"temporal.sqlite", "api.log", "worker.log", "relay.log"}
    for file in files:
        assert said_in(file.read_bytes()) == set(), file.name
    arrived = eventually(lambda: shop.mails(to=zephyrine(shop)), "the mails, where the words belong")
    assert said_in(shop.mailbox.read(arrived[0]["id"])["text"].encode())
    erase_everybody(shop)
    assert tables_that_say(shop) == set()

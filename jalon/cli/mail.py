"""`jalon mail`: every e-mail as it is written, one sent as a test, and the reports of those that came back."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from activities.identities import identity_of
from jalon.addresses import wire_address
from jalon.cli.connection import LOCAL_FOLDER, DataOption, Refused
from jalon.cli.grouping import group
from jalon.cli.transaction import on_database
from jalon.domain.emails import EMAILS
from jalon.inbox.notices import take_bounce
from jalon.integrations.mail.bounces import NoReport, read_bounce
from jalon.integrations.mail.message import message_id, sender_named
from jalon.integrations.mail.port import MailFault, OutgoingMail
from jalon.integrations.mail.renderer import Rendered, Renderer
from jalon.integrations.mail.smtp import SmtpMailer, SmtpServer
from jalon.integrations.mail.specimens import specimens
from jalon.local.folder import MachineFolder
from jalon.persistence.ids import new_id
from jalon.policy.authoring.loader import load_stores
from jalon.policy.model.store_policy import StorePolicy

app = group("E-mails: look at each, send one as a test, and read what came back undelivered.")
LINK = "https://orders.example.com/h/example"
NAME = "Ada Martin"
PEOPLE = ("Jean Roy", "Lise Benali")
Template = Annotated[str, typer.Argument(metavar="E-MAIL", help="Its name, such as contract_ready.")]
Stores = Annotated[
    Path,
    typer.Option(
        "--stores",
        metavar="FOLDER",
        help="The folder of store files.",
        envvar="JALON_STORES_DIR",
        file_okay=False,
    ),
]
Templates = Annotated[
    Path,
    typer.Option(
        "--templates",
        metavar="FOLDER",
        help="The folder of templates.",
        envvar="JALON_TEMPLATES_DIR",
        file_okay=False,
    ),
]
Store = Annotated[
    str | None,
    typer.Option("--store", metavar="STORE", help="The store that writes; the first one, if none is named."),
]
Tls = Annotated[
    Literal["none", "starttls", "tls"],
    typer.Option(
        "--tls",
        metavar="none|starttls|tls",
        help="How the connection is secured.",
        envvar="JALON_SMTP_TLS",
    ),
]
Tongue = Annotated[
    Literal["fr", "en"], typer.Option("--language", metavar="fr|en", help="The reader's language.")
]


@app.command()
def preview(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where the pages are written.", file_okay=False)
    ],
    email: Annotated[
        str | None, typer.Option("--email", metavar="E-MAIL", help="One e-mail only, by its name.")
    ] = None,
    store: Store = None,
    stores: Stores = Path("stores"),
    templates: Templates = Path("templates"),
) -> None:
    """Write every e-mail in both languages, each choice of its wording once, as pages and as texts."""
    policy, renderer = _store(stores, store), Renderer(templates)
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    for name in [_known(email)] if email else sorted(EMAILS):
        for language in ("fr", "en"):
            for number, rendered in enumerate(_rendered(renderer, policy, name, language), 1):
                file = folder / f"{name}-{number}.{language}"
                file.with_suffix(f".{language}.html").write_text(rendered.html, "utf-8")
                file.with_suffix(f".{language}.txt").write_text(
                    f"{rendered.subject}\n\n{rendered.text}", "utf-8"
                )
                written += 1
    typer.echo(f"{written} e-mails in {folder}, each as a page (.html) and as a text (.txt)")


def _rendered(
    renderer: Renderer, policy: StorePolicy, name: str, language: Literal["fr", "en"]
) -> Iterator[Rendered]:
    for email in specimens(name, datetime.now(UTC)):
        yield renderer.render(
            email,
            language=language,
            recipient_name=NAME,
            store=identity_of(policy),
            link_url=f"{LINK}/{name}" if email.link else None,
            people=PEOPLE,
        )


@app.command()
def send(
    email: Template,
    to: Annotated[str, typer.Option("--to", metavar="ADDRESS", help="The address that it goes to.")],
    language: Tongue = "en",
    store: Store = None,
    stores: Stores = Path("stores"),
    templates: Templates = Path("templates"),
    host: Annotated[
        str, typer.Option("--host", metavar="HOST", help="The mail server.", envvar="JALON_SMTP_HOST")
    ] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            metavar="NUMBER",
            help="Its port. The local machine's mailbox, if none is named.",
            envvar="JALON_SMTP_PORT",
        ),
    ] = None,
    tls: Annotated[
        Literal["none", "starttls", "tls"],
        typer.Option(
            "--tls",
            metavar="none|starttls|tls",
            help="How the connection is secured.",
            envvar="JALON_SMTP_TLS",
        ),
    ] = "none",
    user: Annotated[
        str | None, typer.Option("--user", metavar="NAME", help="To sign in there.", envvar="JALON_SMTP_USER")
    ] = None,
    password: Annotated[
        str | None,
        typer.Option(
            "--password",
            metavar="TEXT",
            help="With this password.",
            envvar="JALON_SMTP_PASSWORD",
            show_envvar=True,
        ),
    ] = None,
    data: DataOption = LOCAL_FOLDER,
) -> None:
    """Send an example of one e-mail, as a test of the mail server and of the mailbox that shows it."""
    policy = _store(stores, store)
    rendered = next(_rendered(Renderer(templates), policy, _known(email), language))
    sender = policy.store.support_email
    mail = OutgoingMail(
        message_id=message_id(new_id("receipt"), sender),
        to=_address(to),
        sender=sender_named(policy.store.name, sender),
        subject=f"[Test] {rendered.subject}",
        html=rendered.html,
        text=rendered.text,
        headers={"X-Jalon-Template": email},
    )
    server = SmtpServer(host, port or MachineFolder(data).ports.get("smtp", 25), tls, user, password)
    try:
        asyncio.run(SmtpMailer(server).send(mail))
    except MailFault as fault:
        raise Refused(f"{server.host}:{server.port} did not take it: {fault.reason}") from None
    typer.echo(f"{server.host}:{server.port} took {email} for {to}")


@app.command()
def bounce(stores: Stores = Path("stores"), data: DataOption = LOCAL_FOLDER) -> None:
    """Read one delivery report (RFC 3464) from the standard input, as a mail server pipes what comes back.

    The e-mail's row then says that it came back, and the person's address counts as undeliverable until an e-mail is taken again. A
    renewal notice that came back proves nothing any more, and its subscription hears of it.
    """
    try:
        found = read_bounce(sys.stdin.buffer.read())
    except NoReport as wrong:
        raise Refused(f"this is no delivery report that can be read: {wrong}") from None
    if found is None:
        typer.echo("a delay or a success: nothing to note")
        return
    policies = load_stores(stores)
    named = tuple(policies)
    live = frozenset(each for each, policy in policies.items() if policy.store.clock == "live")
    entity = on_database(data, lambda tx: take_bounce(tx, found.message_id, found.status, live), named)
    if entity is None:
        raise Refused(f"no e-mail of {', '.join(named)} left as {found.message_id}")
    typer.echo(f"noted: {found.message_id} of {entity} came back ({found.status})")


def _address(text: str) -> str:
    try:
        return wire_address(text)
    except ValueError as wrong:
        raise Refused(f'"{text}" is no e-mail address: {wrong}') from None


def _known(name: str) -> str:
    if name not in EMAILS:
        raise Refused(f"there is no e-mail {name}: one of {', '.join(sorted(EMAILS))}")
    return name


def _store(stores: Path, wanted: str | None) -> StorePolicy:
    policies = load_stores(stores)
    if wanted is None:
        return next(iter(policies.values()))
    if wanted not in policies:
        raise Refused(f"there is no store {wanted} in {stores}: one of {', '.join(policies)}")
    return policies[wanted]

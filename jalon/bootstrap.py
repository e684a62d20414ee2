"""The composition root: turns settings into wired parts."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Self

from pydantic_core import to_jsonable_python
from temporalio.client import Client

from activities.clock import Clock
from activities.documents import Documents
from activities.mail import Mail
from activities.payments import Payments
from activities.people import People
from activities.policies import Policies
from activities.records import Records
from activities.repairs import Repairs
from activities.screening import Screening
from activities.stalls import StallWatch
from activities.stops import Stops
from jalon.inbox.dispatch import CommandDispatcher
from jalon.inbox.resetting import EntityResetter
from jalon.integrations.audit_heads import HeadsFile, HeadsUnusable, read_private_key
from jalon.integrations.documents import ContractRenderer
from jalon.integrations.links import Links
from jalon.integrations.mail.registry import MAILERS
from jalon.integrations.mail.renderer import Renderer
from jalon.integrations.mail.smtp import SmtpServer
from jalon.integrations.payments.port import PaymentProvider
from jalon.integrations.payments.registry import (
    PROVIDERS,
    ConfiguredProvider,
    ProvidersMisconfigured,
    configure,
)
from jalon.integrations.screening.registry import SAMPLE_LIST, SCREENERS
from jalon.integrations.temporal.client import TemporalServer, connect
from jalon.integrations.temporal.codec import EncryptingCodec
from jalon.persistence.entities import records
from jalon.persistence.operations import clocks
from jalon.persistence.people.parties import Parties
from jalon.persistence.people.vault import Vault
from jalon.persistence.sessions import Sessions
from jalon.policy.authoring.faults import StoreFileFaults
from jalon.policy.authoring.loader import load_stores
from jalon.policy.model.store_policy import StorePolicy
from jalon.settings import PROVIDERS_VARIABLE, KeyRing, Settings, SettingsInvalid
from workflows.lifecycles import LIFECYCLES


@dataclass(frozen=True)
class Installation:
    """The configuration of a process, read and checked before anything is connected."""

    settings: Settings
    policies: Mapping[str, StorePolicy]
    providers: Mapping[str, ConfiguredProvider]

    @classmethod
    def read(cls) -> Self:
        """Reads the settings of this process and the store files. Raises SettingsInvalid and StoreFileFaults."""
        settings = Settings.read()
        try:
            providers = configure(settings.payment_providers)
        except ProvidersMisconfigured as invalid:
            raise SettingsInvalid(
                tuple(f"{PROVIDERS_VARIABLE}: {fault}" for fault in invalid.faults)
            ) from None
        policies = load_stores(settings.stores_dir, PROVIDERS.keys() | providers.keys(), providers.keys())
        return cls(settings, policies, providers)

    @classmethod
    def read_or_exit(cls) -> Self:
        """Reads the configuration at the start of a program. A fault that a person can repair ends the program with a sentence and 1."""
        try:
            return cls.read()
        except (SettingsInvalid, StoreFileFaults) as fault:
            sys.exit(str(fault))


def audit_heads_or_exit(settings: Settings) -> HeadsFile | None:
    """The file of the audit's signed heads, None where the settings name none. What is missing ends the program with a sentence and 1."""
    file, key = settings.audit_heads_file, settings.audit_key_file
    if file is None and key is None:
        return None
    if file is None or key is None:
        missing = "JALON_AUDIT_HEADS_FILE" if file is None else "JALON_AUDIT_KEY_FILE"
        sys.exit(
            str(SettingsInvalid((f"{missing} is missing: the heads of the audit need a file and a key",)))
        )
    try:
        return HeadsFile(file, read_private_key(key))
    except HeadsUnusable as unusable:
        sys.exit(str(SettingsInvalid((f"JALON_AUDIT_KEY_FILE: {unusable}",))))


@dataclass(frozen=True)
class Resources:
    """The resources of the API and the relay."""

    settings: Settings
    sessions: Sessions
    vault: Vault
    parties: Parties
    policies: Mapping[str, StorePolicy]
    providers: Mapping[str, PaymentProvider]
    links: Links
    mail: Mail
    dispatcher: CommandDispatcher

    def is_live(self, store: str) -> bool:
        """Whether the store's clock is real time."""
        return self.policies[store].store.clock == "live"


def _newest_first(ring: KeyRing) -> list[bytes]:
    return [ring.keys[ring.active], *(key for name, key in ring.keys.items() if name != ring.active)]


async def _temporal(settings: Settings, *, lazy: bool) -> Client:
    server = TemporalServer(
        settings.temporal_address,
        settings.temporal_namespace,
        settings.temporal_tls,
        settings.temporal_tls_ca,
        settings.temporal_tls_cert,
        settings.temporal_tls_key,
        settings.temporal_api_key.get_secret_value() if settings.temporal_api_key else None,
    )
    return await connect(
        server, EncryptingCodec(settings.codec_keys.active, settings.codec_keys.keys), lazy=lazy
    )


def _release(settings: Settings) -> str:
    """The version of this process, with what was deployed where the settings say it."""
    return version("jalon") + (f"+{settings.release}" if settings.release else "")


@asynccontextmanager
async def open_resources(installation: Installation) -> AsyncIterator[Resources]:
    """Connects to PostgreSQL and, with the first call, to Temporal; closes both when the block ends."""
    settings, policies = installation.settings, installation.policies
    sessions = Sessions.connect(
        settings.database_url.get_secret_value(),
        pool_size=settings.database_pool_size,
        release=_release(settings),
    )
    vault = Vault(settings.person_keys.keys[settings.person_keys.active])
    providers = {name: provider.open() for name, provider in installation.providers.items()}
    dispatcher = CommandDispatcher(
        await _temporal(settings, lazy=True), sessions, settings.task_queue, LIFECYCLES
    )
    try:
        await serve_stores(sessions, policies)
        parties, links = Parties(vault), Links(_newest_first(settings.link_keys))
        mail = _mail(settings, sessions, parties, links, policies)
        yield Resources(settings, sessions, vault, parties, policies, providers, links, mail, dispatcher)
    finally:
        for provider in providers.values():
            await provider.aclose()
        await sessions.close()


async def serve_stores(sessions: Sessions, policies: Mapping[str, StorePolicy]) -> None:
    """Records which policies and terms of sale are in force, and gives sandbox stores their clocks.

    All stores are one transaction, so that an installation of many waits once for the disk.
    """
    served = {store: (each.policy_hash, to_jsonable_python(each.store)) for store, each in policies.items()}
    terms = {
        store: {text.sha256: text.content for text in each.documents} for store, each in policies.items()
    }
    async with sessions.of(*policies) as tx:
        await records.keep_policies(tx, served)
        await records.keep_terms(tx, terms)
        for store, policy in policies.items():
            if policy.store.clock == "test":
                await clocks.create(tx, store, policy.store.clock_starts_at)


@dataclass(frozen=True)
class WorkerResources:
    """The resources of a worker: the client, and the activities by where they run."""

    settings: Settings
    client: Client
    activities: list[Callable[..., Any]]
    database_activities: list[Callable[..., Any]]
    stall_watch: StallWatch


@asynccontextmanager
async def open_worker_resources(installation: Installation) -> AsyncIterator[WorkerResources]:
    """Opens the resources of a worker. Waits for Temporal to be reachable."""
    settings = installation.settings
    async with open_resources(installation) as resources:
        client = await _temporal(settings, lazy=False)
        database = _database_activities(resources)
        yield WorkerResources(
            settings,
            client,
            [*database, *_outside_activities(resources, client)],
            database,
            StallWatch(resources.sessions),
        )


def _mail(
    settings: Settings,
    sessions: Sessions,
    parties: Parties,
    links: Links,
    policies: Mapping[str, StorePolicy],
) -> Mail:
    smtp = SmtpServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        tls=settings.smtp_tls,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
    )
    renderer = Renderer(settings.templates_dir)
    return Mail(sessions, parties, renderer, MAILERS["smtp"](smtp), links, policies, settings.public_url)


def _database_activities(resources: Resources) -> list[Callable[..., Any]]:
    records_, people = Records(resources.sessions), People(resources.sessions, resources.parties)
    policies = Policies(resources.sessions, resources.policies)
    documents = Documents(
        resources.sessions, resources.parties, ContractRenderer(resources.settings.templates_dir)
    )
    return [
        records_.record_transition,
        records_.note_rest,
        records_.check_closing,
        policies.ask_policy,
        policies.renewal_terms,
        people.find_identity,
        people.set_up_identity,
        people.purge,
        documents.draw_up_contract,
        documents.draw_up_signed_copy,
    ]


def _outside_activities(resources: Resources, client: Client) -> list[Callable[..., Any]]:
    settings = resources.settings
    screening = Screening(
        resources.sessions, resources.parties, SCREENERS["list_file"](settings.screening_list or SAMPLE_LIST)
    )
    payments = Payments(resources.sessions, resources.providers, resources.policies)
    dispatcher = CommandDispatcher(client, resources.sessions, settings.task_queue, LIFECYCLES)
    clock = Clock(resources.sessions, dispatcher, resources.providers)
    resetter = EntityResetter(client, [row.workflow for row in LIFECYCLES.values()])
    repairs = Repairs(resources.sessions, dispatcher, resetter, resources.policies)
    stops = Stops(resources.sessions)
    return [
        resources.mail.send_mail,
        screening.screen,
        screening.screen_person,
        payments.pay,
        stops.await_lifting,
        clock.walk,
        repairs.observe_repair,
        repairs.send_repair,
        repairs.move_repair,
        repairs.end_repair,
    ]

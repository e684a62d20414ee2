"""The resources of an API process, and the functions by which a request reaches them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from starlette.requests import Request

from activities.mail import Mail
from jalon.inbox.dispatch import CommandDispatcher
from jalon.integrations.links import Links
from jalon.integrations.payments.port import PaymentProvider
from jalon.persistence.people.parties import Parties
from jalon.persistence.people.vault import Vault
from jalon.persistence.sessions import Sessions
from jalon.policy.model.store_policy import StorePolicy
from jalon.settings import Settings


class ApiResources(Protocol):
    """The resources of the API; `bootstrap` opens them."""

    @property
    def settings(self) -> Settings: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def vault(self) -> Vault: ...
    @property
    def parties(self) -> Parties: ...
    @property
    def policies(self) -> Mapping[str, StorePolicy]: ...
    @property
    def providers(self) -> Mapping[str, PaymentProvider]: ...
    @property
    def links(self) -> Links: ...
    @property
    def mail(self) -> Mail: ...
    @property
    def dispatcher(self) -> CommandDispatcher: ...

    def is_live(self, store: str) -> bool:
        """Whether the store's clock is real time."""
        ...


def opened_resources(request: Request) -> ApiResources | None:
    """The resources of the process; None while it starts or stops."""
    opened: ApiResources | None = getattr(request.app.state, "resources", None)
    return opened


def resources_of(request: Request) -> ApiResources:
    """The resources opened when the process started. Raises LookupError while the process starts or stops."""
    opened = opened_resources(request)
    if opened is None:
        raise LookupError("the process has no resources open")
    return opened

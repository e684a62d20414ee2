"""The resources of an API process, and how a request finds them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from starlette.requests import Request

from activities.dispatch import CommandDispatcher
from integrations.links import Links
from integrations.payments.port import PaymentProvider
from persistence.parties import Parties
from persistence.sessions import Sessions
from persistence.vault import Vault
from policy.model import StorePolicy
from settings import Settings


class ApiResources(Protocol):
    """What the API works with; `bootstrap` opens them."""

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
    def dispatcher(self) -> CommandDispatcher: ...

    def is_live(self, store: str) -> bool:
        """Whether the store lives by real time."""
        ...


def opened_resources(request: Request) -> ApiResources | None:
    """The resources of the process; None while it starts or stops."""
    opened: ApiResources | None = getattr(request.app.state, "resources", None)
    return opened


def resources_of(request: Request) -> ApiResources:
    """The resources that were opened when the process started. Raises LookupError while it starts or stops."""
    opened = opened_resources(request)
    if opened is None:
        raise LookupError("the process has no resources open")
    return opened

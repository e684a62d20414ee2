"""Every kind of payment provider. A new one is its file and its line in PROVIDERS.

An installation opens any number of providers, each under its own name. That name stands in `payment.provider` of a store, in the ledger
and in the path of its webhooks. Without a `kind` the name is the kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from jalon.integrations.payments.configuration import ProviderSettings
from jalon.integrations.payments.port import PaymentProvider
from jalon.integrations.payments.sandbox import SandboxProvider, SandboxSettings

S = TypeVar("S", bound=ProviderSettings)

KIND = "kind"


@dataclass(frozen=True, slots=True)
class ProviderKind(Generic[S]):
    """The settings class of a kind of provider, and the function that opens the provider with them."""

    settings: type[S]
    open: Callable[[S], PaymentProvider]


PROVIDERS: dict[str, ProviderKind[Any]] = {
    "sandbox": ProviderKind(SandboxSettings, SandboxProvider),
}


class ProvidersMisconfigured(Exception):
    """The settings of payment providers cannot be used. `faults` are sentences, each with provider, key and way out."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


@dataclass(frozen=True, slots=True)
class ConfiguredProvider:
    """A provider whose settings are complete. It is not connected yet."""

    kind: ProviderKind[Any]
    settings: ProviderSettings

    def open(self) -> PaymentProvider:
        """The provider, to be closed by the caller."""
        return self.kind.open(self.settings)


def configure(given: Mapping[str, Mapping[str, object]]) -> dict[str, ConfiguredProvider]:
    """The providers of an installation by name. Raises ProvidersMisconfigured, which names all faults at once."""
    configured: dict[str, ConfiguredProvider] = {}
    faults: list[str] = []
    for name, keys in given.items():
        kind = PROVIDERS.get(str(keys.get(KIND, name)))
        if kind is None:
            faults.append(_unknown_kind(name, keys))
            continue
        try:
            settings = kind.settings.model_validate({key: keys[key] for key in keys if key != KIND})
        except ValidationError as invalid:
            faults.extend(_faults(name, kind.settings, invalid))
            continue
        configured[name] = ConfiguredProvider(kind, settings)
    if faults:
        raise ProvidersMisconfigured(tuple(faults))
    return configured


def open_provider(name: str, keys: Mapping[str, object]) -> PaymentProvider:
    """One provider, to be closed by the caller. Raises ProvidersMisconfigured."""
    return configure({name: keys})[name].open()


def _unknown_kind(name: str, keys: Mapping[str, object]) -> str:
    known = ", ".join(sorted(PROVIDERS))
    if KIND in keys:
        return f'{name}.{KIND}: no payment provider "{keys[KIND]}"; it is one of {known}'
    return f'{name}: no payment provider "{name}"; name one of {known}, or say which it is with "{KIND}"'


def _faults(name: str, settings: type[ProviderSettings], invalid: ValidationError) -> list[str]:
    takes = ", ".join(settings.model_fields)
    said = {"missing": "is missing; add it", "extra_forbidden": f"is no setting here; it takes {takes}"}
    return [
        ".".join([name, *map(str, fault["loc"])])
        + (
            f" {said[fault['type']]}"
            if fault["type"] in said
            else f": {fault['msg'].removeprefix('Value error, ')}"
        )
        for fault in invalid.errors()
    ]

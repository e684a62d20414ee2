"""One operation of the API as data: the request, and the type of its answer."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Self, TypeVar
from urllib.parse import quote

T = TypeVar("T")


@dataclass(frozen=True)
class Call(Generic[T]):
    """One request and the type `T` of its answer.

    `key` is the Idempotency-Key of a write. Without one, each sending of the call makes a new key, which its retries repeat. `reads` says
    that a call which is no GET changes nothing.
    """

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    query: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    key: str | None = None
    reads: bool = False

    @property
    def writes(self) -> bool:
        """Whether the call changes something."""
        return self.method != "GET" and not self.reads

    def under(self, key: str | None) -> Self:
        """The same call under this idempotency key."""
        return dataclasses.replace(self, key=key)

    def keyed(self) -> Self:
        """The same call; a write without a key gets a new one."""
        return self.under(str(uuid.uuid4())) if self.writes and self.key is None else self


def path_to(*parts: str | int) -> str:
    """The path of these parts under /v1. An id with special characters stays one part."""
    return "/v1/" + "/".join(quote(str(part), safe="") for part in parts)


def query_of(**wanted: str | int | None) -> dict[str, str]:
    """The query of the given values; None is left out."""
    return {name: str(value) for name, value in wanted.items() if value is not None}


def body_of(**given: Any) -> dict[str, Any]:
    """The body of the given values."""
    return {name: value for name, value in given.items() if value is not None}

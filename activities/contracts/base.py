"""The typed reference of an activity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

Asked = TypeVar("Asked")


Answer = TypeVar("Answer")


@dataclass(frozen=True)
class ActivityRef(Generic[Asked, Answer]):
    """The name of an activity with the types of its request and its answer."""

    name: str
    asked: type[Asked]
    answer: type[Answer]


@dataclass(frozen=True)
class Done:
    """The effect happened; the answer carries no data."""

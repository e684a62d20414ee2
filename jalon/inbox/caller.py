"""Who writes or reads: the key or link of a request, and the stores that it opens."""

from __future__ import annotations

from dataclasses import dataclass

from jalon.inbox.rejections import TargetUnknown


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `principal` is the key or link it came with, `actor` the person behind it; `stores` are those it may see."""

    principal: str
    actor: str
    role: str
    stores: tuple[str, ...]
    everywhere: bool = False

    def seeing(self, store: str | None) -> tuple[str, ...]:
        """The stores to look in: the one asked for, or all the caller's. Raises TargetUnknown for one that is not theirs."""
        if store is None:
            return self.stores
        if store not in self.stores:
            raise TargetUnknown("store")
        return (store,)

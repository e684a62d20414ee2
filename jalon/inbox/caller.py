"""The sender of a request: its API key or link, and the stores that the key or link may read and write."""

from __future__ import annotations

from dataclasses import dataclass

from jalon.inbox.rejections import TargetUnknown


@dataclass(frozen=True, slots=True)
class Caller:
    """The sender of a request.

    `principal` is the scope of its idempotency keys: the person or system behind its API key, or its link. `actor` is that person's
    name; `stores` are those it may see. `key` is the id of its API key, None of a link; `accepted`, whether its person had accepted the
    key when the token was looked up.
    """

    principal: str
    actor: str
    role: str
    stores: tuple[str, ...]
    everywhere: bool = False
    key: str | None = None
    accepted: bool = False

    def seeing(self, store: str | None) -> tuple[str, ...]:
        """The store ids to read: `store` alone, or all the caller's. Raises TargetUnknown for a store that is not the caller's."""
        if store is None:
            return self.stores
        if store not in self.stores:
            raise TargetUnknown("store")
        return (store,)

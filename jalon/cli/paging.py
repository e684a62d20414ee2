"""Lists that the API gives page by page, for the terminal: so many rows, whatever a page holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jalon.client.calls import Call

if TYPE_CHECKING:
    from jalon.client.sync import Client

LARGEST_PAGE = 100
LimitOption = Annotated[
    int, typer.Option("--limit", metavar="NUMBER", min=1, max=100_000, help="How many at most.")
]


def page(client: Client, call: Callable[[int, Any], Call[Any]], limit: int) -> dict[str, Any]:
    """The first `limit` rows of a list, as one page. `call` makes the call for a page of a size after a cursor."""
    rows: list[Any] = []
    after = None
    while True:
        found = client.send(call(min(LARGEST_PAGE, limit - len(rows)), after))
        rows += found["data"]
        after = found["next"]
        if after is None or len(rows) >= limit:
            return {"data": rows, "has_more": found["has_more"], "next": after}

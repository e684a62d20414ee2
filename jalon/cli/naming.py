"""How a command finds the entity that a person names: by its id or by the number in its e-mails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jalon.cli.connection import Refused

if TYPE_CHECKING:
    from jalon.client.sync import Client

EntityArgument = Annotated[
    str, typer.Argument(metavar="ORDER", help="ord_…, sub_…, or the order's number, as in DRA-2026-A2T4SS.")
]


def is_id(text: str) -> bool:
    """Whether the text is the id of an entity."""
    from jalon.domain.kinds import KINDS  # noqa: PLC0415 (it loads every e-mail; completing a command line does without)

    return KINDS.of_id(text) is not None


def id_of(client: Client, text: str, *, exactly: bool = False) -> str:
    """The id itself, or that of the only order that is found by the text. Raises Refused.

    Where `exactly`, only a number counts, since what is done to the wrong order stays done.
    """
    from jalon.client import operations  # noqa: PLC0415

    named = text.strip()
    if is_id(named):
        return named
    found = [each for each in client.send(operations.search(named))["data"] if each["kind"] == "order"]
    numbered = [each for each in found if str(each["number"]).lower() == named.lower()]
    if len(numbered) == 1 or (len(found) == 1 and not exactly):
        return str((numbered or found)[0]["id"])
    if not found:
        raise Refused(f"no order is found by {text} with your key: give its number or id, as in its e-mails")
    raise Refused(f"{_several(found, text)}: name one by its number or id\n{_listed(found)}")


def _several(found: Sequence[Mapping[str, Any]], text: str) -> str:
    return f"{len(found)} orders are found by {text}" if len(found) > 1 else f"no order has the number {text}"


def _listed(found: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join(
        f"  {each['id']}  {each['number']}  {each.get('standing') or ''}".rstrip() for each in found
    )

"""The connection of a command to the API: an address and a key, given or found in the local machine's folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from jalon.domain.explained import Explained
from jalon.local.folder import MachineFolder

if TYPE_CHECKING:
    from jalon.client.sync import Client

PATIENCE_SECONDS = 5.0

ApiOption = Annotated[
    str | None, typer.Option("--api", metavar="URL", envvar="JALON_API_URL", help="Address of the API.")
]
KeyOption = Annotated[
    str | None,
    typer.Option("--key", metavar="TOKEN", envvar="JALON_API_KEY", help="Your key.", show_envvar=True),
]
DataOption = Annotated[
    Path, typer.Option("--data", metavar="FOLDER", help="Folder of the local machine.", file_okay=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
StoreOption = Annotated[str | None, typer.Option("--store", metavar="STORE", help="Only this store.")]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the audit.")]
LOCAL_FOLDER = Path(".jalon")


class Refused(Explained):
    """A command cannot be carried out; the text is for the terminal."""


def connect(api: str | None, key: str | None, data: Path, role: str) -> Client:
    """A client with the given address and key, else with those of the local machine in `data` for `role`. Raises Refused."""
    # The client loads HTTP, which completing a command line does not wait for.
    from jalon.client.conversation import Manner  # noqa: PLC0415
    from jalon.client.sync import Client  # noqa: PLC0415

    folder = MachineFolder(data)
    url, token = api or folder.addresses.get("api"), key or folder.keys.get(role)
    if url is None or token is None:
        missing = "--api" if url is None else "--key"
        raise Refused(f"no machine was started in {data}: give {missing}, or run `jalon up` first")
    if api is None and not folder.runs:
        raise Refused(f"the machine in {data} is stopped: start it with `jalon up --data {data}`")
    return Client(_address(url), _token(token), Manner(patience=PATIENCE_SECONDS))


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        readable = parts.scheme in ("http", "https") and parts.hostname is not None and parts.port != 0
    except ValueError:
        readable = False
    if not readable:
        raise Refused(f'"{url}" is no address of an API: write it as in http://127.0.0.1:8080')
    return url.rstrip("/")


def _token(token: str) -> str:
    if not (token.isascii() and token.isprintable()):
        raise Refused(
            "the key holds a character that no key has: copy it again, as `jalon keys issue` printed it"
        )
    return token

"""The connection of a command to the API: an address and a key, given or found in the local machine's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jalon.client.conversation import Manner
from jalon.client.sync import Client
from jalon.domain.explained import Explained
from jalon.local.folder import MachineFolder

PATIENCE_SECONDS = 5.0

ApiOption = Annotated[str | None, typer.Option("--api", envvar="JALON_API_URL", help="Address of the API.")]
KeyOption = Annotated[
    str | None, typer.Option("--key", envvar="JALON_API_KEY", help="Your key.", show_envvar=True)
]
DataOption = Annotated[Path, typer.Option("--data", help="Folder of the local machine.")]
LOCAL_FOLDER = Path(".jalon")


class Refused(Explained):
    """A command cannot be carried out; the text is for the terminal."""


def connect(api: str | None, key: str | None, data: Path, role: str) -> Client:
    """A client with the given address and key, else with those of the local machine in `data` for `role`. Raises Refused."""
    folder = MachineFolder(data)
    url, token = api or folder.addresses.get("api"), key or folder.keys.get(role)
    if url is None or token is None:
        missing = "--api" if url is None else "--key"
        raise Refused(f"no machine was started in {data}: give {missing}, or run `jalon up` first")
    if api is None and not folder.runs:
        raise Refused(f"the machine in {data} is stopped: start it with `jalon up --data {data}`")
    return Client(url.rstrip("/"), token, Manner(patience=PATIENCE_SECONDS))

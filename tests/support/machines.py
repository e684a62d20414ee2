"""One machine for all processes of a test run: the first that needs it starts it, and stops it once the others have left."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Protocol

from jalon.local.machine import Machine


class Serving(Protocol):
    """A machine as a test sees it that does not stop its programs."""

    @property
    def urls(self) -> Mapping[str, str]: ...
    @property
    def keys(self) -> Mapping[str, str]: ...
    @property
    def environment(self) -> Mapping[str, str]: ...
    @property
    def owner_url(self) -> str: ...
    @property
    def data_dir(self) -> Path: ...
    @property
    def stores_dir(self) -> Path: ...


@dataclass(frozen=True)
class Description:
    """A machine that another process started."""

    urls: dict[str, str]
    keys: dict[str, str]
    environment: dict[str, str]
    owner_url: str
    data_dir: Path
    stores_dir: Path

    @classmethod
    def of(cls, machine: Serving) -> Description:
        """What a machine tells about itself."""
        urls, keys, environment = (dict(each) for each in (machine.urls, machine.keys, machine.environment))
        return cls(urls, keys, environment, machine.owner_url, machine.data_dir, machine.stores_dir)

    @classmethod
    def read(cls, text: str) -> Description:
        """The description in a text that `text` made."""
        found = json.loads(text)
        places = {name: Path(found[name]) for name in ("data_dir", "stores_dir")}
        return cls(**{**found, **places})

    @property
    def text(self) -> str:
        """The description as JSON."""
        return json.dumps(asdict(self), default=str)


class SharedMachine:
    """The part of one process in the machine of a run, whose files are in `folder`."""

    def __init__(self, folder: Path, make: Callable[[], Machine]) -> None:
        self._folder = folder
        self._make = make
        self._description = folder / "description.json"
        self._users: IO[str] | None = None
        self._own: Machine | None = None

    def join(self) -> Serving:
        """The running machine. The first process starts it; the others wait until it serves, or start it when the first failed."""
        self._users = (self._folder / "users").open("a")
        with _locked(self._folder / "start"):
            fcntl.flock(self._users, fcntl.LOCK_SH)
            if not self._description.exists():
                self._own = self._make()
                self._own.__enter__()
                self._description.write_text(Description.of(self._own).text)
            return Description.read(self._description.read_text())

    def leave(self) -> None:
        """Leaves the machine. The process that started it waits for the others and stops it."""
        if self._users is None:
            return
        if self._own is not None:
            fcntl.flock(self._users, fcntl.LOCK_EX)
            # Who comes after this starts a machine of its own.
            self._description.unlink()
            self._own.close()
        self._users.close()


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

"""What the folder of a machine tells of it without starting it."""

from __future__ import annotations

import fcntl
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jalon.local.postgres import Postgres


@dataclass(frozen=True, slots=True)
class MachineFolder:
    """The folder of a machine, which may run, stand still, or never have been started."""

    path: Path

    @property
    def ports(self) -> dict[str, int]:
        """The port of each server by name, as of the last start; empty where no machine was ever started here."""
        return self._read("ports.json")

    @property
    def addresses(self) -> dict[str, str]:
        """The URL of each server by name, as of the last `jalon up`."""
        return self._read("addresses.json")

    @property
    def keys(self) -> dict[str, str]:
        """The API key of each role."""
        return self._read("keys.json")

    @property
    def was_started(self) -> bool:
        """Whether a machine was ever started here."""
        return (self.path / "ports.json").exists()

    @property
    def runs(self) -> bool:
        """Whether a machine holds the folder now. The kernel releases its lock with the process."""
        try:
            with (self.path / "lock").open() as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    @property
    def database_url(self) -> str | None:
        """The address of the application's database; None where no machine was ever started here."""
        return self._postgres.application_url if self.was_started else None

    @property
    def owner_url(self) -> str | None:
        """The address of the database for the schema's owner; None where no machine was ever started here."""
        return self._postgres.owner_url if self.was_started else None

    @property
    def _postgres(self) -> Postgres:
        # Both load the driver of PostgreSQL, which most commands do without.
        from jalon.local.keyring import read_or_make  # noqa: PLC0415
        from jalon.local.postgres import Postgres  # noqa: PLC0415

        return Postgres(self.path / "postgres", self.ports["postgres"], read_or_make(self.path).passwords)

    def _read(self, name: str) -> dict[str, Any]:
        try:
            found = json.loads((self.path / name).read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return found if isinstance(found, dict) else {}

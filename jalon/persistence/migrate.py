"""Brings the database's schema up to this release."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script.revision import ResolutionError
from alembic.util import CommandError
from psycopg.errors import LockNotAvailable
from sqlalchemy.exc import OperationalError

from jalon.domain.explained import Explained

_MIGRATIONS = Path(__file__).parent / "migrations"


class RevisionUnknown(Explained):
    """The database is at a revision that this release does not know. The text names the way out."""

    def __init__(self, revision: str, way_out: str) -> None:
        super().__init__(
            f"the database is at revision {revision}, which this release does not know. {way_out}"
        )
        self.revision = revision


class TablesInUse(Explained):
    """Another transaction holds a table that a migration changes. Nothing was changed."""

    def __init__(self) -> None:
        super().__init__(
            "another transaction holds a table that the upgrade needs. Nothing was changed: run it again"
        )


def _config(owner_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("sqlalchemy.url", owner_url.replace("%", "%%"))
    return config


def upgrade(owner_url: str) -> None:
    """Applies every migration not yet applied, as the owner role; safe to repeat.

    Raises RevisionUnknown, TablesInUse.
    """
    try:
        command.upgrade(_config(owner_url), "head")
    except CommandError as error:
        if not isinstance(error.__cause__, ResolutionError):
            raise
        raise RevisionUnknown(
            str(error.__cause__.argument), "Use the release that made it, or begin with an empty database."
        ) from None
    except OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
        raise TablesInUse from None

"""Brings the database's schema up to this release."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

_MIGRATIONS = Path(__file__).parent / "migrations"


def _config(owner_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("sqlalchemy.url", owner_url.replace("%", "%%"))
    return config


def upgrade(owner_url: str) -> None:
    """Applies every migration not yet applied, as the owner role; safe to repeat."""
    command.upgrade(_config(owner_url), "head")


def head() -> str:
    """The newest revision that this release knows."""
    revision = ScriptDirectory.from_config(_config("postgresql://")).get_current_head()
    if revision is None:
        raise RuntimeError("there are no migrations")
    return revision

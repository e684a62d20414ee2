"""`jalon db`: the schema of the database that the settings name."""

from __future__ import annotations

import os

import typer

from jalon.persistence import migrate
from jalon.persistence.revision import newest

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="The schema of the database named by the settings."
)


@app.callback()
def _group() -> None:
    """Keeps `upgrade` a command of its own: a group of one command would be that command."""


@app.command()
def upgrade() -> None:
    """Bring the schema up to this release, as its owner (JALON_DATABASE_OWNER_URL)."""
    url = os.environ.get("JALON_DATABASE_OWNER_URL")
    if url is None:
        typer.echo(
            "JALON_DATABASE_OWNER_URL is missing; `jalon up` upgrades the local database by itself", err=True
        )
        raise typer.Exit(1)
    migrate.upgrade(url.replace("postgresql://", "postgresql+psycopg://", 1))
    typer.echo(f"the database is at revision {newest()}")

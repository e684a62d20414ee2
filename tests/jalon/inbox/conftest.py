"""The database of the persistence tests, for what is built on it."""

from __future__ import annotations

from tests.jalon.persistence.conftest import entity, here, sessions

__all__ = ["entity", "here", "sessions"]

"""The database fixtures of the persistence tests."""

from __future__ import annotations

from tests.jalon.persistence.conftest import entity, here, sessions

__all__ = ["entity", "here", "sessions"]

"""The team of a run: a key of each role, and the paths for which each is meant.

Schemathesis loads this and `tests.fuzz.judging` into its own process: what they import must be quick to load.
"""

from __future__ import annotations

from collections.abc import Mapping

TEAM = "team"
"""In place of a role: each request carries the key of the role that it is meant for, so that one's order is another's work."""
TEAM_KEYS = "FUZZ_TEAM_KEYS"
MEANT_FOR: Mapping[str, str] = {
    "/v1/ops": "ops",
    "/v1/compliance": "compliance",
    "/v1/support": "support",
    "/v1/people": "support",
    "/v1/keys": "admin",
    "/v1/test-clocks": "admin",
}
"""The role of a path by its beginning. Every other path is the storefront's."""

"""One run of schemathesis for one role."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.ground import ROLES, Ground
from tests.fuzz.team import TEAM, TEAM_KEYS

ROOT = Path(__file__).resolve().parents[2]
JUDGING = "tests.fuzz.judging"
LISTED = ("kind",)
"""In a query it is a list of other kinds, whose values schemathesis cannot look up."""
IN_BODIES = {
    "store": ("store",),
    "country": ("country", "billing_address.country"),
    "audience": ("audience",),
    "currency": ("currency",),
    "sku": ("lines[*].sku",),
    "quantity": ("lines[*].quantity",),
    "term": ("lines[*].term",),
    "licence_kind": ("lines[*].licence_kind",),
    "kind": ("payment_method.kind",),
    "token": ("payment_method.token",),
    "step": ("step",),
    "email": ("buyer.email", "email"),
    "document_sha256": ("document_sha256",),
    "name": ("name", "buyer.name", "signer.name", "person"),
    "reason": ("reason",),
    "by": ("by",),
}
"""Where the bodies of requests name what exists."""
KNOWN_IN = 0.95
"""So often a value of a valid request names what exists, instead of anything that fits the description."""
STEPS_AT_MOST = 15
SCENARIOS_PER_EXAMPLE = 3
CHECKS = (
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
    "nothing_fails_here",
    "refusals_have_words",
    "valid_requests_are_refused_by_rule",
)
"""The checks of schemathesis, and those of `tests.fuzz.judging`."""

ALONE = ("--exclude-operation-id", "accept_key")
LEFT_OUT: Mapping[str, tuple[str, ...]] = {
    "admin": (*ALONE, "--exclude-operation-id", "revoke_key"),
    TEAM: (
        "--exclude-operation-id",
        "revoke_key",
        "--exclude-checks",
        "ignored_auth,missing_required_header",
    ),
}
"""What is not tried, of a role that is not named here ALONE.

A role has one key for its whole run, and an accepted key ends: a team goes on with the new one. An admin would revoke the keys of the run.
A team adds keys also where schemathesis leaves them out.
"""


@dataclass(frozen=True)
class Fuzz:
    """A run: the examples for each operation and phase, the seed, and the phases."""

    examples: int
    seed: int
    phases: Sequence[str] = ("examples", "coverage", "fuzzing", "stateful")

    def command(self, ground: Ground, role: str, folder: Path) -> list[str]:
        """The command that makes the requests of this role. It exits with 1 where a check fails."""
        settings = folder / f"{role}.toml"
        settings.write_text(self._settings(ground, role))
        return [
            sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings), "run", f"{ground.url}/openapi.json",
            *LEFT_OUT.get(role, ALONE), "--seed", str(self.seed), "--phases", ",".join(self.phases),
            "--checks", ",".join(CHECKS), "--continue-on-failure", "--no-shrink", "--generation-database", "none",
            "--suppress-health-check", "all", "--warnings", "off",
        ]  # fmt: skip

    def run(self, ground: Ground, role: str, folder: Path) -> subprocess.CompletedProcess[str]:
        """The finished run."""
        command, environment = self.command(ground, role, folder), self.environment(ground, role)
        return subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, check=False)

    def environment(self, ground: Ground, role: str) -> Mapping[str, str]:
        """The environment of the command: a team finds its keys there."""
        if role != TEAM:
            return os.environ
        return {**os.environ, TEAM_KEYS: json.dumps({each: ground.issue(each) for each in ROLES})}

    def _settings(self, ground: Ground, role: str) -> str:
        """The configuration file of schemathesis."""
        headers = {} if role == TEAM else {"Authorization": f"Bearer {ground.issue(role)}"}
        lines = [
            f"hooks = {json.dumps(JUDGING)}",
            "request-timeout = 60",
            "cache = { enabled = false }",
            f"generation = {{ max-examples = {self.examples} }}",
            "[phases.stateful]",
            f"max-steps = {STEPS_AT_MOST}",
            f"generation = {{ max-examples = {SCENARIOS_PER_EXAMPLE * self.examples} }}",
        ]
        lines += ["[headers]", *(f"{name} = {json.dumps(value)}" for name, value in headers.items())]
        for name, values in ground.known.items():
            lines += [f"[dictionaries.{name}]", f"values = {json.dumps(values)}"]
        lines.append("[parameters]")
        for name in ground.known:
            places = [
                f"path.{name}",
                *(() if name in LISTED else (f"query.{name}",)),
                *(f"body.{place}" for place in IN_BODIES.get(name, ())),
            ]
            bound = f'{{ dictionary = "{name}", probability = {KNOWN_IN} }}'
            lines += [f"{json.dumps(place)} = {bound}" for place in places]
        return "\n".join(lines) + "\n"

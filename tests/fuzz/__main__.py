"""`python -m tests.fuzz`: thousands of requests a role, against a machine of its own."""

from __future__ import annotations

import argparse
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

from jalon.local.machine import Machine
from jalon.local.ports import free_ports
from tests.fuzz.ground import ROLES, ground
from tests.fuzz.run import ROOT, Fuzz
from tests.fuzz.team import TEAM
from tests.support.stores import StorePool


def main() -> int:
    """Runs each role and prints what schemathesis prints. Returns 1 where a check failed for one of them."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument(
        "--role", action="append", choices=(*ROLES, TEAM), help="only this role; may be given again"
    )
    parser.add_argument(
        "--examples", type=int, default=50, help="requests for each operation and phase (%(default)s)"
    )
    parser.add_argument("--seed", type=int, help="makes the same requests again")
    asked = parser.parse_args()
    seed = secrets.randbelow(2**31) if asked.seed is None else asked.seed
    failed = []
    with tempfile.TemporaryDirectory(prefix="jalon-fuzz-") as place:
        folder = Path(place)
        print(f"seed {seed}; the same again with --seed {seed}", flush=True)
        pool = StorePool.stock(folder / "stores", (ROOT / "stores",), {"fastening": 1, "geomatics": 1})
        with (
            Machine(
                folder / "machine", pool.folder, ports=free_ports(), durable=False, report=print
            ) as machine,
            ground(machine, pool) as tried,
        ):
            for role in asked.role or (*ROLES, TEAM):
                print(f"\n{role}", flush=True)
                fuzz = Fuzz(asked.examples, seed)
                command, environment = fuzz.command(tried, role, folder), fuzz.environment(tried, role)
                if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
                    failed.append(role)
    print(f"failed for {', '.join(failed)}; seed {seed}" if failed else f"nothing found; seed {seed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

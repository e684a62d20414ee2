"""A second payment provider, added to a copy of the tree where docs/where-to-change-what.md says, and nowhere else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TREE = ("activities", "api", "jalon", "stores", "templates", "tests", "workflows")
NAME = "house_bank"

FILE = '''"""The bank next door: it speaks as the sandbox does, and names its settings otherwise."""

from jalon.integrations.payments.configuration import Address, ProviderSettings, WebhookSecret
from jalon.integrations.payments.sandbox import SandboxProvider, SandboxSettings


class HouseBankSettings(ProviderSettings):
    """Where the bank is, and what it signs its events with."""

    counter: Address
    seal: WebhookSecret


class HouseBank(SandboxProvider):
    """`PaymentProvider` at the bank next door."""

    def __init__(self, settings: HouseBankSettings) -> None:
        super().__init__(SandboxSettings(url=settings.counter, webhook_secret=settings.seal))
'''
LINE = f'    "{NAME}": ProviderKind(HouseBankSettings, HouseBank),\n'
IMPORT = "from jalon.integrations.payments.house_bank import HouseBank, HouseBankSettings\n"
CASE = """

@asynccontextmanager
async def _house_bank(process: SandboxProcess) -> AsyncIterator[ProviderCase]:
    provider, nobody = (
        open_provider("house_bank", {"counter": url, "seal": WEBHOOK_SECRET})
        for url in (process.url, "http://127.0.0.1:9")
    )
    yield ProviderCase(
        provider,
        nobody,
        pays="card_ok",
        declines=("card_insufficient_funds", "insufficient_funds", True),
        declines_when_stored=("card_lost", "lost_card", False),
        challenges="card_3ds",
    )
    await provider.aclose()
    await nobody.aclose()


CASES["house_bank"] = _house_bank
"""


@dataclass(frozen=True)
class Copy:
    """A copy of the tree, whose programs run in processes of their own."""

    root: Path

    def add_house_bank(self) -> None:
        """Adds the provider's file, and its line in the registry."""
        payments = self.root / "jalon" / "integrations" / "payments"
        (payments / f"{NAME}.py").write_text(FILE)
        registry = payments / "registry.py"
        text = registry.read_text()
        text = text.replace(
            "from jalon.integrations.payments.port", IMPORT + "from jalon.integrations.payments.port", 1
        )
        before, opening, after = text.partition("PROVIDERS: dict[str, ProviderKind[Any]] = {\n")
        assert opening
        registry.write_text(before + opening + LINE + after)

    def add_its_case(self) -> None:
        """Adds the provider's case to the contract suite."""
        cases = self.root / "tests" / "jalon" / "integrations" / "payments" / "provider_cases.py"
        cases.write_text(cases.read_text() + CASE)

    def start(self, *module: str, variables: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Starts `python -m MODULE …` in the copy, with no other JALON_ variable set."""
        return subprocess.Popen(
            [sys.executable, *module],
            cwd=self.root,
            env=self._environment(variables or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(
        self, *module: str, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Runs `python -m MODULE …` in the copy to its end."""
        process = self.start("-m", *module, variables=variables)
        out, errors = process.communicate(timeout=110)
        return subprocess.CompletedProcess(module, process.returncode, out, errors)

    def _environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("JALON_", "PYTEST_"))
        }
        return {**inherited, "PYTHONPATH": str(self.root), **variables}


def copy_of_the_tree(folder: Path, parts: Sequence[str] = TREE) -> Copy:
    """A copy of the parts that programs, tests and stores need. Compiled modules come along, and stay valid."""
    half_written = shutil.ignore_patterns("*.pyc.*")
    for part in parts:
        shutil.copytree(ROOT / part, folder / part, ignore=half_written)
    for file in (*ROOT.glob("*.py"), ROOT / "pyproject.toml"):
        shutil.copy(file, folder)
    return Copy(folder)

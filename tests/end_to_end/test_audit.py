"""The relay of a machine signs the heads of its audit, and the command line verifies them with the public key alone."""

from __future__ import annotations

from jalon.integrations.audit_heads import read_public_key, read_signed
from jalon.local.keyring import AuditFiles
from tests.jalon.cli.conftest import Jalon, program
from tests.support.machines import Serving
from tests.support.world import eventually

__all__ = ["program"]


def test_the_audit_of_a_machine_is_verified_out_of_the_box(machine: Serving, program: Jalon) -> None:
    files = AuditFiles(machine.data_dir)
    assert files.private_key.stat().st_mode & 0o777 == 0o600
    public = read_public_key(files.public_key)
    eventually(lambda: files.heads.exists() and read_signed(files.heads, public).lines == 1, "a signed line")
    stores, data = str(machine.stores_dir), str(machine.data_dir)
    result = program("audit", "verify", "--stores", stores, "--data", data)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 signed line, the last of 20" in result.stdout
    assert "every entry is as it was recorded" in result.stdout

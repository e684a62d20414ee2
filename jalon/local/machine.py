"""The whole of Jalon on one computer: engines, outside world and its own processes, kept in one folder.

with Machine(Path(".jalon"), Path("stores"), report=print) as machine:
    httpx.get(machine.urls["api"] + "/healthz")
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from jalon.local import servers
from jalon.local.keyring import AuditFiles, Secrets, read_or_make
from jalon.local.ports import HOST, choose_ports
from jalon.local.postgres import Postgres
from jalon.local.process_registry import FolderLock, ProcessRegistry
from jalon.local.programs import Program
from jalon.local.seed_keys import seed_keys
from jalon.local.supervisor import Supervisor
from jalon.local.temporal import Temporal
from jalon.persistence.migrate import RevisionUnknown, upgrade

ENGINES = ("postgres", "temporal")
OUTSIDE = ("mailbox", "payments")
OWN = ("worker", "relay", "api")
EVERYTHING = (*ENGINES, *OUTSIDE, *OWN)
METRICS = {name: f"{name}_metrics" for name in OWN}
"""The names of the ports on which Jalon's own processes serve their metrics, by process."""
READY_WITHIN = 90.0


class Machine:
    """A context manager. Inside it every program serves; after it no process, port or lock is left.

    `given` holds JALON_* variables that replace what the machine would start itself. With JALON_DATABASE_URL and JALON_DATABASE_OWNER_URL
    it starts no PostgreSQL, with JALON_TEMPORAL_ADDRESS no Temporal, with JALON_SMTP_HOST no mailbox, with JALON_PAYMENT_PROVIDERS no
    payment sandbox. `programs` names the programs to start, of EVERYTHING. `ports` are the wanted ones by name. The other ports are those
    of the last run, since links in e-mails contain them, or the usual ones. What a machine that is not `durable` has written is lost where
    the computer stops, and is kept where its processes are killed.
    """

    def __init__(
        self,
        data_dir: Path,
        stores_dir: Path,
        *,
        ports: Mapping[str, int] | None = None,
        given: Mapping[str, str] | None = None,
        programs: Collection[str] = EVERYTHING,
        durable: bool = True,
        report: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self.data_dir = data_dir.resolve()
        self.stores_dir = stores_dir.resolve()
        self.ports: dict[str, int] = {}
        self._wanted_ports = dict(ports or {})
        self.force = threading.Event()
        self._given = dict(given or {})
        self._wanted = frozenset(programs) - _served_elsewhere(self._given)
        self._durable = durable
        self._report = report
        self._supervisors: dict[str, Supervisor] = {}
        self._keys: dict[str, str] = {}
        self._cleanup = ExitStack()

    def __enter__(self) -> Machine:
        """Starts every program and returns when all serve.

        Raises FolderInUse, ProgramFailed, PostgresUnavailable, TemporalUnavailable, RevisionUnknown, TablesInUse.
        """
        try:
            self._start_all()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stops every program in reverse order of start. Setting `force` from a signal handler skips the grace periods."""
        for tier in (OWN, OUTSIDE, ("temporal",), ("postgres",)):
            supervisors = [self._supervisors[name] for name in tier if name in self._supervisors]
            with ThreadPoolExecutor(max_workers=len(OWN)) as together:
                list(together.map(lambda supervisor: supervisor.stop(self.force), supervisors))
        self._cleanup.close()

    @property
    def urls(self) -> dict[str, str]:
        """The URL of each HTTP server, by name."""
        found = {name: f"http://{HOST}:{self.ports[name]}" for name in ("api", "mailbox", "payments")}
        if "temporal" in self._wanted:
            found["temporal_ui"] = self._temporal.ui_url
        return found | {each: f"http://{HOST}:{self.ports[each]}/metrics" for each in METRICS.values()}

    @property
    def pids(self) -> dict[str, int]:
        """The running processes by name."""
        pids = {name: supervisor.pid for name, supervisor in self._supervisors.items()}
        return {name: pid for name, pid in pids.items() if pid is not None}

    @property
    def keys(self) -> dict[str, str]:
        """One API key for each role, for every store, the same at every start; compliance has two people."""
        return self._keys

    @property
    def environment(self) -> dict[str, str]:
        """The JALON_* variables of Jalon's own processes, secrets included, the schema owner's not."""
        return {
            name: value for name, value in self._variables().items() if name != "JALON_DATABASE_OWNER_URL"
        }

    @property
    def owner_url(self) -> str:
        """The address of the database for migrations."""
        return self._variables()["JALON_DATABASE_OWNER_URL"]

    def kill(self, name: str, *, revive: bool = True) -> None:
        """Sends SIGKILL to a program. It is started again unless `revive` is False."""
        self._supervisors[name].kill(revive=revive)

    def stop(self, name: str) -> None:
        """Stops a program gracefully; it stays stopped until `start`."""
        self._supervisors[name].stop()

    def start(self, name: str) -> None:
        """Starts a stopped program and returns when it serves."""
        self._supervisors[name].start()
        self.wait_ready(name)

    def restore(self) -> None:
        """Starts every stopped program and returns when all serve. Raises ProgramFailed."""
        for supervisor in self._supervisors.values():
            supervisor.start()
        self.wait_ready()

    def wait_ready(self, *names: str, within: float = READY_WITHIN) -> None:
        """Returns when the named programs (all, when none is named) serve. Raises ProgramFailed."""
        for name in names or tuple(self._supervisors):
            self._supervisors[name].wait_ready(within)

    def _start_all(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        (self.data_dir / "logs").mkdir(exist_ok=True)
        self._cleanup.enter_context(FolderLock(self.data_dir))
        self._secrets = read_or_make(self.data_dir)
        AuditFiles(self.data_dir).make_keys()
        self._registry = ProcessRegistry(self.data_dir)
        for name in self._registry.end_leftovers():
            self._report(f"ended {name}, left running by a machine that was killed")
        self._settle_ports()
        self._start_engines()
        if "api" in self._wanted:
            self._keys = seed_keys(self.data_dir, self.environment["JALON_DATABASE_URL"])
        self._start_rest()

    def _settle_ports(self) -> None:
        file = self.data_dir / "ports.json"
        last = json.loads(file.read_text()) if file.exists() else {}
        self.ports = choose_ports({**last, **self._wanted_ports}, self._report)
        file.write_text(json.dumps(self.ports))

    def _start_engines(self) -> None:
        if "postgres" in self._wanted:
            if not self._postgres.exists:
                self._report("making the database cluster")
            self._postgres.create()
            self._keep(self._postgres.program())
        if "temporal" in self._wanted:
            self._keep(self._temporal.program())
        self._report_ready([name for name in ENGINES if name in self._wanted])
        if "postgres" in self._wanted:
            self._postgres.prepare()
        if "temporal" in self._wanted:
            self._temporal.prepare()
        if "JALON_DATABASE_OWNER_URL" in self._variables():
            self._report("bringing the database up to this release")
            self._upgrade()

    def _upgrade(self) -> None:
        try:
            upgrade(self.owner_url)
        except RevisionUnknown as unknown:
            if "postgres" not in self._wanted:
                raise
            raise RevisionUnknown(
                unknown.revision,
                f"Use the release that made it, delete the folder {self.data_dir}, or name another folder with --data.",
            ) from None

    def _start_rest(self) -> None:
        environment = {own: self._with_metrics(port) for own, port in METRICS.items()}
        builders: dict[str, Callable[[], Program]] = {
            "mailbox": lambda: servers.mailbox(self.data_dir, self.ports["mailbox"], self.ports["smtp"]),
            "payments": lambda: servers.payments(
                self.data_dir, self.ports["payments"], self.urls["api"], self._secrets.payment_webhook_secret
            ),
            "worker": lambda: servers.worker(environment["worker"]),
            "relay": lambda: servers.relay(environment["relay"]),
            "api": lambda: servers.api(environment["api"], self.ports["api"]),
        }
        wanted = [name for name in builders if name in self._wanted]
        for name in wanted:
            self._keep(builders[name]())
        self._report_ready(wanted)

    def _with_metrics(self, port: str) -> dict[str, str]:
        return self.environment | {"JALON_METRICS_HOST": HOST, "JALON_METRICS_PORT": str(self.ports[port])}

    def _keep(self, program: Program) -> None:
        supervisor = Supervisor(program, self.data_dir / "logs", self._registry, self._report)
        self._supervisors[program.name] = supervisor
        supervisor.start()

    def _report_ready(self, names: Sequence[str]) -> None:
        began = time.monotonic()
        for name in names:
            self._supervisors[name].wait_ready(READY_WITHIN)
            self._report(f"{name} ready after {time.monotonic() - began:.1f} s")

    @property
    def _postgres(self) -> Postgres:
        return Postgres(
            self.data_dir / "postgres", self.ports["postgres"], self._secrets.passwords, self._durable
        )

    @property
    def _temporal(self) -> Temporal:
        return Temporal(self.data_dir / "temporal.sqlite", self.ports["temporal"], self.ports["temporal_ui"])

    def _variables(self) -> dict[str, str]:
        return {
            **_own_variables(self._secrets, self.ports),
            **self._of_engines(),
            **self._of_places(),
            **self._given,
        }

    def _of_engines(self) -> dict[str, str]:
        made = {}
        if "postgres" in self._wanted:
            made["JALON_DATABASE_URL"] = self._postgres.application_url
            made["JALON_DATABASE_OWNER_URL"] = self._postgres.owner_url
        if "temporal" in self._wanted:
            made["JALON_TEMPORAL_ADDRESS"] = self._temporal.address
            made["JALON_TEMPORAL_NAMESPACE"] = self._temporal.namespace
            made["JALON_TEMPORAL_UI_URL"] = self._temporal.pages_url
        return made

    @property
    def _sandbox_settings(self) -> dict[str, str]:
        return {"url": self.urls["payments"], "webhook_secret": self._secrets.payment_webhook_secret}

    def _of_places(self) -> dict[str, str]:
        audit = AuditFiles(self.data_dir)
        return {
            "JALON_AUDIT_HEADS_FILE": str(audit.heads),
            "JALON_AUDIT_KEY_FILE": str(audit.private_key),
            "JALON_STORES_DIR": str(self.stores_dir),
            "JALON_PUBLIC_URL": self.urls["api"],
            "JALON_MAILBOX_URL": self.urls["mailbox"],
            "JALON_PAYMENT_PROVIDERS": json.dumps({"sandbox": self._sandbox_settings}),
        }


def _served_elsewhere(given: Mapping[str, str]) -> frozenset[str]:
    places = {
        "JALON_DATABASE_URL": "postgres",
        "JALON_TEMPORAL_ADDRESS": "temporal",
        "JALON_SMTP_HOST": "mailbox",
        "JALON_PAYMENT_PROVIDERS": "payments",
    }
    return frozenset(program for variable, program in places.items() if variable in given)


def _own_variables(secrets: Secrets, ports: Mapping[str, int]) -> dict[str, str]:
    return {
        "JALON_CODEC_KEYS": secrets.codec_keys,
        "JALON_LINK_KEYS": secrets.link_keys,
        "JALON_PERSON_KEYS": secrets.person_keys,
        "JALON_SMTP_HOST": HOST,
        "JALON_SMTP_PORT": str(ports["smtp"]),
        "JALON_SMTP_TLS": "none",
        "JALON_MAIL_SENDER": "Jalon <orders@example.com>",
        "JALON_TEMPORAL_NAMESPACE": "default",
        "JALON_TASK_QUEUE": "jalon",
    }

"""The trouble of a life, decided by its random choices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy.exc import OperationalError

from jalon.domain.compliance.export import Match
from jalon.integrations.screening.port import ScreeningAnswer, ScreeningListUnusable
from jalon.rehearsal.sim import sdk
from jalon.rehearsal.sim.chance import Chance
from jalon.rehearsal.sim.conditions import Reach
from jalon.rehearsal.sim.kernel import SECOND, Kernel, Process, Sleep
from jalon.rehearsal.sim.modelled.database import Database
from jalon.rehearsal.sim.modelled.gateway import Trouble
from jalon.rehearsal.sim.modelled.mail_server import Post

HANG = 12 * SECOND
"""The time after which a provider that does not answer is given up; shorter than an attempt may take."""
MAIL_ABSENCES = 2
"""The number of long absences of the mail server in a life; each costs a thousand attempts."""
USUAL_LENGTH = 4096
"""The number of events from which continue-as-new is suggested, unless chance sets a lower one."""
OUTAGE_COUNTED = timedelta(minutes=5)
"""An outage of the API moves deadlines when it is longer than this."""
GATEWAY_TROUBLE = (
    (Trouble.REFUSED, "gateway_refused"),
    (Trouble.SPOILT, "gateway_spoilt"),
    (Trouble.LOST, "gateway_lost"),
    (Trouble.UNANSWERED, "gateway_unanswered"),
)
"""The failures of a request to the gateway, in the order in which chance decides them."""
SCORES = {"Listed": 0.99, "Alike": 0.8}
"""The scores of names: Listed is on a list, Alike resembles a listed name."""


class Misfortune:
    """Decides which trouble strikes. `forget` makes the gateway forget the keys that are a day old."""

    def __init__(
        self,
        kernel: Kernel,
        chance: Chance,
        db: Database,
        reach: Reach,
        forget: Callable[[], None],
        marks: Callable[[str], None],
        trace: Callable[[str], None],
    ) -> None:
        self._kernel, self._chance, self._db, self._reach = kernel, chance, db, reach
        self._forget, self._marks, self._trace = forget, marks, trace
        self._away: dict[str, int] = {}
        self._mail_absences = 0
        self._flags = self._drawn_flags()

    def end(self) -> None:
        """Ends all trouble and restores what was unreachable."""
        self._chance.over = True
        self._away.clear()

    # -- processes and absences --------------------------------------------------------------------------------------------

    def _absence(self, name: str) -> int:
        """The length of an absence: mostly seconds, at times hours or days."""
        if self._chance.strikes("long_absence"):
            return int(self._chance.span(f"long {name}", 60, 5 * 86_400) * SECOND)
        return int(self._chance.span(f"short {name}", 0.05, 20) * SECOND)

    def fated(self, process: Process) -> bool:
        """Whether the process dies here."""
        if not self._chance.strikes(f"{process.name}_death"):
            return False
        self._marks(f"death: {process.name}")
        down_us = self._absence(process.name)
        self._trace(f"DEATH {process.name} for {down_us} us")
        process.die(down_us)
        return True

    def is_away(self, what: str) -> bool:
        """Whether the database, the gateway or the mail server is unreachable."""
        return self._away.get(what, 0) > self._kernel.now

    def _stays_away(self, what: str) -> None:
        self._away[what] = self._kernel.now + self._absence(what)
        self._trace(f"AWAY {what} until {self._away[what]}")

    def doors_shut(self) -> None:
        """Records the last instant at which the API was reachable, now that it is down."""
        self._db.doors_seen_at = self._kernel.instant

    def doors_open(self) -> None:
        """Records the outage that ends here, where it is long enough to count."""
        seen, now = self._db.doors_seen_at, self._kernel.instant
        self._db.doors_seen_at = None
        if seen is not None and now - seen > OUTAGE_COUNTED:
            self._db.outages.append((seen, now))
            self._marks("outage: more than five minutes")

    # -- the database ------------------------------------------------------------------------------------------------------

    async def before_database(self) -> None:
        """Lets time pass before a transaction. Raises OperationalError when the database is unreachable."""
        await Sleep(self._chance.between("database", 200, 4_000))
        if self._chance.strikes("database_away"):
            self._stays_away("database")
        if self.is_away("database"):
            raise OperationalError("", None, Exception("the database is away"))

    async def after_database(self) -> None:
        """Lets time pass after a transaction. Raises OperationalError when its answer is lost."""
        await Sleep(self._chance.between("commit", 100, 2_000))
        if self._chance.strikes("database_unanswered"):
            self._trace("LOST the answer to a commit")
            raise OperationalError("", None, Exception("the connection was lost"))

    # -- providers ---------------------------------------------------------------------------------------------------------

    async def outside_pause(self, hang: bool) -> None:
        """Lets the time of an outside answer pass, or of one that does not come."""
        await Sleep(HANG if hang else self._chance.between("outside", 1_000, 300_000))

    def gateway_trouble(self, what: str) -> Trouble:
        """The failure of one request to the gateway."""
        if self._chance.strikes("gateway_forgets"):
            self._forget()
        if self._chance.strikes("gateway_away"):
            self._stays_away("gateway")
            return Trouble.UNREACHABLE
        for trouble, name in GATEWAY_TROUBLE:
            if self._chance.strikes(name):
                self._trace(f"GATEWAY {trouble.value} {what}")
                after = trouble is Trouble.SPOILT and self._chance.pick("spoilt after", [False, True])
                return Trouble.SPOILT_AFTER if after else trouble
        return Trouble.NONE

    def webhook_pauses(self) -> list[int]:
        """The delays of an event of the gateway, in microseconds: none, one or two deliveries."""
        if self._chance.strikes("webhook_lost"):
            self._marks("gateway: a webhook was lost")
            return []
        return [self._webhook_pause() for _ in range(2 if self._chance.strikes("doubled") else 1)]

    def _webhook_pause(self) -> int:
        if self._chance.strikes("webhook_late"):
            return int(self._chance.span("webhook", 1, 3 * 86_400) * SECOND)
        return self._chance.between("webhook soon", 1_000, SECOND)

    def mail_fate(self, _to: str) -> Post:
        """The result of one e-mail."""
        if (
            self._mail_absences < MAIL_ABSENCES
            and not self.is_away("mail")
            and self._chance.strikes("mail_long_away")
        ):
            self._mail_absences += 1
            away_us = int(self._chance.span("mail away", 3600, 4 * 86_400) * SECOND)
            self._away["mail"] = self._kernel.now + away_us
        if self.is_away("mail") or self._chance.strikes("mail_away"):
            return Post.AWAY
        if self._chance.strikes("mail_refused"):
            return Post.REFUSED
        return Post.UNACKNOWLEDGED if self._chance.strikes("mail_unacknowledged") else Post.TAKEN

    async def screen(self, names: Sequence[str], countries: Sequence[str]) -> ScreeningAnswer:
        """The entries that the names resemble. Raises ScreeningListUnusable."""
        await self.outside_pause(False)
        if self._chance.strikes("screening_away"):
            raise ScreeningListUnusable("the list cannot be read")
        found = [score for name in names for word, score in SCORES.items() if word in name]
        matches = tuple(Match("list", "entry", score, True) for score in found)
        return ScreeningAnswer(matches, "1", 1)

    # -- the engine --------------------------------------------------------------------------------------------------------

    def latency(self) -> int:
        """The latency of one message to or from the engine, which may become unreachable with it."""
        if self._reach.up and self._chance.strikes("engine_away"):
            self._reach.go_down(self._absence("engine"))
            self._trace("AWAY engine")
        return self._chance.between("engine", 100, 5_000)

    def default_flags(self) -> frozenset[int]:
        """The SDK flags for the order of jobs that this worker starts with."""
        return self._flags

    def new_worker(self) -> None:
        """Starts another worker, perhaps with another order of jobs."""
        self._flags = self._drawn_flags()

    def _drawn_flags(self) -> frozenset[int]:
        single = self._chance.rates["job_order"] > 0 and self._chance.pick("job order", [True, False])
        self._marks(f"job order: {'all jobs at once' if single else 'as of old'}")
        return frozenset({sdk.SINGLE_BATCH}) if single else frozenset()

    def long_after(self, workflow: str) -> int:
        """The number of events from which a run's history counts as long."""
        rate = self._chance.rates["long_history"]
        if not rate or self._chance.over:
            return USUAL_LENGTH
        source = self._chance.stream(f"long history of {workflow}")
        return source.randint(30, 300) if source.random() < rate else USUAL_LENGTH

    def evicted(self) -> bool:
        """Whether a run is evicted from the worker's cache."""
        return self._chance.strikes("eviction")

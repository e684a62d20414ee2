"""The servers behind the mail server: at times a renewal notice that was taken comes back after all (X16)."""

from __future__ import annotations

from jalon.domain.emails import RenewalNotice
from jalon.rehearsal.sim.inbox import Asked
from jalon.rehearsal.sim.kernel import SECOND
from jalon.rehearsal.sim.modelled.mail_server import Letter
from jalon.rehearsal.sim.world import World
from workflows.subscription.commands import ReportNotice

UNKNOWN_HERE = "5.1.1"
SOONEST, LATEST = 30, 40 * 86_400


class Postmaster:
    """Reports notices that came back, each once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._looked_at: set[str] = set()
        world.mail_server.arrived.append(self._arrived)

    def _arrived(self, letter: Letter) -> None:
        if letter.template != RenewalNotice.template or letter.message_id in self._looked_at:
            return
        self._looked_at.add(letter.message_id)
        if self._world.chance.strikes("mail_bounced"):
            pause = int(self._world.chance.span("bounce", SOONEST, LATEST) * SECOND)
            self._world.plan(self._world.now_us + pause, lambda: self._report(letter.message_id))

    def _report(self, message_id: str) -> None:
        world = self._world
        entity = next(row.entity for row in world.db.mails.values() if row.message_id == message_id)
        command = ReportNotice(message_id, UNKNOWN_HERE)
        key = f"bounce-{message_id}"
        world.marks("mail: a notice came back")
        world.trace(f"BOUNCE {message_id} of {entity}")
        world.ask(
            Asked("subscription", entity, command.name, command.as_body(), "mail server", "system", key)
        )

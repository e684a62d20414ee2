"""Emergency stops: an effect that is stopped says so, and goes on once the stop is lifted."""

from __future__ import annotations

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.contracts.stops import AWAIT_LIFTING, Halt, Lifted
from jalon.domain.stops import Stop
from jalon.persistence.operations import clocks, stops
from jalon.persistence.sessions import Sessions


def stopped(what: Stop) -> ApplicationError:
    """The error of an effect that is stopped. It ends the activity at once, so that no attempt of its budget is used up."""
    return ApplicationError(
        what, type=what.fault, non_retryable=True, category=ApplicationErrorCategory.BENIGN
    )


class Stops:
    """Waits for the end of stops."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    @activity.defn(name=AWAIT_LIFTING.name)
    async def await_lifting(self, halt: Halt) -> Lifted:
        """The store's instant once the stop is lifted. Until then each attempt fails; retries of an activity leave nothing in a history."""
        async with self._sessions.of(halt.store) as tx:
            if await stops.is_stopped(tx, halt.store, halt.what):
                raise ApplicationError(
                    halt.what, type=halt.what.fault, category=ApplicationErrorCategory.BENIGN
                )
            return Lifted(await clocks.clock_now(tx, halt.store))

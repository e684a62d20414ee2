"""The relay's process: `python -m jalon.relay`."""

from __future__ import annotations

import asyncio
import signal

import structlog
import uvloop

from jalon import logs, metrics, tracing
from jalon.bootstrap import Installation, audit_heads_or_exit, open_resources
from jalon.inbox.relay import Relay
from jalon.integrations.audit_heads import HeadsFile
from jalon.invariant_metrics import invariants_of
from jalon.metrics import RelayMetrics
from jalon.stage_metrics import stages_of

log = structlog.get_logger()


async def run(installation: Installation, heads: HeadsFile | None) -> None:
    """Relays until SIGTERM or SIGINT. Deliveries that did not arrive are repeated by the next relay."""
    async with open_resources(installation) as resources:
        registry = metrics.new_registry()
        registry.register(metrics.pending_work_of(resources.sessions, resources.policies))
        registry.register(stages_of(resources.sessions, resources.policies))
        registry.register(invariants_of(resources.sessions, resources.policies))
        relaying = asyncio.create_task(Relay(resources, RelayMetrics(registry), heads).run())
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, relaying.cancel)
        log.info("relay_started", stores=sorted(resources.policies))
        try:
            async with metrics.serve(resources.settings, registry):
                await relaying
        except asyncio.CancelledError:
            log.info("relay_stopped")


def main() -> None:
    """The process's entry point."""
    installation = Installation.read_or_exit()
    logs.configure(installation.settings.log_level, installation.settings.log_format)
    tracing.configure(installation.settings.otlp_endpoint, "relay")
    uvloop.run(run(installation, audit_heads_or_exit(installation.settings)))


if __name__ == "__main__":
    main()

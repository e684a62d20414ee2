"""`python -m jalon.local.mailbox --smtp-port N --http-port M --data FILE`: serves until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import signal
from pathlib import Path

import uvicorn

from jalon.local.mailbox.faults import Faults
from jalon.local.mailbox.letters import Letters
from jalon.local.mailbox.receiving import listen
from jalon.local.mailbox.showing import Showing


async def serve(host: str, smtp_port: int, http_port: int, data: Path) -> None:
    """Runs the SMTP and the HTTP server until a signal stops them."""
    letters, faults = Letters(data), Faults()
    smtp = await listen(letters, faults, host, smtp_port)
    config = uvicorn.Config(
        Showing(letters, faults).app(),
        host=host,
        port=http_port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    # uvicorn raises the signal that stopped it again when it returns. By then a handler without effect must be installed.
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, lambda: None)
    await uvicorn.Server(config).serve()
    smtp.close()
    letters.close()


def main() -> None:
    """Reads the command line and serves."""
    parser = argparse.ArgumentParser(prog="jalon.local.mailbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True)
    given = parser.parse_args()
    asyncio.run(serve(given.host, given.smtp_port, given.http_port, given.data))


if __name__ == "__main__":
    main()

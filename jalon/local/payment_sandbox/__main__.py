"""`python -m jalon.local.payment_sandbox --port N --data FILE`: serve until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
from pathlib import Path

from jalon.local.payment_sandbox import book
from jalon.local.payment_sandbox.application import create_app
from jalon.local.payment_sandbox.faults import Faults
from jalon.local.payment_sandbox.gateway import Gateway
from jalon.local.payment_sandbox.keys import KeyStore
from jalon.local.payment_sandbox.ledger import Ledger
from jalon.local.payment_sandbox.listener import Listener
from jalon.local.payment_sandbox.webhooks import Address, Webhooks

SECRET_VARIABLE = "SANDBOX_WEBHOOK_SECRET"  # noqa: S105  # the name of a variable
_A_DAY = 24 * 3600.0


def main() -> None:
    asyncio.run(_serve(_arguments()))


async def _serve(arguments: argparse.Namespace) -> None:
    ledger = Ledger(arguments.data)
    try:
        await ledger.write(book.close_unfinished)
        faults = Faults()
        gateway = Gateway(ledger, KeyStore(arguments.key_ttl), faults, Webhooks(ledger, faults))
        if arguments.webhook_url:
            await gateway.webhooks.send_to(Address(arguments.webhook_url, arguments.webhook_secret))
        delivery = asyncio.create_task(gateway.webhooks.deliver_always())
        await _open_door(gateway, arguments.host, arguments.port)
        delivery.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await delivery
    finally:
        ledger.close()


async def _open_door(gateway: Gateway, host: str, port: int) -> None:
    app = create_app(gateway)
    listener = Listener(app, host, port)
    app.state.listener = listener
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(listener.stop))
    await listener.serve()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m jalon.local.payment_sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, metavar="FILE", help="the ledger, an SQLite file")
    parser.add_argument(
        "--key-ttl", type=float, default=_A_DAY, metavar="SECONDS", help="how long keys are remembered"
    )
    parser.add_argument("--webhook-url", help="where events go")
    parser.add_argument(
        "--webhook-secret",
        default=os.environ.get(SECRET_VARIABLE),
        help=f"whsec_ and base64; needed with --webhook-url; best given in {SECRET_VARIABLE}, since everybody reads arguments",
    )
    arguments = parser.parse_args()
    if arguments.webhook_url and not arguments.webhook_secret:
        parser.error("webhooks are signed: --webhook-url needs --webhook-secret")
    return arguments


if __name__ == "__main__":
    main()

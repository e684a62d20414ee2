"""The HTTP process: `python -m api`. It speaks plain HTTP; a proxy in front brings TLS."""

from __future__ import annotations

import argparse

import uvicorn

from api.http.connections import BoundedConnection

KEEP_ALIVE_SECONDS = 75
"""Longer than clients keep an idle connection. Otherwise a request may arrive while the server closes it, and fail unanswered."""
GRACE_SECONDS = 10


def main() -> None:
    """Serves until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m api", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="the port to listen on (%(default)s)")
    where = parser.parse_args()
    uvicorn.run(
        "api.app:create_app",
        factory=True,
        host=where.host,
        port=where.port,
        http=BoundedConnection,
        access_log=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


if __name__ == "__main__":
    main()

"""The port of each local server: the usual one, or a free one, which is reported."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable, Mapping
from itertools import count
from types import MappingProxyType

HOST = "127.0.0.1"

USUAL_PORTS: Mapping[str, int] = MappingProxyType(
    {
        "api": 8080,
        "mailbox": 8025,
        "smtp": 1025,
        "payments": 8090,
        "temporal": 7233,
        "temporal_ui": 8233,
        "postgres": 5433,
        "api_metrics": 9101,
        "worker_metrics": 9102,
        "relay_metrics": 9103,
    }
)

# Below the range from which Linux takes the ports of outgoing connections. A server that restarts on a port of that range may find it in
# use by a client.
FREE_RANGE = range(20_000, 32_000)

# A port is bound seconds after it is chosen. Processes that choose at the same time begin far apart, as multiples of the golden section
# do. A process chooses every port of the range before it chooses one again.
_APART = 7_417
_chosen = count()


class NoFreePort(Exception):
    """No port of FREE_RANGE could be bound."""


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def free_port(avoiding: frozenset[int] = frozenset()) -> int:
    """A free port that is not among `avoiding`, and another one at each call. Raises NoFreePort."""
    first = os.getpid() * _APART
    for _ in FREE_RANGE:
        port = FREE_RANGE[(first + next(_chosen)) % len(FREE_RANGE)]
        if port not in avoiding and is_free(port):
            return port
    raise NoFreePort(f"no free port from {FREE_RANGE.start} to {FREE_RANGE.stop - 1}")


def free_ports() -> dict[str, int]:
    """A free port for every local server, none of them a usual one, for machines that run beside another."""
    chosen: dict[str, int] = {}
    for name in USUAL_PORTS:
        chosen[name] = free_port(frozenset(chosen.values()))
    return chosen


def choose_ports(wanted: Mapping[str, int], report: Callable[[str], None]) -> dict[str, int]:
    """The wanted port of each server (by default the usual one), or a free one where it is in use, which is reported."""
    chosen: dict[str, int] = {}
    for name, usual in USUAL_PORTS.items():
        port = wanted.get(name, usual)
        taken = frozenset(chosen.values())
        chosen[name] = port if port not in taken and is_free(port) else free_port(taken)
        if chosen[name] != port:
            report(f"port {port} for {name} is taken, using {chosen[name]}")
    return chosen

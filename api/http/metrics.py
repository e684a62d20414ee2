"""The metrics of the API: answered requests, and the outcomes of their commands."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """Counts in the registry; a restart begins at 0."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._requests = Histogram(
            "jalon_http_request_duration_seconds",
            "Time from a request to its answer.",
            ["route", "method", "status"],
            buckets=SECONDS,
            registry=registry,
        )
        self._commands = Counter(
            "jalon_commands",
            "Commands that were submitted, by outcome: applied, refused, deferred, repeated or too_late.",
            ["command", "outcome"],
            registry=registry,
        )

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts one answered request. `route` is a template; `status` is 0 where the caller disconnected before the answer."""
        method = method if method in METHODS else "OTHER"
        status_class = f"{status // 100}xx" if status else "none"
        self._requests.labels(route, method, status_class).observe(seconds)

    def command(self, name: str, outcome: str) -> None:
        """Counts one command with its outcome. The later outcome of a deferred command is not counted here."""
        self._commands.labels(name, outcome).inc()

"""Counters of this process in the text format of Prometheus."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Counts requests by route, and receipts by what became of them. Only ever rises; a restart begins at 0."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._seconds: defaultdict[tuple[str, str], float] = defaultdict(float)
        self._receipts: Counter[tuple[str, str]] = Counter()

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request was answered."""
        method = method if method in METHODS else "OTHER"
        self._requests[method, route, status] += 1
        self._seconds[method, route] += seconds

    def receipt(self, command: str, became: str) -> None:
        """A write was answered: applied, refused, deferred or too_late."""
        self._receipts[command, became] += 1

    def text(self) -> str:
        """Everything counted so far."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield "# TYPE jalon_http_requests_total counter"
        for (method, route, status), count in sorted(self._requests.items()):
            labels = f'method="{method}",route="{route}",status="{status}"'
            yield f"jalon_http_requests_total{{{labels}}} {count}"
        yield "# TYPE jalon_http_request_seconds_total counter"
        for (method, route), seconds in sorted(self._seconds.items()):
            yield f'jalon_http_request_seconds_total{{method="{method}",route="{route}"}} {seconds:.6f}'
        yield "# TYPE jalon_receipts_total counter"
        for (command, became), count in sorted(self._receipts.items()):
            yield f'jalon_receipts_total{{command="{command}",became="{became}"}} {count}'

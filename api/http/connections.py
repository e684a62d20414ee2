"""The connection of a client: how long the head of a request may take and how large it may be, and what is said to who sends no HTTP."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.http.answers import ProblemDetails
from api.http.errors import MEDIA_TYPE, title_of
from jalon import tracing
from jalon.domain.error_codes import ErrorCode

HEAD_WITHIN_SECONDS = 20.0
HEAD_BYTES_AT_MOST = 64 * 1024
REST_WITHIN_SECONDS = 5.0
"""The rest of a body that was answered before it was whole is thrown away so long. Then the connection ends."""


@dataclass(frozen=True)
class _Refusal:
    status: HTTPStatus
    code: ErrorCode
    detail: str


_NO_HTTP = _Refusal(
    HTTPStatus.BAD_REQUEST,
    ErrorCode.UNREADABLE_REQUEST,
    "This is no HTTP request: a method, an address, a length or a header holds what HTTP does not allow. "
    "Write letters beyond ASCII in an address as %XX, one header a line, and one length.",
)
_HEAD_TOO_LARGE = _Refusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    ErrorCode.HEADERS_TOO_LARGE,
    f"The address and the headers are at most {HEAD_BYTES_AT_MOST // 1024} KiB together; send fewer or shorter ones.",
)
_HEAD_LATE = _Refusal(
    HTTPStatus.REQUEST_TIMEOUT,
    ErrorCode.REQUEST_INCOMPLETE,
    "The headers did not come whole in time, and nothing was recorded. Send the request again.",
)


class HeadTooLarge(Exception):
    """The headers are longer than HEAD_BYTES_AT_MOST. It ends the parsing."""


class BoundedConnection(HttpToolsProtocol):
    """A connection that waits for no head and no rest of a body for ever.

    These refusals come before there is a request, so that they stand in no log line and no metric of one.
    """

    _head_due: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _refusal = _NO_HTTP
    _ended = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begins to wait for the first request."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Waits for nothing any more."""
        self._head_is_in()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Reads on; throws away what comes after a refusal."""
        if self._ended:
            return
        self._head_bytes += len(data)
        super().data_received(data)
        if self._head_due is not None and self._head_bytes > HEAD_BYTES_AT_MOST:
            self._refuse(_HEAD_TOO_LARGE)
        elif self.timeout_keep_alive_task is None and self._is_idle():
            # Blank lines between two requests have ended uvicorn's own time.
            self._expect_head()

    def on_message_begin(self) -> None:
        """Counts the next head."""
        super().on_message_begin()
        self._unset_keepalive_if_required()
        self._head_bytes = 1  # the one by which it begins
        self._expect_head()

    def on_headers_complete(self) -> None:
        """Hands the request on. Raises HeadTooLarge, which the parser reports as a fault of the request."""
        self._head_is_in()
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > HEAD_BYTES_AT_MOST:
            self._refusal = _HEAD_TOO_LARGE
            raise HeadTooLarge
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Keeps the connection where the body of what was answered came whole after all, which uvicorn does not notice."""
        super().on_message_complete()
        if self._is_answered():
            self.cycle.more_body = False
            self._unset_keepalive_if_required()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def on_response_complete(self) -> None:
        """Ends the connection soon where the body of what was answered is still coming."""
        answered = self.cycle
        super().on_response_complete()
        if answered.more_body:
            self.loop.call_later(REST_WITHIN_SECONDS, self._end_unless_whole, answered)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """Refuses what the parser could not read."""
        self._refuse(self._refusal)

    def _refuse(self, refusal: _Refusal) -> None:
        """Says why, and ends the connection once the client had time to read it: data left unread would destroy the answer."""
        self._head_is_in()
        if self._ended or self.transport.is_closing():
            return
        self._ended = True
        self.transport.write(_answer(refusal))
        self.transport.write_eof()
        self.loop.call_later(REST_WITHIN_SECONDS, self.transport.close)

    def _is_answered(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and cycle.response_complete

    def _is_idle(self) -> bool:
        return self._is_answered() and not self.cycle.more_body

    def _expect_head(self) -> None:
        if self._head_due is None:
            self._head_due = self.loop.call_later(HEAD_WITHIN_SECONDS, self._give_up)

    def _head_is_in(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None

    def _give_up(self) -> None:
        self._head_due = None
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            self._expect_head()  # nothing is written into the answer to the request before
        elif self._head_bytes:
            self._refuse(_HEAD_LATE)
        else:
            self.transport.close()

    def _end_unless_whole(self, answered: RequestResponseCycle) -> None:
        if answered.more_body and not self.transport.is_closing():
            self.transport.close()


def _answer(refusal: _Refusal) -> bytes:
    body = (
        ProblemDetails(
            type=f"/problems/{refusal.code}",
            title=title_of(refusal.code),
            status=refusal.status,
            code=refusal.code,
            detail=refusal.detail,
            rule=None,
            violations=[],
            support="",
            reference=tracing.new_trace().id,
        )
        .model_dump_json()
        .encode()
    )
    head = (
        f"HTTP/1.1 {refusal.status.value} {refusal.status.phrase}\r\ncontent-type: {MEDIA_TYPE}\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body

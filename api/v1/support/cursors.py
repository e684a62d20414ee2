"""The cursor of a history: where its page ended, as text that callers do not read."""

from __future__ import annotations

import base64
import binascii
import zlib

from pydantic import TypeAdapter, ValidationError

from api.v1.lists import no_cursor
from jalon.persistence.entities.histories import Place

LONGEST = 4000
_PLACE: TypeAdapter[Place] = TypeAdapter(Place)


def cursor_of_place(place: Place) -> str:
    """The cursor that names this place."""
    return base64.urlsafe_b64encode(zlib.compress(_PLACE.dump_json(place), 9)).decode().rstrip("=")


def place_of_cursor(cursor: str | None) -> Place:
    """The place that a cursor names, the beginning for None. Raises Problem for what is no cursor."""
    if cursor is None:
        return Place()
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        unpacking = zlib.decompressobj()
        text = unpacking.decompress(packed, 64_000)
        if unpacking.unconsumed_tail:
            raise no_cursor(cursor)
        return _PLACE.validate_json(text)
    except (ValueError, ValidationError, binascii.Error, zlib.error):
        raise no_cursor(cursor) from None

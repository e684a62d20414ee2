"""The kinds of entity: one row each, which every layer reads.

A new kind is a row here, its folder in `workflows/` with a row in `workflows/lifecycles.py`, and its routes.
"""

from __future__ import annotations

from jalon.domain.kinds.kind import IllegalMove, Kind, Kinds
from jalon.domain.kinds.order import ORDER
from jalon.domain.kinds.subscription import SUBSCRIPTION

KINDS = Kinds(ORDER, SUBSCRIPTION)

__all__ = ["KINDS", "ORDER", "SUBSCRIPTION", "IllegalMove", "Kind", "Kinds"]

"""The ledger of patches: every change of a workflow that running histories must not see, newest first.

The ledger starts with the first release; until then histories are recorded anew. A patch is named here once and used at its step line
with `workflow.patched(NAME)`. It is removed when no history needs it.
"""

PATCHES: dict[str, str] = {}
"""Patch name → the release that introduced it and what it changed."""

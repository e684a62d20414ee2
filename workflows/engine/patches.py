"""The ledger of patches: every change to a workflow that running histories must not notice, newest first.

It begins with the first release; until then the recorded histories are recorded anew. A patch is named here once, used at its step
line with `workflow.patched(NAME)`, and leaves when no history needs it.
"""

PATCHES: dict[str, str] = {}
"""Patch name → the release that brought it and what it changed."""

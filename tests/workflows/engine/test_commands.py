"""The body of a receipt is its command's own: a field too many or too few is named, and never dropped or made up."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from pydantic import ValidationError

from workflows.engine.commands import Command, Park, read_command
from workflows.lifecycles import LIFECYCLES

TAKEN: Mapping[str, type[Command]] = {
    name: command
    for lifecycle in LIFECYCLES.values()
    for name, command in lifecycle.workflow.steps.named.items()
}


@pytest.mark.parametrize("name", sorted(TAKEN))
def test_a_field_that_a_command_does_not_have_is_named(name: str) -> None:
    with pytest.raises(ValidationError, match=r"(?m)^raeson$"):
        read_command(TAKEN, name, {"raeson": "misspelt"})


def test_a_field_that_is_missing_is_named_and_whole_bodies_are_read() -> None:
    park = Park("payment", "because")
    assert read_command(TAKEN, "park", park.as_body()) == park
    with pytest.raises(ValidationError, match=r"(?m)^reason$"):
        read_command(TAKEN, "park", {"step": "payment"})
    with pytest.raises(LookupError, match="there is no command prak"):
        read_command(TAKEN, "prak", park.as_body())

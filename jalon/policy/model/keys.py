"""What the sections of a store file are made of: closed tables, and keys with the sentence that the key table says about each."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

Several = Field(min_length=1)


def key(description: str, **options: Any) -> Any:
    """A key of the store file with the sentence that the key table says about it."""
    return Field(description=description, **options)


def store_wide(description: str, **options: Any) -> Any:
    """A key that holds for the whole store and cannot be refined per term or product."""
    return key(description, json_schema_extra={"store_wide": True}, **options)


def is_store_wide(section: type[BaseModel], name: str) -> bool:
    """Whether the key `name` of `section` was made with `store_wide`."""
    extra = section.model_fields[name].json_schema_extra
    return isinstance(extra, dict) and bool(extra.get("store_wide"))


class Section(BaseModel):
    """A table of the store file: unknown keys are faults, and so is a value of another type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

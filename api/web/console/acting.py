"""What can be done to an entity, as forms: what each asks for, what the API says of it, and what was typed where it refused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from starlette.requests import Request

from api.web.console.problems import Trouble
from jalon.client.calls import Call

OPTIONAL: Final = frozenset({"email", "name", "language", "turn"})
"""Fields that a form may leave empty. Only one of an address and a name is usually corrected."""
LONG: Final = frozenset({"reason", "note", "evidence", "text"})
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "decision": ("release", "reject"),
    "how": ("letter", "email", "telephone", "in_person"),
    "language": ("", "en", "fr"),
}
INPUTS: Final[Mapping[str, str]] = {"email": "email", "by": "number", "until": "date"}
NUMBERS: Final = frozenset({"by", "turn"})
EDITED: Final = "edit."
MAIL: Final = "mail"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. `label` is a key of the words, or the name of a step's input where `is_input`."""

    name: str
    label: str
    kind: str
    value: str
    choices: tuple[str, ...] = ()
    required: bool = True
    is_input: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """One action: its words as the API tells them, its fields, and the problem of the last attempt."""

    act: Mapping[str, Any]
    fields: tuple[Field, ...]
    trouble: Trouble | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A form that was sent and refused."""

    name: str
    typed: Mapping[str, str] = field(default_factory=dict)
    trouble: Trouble | None = None


def forms_of(shown: Mapping[str, Any], attempt: Attempt | None) -> list[Form]:
    """A form for each action of the overview, those that are allowed first."""
    forms = []
    for act in sorted(shown["actions"], key=lambda each: not each["allowed"]):
        if MAIL in act["needs"]:
            # The page of an e-mail sends it once more: there it is read first.
            continue
        tried = attempt if attempt is not None and attempt.name == act["name"] else None
        typed = tried.typed if tried else {}
        forms.append(Form(act, tuple(_fields(act, shown, typed)), tried.trouble if tried else None))
    return forms


def _fields(act: Mapping[str, Any], shown: Mapping[str, Any], typed: Mapping[str, str]) -> Iterator[Field]:
    for name in _names(act):
        value = typed.get(name, "")
        if name == "what":
            movable = dict.fromkeys(
                each["what"] for each in shown["agenda"] if each["protects"] == "vendor" and not each["held"]
            )
            yield Field(name, name, "choice", value, tuple(movable))
        elif name == "step":
            steps = tuple(each["step"] for each in shown["stopped"] if not each["stalled"])
            kind = "choice" if steps and act["name"] != "park" else "line"
            yield Field(name, name, kind, value, steps)
        elif name == "edit":
            yield from _inputs(shown, typed)
        elif name in CHOICES:
            yield Field(name, name, "choice", value, CHOICES[name], name not in OPTIONAL)
        else:
            kind = "text" if name in LONG else INPUTS.get(name, "line")
            required = name not in OPTIONAL and name in act["needs"]
            yield Field(name, name, kind, value, required=required)


def _names(act: Mapping[str, Any]) -> list[str]:
    """The fields of the request. What is written as "until|by" are two of which one is given."""
    return [name for need in act["needs"] for name in need.split("|")]


def _inputs(shown: Mapping[str, Any], typed: Mapping[str, str]) -> Iterator[Field]:
    """The inputs of stopped steps that may be corrected, with their present values."""
    for step in shown["stopped"]:
        for name, value in step["editable"].items():
            present = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            key = f"{EDITED}{name}"
            yield Field(key, name, "line", typed.get(key, present), required=False, is_input=True)


def call_of(
    act: Mapping[str, Any], shown: Mapping[str, Any], fields: Mapping[str, str], key: str
) -> Call[Any]:
    """The call that the form makes, under its key. What stayed empty or as it was is left out."""
    given = {name: fields[name].strip() for name in _names(act) if fields.get(name, "").strip()}
    edited = _edits(shown, fields) if "edit" in act["needs"] else {}
    body: dict[str, Any] = {**given, **({"edit": edited} if edited else {})}
    for name in NUMBERS & body.keys():
        body[name] = int(body[name]) if body[name].isdecimal() else body[name]
    path = act["path"]
    for name in act["needs"]:
        if f"{{{name}}}" in path:
            path = path.replace(f"{{{name}}}", quote(str(body.pop(name, "")), safe=""))
    return Call(act["method"], path, body if act["needs"] else None, key=key)


def _edits(shown: Mapping[str, Any], fields: Mapping[str, str]) -> dict[str, Any]:
    edits: dict[str, Any] = {}
    for step in shown["stopped"]:
        if step["step"] != fields.get("step", "").strip():
            continue
        for name, value in step["editable"].items():
            typed = fields.get(f"{EDITED}{name}", "").strip()
            present = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            if typed and typed != present:
                edits[name] = typed if isinstance(value, str) or value is None else _read(typed)
    return edits


def _read(typed: str) -> Any:
    try:
        return json.loads(typed)
    except ValueError:
        return typed


def done_in(request: Request, shown: Mapping[str, Any]) -> str | None:
    """The words of the action that was just done, as the address of the page names it."""
    named = request.query_params.get("done", "")
    return next((each["label"] for each in shown["actions"] if each["name"] == named), None)

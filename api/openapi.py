"""The description of the interface, `/openapi.json`: FastAPI's description of the routes, completed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, get_args

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.fields import LanguageCode
from api.http.answers import ProblemDetails
from api.v1.operations.bodies import Role
from jalon.domain.terms import ActivationStep
from jalon.policy.model.vocabulary import LicenceKind

_COMPONENTS: Final = "#/components/schemas/"
WORDS: Final[Mapping[str, Any]] = {
    "ActivationStep": ActivationStep,
    "CertificateConsequence": Literal["reject", "hold"],
    "EntityKind": Literal["order", "subscription"],
    "HoldDecision": Literal["release", "reject"],
    "Language": LanguageCode,
    "LicenceKind": LicenceKind,
    "Protects": Literal["customer", "vendor", "law"],
    "RequestState": Literal["pending", "applied", "refused"],
    "Role": Role,
    "TimelineKind": Literal["event", "payment", "mail"],
}
"""The enums that FastAPI repeats wherever they are used, by the name that clients use."""

_REFERENCE: Final = {
    "description": "What support finds the request by.",
    "required": True,
    "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of the application, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        schemas = document["components"]["schemas"]
        problem = ProblemDetails.model_json_schema(mode="serialization", ref_template=_COMPONENTS + "{model}")
        schemas |= problem.pop("$defs", {}) | {ProblemDetails.__name__: problem}
        _open_answers(document)
        _name_enums(document)
        document["components"]["headers"] = {"Reference": _REFERENCE}
        for operation in operations(document):
            for response in operation["responses"].values():
                response.setdefault("headers", {})["X-Reference"] = {"$ref": "#/components/headers/Reference"}
        app.openapi_schema = document
    return app.openapi_schema


def operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every operation of the document."""
    for path in document["paths"].values():
        yield from path.values()


def _open_answers(document: dict[str, Any]) -> None:
    """Declares answers open: clients must accept fields beyond the listed ones.

    The classes are closed, so that an undeclared field is noticed here. Bodies of requests stay closed.
    """
    schemas = document["components"]["schemas"]
    bodies = set(_reached([each.get("requestBody") for each in operations(document)], schemas))
    for name, schema in schemas.items():
        if name not in bodies and schema.get("additionalProperties") is False:
            del schema["additionalProperties"]


def _name_enums(document: dict[str, Any]) -> None:
    """Gives an enum that several fields share a schema of its own, which a client can name."""
    named = {get_args(words): name for name, words in WORDS.items()}
    found: set[str] = set()

    def walk(part: Any) -> None:
        for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
            name = named.get(tuple(each.get("enum", ()))) if isinstance(each, dict) else None
            if name is None:
                walk(each)
            else:
                found.add(name)
                each.clear()
                each["$ref"] = _COMPONENTS + name

    walk(document["paths"])
    walk(document["components"]["schemas"])
    document["components"]["schemas"] |= {
        name: {"type": "string", "enum": list(get_args(WORDS[name])), "title": name} for name in sorted(found)
    }


def _reached(part: Any, schemas: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(part, Mapping):
        name = str(part.get("$ref", "")).removeprefix(_COMPONENTS)
        if name in schemas:
            yield name
            yield from _reached(schemas[name], schemas)
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from _reached(each, schemas)

"""`python -m jalon.integrations.mail.check [TEMPLATES]`: checks that every e-mail, page and word exists in every language.

Prints one line for each fault and exits with 1 when there is any.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Final

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables

from jalon.domain.emails import EMAILS, MILESTONES, Email
from jalon.integrations.mail.formats import LANGUAGES

REQUIRED_BLOCKS: Final = {"subject", "preheader", "heading", "body"}
OPTIONAL_BLOCKS: Final = {"action", "facts"}
EVERYWHERE: Final = {"order_number", "product", "products", "store", "words", "row", "more_lines"}
LAID_OUT: Final = {"order_number", "product", "more_lines", "quantity", "subscription_number"}
_PLACEHOLDER = re.compile(r"\{(\w*)\}")

_ENVIRONMENT: Final = Environment(autoescape=True)
_ENVIRONMENT.filters |= dict.fromkeys(
    [
        "until",
        "through",
        "moment",
        "day",
        "money",
        "count",
        "duration",
        "strong",
        "contact",
        "at",
        "age",
        "left",
        "amount",
        "lasting",
        "told",
        "figure",
        "paragraphs",
        "lines",
    ],
    str,
)
_ENVIRONMENT.tests["instantaneous"] = lambda _text: True


def faults(templates: Path) -> list[str]:
    """The faults of the templates under a folder, one sentence each."""
    unparsed = {
        path: fault for path in sorted(templates.rglob("*.j2")) if (fault := _syntax_fault(path)) is not None
    }
    return [
        *_missing_folders(templates / "emails"),
        *(fault for kind in EMAILS.values() for fault in _email(templates / "emails", kind, unparsed)),
        *_translations(templates / "translations"),
        *_milestones(templates / "translations"),
        *_translations(templates / "translations" / "console"),
        *unparsed.values(),
        *_documents(templates / "documents"),
    ]


def _missing_folders(emails: Path) -> Iterator[str]:
    present = {
        folder.name for folder in emails.iterdir() if folder.is_dir() and not folder.name.startswith("_")
    }
    for name in sorted(present - EMAILS.keys()):
        yield f"{emails / name}: no e-mail of jalon/domain/emails has this template"


def _email(emails: Path, kind: type[Email], unparsed: Collection[Path]) -> Iterator[str]:
    for language in LANGUAGES:
        path = emails / kind.template / f"{language}.j2"
        if not path.is_file():
            yield f"{path}: missing"
        elif path not in unparsed:
            tree = _ENVIRONMENT.parse(path.read_text("utf-8"))
            yield from _blocks(path, tree, kind)
            yield from _facts(path, tree, kind)
            yield from _quotes(path, tree, language)


def _blocks(path: Path, tree: nodes.Template, kind: type[Email]) -> Iterator[str]:
    present = {block.name for block in tree.find_all(nodes.Block)}
    for name in sorted(REQUIRED_BLOCKS - present):
        yield f"{path}: block {name!r} is missing"
    for name in sorted(present - REQUIRED_BLOCKS - OPTIONAL_BLOCKS):
        yield f"{path}: block {name!r} is not one of the layout's"
    if kind.link and "action" not in present:
        yield f"{path}: {kind.__name__} has a link and the template no block 'action' for it"


def _facts(path: Path, tree: nodes.Template, kind: type[Email]) -> Iterator[str]:
    own = {field.name for field in fields(kind)}
    used = find_undeclared_variables(tree)
    for name in sorted(used - own - EVERYWHERE - {"person", "people"}):
        yield f"{path}: {kind.__name__} has no fact {name!r}"
    for name in sorted(own - used - LAID_OUT - kind.unsaid):
        yield f"{path}: says nothing of {name!r}"


def _quotes(path: Path, tree: nodes.Template, language: str) -> Iterator[str]:
    prose = "".join(data.data for data in tree.find_all(nodes.TemplateData))
    if language == "fr" and '"' in prose:
        yield f'{path}: French quotes are « », not " "'


def _translations(folder: Path) -> Iterator[str]:
    spoken = {language: _flat(folder / f"{language}.toml") for language in LANGUAGES}
    every = set().union(*spoken.values())
    for language, texts in spoken.items():
        for key in sorted(every - texts.keys()):
            yield f"{folder / language}.toml: {key} is missing"
    for key in sorted(set.intersection(*(set(texts) for texts in spoken.values()))):
        places = {language: set(_PLACEHOLDER.findall(texts[key])) for language, texts in spoken.items()}
        if len({frozenset(each) for each in places.values()}) > 1:
            yield f"{folder}: {key} has other placeholders in each language"


def _milestones(folder: Path) -> Iterator[str]:
    every = set().union(*(_flat(folder / f"{language}.toml") for language in LANGUAGES))
    for label in sorted(set(MILESTONES) - {key.removeprefix("milestones.") for key in every}):
        yield f"{folder}: milestone {label!r} has no words"


def _flat(path: Path) -> dict[str, str]:
    sections = tomllib.loads(path.read_text("utf-8"))
    return {f"{section}.{key}": text for section, texts in sections.items() for key, text in texts.items()}


def _syntax_fault(path: Path) -> str | None:
    try:
        # What it generates is not compiled: jinja2 has found by then what a template can do wrong.
        _ENVIRONMENT.compile(path.read_text("utf-8"), path.name, raw=True)
    except TemplateSyntaxError as fault:
        return f"{path}:{fault.lineno}: {fault.message}"
    return None


def _documents(folder: Path) -> Iterator[str]:
    for name in sorted({path.name.partition(".")[0] for path in folder.glob("*.html.j2")}):
        for language in LANGUAGES:
            if not (folder / f"{name}.{language}.html.j2").is_file():
                yield f"{folder}: {name} is missing in {language!r}"


def main() -> int:
    """Checks the templates named on the command line, or those of this tree. Returns the exit code."""
    here = Path(__file__).resolve().parents[3] / "templates"
    found = faults(Path(sys.argv[1]) if len(sys.argv) > 1 else here)
    for fault in found:
        sys.stderr.write(fault + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

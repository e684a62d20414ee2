"""Every decision of the code that decides, inverted: each condition, and each answer of a function that says yes or no."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jalon.rehearsal.sim.edits import Edit
from tests.rules.mutations import ROOT, Mutation
from tests.rules.naming import rules_in

DECIDING = ("jalon/domain", "jalon/policy/decisions", "jalon/policy/model")
"""Where rules are decided on plain facts: each condition is inverted."""
ANSWERING = ("workflows/order", "workflows/subscription", "workflows/engine/deadlines.py")
"""Where rules meet a life: each function that says yes or no is inverted."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Decision:
    """An expression of a function that decides something."""

    file: str
    function: str
    source: str
    expression: ast.expr
    text_of_function: str

    @property
    def place(self) -> str:
        """Its function: "jalon/domain/money.py:Money.allocate"."""
        return f"{self.file}:{self.function}"

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that its function names."""
        return rules_in(self.text_of_function)


def decisions() -> Iterator[Decision]:
    """Each decision, in the order of files and lines."""
    for file in _files(DECIDING):
        yield from _in(file)
    for file in _files(ANSWERING):
        yield from _in(file, answers_only=True)


def decision_mutations(
    rules_of: Mapping[str, list[str]], without_rule: Mapping[str, str]
) -> Iterator[Mutation]:
    """Each decision inverted that serves a rule: one that `rules_of` gives its function or file, else one that its function names."""
    counted: dict[str, int] = {}
    for each in decisions():
        if each.file in without_rule or each.place in without_rule:
            continue
        rules = tuple(rules_of.get(each.place, ())) or each.rules or tuple(rules_of.get(each.file, ()))
        asked = " ".join(ast.unparse(each.expression).split())
        name = f"{each.place}: not ({asked[:80]})"
        counted[name] = counted.get(name, 0) + 1
        name = name if counted[name] == 1 else f"{name} #{counted[name]}"
        yield Mutation(name, rules, Edit(each.file, each.source, _inverted(each.source, each.expression)))


def _files(places: tuple[str, ...]) -> Iterator[Path]:
    for place in places:
        path = ROOT / place
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def _in(file: Path, *, answers_only: bool = False) -> Iterator[Decision]:
    source = file.read_text("utf-8")
    relative, lines = str(file.relative_to(ROOT)), source.splitlines()
    for function, node in _functions(ast.parse(source), ""):
        answers = node.returns is not None and ast.unparse(node.returns) == "bool"
        text = "\n".join(lines[node.lineno - 1 : node.end_lineno])
        for inner in _within(node):
            for expression in _decided(inner, answers=answers, answers_only=answers_only):
                yield Decision(relative, function, source, expression, text)


def _functions(node: ast.AST, within: str) -> Iterator[tuple[str, Function]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            yield within + child.name, child
            yield from _functions(child, within)
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{within}{child.name}.")


def _within(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function, without those of a function inside it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, Function | ast.ClassDef):
            yield child
            yield from _within(child)


def _decided(node: ast.AST, *, answers: bool, answers_only: bool) -> Iterator[ast.expr]:
    if answers and isinstance(node, ast.Return) and node.value is not None:
        yield node.value
    if answers_only:
        return
    if isinstance(node, ast.If | ast.IfExp):
        yield node.test
    elif isinstance(node, ast.comprehension):
        yield from node.ifs


def _inverted(source: str, expression: ast.expr) -> str:
    """The source with the expression negated."""
    lines = source.splitlines(keepends=True)
    begins, ends = (
        _offset(lines, expression.lineno, expression.col_offset),
        _offset(lines, expression.end_lineno or 0, expression.end_col_offset or 0),
    )
    encoded = source.encode()
    parts = encoded[:begins], encoded[begins:ends], encoded[ends:]
    return b"".join((parts[0], b"(not (", parts[1], b"))", parts[2])).decode()


def _offset(lines: list[str], number: int, column: int) -> int:
    return sum(len(line.encode()) for line in lines[: number - 1]) + column

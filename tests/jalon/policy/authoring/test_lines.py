"""Lines of TOML keys, against `tomllib` itself."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jalon.policy.authoring.lines import LineIndex, Path

TEXT = '''
# a comment = with [brackets]
a.b = 1 # x = 2
[t."P1Y"]
k = [1,
  2, { x = 1, y.z = "}\\"" },
]
s = """a
"" b "" [[no]]
c = 3"""
l = \'\'\'
n = 1\'\'\'
z = 1979-05-27 07:32:00Z
[[p]]
n = 1
[p.o.x]
q = 2
[[ p ]]
n = 3
[[p.r]]
'w w' = 1
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("a", "b"), 3),
        (("t", "P1Y"), 4),
        (("t", "P1Y", "k"), 5),
        (("t", "P1Y", "k", 1), 6),
        (("t", "P1Y", "k", 2, "y", "z"), 6),
        (("t", "P1Y", "s"), 8),
        (("t", "P1Y", "l"), 11),
        (("t", "P1Y", "z"), 13),
        (("p",), 14),
        (("p", 0, "o", "x", "q"), 17),
        (("p", 1), 18),
        (("p", 1, "r", 0, "w w"), 21),
    ],
)
def test_every_key_and_item_has_its_line(path: Path, line: int) -> None:
    assert LineIndex(TEXT).exact(path) == line


def test_what_is_not_written_is_on_the_line_of_the_table_around_it() -> None:
    index = LineIndex(TEXT)
    assert index.exact(("p", 1, "m")) is None
    assert index.nearest(("p", 1, "m", "deeper")) == 18
    assert index.nearest(("nowhere",)) == 1


def _paths(value: object, path: Path = ()) -> Iterator[Path]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from _paths(inner, (*path, key))


def test_no_key_that_tomllib_reads_is_missed() -> None:
    index = LineIndex(TEXT)
    assert [path for path in _paths(tomllib.loads(TEXT)) if index.exact(path) is None] == []


KEYS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=3)
SCALARS = st.one_of(
    st.integers(0, 99).map(str),
    st.sampled_from(
        ["true", "2026-01-15", "'x # y'", '"a]\\"}"', '"""\nx = 1\n"""', "'''\n[t]\n'''", '"""a""" # end']
    ),
)
VALUES = st.recursive(
    SCALARS.filter(lambda text: "#" not in text or text.startswith("'")),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: "[\n" + ",\n # c\n".join(items) + "\n]"),
    max_leaves=5,
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    names = draw(st.lists(KEYS, unique=True, min_size=1, max_size=6))
    lines: list[str] = []
    for name in names:
        kind = draw(st.sampled_from(["[{}]", "[[{}]]", '["{}"]']))
        for _ in range(draw(st.integers(1, 3)) if kind == "[[{}]]" else 1):
            lines.append(kind.format(name))
            for key in draw(st.lists(KEYS, unique=True, max_size=3)):
                lines.append(f"{key} = {draw(VALUES)}")
                lines.append(draw(st.sampled_from(["", "# comment [x]", "  "])))
    return "\n".join(lines)


@settings(deadline=None)
@given(documents())
def test_the_line_of_every_key_names_it(text: str) -> None:
    index, lines = LineIndex(text), text.split("\n")
    for path in _paths(tomllib.loads(text)):
        line = index.exact(path)
        assert line is not None
        if isinstance(path[-1], str):
            assert path[-1] in lines[line - 1]

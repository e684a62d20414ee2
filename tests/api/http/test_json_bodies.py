"""JSON bodies are read strictly, and two of them are one request where their values are equal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.http.json_bodies import DEPTH_AT_MOST, canonical, read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"a": 1, "a": 2}', 'the key "a" comes twice'),
        (b'{"x": {"a": 1, "a": 1}}', "comes twice"),
        (b'{"a": NaN}', "no JSON number"),
        (b'{"a": -Infinity}', "no JSON number"),
        (b'{"a": 1e999}', "too large"),
        (b'{"a": ' + b"1" * 5000 + b"}", "too long"),
        (b'{"a": 0.' + b"1" * 5000 + b"}", "too long"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[" * (DEPTH_AT_MOST + 1) + b"]" * (DEPTH_AT_MOST + 1), "64 levels at most"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, "nested too deeply"),
        (b'{"a": 0e99999999999999999999}', "too large"),
        (b'{"a": 1e-99999999999999999999}', "too large"),
    ],
)
def test_what_is_not_json_is_said_in_words(body: bytes, why: str) -> None:
    with pytest.raises(json.JSONDecodeError, match=why):
        read_json(body)


def test_a_body_may_be_nested_as_deeply_as_is_said() -> None:
    body = b"[" * DEPTH_AT_MOST + b"]" * DEPTH_AT_MOST
    assert canonical(body) == json.dumps(read_json(body)).encode()


@pytest.mark.parametrize("depth", range(DEPTH_AT_MOST, 1_001, 40))
def test_what_is_nested_too_deeply_is_compared_as_it_is_written(depth: int) -> None:
    body = b"[" * (depth + 1) + b"1" + b"]" * (depth + 1)
    assert canonical(body) == body


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1.0", 1),
        ("1e2", 100),
        ("-0.0", 0),
        ("1.5", 1.5),
        ("1.00000000000000000001", 1.0),
        ("9007199254740992.0", 2**53),
        ("1e300", 1e300),
    ],
)
def test_a_whole_number_is_whole_however_it_is_written(written: str, value: float) -> None:
    read = read_json(f"[{written}]".encode())[0]
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a": 1, "b": [true, null]}', '{ "b" : [true,null],"a":1}'),
        ('{"a": "é"}', '{"a": "\\u00e9"}'),
        ('{"a": 1}', '{"a": 1.0}'),
        ('{"a": 1000}', '{"a": 1e3}'),
        ('{"a": 0}', '{"a": -0.0}'),
        ('{"a": 0.1}', '{"a": 0.10}'),
    ],
)
def test_one_value_is_one_request(one: str, other: str) -> None:
    assert canonical(one.encode()) == canonical(other.encode())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a": 1}', '{"a": "1"}'),
        ('{"a": null}', "{}"),
        ('{"a": true}', '{"a": 1}'),
        ('{"a": [1, 2]}', '{"a": [2, 1]}'),
        ('{"a": "é"}', '{"a": "e\\u0301"}'),
        ('{"a": 9007199254740993}', '{"a": 9007199254740992}'),
        ('{"a": 0.1000000000000000055511151231257827}', '{"a": 0.1}'),
    ],
)
def test_two_values_are_two_requests(one: str, other: str) -> None:
    assert canonical(one.encode()) != canonical(other.encode())


@given(VALUES, VALUES)
def test_bodies_are_equal_exactly_where_their_values_are(one: Any, other: Any) -> None:
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    spaced = json.dumps(other, indent=2, ensure_ascii=False).encode("utf-8", "surrogatepass")
    try:
        spaced.decode()
    except UnicodeDecodeError:
        return
    assert (canonical(json.dumps(one).encode()) == canonical(spaced)) == same

"""JSON for scripts."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from spt_cli.model import Problem, Values
from spt_cli.render.json import document, encode, lines, row, spliced
from tests.made import a_run


def decoded(data: bytes) -> Any:
    """*data* read by the strictest of parsers: NaN and Infinity are refused."""

    def refuse(token: str) -> None:
        raise AssertionError(token)

    return json.loads(data, parse_constant=refuse)


def test_a_row_has_every_field_in_the_same_order_and_times_twice() -> None:
    run = a_run("g0/r1", created_at=1.5, hparams={"lr": 0.1}, tags=("a",), problems=(Problem("/p", "torn", "g0/r1"),))
    assert list(decoded(encode(row(run))).items()) == [
        ("run_id", "g0/r1"),
        ("run_dir", "/runs/g0/r1"),
        ("display_name", "g0/r1"),
        ("status", "completed"),
        ("state", "completed"),
        ("alive", False),
        ("created_at", 1.5),
        ("created", "1970-01-01T00:00:01.500Z"),
        ("ended_at", None),
        ("ended", None),
        ("heartbeat_at", None),
        ("heartbeat", None),
        ("tags", ["a"]),
        ("notes", ""),
        ("hparams", {"lr": 0.1}),
        ("summary", {}),
        ("checkpoint_path", None),
        ("metrics_size", 0),
        ("has_media", False),
        ("archived", False),
        ("logger_run_id", None),
        ("problems", [{"path": "/p", "message": "torn", "run_id": "g0/r1"}]),
    ]


def test_nan_and_infinities_are_null_wherever_they_stand() -> None:
    run = a_run(created_at=math.nan, summary={"a": math.nan, "b": math.inf, "c": -math.inf, "d": 1.0})
    assert decoded(encode(row(run)))["summary"] == {"a": None, "b": None, "c": None, "d": 1.0}
    assert decoded(encode(row(run)))["created_at"] is None


def test_a_text_that_only_says_nan_stays() -> None:
    assert decoded(encode(row(a_run(hparams={"NaN": "Infinity"}))))["hparams"] == {"NaN": "Infinity"}


def test_values_go_out_as_the_bytes_they_are() -> None:
    run = structs.replace(a_run(), hparams=Values(b'{"lr":1e-3,"x":"\\u00e9"}'))
    assert b'"hparams":{"lr":1e-3,"x":"\\u00e9"}' in encode(row(run))


def test_indented_values_take_one_line() -> None:
    assert encode(spliced(Values(b'{\n  "lr": 1\n}'))) == b'{"lr":1}'


@pytest.mark.parametrize("name", ["\udcff", "\x9b31m", "\x7f", "\x1b[2J", "\u2028", '"\\', "é"])
def test_every_name_survives_and_none_acts_on_a_terminal(name: str) -> None:
    data = encode({"name": name, "nan": math.nan, "hparams": spliced(Values.of({name: name}))})
    assert decoded(data) == {"name": name, "nan": None, "hparams": {name: name}}
    assert not [character for character in data.decode() if ord(character) < 32 or 127 <= ord(character) < 160]


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.text(st.characters(codec=None, categories=None)),
        st.none() | st.booleans() | st.floats() | st.integers(-(10**30), 10**30) | st.text(st.characters(codec=None)),
    )
)
def test_values_decode_to_what_they_were(values: dict[str, Any]) -> None:
    finite = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}
    assert decoded(encode(spliced(Values.of(values)))) == finite


def test_a_document_has_a_version_and_an_item_a_line() -> None:
    data = b"".join(document({"runs": iter([{"a": 1}, {"a": 2}]), "problems": [], "left out": None}))
    assert data.decode().splitlines() == [
        '{"schema_version":1,',
        '"runs":[',
        '{"a":1},',
        '{"a":2}],',
        '"problems":[]}',
    ]


def test_a_document_is_made_piece_by_piece() -> None:
    def endless() -> Any:
        while True:
            yield {}

    pieces = document({"runs": endless()})
    assert [next(pieces) for _ in range(4)] == [b'{"schema_version":1', b',\n"runs":[', b"\n{}", b",\n{}"]


def test_each_line_of_ndjson_has_the_version() -> None:
    assert list(lines([{"a": 1}])) == [b'{"schema_version":1,"a":1}\n']


def test_what_has_no_json_is_an_error() -> None:
    with pytest.raises(TypeError, match="ndarray"):
        encode({"a": np.zeros(1)})

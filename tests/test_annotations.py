"""People's edits over what the trainer wrote."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET, structs

from spt_cli.tree.annotations import Annotations, lay_over, parse_edits
from spt_cli.tree.sidecar import Sidecar

TRAINED = Sidecar(status="running", display_name="theirs", notes="trainer", tags=("a", "b"), archived=True)


def laid(**edits: Any) -> Sidecar:
    return lay_over(TRAINED, parse_edits(json.dumps({"schema_version": 1} | edits).encode()))


def test_no_edit_leaves_everything_as_the_trainer_wrote_it() -> None:
    assert laid() == TRAINED


@pytest.mark.parametrize(
    ("field", "value", "read"),
    [
        ("display_name", "mine", "mine"),
        ("notes", "seen", "seen"),
        ("tags", ["c"], ("c",)),
        ("tags", [], ()),
        ("archived", False, False),
    ],
)
def test_an_edit_replaces_its_field_and_no_other(field: str, value: Any, read: Any) -> None:
    assert laid(**{field: value}) == structs.replace(TRAINED, **{field: read})


@pytest.mark.parametrize(("field", "read"), [("display_name", None), ("notes", ""), ("tags", ()), ("archived", False)])
def test_null_is_an_edit_that_empties_its_field(field: str, read: Any) -> None:
    assert laid(**{field: None}) == structs.replace(TRAINED, **{field: read})


def test_an_absent_field_is_unset_and_null_is_none() -> None:
    assert parse_edits(b'{"notes": null}') == Annotations(notes=None)
    assert parse_edits(b'{"notes": null}').tags is UNSET


def test_fields_of_later_versions_are_ignored() -> None:
    assert laid(schema_version=9, colour={"r": 1}) == TRAINED


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b'{"notes": "a',
        b'{"notes": 3}',
        b'{"tags": ["a", 1]}',
        b'{"tags": "a"}',
        b'{"archived": "yes"}',
        b'{"notes": "\xff"}',
        b'{"notes": "\\ud800"}',
        b'{"x": ' * 100_000 + b"1" + b"}" * 100_000,
    ],
)
def test_what_is_no_set_of_edits_is_refused(data: bytes) -> None:
    """Half an edit applied would look like a whole one."""
    with pytest.raises(ValueError, match=r"."):
        parse_edits(data)


@given(st.binary())
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_edits_or_refused(data: bytes) -> None:
    with suppress(ValueError):
        assert isinstance(parse_edits(data), Annotations)

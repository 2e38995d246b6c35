"""What an edit of a run can hold, and telling whether somebody else was quicker."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from spt_cli.errors import UsageError
from spt_cli.model import Run
from spt_cli.render.json import encode
from spt_cli.tree.annotations import parse_edits
from spt_cli.tree.editable import (
    FIELDS,
    LONGEST_NAME,
    LONGEST_NOTES,
    LONGEST_TAG,
    MOST_TAGS,
    changed_since,
    checked,
    version,
)

RUN = Run("g/r", "/g/r", "r", "running", "running", True, tags=("a",), notes="seen")


@pytest.mark.parametrize(
    ("given_", "stored"),
    [
        ({"display_name": "best", "notes": "a\n\tb", "tags": ["x", "y"], "archived": True}, None),
        ({"display_name": None, "notes": None}, None),
        ({"display_name": " \u3000"}, {"display_name": None}),
        ({"display_name": " kept as typed "}, None),
        ({"notes": ""}, None),
        ({"tags": ("b", "a", " ", "b", "")}, {"tags": ["b", "a"]}),
        (
            {"display_name": "n" * LONGEST_NAME, "tags": ["t" * LONGEST_TAG] * (MOST_TAGS + 1)},
            {"display_name": "n" * LONGEST_NAME, "tags": ["t" * LONGEST_TAG]},
        ),
        ({"notes": "é" * (LONGEST_NOTES // 2)}, None),
        ({}, None),
    ],
)
def test_an_edit_is_stored_as_it_was_given_but_for_blank_names_and_tags(given_: Any, stored: Any) -> None:
    assert checked(given_) == (given_ if stored is None else stored)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colour": 1, "notes": "x"}, "no field colour"),
        ({"run_id": "r", "status": "failed"}, "no field run_id, status"),
        ({"display_name": 3}, "display_name must be a text or null"),
        ({"notes": ["a"]}, "notes must be a text or null"),
        ({"tags": None}, "tags must be a list of texts"),
        ({"tags": "a,b"}, "tags must be a list of texts"),
        ({"tags": ["a", 1]}, "tags must be a list of texts"),
        ({"archived": 1}, "archived must be true or false"),
        ({"archived": None}, "archived must be true or false"),
        ({"display_name": "a\nb"}, "control character \\n in display_name"),
        ({"display_name": "\x1b[2J"}, "control character \\x1b in display_name"),
        ({"notes": "\x00"}, "control character \\x00 in notes"),
        ({"tags": ["a\tb"]}, "control character \\t in a tag"),
        ({"display_name": "\ud800"}, "display_name must be UTF-8, not \\ud800"),
        ({"notes": "caf\udce9"}, "notes must be UTF-8, not caf\\xe9"),
        ({"display_name": "n" * 501}, "a name takes up to 500 characters, not 501"),
        ({"notes": "é" * 32_769}, "notes take up to 65,536 bytes, not 65,538"),
        ({"tags": ["t" * 201]}, "a tag takes up to 200 characters, not 201"),
        ({"tags": [str(number) for number in range(1_001)]}, "a run has up to 1,000 tags, not 1,001"),
    ],
)
def test_what_cannot_be_stored_is_refused_with_the_reason(changes: Any, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        checked(changes)
    assert str(raised.value) == message


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.characters(categories=["Cs", "Cc"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(FIELDS), _JSON))
@settings(max_examples=200, deadline=None)
def test_what_is_accepted_is_what_readers_understand(changes: dict[str, Any]) -> None:
    try:
        stored = checked(changes)
    except UsageError:
        return
    read = parse_edits(encode(stored))
    assert {
        field: list(value) if isinstance(value, tuple) else value
        for field, value in structs.asdict(read).items()
        if field in stored
    } == stored
    assert checked(stored) == stored


def test_runs_that_show_the_same_in_the_editable_fields_have_one_version() -> None:
    other = structs.replace(RUN, status="failed", state="failed", alive=False, metrics_size=9)
    assert version(other) == version(RUN)
    assert len(version(RUN)) == 32


@pytest.mark.parametrize(("field", "value"), [("display_name", "s"), ("notes", ""), ("tags", ()), ("archived", True)])
def test_only_a_change_of_the_fields_that_are_edited_is_a_conflict(field: str, value: Any) -> None:
    now = structs.replace(RUN, **{field: value})
    wanted = {"display_name": "mine", "notes": "mine", "tags": ["mine"], "archived": not now.archived}
    assert changed_since(now, version(RUN), wanted) == [field]


def test_two_who_want_the_same_do_not_disagree() -> None:
    now = structs.replace(RUN, notes="same", tags=("b", "c"))
    assert changed_since(now, version(RUN), {"notes": "same", "tags": ["b", "c"]}) == []


@pytest.mark.parametrize("seen", ["", "x", "*", "Ä" * 99])
def test_a_version_that_is_none_agrees_with_nothing(seen: str) -> None:
    assert changed_since(RUN, seen, {"notes": "mine", "archived": True}) == ["notes", "archived"]


def test_a_name_that_is_not_utf_8_has_a_version() -> None:
    assert version(structs.replace(RUN, display_name="caf\udce9")) != version(RUN)

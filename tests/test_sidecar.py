"""What the bytes of a sidecar.json say, however damaged they are."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from spt_cli.model import Values
from spt_cli.tree.sidecar import Sidecar, parse

Json = Any
DEEP = b'{"x":' * 100_000 + b"1" + b"}" * 100_000


def of(**fields: Json) -> Sidecar:
    return parse(json.dumps({"status": "running"} | fields).encode())


def test_the_fields_of_a_real_sidecar() -> None:
    data = {
        "schema_version": 1,
        "run_id": "31337_4",
        "run_dir": "/elsewhere/r",
        "status": "completed",
        "created_at": 1_700_000_000.25,
        "ended_at": 1_700_000_100,
        "updated_at": 1_700_000_100.5,
        "tags": ["sweep:31337", "größe"],
        "notes": "try 2 \N{SNOWMAN}",
        "hparams": {"optim.lr": 0.1, "layers.0": 64, "amp": True, "seed": None, "name": "a"},
        "summary": {"val/acc": 0.5},
        "checkpoint_path": "/elsewhere/last.ckpt",
    }
    assert parse(json.dumps(data, indent=2, ensure_ascii=False).encode()) == Sidecar(
        run_id="31337_4",
        status="completed",
        created_at=1_700_000_000.25,
        ended_at=1_700_000_100.0,
        tags=("sweep:31337", "größe"),
        notes="try 2 \N{SNOWMAN}",
        hparams=Values.of({"optim.lr": 0.1, "layers.0": 64, "amp": True, "seed": None, "name": "a"}),
        summary=Values.of({"val/acc": 0.5}),
        checkpoint_path="/elsewhere/last.ckpt",
    )


def test_absent_fields_take_their_defaults() -> None:
    """Files of older versions have no ended_at, no summary, no tags."""
    assert parse(b'{"status": "running"}') == Sidecar(status="running")


@pytest.mark.parametrize("name", [name for name in Sidecar.__struct_fields__ if name not in ("status", "flaws")])
def test_null_is_the_default_and_no_flaw(name: str) -> None:
    assert of(**{name: None}) == Sidecar(status="running")


@pytest.mark.parametrize("word", ["queued", "", "COMPLETED", "läuft"])
def test_a_foreign_status_passes_through(word: str) -> None:
    assert of(status=word) == Sidecar(status=word)


@pytest.mark.parametrize("data", [b"{}", b'{"status": null}'])
def test_a_missing_status_is_a_flaw(data: bytes) -> None:
    assert parse(data) == Sidecar(flaws=("status is missing",))


def test_bare_nan_and_infinity_are_kept_as_the_writer_means_them() -> None:
    read = parse(b'{"status": "failed", "summary": {"a": NaN, "b": Infinity, "c": -Infinity, "d": 1.0}}')
    assert read.flaws == ()
    summary = read.summary.decode()
    assert math.isnan(float(str(summary.pop("a"))))
    assert summary == {"b": math.inf, "c": -math.inf, "d": 1.0}


def test_nan_beside_nothing_but_good_fields_costs_none_of_them() -> None:
    assert parse(b'{"status": "failed", "notes": "n", "summary": {"a": NaN}}').notes == "n"


@pytest.mark.parametrize("time", [math.nan, math.inf, -1.0, 1e300, 10**400, "today", True, [1]])
def test_what_no_calendar_knows_is_no_time(time: Json) -> None:
    assert of(created_at=time) == Sidecar(status="running", flaws=("created_at is no time in seconds since 1970",))


@pytest.mark.parametrize(
    ("tags", "read", "flaws"),
    [
        (None, (), ()),
        ([], (), ()),
        (["a", 1, None, True, ["b"], {"c": 2}], ("a", "1", "null", "true", '["b"]', '{"c": 2}'), ()),
        ("alone", ("alone",), ("tags is text, not a list",)),
        ({"a": 1}, (), ("tags is an object, not a list",)),
        (7, (), ("tags is a number, not a list",)),
    ],
)
def test_tags_of_any_type_become_text(tags: Json, read: tuple[str, ...], flaws: tuple[str, ...]) -> None:
    assert of(tags=tags) == Sidecar(status="running", tags=read, flaws=flaws)


@pytest.mark.parametrize(
    ("hparams", "flat"),
    [
        ({"optim": {"lr": 0.1, "betas": [0.9, 0.99]}}, {"optim.lr": 0.1, "optim.betas.0": 0.9, "optim.betas.1": 0.99}),
        ({"a": {}, "b": [], "c": {"d": {}}}, {"a": "{}", "b": "[]", "c.d": "{}"}),
        ({"a": [[1], {"b": None}]}, {"a.0.0": 1, "a.1.b": None}),
        ({"looks": "nested: {not} [so]", "like": ":{"}, {"looks": "nested: {not} [so]", "like": ":{"}),
    ],
)
def test_nested_hparams_become_dotted_keys(hparams: Json, flat: dict[str, Any]) -> None:
    read = of(hparams=hparams)
    assert (read.hparams.decode(), read.flaws) == (flat, ())


@pytest.mark.parametrize(
    ("name", "value", "kind"), [("hparams", [1], "a list"), ("summary", "x", "text"), ("hparams", 3, "a number")]
)
def test_hparams_or_summary_that_are_no_object_are_empty_and_a_flaw(name: str, value: Json, kind: str) -> None:
    assert of(**{name: value}) == Sidecar(status="running", flaws=(f"{name} is {kind}, not an object",))


@pytest.mark.parametrize(
    ("name", "value", "flaw"),
    [
        ("notes", 3, "notes is a number, not text"),
        ("notes", ["a", "ü"], "notes is a list, not text"),
        ("display_name", True, "display_name is true or false, not text"),
        ("run_id", 99999, "run_id is a number, not text"),
        ("status", {"a": 1}, "status is an object, not text"),
    ],
)
def test_what_should_be_text_is_shown_as_json(name: str, value: Json, flaw: str) -> None:
    shown = {"status": "running", name: json.dumps(value, ensure_ascii=False)}
    assert of(**{name: value}) == structs.replace(Sidecar(flaws=(flaw,)), **shown)


def test_archived_is_true_only_when_it_says_so() -> None:
    assert of(archived=True).archived
    assert of(archived="yes") == Sidecar(status="running", flaws=("archived is text, not true or false",))


LATIN = "it is not UTF-8; characters that cannot be read are replaced"


def test_latin_1_is_read_with_replaced_characters_and_a_flaw() -> None:
    read = parse('{"status": "running", "notes": "größe", "hparams": {"ä": "ö"}}'.encode("latin-1"))
    assert read == Sidecar(
        status="running", notes="gr\ufffd\ufffde", hparams=Values.of({"\ufffd": "\ufffd"}), flaws=(LATIN,)
    )


def test_latin_1_only_inside_the_hparams_is_seen() -> None:
    """They are kept as bytes: whoever decodes them later must be able to."""
    read = parse(b'{"status": "running", "hparams": {"a": "\xe4"}}')
    assert (read.hparams.decode(), read.flaws) == ({"a": "\ufffd"}, (LATIN,))


HALF = "it holds halves of characters (lone surrogates), which are replaced"


@pytest.mark.parametrize("half", [chr(0xD800), chr(0xDFFF), 2 * chr(0xD800)], ids=ascii)
def test_halves_of_characters_are_replaced_everywhere(half: str) -> None:
    """JSON can say them, no encoding can: whoever writes the row on would fail."""
    read = of(notes=half, tags=[f"{half}a"], hparams={half: f"b{half}"}, summary={f"c{half}": 1})
    bad = "\ufffd" * len(half)
    expected = Sidecar(
        status="running",
        notes=bad,
        tags=(f"{bad}a",),
        hparams=Values.of({bad: f"b{bad}"}),
        summary=Values.of({f"c{bad}": 1}),
        flaws=(HALF,),
    )
    assert read == expected


def test_halves_of_characters_are_seen_in_the_hparams_alone() -> None:
    assert of(hparams={"a": "\ud800"}).hparams.decode() == {"a": "\ufffd"}


def test_two_halves_that_make_a_character_are_one() -> None:
    read = parse(rb'{"status": "running", "hparams": {"a": "\ud83d\ude00"}, "notes": "\ud83d\ude00"}')
    assert (read.hparams.decode(), read.notes, read.flaws) == ({"a": "\N{GRINNING FACE}"}, "\N{GRINNING FACE}", ())


@pytest.mark.parametrize("rest", [b'{"status": "running", "notes": "a"}', b'{"status": "running", "notes": "\xff"}'])
def test_a_byte_order_mark_is_skipped(rest: bytes) -> None:
    assert parse(b"\xef\xbb\xbf" + rest).status == "running"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "it is empty"),
        (b" \r\n\t", "it is empty"),
        (b"\0" * 300, "it is empty"),
        (b'{"status": "run', "it ends in the middle (half-written?)"),
        (b'{"status": "running",', "it ends in the middle (half-written?)"),
        (b'{"status": "running"', "it ends in the middle (half-written?)"),
        (b"[1, 2]", "it holds a list instead of an object"),
        (b"null", "it holds null instead of an object"),
        (b'"text"', "it holds text instead of an object"),
        (b"true", "it holds true or false instead of an object"),
        (b"status: running", "it is not JSON: Expecting value: line 1 column 1 (char 0)"),
        (b'{"status": "running"}}', "it is not JSON: Extra data: line 1 column 22 (char 21)"),
        (b"[" * 100_000, "it is nested too deeply"),
    ],
)
def test_what_holds_no_object_is_refused_with_the_reason(data: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        parse(data)
    assert str(caught.value) == message


@pytest.mark.parametrize("name", ["hparams", "notes", "no_field_of_ours"])
def test_a_field_nested_deeper_than_the_stack_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="it is nested too deeply"):
        parse(b'{"status": "running", "%s": %s}' % (name.encode(), DEEP))


@pytest.mark.parametrize("summary", [b'{"a": %s}', b'{"a": {"b": %s}}'], ids=["flat", "nested"])
def test_an_integer_of_5000_digits_is_infinite(summary: bytes) -> None:
    """Python refuses to read one: a row must not fail when somebody looks at its values."""
    read = parse(b'{"status": "running", "summary": ' + summary % (b"-" + b"9" * 5_000) + b"}")
    assert list(read.summary.decode().values()) == [-math.inf]


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=4)
FIELDS = [name for name in Sidecar.__struct_fields__ if name != "flaws"]


@given(st.binary() | st.text().map(str.encode) | values.map(json.dumps).map(str.encode))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(ValueError):
        assert isinstance(parse(data), Sidecar)


@given(st.dictionaries(st.sampled_from(FIELDS) | st.text(), values, max_size=5))
@settings(max_examples=100, deadline=None)
def test_any_object_is_read_and_its_values_are_flat(found: dict[str, Json]) -> None:
    read = parse(json.dumps(found).encode())
    types = {"status": str, "tags": tuple, "notes": str, "archived": bool, "created_at": float | None}
    assert {name: isinstance(getattr(read, name), kind) for name, kind in types.items()} == dict.fromkeys(types, True)
    for group in (read.hparams, read.summary):
        assert not any(isinstance(value, dict | list) for value in group.decode().values())


seconds = st.floats(0, 253_402_300_799)
good = st.fixed_dictionaries(
    {"status": st.text(), "hparams": st.dictionaries(st.text(), scalars)},
    optional={
        "run_id": st.text(),
        "created_at": seconds,
        "ended_at": seconds,
        "tags": st.lists(st.text()),
        "notes": st.text(),
        "summary": st.dictionaries(st.text(), st.floats()),
        "checkpoint_path": st.text(),
        "display_name": st.text(),
        "archived": st.booleans(),
    },
)


@given(good, st.booleans(), st.sampled_from([None, 2]))
@settings(max_examples=100, deadline=None)
def test_what_a_writer_of_good_faith_wrote_is_read_back(
    written: dict[str, Any], ascii_only: bool, indent: int | None
) -> None:
    read = parse(json.dumps(written, ensure_ascii=ascii_only, indent=indent).encode())
    plain = structs.asdict(read) | {"hparams": read.hparams.decode(), "summary": read.summary.decode()}
    found = {name: list(value) if name == "tags" else value for name, value in plain.items() if name in written}
    assert repr(dict(sorted(found.items()))) == repr(dict(sorted(written.items())))
    assert read.flaws == ()

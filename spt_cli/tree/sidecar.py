"""Bytes of a sidecar.json -> the fields of a Run, tolerant field by field."""

from __future__ import annotations

import json
import math
import re
import sys
from typing import Any

import msgspec
from msgspec import Raw, Struct

from spt_cli.model import Json, Scalar, Values, integer

MAX_BYTES = 16 << 20  # a sidecar is a few KB; what is larger is not one
_LATEST = 253_402_300_799.0  # the end of the year 9999, the last that calendars know


class Sidecar(Struct, frozen=True, gc=False):
    """What a sidecar says, each field of the type its readers expect. *flaws* says what was not as it should be."""

    run_id: str | None = None
    status: str = ""
    created_at: float | None = None  # s since 1970
    ended_at: float | None = None  # s since 1970
    tags: tuple[str, ...] = ()
    notes: str = ""
    hparams: Values = Values()
    summary: Values = Values()
    checkpoint_path: str | None = None
    display_name: str | None = None
    archived: bool = False
    flaws: tuple[str, ...] = ()


def parse(data: bytes) -> Sidecar:
    """The Sidecar in *data*. Raises ValueError, saying what is wrong, when there is no JSON object in it.

    Bare NaN and Infinity are read as the writer means them; bytes that are not UTF-8 are replaced and are a flaw; a
    field of the wrong type takes its default and is a flaw; nested hparams become dotted keys.
    """
    try:
        known = _DECODER.decode(data)
        if not data.isascii():  # msgspec does not look into the Raw fields
            data.decode()
    except (msgspec.MsgspecError, ValueError, RecursionError):  # rare: 10 times slower, and reads all that can be read
        return _tolerant(data)
    created, ended = _time(known.created_at), _time(known.ended_at)
    hparams, summary = _flat(known.hparams), _flat(known.summary)
    if created is _BAD or ended is _BAD or hparams is None or summary is None or known.status is None:
        return _tolerant(data)
    return Sidecar(
        run_id=known.run_id,
        status=sys.intern(known.status),
        created_at=created,
        ended_at=ended,
        tags=tuple(known.tags or ()),
        notes=known.notes or "",
        hparams=hparams,
        summary=summary,
        checkpoint_path=known.checkpoint_path,
        display_name=known.display_name,
        archived=known.archived or False,
    )


class _Known(Struct, gc=False):
    """The fields as the real writer leaves them; anything else is read by _tolerant."""

    run_id: str | None = None
    status: str | None = None
    created_at: float | None = None
    ended_at: float | None = None
    tags: list[str] | None = None
    notes: str | None = None
    hparams: Raw = Raw(b"{}")
    summary: Raw = Raw(b"{}")
    checkpoint_path: str | None = None
    display_name: str | None = None
    archived: bool | None = None


_DECODER = msgspec.json.Decoder(_Known)
_BAD = math.nan
_NESTED = re.compile(
    rb":\s*[\[{]"
)  # a list or an object as value (or text that looks so, which _tolerant reads as well)


def _time(value: float | None) -> float | None:
    """*value* when a calendar knows it, else _BAD."""
    return value if value is None or 0 <= value <= _LATEST else _BAD


def _flat(raw: Raw) -> Values | None:
    """Values of a raw JSON object, spaces removed; null is empty; None when it is no flat object."""
    data = bytes(raw)  # a copy: a Raw would keep the whole file's buffer alive
    if data == b"null":
        return _EMPTY
    if not data.startswith(b"{"):
        return None
    if b"\\ud" in data or b"\\uD" in data:  # half of a character, perhaps without the other half
        return None
    if (data.find(b"[", 1) > 0 or data.find(b"{", 1) > 0) and _NESTED.search(data):  # find first: the regex takes 1 µs
        return None
    return Values(msgspec.json.format(data, indent=-1))


_EMPTY = Values()


def _tolerant(data: bytes) -> Sidecar:
    """The same as parse for what is not quite a sidecar: stdlib json, then field by field."""
    flaws: list[str] = []
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("utf-8-sig", "replace")
        flaws.append("it is not UTF-8; characters that cannot be read are replaced")
    try:
        found = _loads(text)
        if not isinstance(found, dict):
            raise ValueError(f"it holds {_kind(found)} instead of an object")  # noqa: TRY004 - one error for all bad files
        if "\\u" in text:
            found = _encodable(found, flaws)
        return _by_field(_Fields(found, flaws))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _loads(text: str) -> Json:
    try:
        return json.loads(text, parse_int=integer)
    except json.JSONDecodeError as error:
        raise ValueError(_torn(text, error)) from error


def _encodable(found: Json, flaws: list[str]) -> Json:
    """*found*, in which halves of characters (lone surrogates), which no encoding can say, are replaced."""
    text = json.dumps(found, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        flaws.append("it holds halves of characters (lone surrogates), which are replaced")
        return _loads(text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))
    return found


def _by_field(field: _Fields) -> Sidecar:
    return Sidecar(
        run_id=field.text("run_id"),
        status=sys.intern(field.text("status", required=True) or ""),
        created_at=field.time("created_at"),
        ended_at=field.time("ended_at"),
        tags=field.tags(),
        notes=field.text("notes") or "",
        hparams=field.values("hparams"),
        summary=field.values("summary"),
        checkpoint_path=field.text("checkpoint_path"),
        display_name=field.text("display_name"),
        archived=field.flag("archived"),
        flaws=tuple(field.flaws),
    )


def _torn(text: str, error: json.JSONDecodeError) -> str:
    body = text.strip("\0 \t\r\n")
    if not body:
        return "it is empty"
    if body[0] == "{" and error.msg != "Extra data" and (body[-1] != "}" or error.pos >= len(text.rstrip())):
        return "it ends in the middle (half-written?)"
    return f"it is not JSON: {error}"


class _Fields:
    """Reads fields of a decoded sidecar by the type they should have and notes what is not so in *flaws*."""

    def __init__(self, found: dict[str, Any], flaws: list[str]) -> None:
        self.found = found
        self.flaws = flaws

    def text(self, name: str, *, required: bool = False) -> str | None:
        value = self.found.get(name)
        if isinstance(value, str):
            return value
        if value is None:
            if required:
                self.flaws.append(f"{name} is missing")
            return None
        self.flaws.append(f"{name} is {_kind(value)}, not text")
        return _text(value)

    def time(self, name: str) -> float | None:
        value = self.found.get(name)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _LATEST:
            return float(value)
        self.flaws.append(f"{name} is no time in seconds since 1970")
        return None

    def flag(self, name: str) -> bool:
        value = self.found.get(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        self.flaws.append(f"{name} is {_kind(value)}, not true or false")
        return False

    def tags(self) -> tuple[str, ...]:
        value = self.found.get("tags")
        if value is None or isinstance(value, list):
            return tuple(tag if isinstance(tag, str) else _text(tag) for tag in value or ())
        self.flaws.append(f"tags is {_kind(value)}, not a list")
        return (value,) if isinstance(value, str) else ()

    def values(self, name: str) -> Values:
        value = self.found.get(name)
        if value is None:
            return _EMPTY
        if isinstance(value, dict):
            return Values.of(dict(_leaves(value))) if value else _EMPTY
        self.flaws.append(f"{name} is {_kind(value)}, not an object")
        return _EMPTY


def _leaves(value: Json, prefix: str = "") -> list[tuple[str, Scalar]]:
    """(dotted key, scalar) of a nested value, as the real writer flattens hparams; what is empty stays as text."""
    if not isinstance(value, dict | list) or not value:
        return [(prefix[:-1], _text(value) if isinstance(value, dict | list) else value)]
    items = value.items() if isinstance(value, dict) else enumerate(value)
    return [leaf for key, item in items for leaf in _leaves(item, f"{prefix}{key}.")]


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _kind(value: Json) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}
    return names.get(type(value), "null")

"""JSON for scripts: one document or one line a run, the same bytes for the same input."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Raw, Struct

from spt_cli.model import Json, Run, Values, integer
from spt_cli.words.text import rfc3339

SCHEMA_VERSION = 1


def row(run: Run) -> dict[str, Any]:
    """The fields of *run* in their order, for `encode`; each time also as RFC 3339 text, `created_at` and `created`."""
    fields: dict[str, Any] = {}
    for name in run.__struct_fields__:
        value = getattr(run, name)
        fields[name] = spliced(value) if isinstance(value, Values) else value
        if name in _TIMES:
            fields[_TIMES[name]] = rfc3339(value)
    return fields


def spliced(values: Values) -> Raw:
    """*values* as the JSON they are, decoded only when a number in it is not finite."""
    raw = values.raw
    if b"NaN" in raw or b"Infinity" in raw:  # bare tokens, or text that holds the word
        return Raw(encode(values.decode()))
    return Raw(msgspec.json.format(raw, indent=-1) if b"\n" in raw else raw)


def encode(value: Any) -> bytes:
    r"""*value* as JSON in UTF-8 without spaces; NaN and infinities are null.

    Nothing in it acts on a terminal: C0 is escaped as JSON demands, DEL and C1 too, and a lone surrogate (a byte of a
    file name that is not UTF-8) is written `\udcff`, as Python's own json does.
    """
    try:
        data = _ENCODER.encode(value)
    except (UnicodeEncodeError, OverflowError):  # lone surrogates, integers beyond 64 bits: the stdlib takes them
        data = json.dumps(_builtin(value), separators=(",", ":")).encode()
    return _CONTROLS.sub(_escape, data) if b"\x7f" in data or b"\xc2" in data else data  # a search costs a third


def document(parts: Mapping[str, Iterable[Any] | None]) -> Iterator[bytes]:
    """`{"schema_version": 1, ...}` piece by piece, a line an item: each of *parts* is a list, left out when None."""
    yield b'{"schema_version":%d' % SCHEMA_VERSION
    for name, items in parts.items():
        if items is not None:
            yield b',\n"%s":[' % name.encode()
            for number, item in enumerate(items):
                yield (b",\n" if number else b"\n") + encode(item)
            yield b"]"
    yield b"}\n"


def lines(items: Iterable[Any]) -> Iterator[bytes]:
    """ndjson: each item, an object, on a line of its own with `schema_version` first."""
    for item in items:
        yield b'{"schema_version":%d,%s\n' % (SCHEMA_VERSION, encode(item)[1:])


_TIMES = {"created_at": "created", "ended_at": "ended", "heartbeat_at": "heartbeat"}
_CONTROLS = re.compile(rb"\x7f|\xc2[\x80-\x9f]")  # DEL and C1 as they stand in UTF-8, where nothing else looks so


def _escape(match: re.Match[bytes]) -> bytes:
    return b"\\u%04x" % ord(match[0].decode())


def _builtin(value: Any) -> Json:
    """*value* as the stdlib's json knows it, what is not finite as None."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _builtin(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_builtin(item) for item in value]
    if isinstance(value, Raw):
        return json.loads(bytes(value), parse_int=integer)
    return _builtin(msgspec.structs.asdict(value)) if isinstance(value, Struct) else value


_ENCODER = msgspec.json.Encoder()

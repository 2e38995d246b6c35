"""JSON for scripts: one document or one line a run, the same bytes for the same input."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Raw

from spt_cli.model import Json, Run, Values
from spt_cli.text import rfc3339

SCHEMA_VERSION = 1


def row(run: Run) -> dict[str, Any]:
    """The fields of *run* in their order, each time also as RFC 3339 text: `created_at` and `created`."""
    fields: dict[str, Any] = {}
    for name in run.__struct_fields__:
        fields[name] = getattr(run, name)
        if name in _TIMES:
            fields[_TIMES[name]] = rfc3339(fields[name])
    return fields


def encode(value: Any) -> bytes:
    r"""*value* as JSON in UTF-8 without spaces; NaN and infinities are null, Values go out as the bytes they are.

    Nothing in it acts on a terminal: C0 is escaped as JSON demands, DEL and C1 too, and a lone surrogate (a byte of a
    file name that is not UTF-8) is written `\udcff`, as Python's own json does.
    """
    try:
        data = _ENCODER.encode(value)
    except UnicodeEncodeError:  # lone surrogates: rare, and the stdlib takes them
        data = json.dumps(_finite(msgspec.to_builtins(value, enc_hook=_decoded)), separators=(",", ":")).encode()
    return _CONTROLS.sub(_escape, data)


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


def _spliced(value: object) -> Raw:
    """Values as raw JSON: 30 bytes cost as much as 3,000, nothing is decoded unless a number is not finite."""
    if not isinstance(value, Values):
        raise NotImplementedError(f"no JSON for {type(value).__name__}")
    raw = value.raw
    if b"NaN" in raw or b"Infinity" in raw:  # bare tokens, or text that holds the word
        return Raw(encode(value.decode()))
    return Raw(msgspec.json.format(raw, indent=-1) if b"\n" in raw else raw)


def _decoded(value: object) -> Json:
    if not isinstance(value, Values):
        raise NotImplementedError(f"no JSON for {type(value).__name__}")
    return value.decode()


def _finite(value: Json) -> Json:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value


_ENCODER = msgspec.json.Encoder(enc_hook=_spliced)

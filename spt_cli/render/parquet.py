"""Rows as Parquet, written by polars."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from spt_cli.words.text import whole

_TEXT = ("run_id", "metric")
_WHOLE = ("count", "nan")


def parquet(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A Parquet file of *rows*: text, counts as integers, everything else as floats, null where there is nothing.

    Parquet's text is UTF-8: bytes of a folder's name that are not become `\ufffd`.
    """
    import polars

    types = {
        name: polars.String() if name in _TEXT else polars.Int64() if name in _WHOLE else polars.Float64()
        for name in header
    }
    target = io.BytesIO()
    cells = [[utf8(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    polars.DataFrame(cells, schema=types, orient="row", strict=False).write_parquet(target)
    return target.getvalue()


def utf8(text: str) -> str:
    r"""*text* as Parquet can hold it: a byte that is not UTF-8, or half a character of JSON's, is `\ufffd`."""
    return whole(text).encode(errors="surrogateescape").decode(errors="replace")

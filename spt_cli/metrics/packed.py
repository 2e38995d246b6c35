"""A reduced run as bytes, without loss, and back: 24 metrics of 200 buckets take less than 100 KB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from msgspec import Struct

from spt_cli.metrics.reduce import Parts, Reduced, ReducedRun
from spt_cli.model import Known

if TYPE_CHECKING:
    from numpy.typing import NDArray


class _Array(Struct, frozen=True, array_like=True):
    kind: str  # one of _KINDS
    data: bytes


class _Metric(Struct, frozen=True, array_like=True):
    name: str
    known: Known
    stepped: bool
    low: float
    high: float
    exponent: int | None
    parts: tuple[_Array, ...]


class _Run(Struct, frozen=True, array_like=True):
    metrics: tuple[_Metric, ...]
    attempts: tuple[float, ...]
    epochs: tuple[float, ...]


_KINDS = ("<f4", "<f8", "|u1", "<u2", "<u4", "<i8")  # of arrays: the first that holds all numbers is taken


def packed(run: ReducedRun) -> bytes:
    """*run* as bytes; `unpacked` gives it back to the bit."""
    metrics = tuple(
        _Metric(name, one.known, one.stepped, one.low, one.high, one.exponent, tuple(map(_array, _columns(one.parts))))
        for name, one in run.metrics.items()
    )
    return msgspec.msgpack.encode(_Run(metrics, run.attempts, run.epochs))


def unpacked(data: bytes) -> ReducedRun | None:
    """The run that `packed` made *data* of; None when it is none of its."""
    try:
        run = msgspec.msgpack.decode(data, type=_Run)
        metrics = {one.name: _reduced(one) for one in run.metrics}
    except (msgspec.DecodeError, ValueError):
        return None
    return ReducedRun(metrics, run.attempts, run.epochs)


def _columns(parts: Parts) -> list[NDArray[Any]]:
    return [getattr(parts, name) for name in Parts.__struct_fields__]


def _array(numbers: NDArray[Any]) -> _Array:
    for kind in _KINDS[:2] if numbers.dtype.kind == "f" else _KINDS[2:]:
        with np.errstate(over="ignore"):
            small = numbers.astype(kind)
        if np.array_equal(small.astype(numbers.dtype), numbers, equal_nan=True):
            return _Array(kind, small.tobytes())
    raise AssertionError(numbers.dtype)


def _reduced(one: _Metric) -> Reduced:
    """Raises ValueError when the arrays do not belong together."""
    columns = []
    for array in one.parts:
        if array.kind not in _KINDS:
            raise ValueError(array.kind)
        numbers = np.frombuffer(array.data, array.kind)
        columns.append(numbers.astype(float if numbers.dtype.kind == "f" else np.int64))
    if [column.dtype.kind for column in columns] != list("ffffii") or len({len(column) for column in columns}) != 1:
        raise ValueError(one.name)
    return Reduced(one.known, one.stepped, one.low, one.high, one.exponent, Parts(*columns))

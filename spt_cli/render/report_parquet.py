"""Runs and all their points as two Parquet files, for notebooks and databases; memory holds a batch of runs."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars

from spt_cli.metrics.curves import positions
from spt_cli.model import Problem, Run, Series
from spt_cli.render.lines import flat
from spt_cli.render.parquet import utf8
from spt_cli.words.text import value

RUNS, METRICS = "runs.parquet", "metrics.parquet"

Points = tuple[str, Mapping[str, Series]]  # a run's id, and its metrics


def owned(folder: Path, path: str) -> bool:
    """Whether an export made *path* below *folder*, as its columns tell."""
    begins = {RUNS: _RUNS, METRICS: _METRICS}.get(path)
    try:
        return begins is not None and [*polars.read_parquet_schema(folder / path)][: len(begins)] == begins
    except (OSError, polars.exceptions.PolarsError):
        return False


def write_runs(runs: Sequence[Run], path: Path) -> None:
    """*runs* as `ls -o csv` has them, the columns typed. An hparam of several types is text, NaN stays."""
    header, rows = flat(runs)
    columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * len(header)
    made: dict[str, polars.Series] = {}
    for name, items in zip(header, columns, strict=True):
        unique = utf8(name)
        while unique in made:  # two names that differ in bytes that are not UTF-8
            unique += "'"
        made[unique] = _column(items, _FIELDS.get(name))
    polars.DataFrame(made).write_parquet(path)


def write_metrics(found: Iterable[Points], path: Path, *, batch: int = 4_000_000) -> None:
    """The points of *found*, sorted by metric, then in the order of the runs, then by step.

    A missing step or epoch is null, NaN of a value stays. About *batch* points are in memory, 60 bytes each. Where
    there are more, sorted parts are put down beside *path* for the time being.
    """
    parts = path.with_suffix(".parts")
    parts.mkdir()
    frame, where = _sorted([])
    held: list[tuple[Path, dict[str, slice]]] = []
    for number, runs in enumerate(_batches(found, batch)):
        frame, where = _sorted(runs)
        held.append((parts / f"{number}.arrow", where))
        frame.write_ipc(held[-1][0])
    if len(held) > 1:
        del frame
        names = sorted({name for _, where in held for name in where})
        rows = [(part, where[name]) for name in names for part, where in held if name in where]
        slices = [polars.scan_ipc(part).slice(some.start, some.stop - some.start) for part, some in rows]
        polars.concat(slices).sink_parquet(path, row_group_size=_GROUP)
    else:
        frame.write_parquet(path, row_group_size=_GROUP)
    shutil.rmtree(parts)


_RUNS, _METRICS = ["run_id", "run_dir", "display_name"], ["run_id", "metric", "step", "epoch", "value"]
_GROUP = 1 << 18  # rows: what is read at least when one metric or run is asked for
_FIELDS = {
    **dict.fromkeys(("alive", "has_media", "archived"), polars.Boolean()),
    **dict.fromkeys(("created_at", "ended_at", "heartbeat_at"), polars.Float64()),
    **dict.fromkeys(("tags", "problems"), polars.List(polars.String)),
    **dict.fromkeys(("created", "ended", "heartbeat", "checkpoint_path", "logger_run_id"), polars.String()),
    "metrics_size": polars.Int64(),
}


def _batches(found: Iterable[Points], most: int) -> Iterator[list[Points]]:
    """*found* in lists of about *most* points."""
    runs: list[Points] = []
    size = 0
    for run in found:
        runs.append(run)
        size += sum(len(series.value) for series in run[1].values())
        if size >= most:
            yield runs
            runs, size = [], 0
    if runs:
        yield runs


def _sorted(runs: Sequence[Points]) -> tuple[polars.DataFrame, dict[str, slice]]:
    """The points of *runs* in order, and where those of each metric stand."""
    names = sorted({name for _, metrics in runs for name in metrics})
    parts = [
        (place, number, _by_step(metrics[name]))
        for place, name in enumerate(names)
        for number, (_, metrics) in enumerate(runs)
        if name in metrics
    ]
    lengths = np.array([len(series.value) for *_, series in parts], np.int64)
    which = np.array([(place, number) for place, number, _ in parts], np.int64).reshape(-1, 2).repeat(lengths, axis=0)
    bounds = pairwise(np.searchsorted(which[:, 0], np.arange(len(names) + 1)).tolist())
    values = {
        column: np.concatenate([np.empty(0), *(getattr(series, column) for *_, series in parts)])
        for column in ("step", "epoch", "value")
    }
    frame = polars.DataFrame(
        {
            "run_id": _texts([run_id for run_id, _ in runs], which[:, 1]),
            "metric": _texts(names, which[:, 0]),
            "step": polars.Series(values["step"]).fill_nan(None),
            "epoch": polars.Series(values["epoch"]).fill_nan(None),
            "value": values["value"],
        }
    )
    return frame, {name: slice(*bound) for name, bound in zip(names, bounds, strict=True)}


def _by_step(series: Series) -> Series:
    x = positions(series)
    return series if (x[1:] >= x[:-1]).all() else series.at(np.argsort(x, kind="stable"))


def _texts(texts: Sequence[str], places: np.ndarray[Any, np.dtype[np.int64]]) -> polars.Series:
    return polars.Series([*map(utf8, texts)], dtype=polars.String).gather(places)


def _column(items: Sequence[Any], dtype: polars.DataType | None) -> polars.Series:
    """*items* as a column of *dtype*, or of the one that fits all of them."""
    given = {type(item) for item in items if item is not None}
    if dtype is None:
        whole = given <= {int} and all(item is None or abs(item) < 2**63 for item in items)
        if given == {bool}:
            dtype = polars.Boolean()
        elif given and whole:
            dtype = polars.Int64()
        elif given and given <= {int, float}:
            dtype = polars.Float64()
    if dtype is not None:
        return polars.Series(
            [[*map(_text, item)] if isinstance(item, tuple) else item for item in items], dtype=dtype, strict=False
        )
    return polars.Series([None if item is None else utf8(_text(item)) for item in items], dtype=polars.String)


def _text(item: Any) -> str:
    return utf8(item.message if isinstance(item, Problem) else item if isinstance(item, str) else value(item))

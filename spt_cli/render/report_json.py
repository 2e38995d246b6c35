"""The report as JSON (docs/page-data.md): its head, which a page embeds, and all of it, curves and logs in place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from msgspec import structs

from spt_cli.exported.document import VERSION
from spt_cli.render import json
from spt_cli.report.model import ROUNDING, Metric, Report
from spt_cli.report.model import Row as Shown

DIGITS = 6  # of the numbers of a curve: no more than float32, which the page has, and short
_ROUNDING = f"numbers of curves keep {DIGITS} digits, bands rounded outwards"


def head(report: Report) -> dict[str, Any]:
    """All of *report* but curves, logs and pictures, for `json.encode`."""
    return {
        "schema_version": VERSION,
        "title": report.title,
        "roots": report.roots,
        "as_of": report.as_of,
        "stale_after": report.stale_after,
        "points": report.points,
        "primary": report.primary,
        "runs": [_row(row) for row in report.rows],
        "metrics": [_metric(metric) for metric in report.metrics],
        "epochs": report.epochs,
        "differing": report.differing,
        "left_out": report.left_out,
        "redacted": report.redacted,
        "rounding": ROUNDING,
    }


def document(report: Report) -> Iterator[bytes]:
    """One JSON document, with the curves, logs and pictures in place; a line a run and a metric, piece by piece."""
    parts = head(report) | {"rounding": _ROUNDING}
    runs, metrics = parts.pop("runs"), parts.pop("metrics")
    yield json.encode(parts)[:-1]
    for name, items in (("runs", _runs(report, runs)), ("metrics", _metrics(report, metrics))):
        yield b',\n"%s":[' % name.encode()
        for number, item in enumerate(items):
            yield (b",\n" if number else b"\n") + json.encode(item)
        yield b"]"
    yield b"}\n"


def lines(report: Report) -> Iterator[bytes]:
    """ndjson: `kind` report, then a line a run, then a line a curve with all that its chart says."""
    parts = head(report) | {"rounding": _ROUNDING}
    runs, metrics = parts.pop("runs"), parts.pop("metrics")
    del parts["schema_version"]
    yield from json.lines([{"kind": "report"} | parts])
    yield from json.lines({"kind": "run"} | run for run in _runs(report, runs))
    for metric in _metrics(report, metrics):
        chart = {"metric" if name == "name" else name: value for name, value in metric.items() if name != "of"}
        for curve in metric["of"]:
            run = report.rows[curve.pop("run")].run
            yield from json.lines([{"kind": "curve", "run_id": run.run_id} | chart | curve])


def _row(row: Shown) -> dict[str, Any]:
    return json.row(row.run) | {"shown": row.shown, "attempts": row.attempts, "spark": row.spark}


def _metric(metric: Metric) -> dict[str, Any]:
    fields = structs.asdict(metric)
    del fields["table"]
    of = [{"run": curve.run} | structs.asdict(curve) for curve in fields.pop("of")]
    return fields | {"buckets": len(metric.table.x), "of": of}


def _runs(report: Report, rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for place, row in enumerate(rows):
        yield row | {"logs": report.logs.get(place, ()), "media": report.media.get(place, ())}


def _metrics(report: Report, metrics: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The charts, one at a time: their numbers take much room as Python's."""
    for metric, fields in zip(report.metrics, metrics, strict=True):
        table = metric.table
        of = [known | {"curve": _curve(metric, row)} for row, known in enumerate(fields["of"])]
        yield fields | {"x": table.x.tolist(), "start": table.start.tolist(), "of": of}


def _curve(metric: Metric, row: int) -> dict[str, Any]:
    """The buckets of a run; of those planes that say nothing new None."""
    table = metric.table
    return {
        "mean": _decimal(table.mean[row], np.round),
        "min": _decimal(table.min[row], np.floor) if metric.band else None,
        "max": _decimal(table.max[row], np.ceil) if metric.band else None,
        "count": table.count[row].tolist() if metric.counts else None,
        "nonfinite": table.nonfinite[row].tolist() if metric.nonfinites else None,
    }


def _decimal(values: np.ndarray[Any, np.dtype[np.float64]], way: Callable[..., Any]) -> list[float]:
    """*values* in DIGITS digits, the last one found the *way* that is given; NaN, which becomes null, stays."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        places = DIGITS - 1 - np.floor(np.log10(np.abs(values)))
        scale = 10.0 ** np.abs(places)
        cut = np.where(places < 0, way(values / scale) * scale, way(values * scale) / scale)
    return np.where(np.isfinite(cut), cut, values).tolist()  # type: ignore[no-any-return] # zeros, and the tiniest

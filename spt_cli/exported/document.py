"""The report as JSON, as types: what `spt export --format json` writes, and a page holds without its curves.

docs/report.schema.json is made of these, and files are read back with them. Fields only ever get more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from spt_cli.model import Known, Problem, Scalar

VERSION = 1

Numbers = tuple[float | None, ...]


class Log(Struct, frozen=True):
    """The end of a log, and its last traceback."""

    name: str
    kind: str  # "out" or "err"
    rank: int | None
    stream_id: str
    size: int  # bytes of the whole log
    before: int  # bytes of it that stand before `text`
    text: str  # lines; of escape sequences only those that set colours
    traceback: int | None = None  # the line of `text`, from 0, at which the last traceback begins


class Picture(Struct, frozen=True):
    """An image or a video of a run."""

    step: int
    tag: str
    type: str  # image, video, ...
    caption: str | None = None
    width: int | None = None  # pixels, as embedded
    height: int | None = None
    src: str | None = None  # a data: URI, or a path in the folder of a page
    why: str | None = None  # why there is no src


class RunEntry(Struct, frozen=True):
    """A run: a row of `spt ls -o json`, and what a report adds."""

    run_id: str
    run_dir: str
    display_name: str
    status: str
    state: str
    alive: bool
    created_at: float | None = None  # s since 1970, as `created` in RFC 3339, and so on
    created: str | None = None
    ended_at: float | None = None
    ended: str | None = None
    heartbeat_at: float | None = None
    heartbeat: str | None = None
    tags: tuple[str, ...] = ()
    notes: str = ""
    hparams: Mapping[str, Scalar] = msgspec.field(default_factory=dict)
    summary: Mapping[str, Scalar] = msgspec.field(default_factory=dict)
    checkpoint_path: str | None = None
    metrics_size: int = 0  # bytes
    has_media: bool = False
    archived: bool = False
    logger_run_id: str | None = None
    problems: tuple[Problem, ...] = ()
    shown: bool = False  # its curves are in the report
    attempts: Numbers = ()  # first step of each
    spark: Numbers = ()  # the primary metric in at most 40 buckets
    logs: tuple[Log, ...] = ()
    media: tuple[Picture, ...] = ()


class Curve(Struct, frozen=True):
    """The buckets of one metric of one run, on the x of its chart; null: nothing finite is in a bucket."""

    mean: Numbers
    min: Numbers | None = None  # null when no bucket holds two values: it is the mean
    max: Numbers | None = None
    count: tuple[int, ...] | None = None  # finite values; null when every bucket with a mean holds one
    nonfinite: tuple[int, ...] | None = None  # NaN and infinities; null when there are none


class RunCurve(Known, frozen=True, kw_only=True):
    """A metric of one run: what is exactly known of it."""

    run: int  # index in runs


class CurveEntry(RunCurve, frozen=True, kw_only=True):
    """The same with its curve."""

    curve: Curve | None = None  # in a page it stands elsewhere


class MetricEntry(Struct, frozen=True):
    """A chart: one metric of all runs that are shown and have it."""

    name: str
    group: str
    goal: str  # "min" or "max"
    axis: str  # what x is: "step" or "epoch"
    exact: bool  # each bucket holds one x only
    width: float  # of a bucket, 0 when exact
    points: int
    band: bool  # which parts of `curve` are there: min and max,
    counts: bool  # count,
    nonfinites: bool  # nonfinite
    buckets: int
    of: tuple[CurveEntry, ...]
    x: tuple[float, ...] = ()  # where each bucket is drawn
    start: tuple[float, ...] = ()  # where it begins


class Primary(Struct, frozen=True):
    """The metric that runs are judged by."""

    metric: str
    goal: str


class Document(Struct, frozen=True):
    """A report of `spt export`."""

    schema_version: int
    title: str
    roots: tuple[str, ...]
    as_of: float | None  # newest sign of life of any run, s since 1970
    stale_after: float  # seconds
    points: int  # buckets of a curve, at most
    primary: Primary | None
    runs: tuple[RunEntry, ...]  # newest first
    metrics: tuple[MetricEntry, ...]  # the primary one first
    epochs: tuple[tuple[float, ...], ...]  # of each run that is shown: step, epoch, step, epoch, … where it changes
    differing: tuple[str, ...]  # hparams
    left_out: tuple[str, ...]
    redacted: tuple[str, ...]
    rounding: str


def schema() -> str:
    """The JSON Schema of a Document, as docs/report.schema.json holds it."""
    made = msgspec.json.schema(Document)
    top = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"spt report, version {VERSION}"}
    return json.dumps(top | made, indent=1, sort_keys=False) + "\n"

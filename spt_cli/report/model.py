"""The report as values: what a page shows, in the words of docs/page-data.md."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from spt_cli.exported.document import Log, Picture, Primary, RunCurve
from spt_cli.model import Run

if TYPE_CHECKING:
    from spt_cli.model import Floats, Ints

UNREAD = "could not be read"  # in sentences of what is left out
ROUNDING = "means keep 12 bits (0.012 %), bands are up to 1/16 too wide, never too narrow"


class Options(Struct, frozen=True, kw_only=True):
    """What a report is to hold."""

    title: str = ""  # "": the labels of the roots
    points: int = 200  # buckets of a curve, at most; at least 2
    limit: int = 200  # runs with curves, media and logs: half of them the best, the others the newest
    metric: str | None = None  # the primary one; None: chosen
    logs: int = 50  # lines of a log
    logs_from: tuple[str, ...] = ()  # folders besides the roots, absolute and resolved, of which logs may be shown
    media: int = 2_000_000  # bytes of pictures and videos, as they stand in the page
    baseline: str | None = None  # id of a run that has curves whatever the limit: others are compared with it
    redact: tuple[str, ...] = ()  # globs of hparams and metrics that are not to be shown
    stale_after: float = 180.0  # seconds, as the scan had it
    cache: Path | None = None  # a folder for what the next report need not read again; None: nothing is kept


class Row(Struct, frozen=True):
    """A run as the report shows it."""

    run: Run  # redacted
    shown: bool = False  # it has curves
    attempts: tuple[float | None, ...] = ()  # first step of each; () when its metrics were not read
    spark: tuple[float | None, ...] = ()  # the primary metric in at most 40 buckets, None where there is nothing


class Table(Struct, frozen=True, eq=False):
    """The curves of a metric: a row for each run, a column for each bucket."""

    x: Floats  # where each bucket is drawn: its middle, or the x of its points when exact; ascending
    start: Floats  # where each bucket begins; x itself when exact
    mean: Floats  # rows x buckets, of finite values; NaN in a bucket without one, as min and max
    min: Floats
    max: Floats
    count: Ints  # rows x buckets, finite values
    nonfinite: Ints  # rows x buckets, NaN and infinities


class Metric(Struct, frozen=True, eq=False):
    """One chart."""

    name: str
    group: str  # what stands before the first `/`, or the stage (`val_loss`: val); "" without
    goal: str  # "min" or "max", by name
    axis: str  # what x is: "step", or "epoch" when no point has a step
    exact: bool  # each bucket holds one x only
    width: float  # of a bucket, a power of two; 0 when exact
    points: int  # of all runs, finite and not
    band: bool  # in some bucket min and max differ
    counts: bool  # some bucket with a mean holds several values
    nonfinites: bool  # there are NaN or infinities
    of: tuple[RunCurve, ...]  # a run each, in the order of the table's rows
    table: Table


class Report(Struct, frozen=True, eq=False, kw_only=True):
    """All that a page shows."""

    title: str
    roots: tuple[str, ...]  # labels
    as_of: float | None  # newest sign of life of any run, s since 1970
    stale_after: float  # seconds
    points: int  # buckets of a curve, at most
    primary: Primary | None
    rows: tuple[Row, ...]  # newest first
    metrics: tuple[Metric, ...]  # the primary one first, then by group and name
    epochs: tuple[tuple[float, ...], ...]  # of each row that is shown: step, epoch, step, epoch, ... where it changes
    differing: tuple[str, ...]  # hparams that tell the runs apart, the most telling first
    left_out: tuple[str, ...] = ()  # sentences
    redacted: tuple[str, ...] = ()  # sentences
    logs: Mapping[int, tuple[Log, ...]] = field(default_factory=dict)  # by index of the row
    media: Mapping[int, tuple[Picture, ...]] = field(default_factory=dict)  # by index of the row, in step order

    @property
    def unread(self) -> tuple[str, ...]:
        """Those of what is left out that could not be read, and that the next report may have."""
        return tuple(sentence for sentence in self.left_out if UNREAD in sentence)

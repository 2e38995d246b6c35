"""All that a screen shows at one look, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from spt_cli.choice.names import Column, Names
from spt_cli.metrics.pace import Pace
from spt_cli.model import Run, Series
from spt_cli.watch.watching import Choice

OWN = ("progress", "left", "speed")  # columns that only a screen has


class Wanted(Struct, frozen=True):
    """What a screen was asked to show."""

    choice: Choice = Choice()
    columns: tuple[str, ...] = ()  # of -c; none: those that tell most
    metric: str | None = None  # of -m: drawn as a small curve
    group_by: str | None = None  # an hparam


class Mark(Struct, frozen=True, gc=False):
    """What changed of a run at the last look that found it changed."""

    at: float  # our clock
    fields: frozenset[str] = frozenset()  # as of a Change
    new: bool = False  # it was not there before
    moved: Mapping[str, float] = {}  # of each metric its last value less the one before, also of earlier looks


class Group(Struct, frozen=True):
    """Rows that have one value of the hparam that they are grouped by."""

    value: str
    count: int  # runs
    tally: Mapping[str, int]  # how many are in each state
    mean: float | None = None  # of the first metric, over the runs where it is finite
    spread: float | None = None  # its standard deviation; None of a single run


class Going(Struct, frozen=True, gc=False):
    """How a live run goes; None is unknown."""

    done: float | None = None  # of all that it is to do, 0 to 1
    left: float | None = None  # s until it has done that
    speed: float | None = None  # steps a second


class Scene(Struct, frozen=True):
    """All that is known at one look; what did not change is the same object as before."""

    rows: Sequence[Run] = ()  # the chosen ones in their order, group by group
    lines: Sequence[Run | Group] = ()  # the rows, each group after its heading
    longest: int = 0  # cells of the longest id among them
    names: Names = Names(())  # of all runs
    total: int = 0  # runs there are, chosen or not
    tally: Mapping[str, int] = {}  # how many of the rows are in each state; `stuck` is one here
    found: int | None = 0  # runs found so far, while the first scan goes on
    problems: int = 0
    hparams: tuple[str, ...] = ()  # those that tell most, best first
    metrics: tuple[str, ...] = ()  # the same; that of -m is the first
    columns: tuple[tuple[str, Column | None], ...] = ()  # of -c: what was typed and what it means
    curve_of: str | None = None  # the metric that the curves are of
    curves: Mapping[str, Sequence[float]] = {}  # by run id; NaN is a gap
    group_by: Column | None = None
    paces: Mapping[str, Pace] = {}  # of live runs
    going: Mapping[str, Going] = {}  # of those of which something is known
    stuck: Mapping[str, float] = {}  # of runs that are stuck: seconds since they reached their largest step
    marks: Mapping[str, Mark] = {}
    best: Mapping[str, float] = {}  # of each metric that several rows have
    bad: Mapping[str, tuple[str, ...]] = {}  # metrics that are NaN or infinite, of the rows that have such
    said: tuple[str, ...] = ()  # of names that no run has
    looked: float = 0.0  # when the last look came, our clock


class Details(Struct, frozen=True, eq=False):
    """What was read of one run to look at it closely."""

    points: Mapping[str, Series] = {}  # of each metric, requeues stitched
    extremes: Mapping[str, tuple[float, float] | None] = {}  # the least and the largest finite value of each
    attempts: int = 0
    log: str = ""  # the name of the stream that the lines are of; "" when the run has none
    lines: tuple[str, ...] = ()  # its last ones, clean
    trace_of: str = ""  # the name of the stream that the traceback is of
    trace: tuple[str, ...] = ()  # the last traceback of a run that failed
    problem: str = ""  # what could not be read

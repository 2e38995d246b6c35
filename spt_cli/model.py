"""The values everything else is made of: frozen structs, no I/O.

What there are thousands of is `gc=False`: trees of values have no cycles, and the collector costs a cold scan a fifth.
"""

from __future__ import annotations

import json
from collections.abc import Callable, ItemsView, Iterator, KeysView, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct, field

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

Scalar = str | int | float | bool | None

ENDED = frozenset({"completed", "failed"})  # every other status is live (docs/formats.md)


def integer(digits: str) -> int | float:
    """The number that *digits* of a JSON document are; infinite from 4,301 digits on, which Python refuses to read."""
    try:
        return int(digits)
    except ValueError:
        return float(digits)


class Values(Struct, frozen=True, eq=False, gc=False):
    """hparams or summary of a run: a flat read-only mapping, kept as the sidecar's JSON bytes and decoded when asked.

    50,000 runs do not fit in memory as dicts. Each access decodes all of it (about 2 µs): take `decode()` once in a
    loop. Numbers may be NaN or infinite: the writer emits bare `NaN` and `Infinity` tokens, and they are kept.
    """

    raw: bytes = b"{}"  # one JSON object, possibly with NaN, Infinity, -Infinity

    @classmethod
    def of(cls, values: Mapping[str, Scalar]) -> Values:
        """The same mapping, packed."""
        return cls(json.dumps(dict(values), separators=(",", ":")).encode())

    def decode(self) -> dict[str, Scalar]:
        """A fresh dict of all values."""
        try:
            decoded: dict[str, Scalar] = msgspec.json.decode(self.raw)
        except (msgspec.DecodeError, ValueError):  # NaN, lone surrogates, huge integers: stdlib json reads them
            decoded = json.loads(self.raw, parse_int=integer)
        return decoded

    def get(self, key: str, default: Scalar = None) -> Scalar:
        """The value of *key*, or *default*."""
        return self.decode().get(key, default)

    def keys(self) -> KeysView[str]:
        """The keys in the sidecar's order."""
        return self.decode().keys()

    def items(self) -> ItemsView[str, Scalar]:
        """(key, value) in the sidecar's order."""
        return self.decode().items()

    def __getitem__(self, key: str) -> Scalar:
        return self.decode()[key]

    def __contains__(self, key: object) -> bool:
        return key in self.decode()

    def __iter__(self) -> Iterator[str]:
        return iter(self.decode())

    def __len__(self) -> int:
        return len(self.decode())

    def __eq__(self, other: object) -> bool:
        """Byte equality against Values (NaN equals NaN), value equality against other mappings."""
        return self.raw == other.raw if isinstance(other, Values) else self.decode() == other

    def __ne__(self, other: object) -> bool:
        """Struct brings one of its own, which compares identities."""
        return not self == other

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return f"Values({self.decode()!r})"


class Problem(Struct, frozen=True, gc=False):
    """Something that could not be read. It costs one run, never the listing."""

    path: str  # the file or folder
    message: str  # what is wrong and, where there is something to do, what now
    run_id: str | None = None  # None: it concerns a folder or the root


class Run(Struct, frozen=True, gc=False):
    """One training run as a row: in memory, in `ls -o json`, in /api/runs. Field names are the peer's."""

    run_id: str  # path of the folder below the root, `/` between parts; the root itself: its name
    run_dir: str  # absolute path of the folder, where it is now
    display_name: str  # a person's name for it, else the last part of the id
    status: str  # the sidecar's word; "" when it has none
    state: str  # running, stale, completed, failed or the foreign word; changes by time alone
    alive: bool  # live with a fresh heartbeat
    created_at: float | None = None  # s since 1970; first write of the current process
    ended_at: float | None = None  # s since 1970
    heartbeat_at: float | None = None  # s since 1970, mtime of `heartbeat`
    tags: tuple[str, ...] = ()
    notes: str = ""
    hparams: Values = field(default_factory=Values)  # flat, dotted keys
    summary: Values = field(default_factory=Values)  # last value per metric of the current process
    checkpoint_path: str | None = None
    metrics_size: int = 0  # bytes of metrics.csv
    has_media: bool = False  # media.jsonl is there and not empty
    archived: bool = False
    logger_run_id: str | None = None  # the sidecar's own run_id: a uuid, a Slurm job, `<array>_<task>`
    problems: tuple[Problem, ...] = ()  # the row is there, but not all of its sidecar could be read

    @property
    def live(self) -> bool:
        """Whether its status still says that it has not ended."""
        return self.status not in ENDED


class Stamp(Struct, frozen=True, gc=False):
    """Identity of a file's content, as far as stat can tell. Stamp() stands for an absent file."""

    mtime_ns: int = 0  # nanoseconds since 1970
    size: int = 0  # bytes
    inode: int = 0  # changes when a writer replaces the file atomically


class Stamps(Struct, frozen=True, gc=False):
    """What stat said of a run's files when its row was made."""

    sidecar: Stamp = Stamp()
    annotations: Stamp = Stamp()
    metrics: Stamp = Stamp()
    media: Stamp = Stamp()
    heartbeat: Stamp = Stamp()


class Folder(Struct, frozen=True, gc=False):
    """What is known of one folder: its listing and, when it holds a sidecar.json, its run."""

    mtime_ns: int  # the folder's, taken before it was listed; 0: it could not be listed, look again
    listed_ns: int = 0  # the clock given to the scan that looked at it last, ns since 1970
    folders: tuple[str, ...] = ()  # names of subfolders worth entering, sorted
    files: frozenset[str] = frozenset()  # those of walk.FILES that are there
    run: Run | None = None
    stamps: Stamps = Stamps()  # of the run's files when the row was made
    problems: tuple[Problem, ...] = ()  # with this folder, its sidecar or its annotations


class Other(Struct, frozen=True, gc=False):
    """A folder that looks like a run and has no sidecar: never started, or plain Lightning."""

    path: str  # below the root, as run ids are
    kind: str  # "never started" or "lightning"


class Progress(Struct, frozen=True):
    """How far a scan is, in the peer's words."""

    phase: str = "idle"  # starting, discovering, loading, idle
    total: int = 0  # runs found so far
    done: int = 0  # runs read so far
    initial_done: bool = True  # the first scan of this root is complete


class Snapshot(Struct, frozen=True):
    """Everything known of a root at one moment. A value: the next scan makes another one. Its dicts are not changed."""

    root: str  # absolute, links resolved
    runs: dict[str, Run] = field(default_factory=dict)  # by run id
    problems: tuple[Problem, ...] = ()  # sorted by path
    other: tuple[Other, ...] = ()  # sorted by path
    progress: Progress = Progress()
    taken_at: float = 0.0  # s since 1970, the clock given to scan
    skew: float = 0.0  # seconds the file server's clock is ahead of ours, as far as mtimes show; negative: behind
    folders: dict[str, Folder] = field(default_factory=dict)  # by path below the root, "" the root itself


class Change(Struct, frozen=True):
    """What happened to one run between two snapshots."""

    kind: str  # added, changed, finished, failed, stale, removed
    run_id: str
    run: Run | None = None  # as it is now; None when removed
    fields: tuple[str, ...] = ()  # for changed: Run's fields that differ, metrics of the summary as `summary.<name>`


class Event(Struct, frozen=True):
    """The difference of two snapshots of one root, the only notion of change."""

    changes: tuple[Change, ...] = ()  # sorted by run id
    progress: Progress | None = None  # None: as before
    problems: tuple[Problem, ...] | None = None  # None: as before


class Series(Struct, frozen=True, eq=False):
    """Points of one metric in file order: arrays of one length, read-only, since metrics may share them."""

    step: Floats  # NaN where the row has none
    epoch: Floats  # NaN where the row has none
    value: Floats  # NaN and infinities are kept
    row: Ints  # where in the file: the 0-based row below the header; tells attempts apart

    def at(self, places: slice | Ints | NDArray[np.bool]) -> Series:
        """The points at *places*, anything that indexes an array."""
        return Series(self.step[places], self.epoch[places], self.value[places], self.row[places])


class Thinned(Series, frozen=True, eq=False):
    """Means of buckets in place of points, and what is known of the points themselves."""

    summary: tuple[float | None, ...] = ()  # count, nan, first, last, min, min_step, max, max_step; None: not known


class Known(Struct, frozen=True):
    """What is exactly known of a metric of one run, from all its points. None where no point says it."""

    count: int  # points
    nonfinite: int = 0  # NaN and infinities among them
    first_nonfinite: float | None = None  # the x where they begin
    last: float | None = None  # None too when it is not finite
    last_x: float | None = None
    min: float | None = None
    min_x: float | None = None  # of the first point that is so low
    max: float | None = None
    max_x: float | None = None


class LogFile(Struct, frozen=True):
    """A log that a layout found for a run."""

    path: Path
    kind: str = "out"  # "out" or "err"
    rank: int | None = None  # of a distributed job, where the layout knows it
    name: str = ""  # "" lets spt name it: the file name, or `rank N .out`


class LogStream(Struct, frozen=True):
    """A LogFile that is there, as shown and served."""

    name: str
    kind: str  # "out" or "err"
    rank: int | None
    size: int  # bytes
    stream_id: str  # unique in the run, safe in a URL, the same tomorrow
    path: Path  # absolute, links not resolved
    layout: str  # the plugin that found it


class MediaEvent(Struct, frozen=True):
    """One line of media.jsonl."""

    step: int
    tag: str
    type: str  # image, video, …
    path: str  # as written, relative to the run
    caption: str | None = None
    fps: float | None = None
    format: str | None = None


Layout = Callable[[Run, Path], Iterator[LogFile]]  # find(run, root), see docs/plugins.md

Json = Any  # a decoded JSON value

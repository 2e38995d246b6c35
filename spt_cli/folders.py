"""Look at one folder: list it when it changed, read its run when its files did, keep what cannot be read just now."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct, structs

from spt_cli.annotations import lay_over, parse_edits
from spt_cli.model import ENDED, Folder, Problem, Run, Stamp, Stamps
from spt_cli.sidecar import MAX_BYTES, Sidecar, parse
from spt_cli.walk import ANNOTATIONS, HEARTBEAT, MEDIA, METRICS, SIDECAR, held

_NEAR_NS = 2_000_000_000  # a server may tick once a second: a listing this near to the mtime may miss what came after
_GONE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)  # ELOOP: a link has taken the folder's place


class Clock(Struct, frozen=True):
    """What a scan knows of time."""

    now: float  # s since 1970
    stale_after: float = 180.0  # seconds without a heartbeat after which a live run is stale
    skew: float = 0.0  # seconds the file server's clock is ahead of ours


def trusted(folder: Folder) -> bool:
    """Whether the listing is known to be complete as long as the folder's mtime stays."""
    return folder.listed_ns - folder.mtime_ns >= _NEAR_NS and folder.mtime_ns > 0


def look(path: str, run_id: str, known: Folder | None, clock: Clock) -> Folder | None:
    """What is at *path* now, or None when no folder is. What did not change since *known* is taken from it.

    A folder or file that fails for any other reason than "not there" keeps what was known, with a Problem.
    """
    try:
        if known is not None and trusted(known) and os.lstat(path).st_mtime_ns == known.mtime_ns:
            return _Reading(path, run_id, None, known, clock).folder(known)
        with _opened(path) as handle:
            found = held(handle)
            listing = Folder(found.mtime_ns, int(clock.now * 1e9), found.folders, found.files)
            return _Reading(path, run_id, handle, known or listing, clock).folder(listing)
    except OSError as error:
        if error.errno in _GONE:
            return None
        problem = Problem(path, _why(error, "folder"), run_id if known and known.run else None)
        return structs.replace(known or Folder(0), mtime_ns=0, problems=(problem,))


def state(run: Run, sidecar_at: float, clock: Clock) -> tuple[str, bool]:
    """(state, alive) of *run* at the clock's time; *sidecar_at* is the beat of a run without a heartbeat."""
    if run.status in ENDED:
        return run.status, False
    beat = sidecar_at if run.heartbeat_at is None else run.heartbeat_at
    alive = clock.now + clock.skew - beat < clock.stale_after
    if run.status in ("running", ""):
        return ("running" if alive else "stale"), alive
    return run.status, alive


@contextmanager
def _opened(path: str) -> Iterator[int]:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield handle
    finally:
        os.close(handle)


class _Reading:
    """One look at the files of a folder, listed just now or unchanged since *known*; gathers problems on the way."""

    def __init__(self, path: str, run_id: str, handle: int | None, known: Folder, clock: Clock) -> None:
        self.path = path
        self.run_id = run_id
        self.handle = handle  # of the open folder: spares the server looking up the path
        self.known = known
        self.clock = clock
        self.files: frozenset[str] = frozenset()
        self.problems: list[Problem] = []

    def folder(self, listing: Folder) -> Folder:
        """*listing* with the run, its stamps and its problems as they are now."""
        if SIDECAR not in listing.files:
            return structs.replace(listing, run=None, stamps=_NO_STAMPS, problems=())
        self.files = listing.files
        old = self.known.stamps
        run, sidecar_stamp, annotations_stamp = self._sidecar(old)
        stamps = Stamps(
            sidecar=sidecar_stamp,
            annotations=annotations_stamp,
            metrics=self._stamp(METRICS, old.metrics),
            media=self._stamp(MEDIA, old.media),
            heartbeat=self._stamp(HEARTBEAT, old.heartbeat),
        )
        if run is not None:
            run = _timed(_with_files(run, stamps), stamps, self.clock)
        return structs.replace(listing, run=run, stamps=stamps, problems=tuple(self.problems))

    def _sidecar(self, old: Stamps) -> tuple[Run | None, Stamp, Stamp]:
        """The run, and the stamps of the sidecar and annotations it was made from."""
        if old.sidecar != _ABSENT:
            stamps = self._stamp(SIDECAR, _ABSENT), self._stamp(ANNOTATIONS, old.annotations)
            if stamps == (old.sidecar, old.annotations):
                names = (f"{self.path}/{SIDECAR}", f"{self.path}/{ANNOTATIONS}")
                self.problems += [problem for problem in self.known.problems if problem.path in names]
                return self.known.run, *stamps
            self.problems.clear()
        try:
            stamp, data = self._content(SIDECAR)
        except FileNotFoundError:
            return None, _ABSENT, _ABSENT
        except OSError as error:  # comes and goes: no stamp, so it is tried again
            return self._keep(_why(error, "file")), _ABSENT, _ABSENT
        try:
            read = parse(data)
        except ValueError as error:
            return self._keep(str(error)), stamp, _ABSENT
        for flaw in read.flaws:
            self._problem(SIDECAR, flaw)
        edited, annotations_stamp = self._annotated(read)
        return _row(self.run_id, self.path, edited, tuple(self.problems)), stamp, annotations_stamp

    def _annotated(self, read: Sidecar) -> tuple[Sidecar, Stamp]:
        if ANNOTATIONS not in self.files:
            return read, _ABSENT
        try:
            stamp, data = self._content(ANNOTATIONS)
        except FileNotFoundError:
            return read, _ABSENT
        except OSError as error:
            self._problem(ANNOTATIONS, _why(error, "file"))
            return read, _ABSENT
        try:
            return lay_over(read, parse_edits(data)), stamp
        except ValueError as error:
            self._problem(ANNOTATIONS, str(error))
            return read, stamp

    def _keep(self, message: str) -> Run | None:
        """The last good row, marked, when the sidecar cannot be read."""
        self._problem(SIDECAR, message)
        run = self.known.run
        return None if run is None else structs.replace(run, problems=tuple(self.problems))

    def _problem(self, name: str, message: str) -> None:
        self.problems.append(Problem(f"{self.path}/{name}", message, self.run_id))

    def _stamp(self, name: str, old: Stamp) -> Stamp:
        """Stamp of the file *name* now; *old* where the disk does not say."""
        if name not in self.files:
            return _ABSENT
        try:
            found = os.stat(name, dir_fd=self.handle) if self.handle else os.stat(f"{self.path}/{name}")
        except OSError as error:
            if error.errno in _GONE:
                return _ABSENT
            self._problem(name, _why(error, "file"))
            return old
        return Stamp(found.st_mtime_ns, found.st_size, found.st_ino)

    def _content(self, name: str) -> tuple[Stamp, bytes]:
        """Stamp and bytes of the small file *name*. Raises OSError; FileNotFoundError only when it is really not there."""
        place = name if self.handle else f"{self.path}/{name}"
        try:
            handle = os.open(place, _READ, dir_fd=self.handle)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ESTALE):
                raise
            # renamed over just now: a second look finds the new file. A link that leads nowhere is found by lstat alone
            os.lstat(f"{self.path}/{name}")
            handle = _reopened(f"{self.path}/{name}")
        try:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                raise OSError(
                    errno.EINVAL, "it is a folder" if stat.S_ISDIR(found.st_mode) else "it is not a regular file"
                )
            if found.st_size > MAX_BYTES:
                raise OSError(
                    errno.EFBIG,
                    f"it is {found.st_size >> 20} MB, over the {MAX_BYTES >> 20} MB of any real one",
                )
            data = os.read(handle, found.st_size) if found.st_size else b""
            while len(data) < found.st_size and (more := os.read(handle, found.st_size - len(data))):
                data += more
        finally:
            os.close(handle)
        return Stamp(found.st_mtime_ns, found.st_size, found.st_ino), data


_ABSENT = Stamp()
_NO_STAMPS = Stamps()
_READ = (
    os.O_RDONLY | os.O_NONBLOCK
)  # NONBLOCK: opening a pipe that is named like a sidecar must not wait for its writer


def _reopened(path: str) -> int:
    try:
        return os.open(path, _READ)
    except FileNotFoundError as error:
        raise OSError(errno.ENOLINK, "it is a link to a file that is not there") from error


def _row(run_id: str, path: str, read: Sidecar, problems: tuple[Problem, ...]) -> Run:
    return Run(
        run_id=run_id,
        run_dir=path,
        display_name=read.display_name or run_id.rpartition("/")[2],
        status=read.status,
        state=read.status,
        alive=False,
        created_at=read.created_at,
        ended_at=read.ended_at,
        tags=read.tags,
        notes=read.notes,
        hparams=read.hparams,
        summary=read.summary,
        checkpoint_path=read.checkpoint_path,
        archived=read.archived,
        logger_run_id=read.run_id,
        problems=problems,
    )


def _with_files(run: Run, stamps: Stamps) -> Run:
    """*run* with what the stamps of its other files say; the same object when nothing differs."""
    beat = None if stamps.heartbeat == _ABSENT else stamps.heartbeat.mtime_ns / 1e9
    size, media = stamps.metrics.size, stamps.media.size > 0
    if (run.heartbeat_at, run.metrics_size, run.has_media) == (beat, size, media):
        return run
    return structs.replace(run, heartbeat_at=beat, metrics_size=size, has_media=media)


def _timed(run: Run, stamps: Stamps, clock: Clock) -> Run:
    word, alive = state(run, stamps.sidecar.mtime_ns / 1e9, clock)
    return run if (word, alive) == (run.state, run.alive) else structs.replace(run, state=word, alive=alive)


def _why(error: OSError, what: str) -> str:
    """What the disk said, and what to do about it, for a Problem."""
    if error.errno == errno.EACCES:
        mode = "a+rx" if what == "folder" else "a+r"
        return f"permission denied: ask its owner to `chmod {mode}` it (the logger writes sidecars with mode 0600)"
    return error.strerror or str(error)

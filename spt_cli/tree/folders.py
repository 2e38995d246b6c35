"""Look at one folder: list it when it changed, read its run when its files did, keep what cannot be read just now."""

from __future__ import annotations

import errno
import os
import stat

from msgspec import Struct, structs

from spt_cli.model import ENDED, Folder, Problem, Run, Stamp, Stamps
from spt_cli.tree.annotations import Annotations, lay_over, parse_edits
from spt_cli.tree.sidecar import MAX_BYTES, Sidecar, parse
from spt_cli.tree.walk import ANNOTATIONS, HEARTBEAT, MEDIA, METRICS, SIDECAR, held

_NEAR_NS = 2_000_000_000  # a server may tick once a second: what was read so near to the mtime may miss later writes
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
            if SIDECAR not in known.files and not known.problems:
                return known
            return _Reading(path, run_id, None, known, clock).folder(known)
        return _listed(path, run_id, known, clock)
    except OSError as error:
        if error.errno in _GONE:
            return None
        known = known or Folder(0)
        problem = Problem(path, _why(error, "folder"), run_id if known.run else None)
        of_files = tuple(problem for problem in known.problems if problem.path != path)
        return structs.replace(known, mtime_ns=0, problems=(problem, *of_files))


def state(status: str, beat: float, clock: Clock) -> tuple[str, bool]:
    """(state, alive) of a run of *status*; *beat* is its last sign of life (heartbeat, else sidecar), s since 1970."""
    if status in ENDED:
        return status, False
    alive = clock.now + clock.skew - beat < clock.stale_after
    if status in ("running", ""):
        return ("running" if alive else "stale"), alive
    return status, alive


def _listed(path: str, run_id: str, known: Folder | None, clock: Clock) -> Folder:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        found = held(handle)
        listing = Folder(found.mtime_ns, 0, found.folders, found.files)
        return _Reading(path, run_id, handle, known or listing, clock).folder(listing)
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
        self.now_ns = int(clock.now * 1e9)
        self.files: frozenset[str] = frozenset()
        self.problems: list[Problem] = []

    def folder(self, listing: Folder) -> Folder:
        """*listing* with the run, its stamps and its problems as they are now."""
        files = self.files = listing.files
        if SIDECAR not in files:
            return Folder(listing.mtime_ns, self.now_ns, listing.folders, files)
        old = self.known.stamps
        read, kept, sidecar_stamp, annotations_stamp = self._sidecar(old)
        stamps = Stamps(
            sidecar_stamp,
            annotations_stamp,
            self._stamp(METRICS, old.metrics) if METRICS in files else _ABSENT,
            self._stamp(MEDIA, old.media) if MEDIA in files else _ABSENT,
            self._stamp(HEARTBEAT, old.heartbeat) if HEARTBEAT in files else _ABSENT,
        )
        problems = tuple(self.problems)
        run = self._row(read, stamps, problems) if read else _aged(kept, stamps, problems)
        return Folder(listing.mtime_ns, self.now_ns, listing.folders, files, run, stamps, problems)

    def _sidecar(self, old: Stamps) -> tuple[Sidecar | None, Run | None, Stamp, Stamp]:
        """(what the sidecar says, else the row to keep; the stamps of the sidecar and annotations it was made from)."""
        if old.sidecar != _ABSENT:
            stamps = self._stamp(SIDECAR, _ABSENT), self._stamp(ANNOTATIONS, _ABSENT)
            newest = max(old.sidecar.mtime_ns, old.annotations.mtime_ns)
            if stamps == (old.sidecar, old.annotations) and self.known.listed_ns - newest >= _NEAR_NS:
                unchanged = (SIDECAR,) if old.annotations == _ABSENT else (SIDECAR, ANNOTATIONS)
                names = [f"{self.path}/{name}" for name in unchanged]
                self.problems += [problem for problem in self.known.problems if problem.path in names]
                return None, self.known.run, *stamps
            self.problems.clear()
        try:
            stamp, data = self._content(SIDECAR)
            read = parse(data)
        except FileNotFoundError:
            return None, None, _ABSENT, _ABSENT
        except OSError as error:  # comes and goes: no stamp, so it is tried again
            return None, self._keep(_why(error, "file")), _ABSENT, _ABSENT
        except ValueError as error:
            return None, self._keep(str(error)), stamp, _ABSENT
        for flaw in read.flaws:
            self._problem(SIDECAR, flaw)
        if ANNOTATIONS not in self.files:
            return read, None, stamp, _ABSENT
        edited, annotations_stamp = self._annotated(read)
        return edited, None, stamp, annotations_stamp

    def _annotated(self, read: Sidecar) -> tuple[Sidecar, Stamp]:
        """*read* with a person's edits, and the stamp of their file; with the last good ones when it cannot be read."""
        stamp = _ABSENT
        try:
            stamp, data = self._content(ANNOTATIONS)
            return lay_over(read, parse_edits(data)), stamp
        except FileNotFoundError:
            return read, _ABSENT
        except OSError as error:
            self._problem(ANNOTATIONS, _why(error, "file"))
        except ValueError as error:
            self._problem(ANNOTATIONS, str(error))
        run = self.known.run
        if run is None:
            return read, stamp
        edits = Annotations(run.display_name, run.notes, run.tags, run.archived)
        return lay_over(read, edits), stamp

    def _row(self, read: Sidecar, stamps: Stamps, problems: tuple[Problem, ...]) -> Run:
        """The row that the files make, the known one when it is equal. A known state stays: scan decides about it."""
        before = self.known.run
        beat = None if stamps.heartbeat == _ABSENT else stamps.heartbeat.mtime_ns / 1e9
        if before is not None and before.status == read.status:
            word, alive = before.state, before.alive
        else:
            word, alive = state(read.status, stamps.sidecar.mtime_ns / 1e9 if beat is None else beat, self.clock)
        run = Run(
            run_id=self.run_id,
            run_dir=self.path,
            display_name=read.display_name or self.run_id.rpartition("/")[2],
            status=read.status,
            state=word,
            alive=alive,
            created_at=read.created_at,
            ended_at=read.ended_at,
            heartbeat_at=beat,
            tags=read.tags,
            notes=read.notes,
            hparams=read.hparams,
            summary=read.summary,
            checkpoint_path=read.checkpoint_path,
            metrics_size=stamps.metrics.size,
            has_media=stamps.media.size > 0,
            archived=read.archived,
            logger_run_id=read.run_id,
            problems=problems,
        )
        return before if before is not None and run == before else run

    def _keep(self, message: str) -> Run | None:
        """The last good row when the sidecar cannot be read."""
        self._problem(SIDECAR, message)
        return self.known.run

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
        """Stamp and bytes of the small file *name*. Raises OSError: FileNotFoundError only if it is really gone."""
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
_READ = os.O_RDONLY | os.O_NONBLOCK  # opening a pipe that is named like a sidecar must not wait for its writer


def _reopened(path: str) -> int:
    try:
        return os.open(path, _READ)
    except FileNotFoundError as error:
        raise OSError(errno.ENOLINK, "it is a link to a file that is not there") from error


def _aged(run: Run | None, stamps: Stamps, problems: tuple[Problem, ...]) -> Run | None:
    """*run*, whose sidecar did not change, with what its other files say; the same object if there is nothing new."""
    if run is None:
        return None
    beat = None if stamps.heartbeat == _ABSENT else stamps.heartbeat.mtime_ns / 1e9
    size, media = stamps.metrics.size, stamps.media.size > 0
    if (beat, size, media, problems) == (run.heartbeat_at, run.metrics_size, run.has_media, run.problems):
        return run
    return structs.replace(run, heartbeat_at=beat, metrics_size=size, has_media=media, problems=problems)


def _why(error: OSError, what: str) -> str:
    """What the disk said, and what to do about it, for a Problem."""
    if error.errno == errno.EACCES:
        mode = "a+rx" if what == "folder" else "a+r"
        return f"permission denied: ask its owner to `chmod {mode}` it (the logger writes sidecars with mode 0600)"
    return error.strerror or str(error)

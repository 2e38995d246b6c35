"""Write what people say of a run (name, notes, tags, archived) to annotations.json, beside its sidecar."""

from __future__ import annotations

import errno
import os
import pwd
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import msgspec
from msgspec import UNSET, Raw

from spt_cli.errors import NotFoundError, SptError
from spt_cli.files.revision import revise
from spt_cli.model import Json, Run, Stamp
from spt_cli.tree.annotations import Annotations, parse_edits
from spt_cli.tree.editable import changed_since, checked, version
from spt_cli.tree.snapshot import read_run
from spt_cli.tree.walk import ANNOTATIONS, SIDECAR
from spt_cli.words.text import when

_TURNS = 20  # attempts at an edit that others are quicker than


class ConflictError(SptError):
    """Somebody else changed what this edit was based on. *current* is what stands in those fields now."""

    def __init__(self, message: str, current: Mapping[str, Json]) -> None:
        super().__init__(message, hint="look at what is there now, then edit again")
        self.current = dict(current)


def edit(run_dir: str, changes: Mapping[str, Json], *, expected: str | None = None) -> Stamp:
    """Stores *changes*, any of FIELDS with their new values, as edits of the run in *run_dir*.

    What comes back is the Stamp of annotations.json with the edit, which is on the disk then. Fields that are not
    changed keep what others wrote, also at the same moment; keys of later versions are kept as they stand. When all
    changes are there already, nothing is written.

    *run_dir* is absolute and without links, as `Run.run_dir` is. *expected* is the `version` of the run that the editor
    saw: a field that somebody else changed since then raises ConflictError, and nothing is written.
    Raises UsageError for changes that `checked` refuses, NotFoundError when no run is there (any more), SptError when
    annotations.json cannot be written or holds what cannot be understood.
    """
    wanted = checked(changes)

    def change(data: bytes | None, before: os.stat_result | None) -> bytes | None:
        new = _merged(data, wanted, run_dir)
        if expected is not None:
            _check_expected(run_dir, wanted, expected, data, before)
        if data is not None and new is not None and _same(data, new):
            return None
        return new if wanted else None

    with _told(run_dir), _opened(run_dir) as folder:
        return revise(folder, ANNOTATIONS, change)


def amend(run_dir: str, change: Callable[[Run], Mapping[str, Json]]) -> tuple[Run, Run]:
    """The run in *run_dir* as it was and as it is after the edit that *change* wants of a run as it was.

    *change* is called again when somebody else was quicker, so what it replaces is what it has seen. Raises as `edit`.
    """
    for last in (*[False] * _TURNS, True):
        before = read_run(run_dir)
        try:
            edit(run_dir, change(before), expected=version(before))
        except ConflictError:
            if last:
                raise
        else:
            break
    return before, read_run(run_dir)


def _merged(data: bytes | None, wanted: Mapping[str, Json], run_dir: str) -> bytes:
    """*data* with *wanted* laid over it. SptError when that would be what no reader understands."""
    try:
        there = msgspec.json.decode(data or b"{}", type=dict[str, Raw])
        new = {name: Raw(msgspec.json.encode(value)) for name, value in wanted.items()}
        first = {"schema_version": Raw(b"1")}  # a later version's number stays
        merged = msgspec.json.format(msgspec.json.encode(first | there | new), indent=2) + b"\n"
        parse_edits(merged)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        path = os.path.join(run_dir, ANNOTATIONS)
        raise SptError(
            f"{path} cannot be understood, so it is left alone: {error}",
            hint="correct it, or move it away to begin anew",
        ) from error
    return merged


def _same(data: bytes, new: bytes) -> bool:
    """Whether both say the same to every reader."""
    try:
        return parse_edits(data) == parse_edits(new)
    except ValueError:
        return False


def _check_expected(
    run_dir: str, wanted: Mapping[str, Json], expected: str, data: bytes | None, before: os.stat_result | None
) -> None:
    """ConflictError when a field of *wanted* is neither as it was seen nor as it shall be."""
    run = read_run(run_dir)
    current = {field: getattr(run, field) for field in changed_since(run, expected, wanted)}
    if current:
        edits = parse_edits(data) if data else Annotations()
        by_people = any(getattr(edits, field) is not UNSET for field in current)
        who = _who(before) if before and by_people else "the trainer's sidecar.json says something else now"
        raise ConflictError(f"{' and '.join(current)} of {run_dir} changed meanwhile: {who}", current)


def _who(found: os.stat_result) -> str:
    return f"{_user(found.st_uid)} wrote {ANNOTATIONS} at {when(found.st_mtime)}"


def _user(uid: int) -> str:
    """The name of a user, or the number where nobody knows it."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


@contextmanager
def _opened(run_dir: str) -> Iterator[int]:
    """The folder of the run, open. NotFoundError when there is no run, or a link has taken a folder's place."""
    gone = NotFoundError(f"no run in {run_dir}", hint="it was moved or removed: `spt ls` shows those that are there")
    try:
        folder = os.open(run_dir, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}:
            raise gone from error
        raise
    try:
        names = (SIDECAR, ANNOTATIONS)  # a foreign writer's sidecar can be absent for a moment
        if os.path.realpath(run_dir) != run_dir or not any(_holds(folder, name) for name in names):
            raise gone
        yield folder
    finally:
        os.close(folder)


def _holds(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


@contextmanager
def _told(run_dir: str) -> Iterator[None]:
    """Within it an OSError is an SptError that says what can be done."""
    try:
        yield
    except OSError as error:
        path = os.path.join(run_dir, ANNOTATIONS)
        raise SptError(f"{path} cannot be written: {error.strerror}", hint=_advice(error, run_dir)) from error


def _advice(error: OSError, run_dir: str) -> str | None:
    if error.errno not in {errno.EACCES, errno.EPERM}:
        return _ADVICE.get(error.errno or 0)
    path = os.path.join(run_dir, ANNOTATIONS)
    by_me = {"effective_ids": os.access in os.supports_effective_ids}
    if os.access(path, os.F_OK, **by_me) and not os.access(path, os.R_OK, **by_me):
        return f"it is {_owner(path)}'s, and closed to you: ask for `chmod a+r`"
    owner = _owner(run_dir)
    return f"the folder is {owner}'s: ask for write access to it (chmod g+w), or edit as {owner}"


def _owner(path: str) -> str:
    try:
        return _user(os.stat(path).st_uid)
    except OSError:
        return "somebody"


_FOREIGN = "spt did not make it: move it away"
_ADVICE = {
    errno.ELOOP: "it is a link, which is not followed: remove it",
    errno.EISDIR: _FOREIGN,
    errno.EINVAL: _FOREIGN,
    errno.EFBIG: _FOREIGN,
    errno.EROFS: "the disk can only be read from here: edit on a machine that may write to it",
    errno.ENOSPC: "make room on that disk; nothing was changed",
    errno.EDQUOT: "your quota on that disk is used up; nothing was changed",
    errno.EBUSY: "try again in a moment",
}

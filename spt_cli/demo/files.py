"""The files of a run, as their real writers leave them: paths, bytes, times. Nothing is written here."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from spt_cli.demo import hydra, records
from spt_cli.demo.curves import Curves, columns, curves, lines, sorted_columns, stats
from spt_cli.demo.launchers import logs
from spt_cli.demo.pictures import pictures
from spt_cli.demo.plan import Attempt, Plan
from spt_cli.demo.transcript import Entry, closing, opening, progress

_Course = list[tuple[Attempt, Curves]]  # a run's attempts, each under its own noise

_STATUS = {"completed": "completed", "nan": "completed", "running": "running", "killed": "running"}  # else failed
_MANAGED = frozenset({"sbatch-array", "submitit-array", "submitit", "hydra-split"})  # by the framework


class File(Struct, frozen=True):
    """A file before it is written."""

    path: str  # below the root
    data: bytes
    at: float  # mtime, s since 1970
    private: bool = False  # mode 0600: the logger's atomic writes go through mkstemp


def files(plan: Plan) -> Iterator[File]:
    """All files of a run as they stand after its attempts."""
    first, last = plan.attempts[0], plan.attempts[-1]
    if plan.launcher in _MANAGED or plan.launcher == "never-started":
        yield File(f"{plan.folder}/run_meta.json", records.run_meta(plan), first.began_at)
    if plan.launcher == "never-started":
        return
    course = [(attempt, curves(plan, attempt.number)) for attempt in plan.attempts]
    yield File(f"{plan.folder}/hparams.yaml", records.hparams(plan), first.began_at)
    yield from _metrics(plan, course)
    if plan.launcher == "lightning":
        return
    yield from (environment(plan, attempt) for attempt in plan.attempts)
    yield from (File(path, data, first.began_at) for path, data in hydra.files(plan))
    yield from _media(plan, course)
    yield from _logs(plan, course)
    if ended := last.stop // plan.per_epoch:
        at = last.at(ended * plan.per_epoch - 1)
        yield from (File(f"{plan.folder}/{path}", data, at) for path, data in records.checkpoint(plan, ended - 1))
    if last.stop > last.first:
        yield File(f"{plan.folder}/heartbeat", b"", last.at(last.stop - 1))
    yield from flushed(plan, *course[-1], _STATUS.get(plan.outcome, "failed"), _flushed_at(plan))


def flushed(plan: Plan, attempt: Attempt, of: Curves, status: str, at: float) -> Iterator[File]:
    """sidecar.json and summary.json of a flush at time *at*."""
    found = stats(of, attempt.first, attempt.stop)
    sidecar = records.sidecar(plan, attempt, found, status=status, at=at)
    yield File(f"{plan.folder}/sidecar.json", sidecar, at, private=True)
    summary = records.summary(plan, of, found, stop=attempt.stop, at=at)
    yield File(f"{plan.folder}/summary.json", summary, at, private=True)


def environment(plan: Plan, attempt: Attempt) -> File:
    """environment.json of an attempt; a requeued process finds the old one and counts up."""
    name = f"environment_v{attempt.number}.json" if attempt.number else "environment.json"
    return File(f"{plan.folder}/{name}", records.environment(plan, attempt), attempt.began_at)


def _flushed_at(plan: Plan) -> float:
    """When a run's files were last flushed: with its last row, or when it ended."""
    last = plan.attempts[-1]
    at = last.at(last.stop - 1) if last.stop > last.first else last.began_at
    return at if _STATUS.get(plan.outcome) == "running" else at + 1.5


def _metrics(plan: Plan, course: _Course) -> Iterator[File]:
    stop = max(attempt.stop for attempt, _ in course)
    if not stop:
        return
    header = columns(course[0][1], stop)
    rows = [lines(of, attempt.first, attempt.stop, len(header)) for attempt, of in course]
    text = ",".join(header) + "\r\n" + "".join(rows)
    if plan.launcher == "lightning":
        text = sorted_columns(text)
    last = plan.attempts[-1]
    yield File(f"{plan.folder}/metrics.csv", text.encode(), last.at(last.stop - 1))


def _media(plan: Plan, course: _Course) -> Iterator[File]:
    """Pictures and media.jsonl. After a requeue lines repeat and files are written again."""
    manifest, at = "", 0.0
    for attempt, of in course:
        for picture in pictures(plan, of, attempt.first, attempt.stop):
            manifest, at = manifest + picture.line, attempt.at(picture.row)
            yield File(f"{plan.folder}/{picture.path}", picture.png, at)
    if manifest:
        yield File(f"{plan.folder}/media.jsonl", manifest.encode(), at)


def _logs(plan: Plan, course: _Course) -> Iterator[File]:
    """The launcher's log files. A requeued job appends to the same ones."""
    said: list[Entry] = []
    for attempt, of in course:
        said += opening(plan, attempt)
        said += progress(plan, of, attempt.first, attempt.stop, attempt.at)
        if attempt is not plan.attempts[-1]:
            said += closing(plan, "preempted", at=attempt.at(attempt.stop - 1))
    at = _flushed_at(plan)
    if plan.outcome != "running":
        said += closing(plan, plan.outcome, at=at)
    for log in logs(plan):
        yield File(log.path, log.text(said).encode(), at)

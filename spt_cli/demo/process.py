"""One training process of a live demo: the files it writes when it starts, logs, is requeued and ends."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from spt_cli.demo.curves import EVERY, Curves, columns, curves, lines
from spt_cli.demo.files import File, environment, files, flushed
from spt_cli.demo.launchers import logs
from spt_cli.demo.pictures import pictures
from spt_cli.demo.plan import Attempt, Plan
from spt_cli.demo.records import checkpoint
from spt_cli.demo.transcript import Entry, closing, opening, progress
from spt_cli.demo.tree import put


class Process(Struct, frozen=True):
    """A process that writes a run. `attempt.stop` is the number of rows so far."""

    plan: Plan
    attempt: Attempt
    launched_at: float | None = None  # s since 1970; None: the run was written before there was a process


def start(root: Path, plan: Plan, at: float) -> Process:
    """Begin a new run: all that is there before the first row."""
    for file in files(plan):
        _place(root, file)
    return Process(plan, plan.attempts[-1], at)


def train(root: Path, process: Process, rows: int, at: float) -> Process:
    """Log up to *rows* more rows, and everything that goes with them."""
    plan, attempt = process.plan, process.attempt
    stop = min(attempt.stop + rows, plan.rows)
    of = curves(plan, attempt.number)
    _append_rows(root / plan.folder / "metrics.csv", of, attempt.stop, stop, at)
    for picture in pictures(plan, of, attempt.stop, stop):
        _place(root, File(f"{plan.folder}/{picture.path}", picture.png, at))
        _append(root / plan.folder / "media.jsonl", picture.line, at)
    _say(root, plan, progress(plan, of, attempt.stop, stop, lambda _: at), at)
    if stop // plan.per_epoch > attempt.stop // plan.per_epoch:
        for path, data in checkpoint(plan, stop // plan.per_epoch - 1):
            _place(root, File(f"{plan.folder}/{path}", data, at))
    _place(root, File(f"{plan.folder}/heartbeat", b"", at))
    logged = replace(process, attempt=replace(attempt, stop=stop))
    _flush(root, logged, "running", at)
    return logged


def requeue(root: Path, process: Process, at: float) -> Process:
    """Preempt a run and start it again from its last checkpoint: created_at is reset, its next steps run backwards."""
    plan, old = process.plan, process.attempt
    first = old.stop // plan.per_epoch * plan.per_epoch
    number = len(list((root / plan.folder).glob("environment*.json")))
    again = replace(process, attempt=Attempt(number, first, first, at, old.row_s))
    _say(root, plan, closing(plan, "preempted", at=at), at)
    _place(root, environment(plan, again.attempt))
    _say(root, plan, opening(plan, again.attempt), at)
    _flush(root, again, "running", at)
    return again


def end(root: Path, process: Process, outcome: str, at: float) -> None:
    """The last flush of a run that *outcome* completed, oom, keyerror or ddp ended."""
    _say(root, process.plan, closing(process.plan, outcome, at=at), at)
    _flush(root, process, "completed" if outcome == "completed" else "failed", at)


def found(root: Path, plan: Plan, launched_at: float | None) -> Process | None:
    """The process of a run left running, as far as its files tell; None when it ended or was removed."""
    try:
        status = json.loads((root / plan.folder / "sidecar.json").read_bytes())["status"]
        summary = json.loads((root / plan.folder / "summary.json").read_bytes())
    except FileNotFoundError:
        return None
    if status != "running":
        return None
    stop = summary["step"] // EVERY + 1 if summary["metrics"] else 0
    return Process(plan, replace(plan.attempts[-1], stop=stop), launched_at)


def _append_rows(path: Path, of: Curves, start: int, stop: int, at: float) -> None:
    """Append as the CSV logger does: a metric that is new rewrites the whole file in place first, all rows padded.

    The file keeps its columns when it has more than these rows need: an earlier attempt came further.
    """
    header = columns(of, stop)
    try:
        known = path.read_bytes().split(b"\r\n", 1)[0].decode().split(",")
    except FileNotFoundError:
        known = []
        path.write_bytes((",".join(header) + "\r\n").encode())
    if known and len(header) > len(known):
        _, *rows = path.read_bytes().decode().split("\r\n")[:-1]
        pad = "," * (len(header) - len(known))
        with path.open("w", newline="") as file:  # same inode, truncated: readers may see no row or half of them
            file.write(",".join(header) + "\r\n")
            file.writelines(f"{row}{pad}\r\n" for row in rows)
    _append(path, lines(of, start, stop, max(len(known), len(header))), at)


def _say(root: Path, plan: Plan, entries: Iterable[Entry], at: float) -> None:
    said = list(entries)
    for log in logs(plan):
        if text := log.text(said):
            _append(root / log.path, text, at)


def _flush(root: Path, process: Process, status: str, at: float) -> None:
    of = curves(process.plan, process.attempt.number)
    for file in flushed(process.plan, process.attempt, of, status, at):
        _place(root, file)


def _append(path: Path, text: str, at: float) -> None:
    with path.open("ab") as file:
        file.write(text.encode())
    os.utime(path, (at, at))


def _place(root: Path, file: File) -> None:
    """Write a file where it belongs; the logger's private ones atomically, by a temporary one in the same folder."""
    path = root / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    if not file.private:
        put(root, file)
        return
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    with os.fdopen(handle, "wb") as stream:
        stream.write(file.data)  # without the logger's fsync: readers see no difference, and busy disks take 50 ms
    os.utime(beside, (file.at, file.at))
    Path(beside).replace(path)

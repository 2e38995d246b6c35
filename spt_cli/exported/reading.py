"""A report that was exported, read back: a root whose runs are as they were. Anybody may have made the file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Raw, Struct

from spt_cli.errors import SptError
from spt_cli.exported.document import VERSION, Log, MetricEntry, RunEntry
from spt_cli.exported.packing import unpacked
from spt_cli.files.regular import opened
from spt_cli.model import Problem, Run, Snapshot, Values, integer
from spt_cli.words.text import whole

if TYPE_CHECKING:
    from io import FileIO

LARGEST = 1 << 30  # bytes of a file that are read at all
FORMS = (".html", ".htm", ".json")


class Head(Struct, frozen=True):
    """The document, as far as it is decoded at once."""

    schema_version: int
    title: str
    as_of: float | None
    points: int
    runs: tuple[RunEntry, ...]
    metrics: Raw
    epochs: tuple[tuple[float, ...], ...] = ()


class Exported(Struct, frozen=True, eq=False):
    """What stands in a report."""

    path: str
    data: bytes  # the file
    head: Head
    page: bool  # HTML: curves and logs stand in elements of their own

    def snapshot(self, now: float) -> Snapshot:
        """Its runs, in the state that they were in."""
        runs = {entry.run_id: _run(entry) for entry in self.head.runs}
        problems = tuple(problem for run in runs.values() for problem in run.problems)
        return Snapshot(self.path, runs, problems, taken_at=now)

    def metrics(self) -> tuple[MetricEntry, ...]:
        """Its charts; of a page without the curves. SptError when they are not as they should be."""
        return _decoded(self.path, bytes(self.head.metrics), tuple[MetricEntry, ...])

    def chunk(self, metric: int) -> str:
        """The text of a page that holds the curves of the metric with that index. SptError when there is none."""
        text = _element(self.data, "application/octet-stream", f"curves-{metric}")
        if text is None:
            raise SptError(f"{self.path} is damaged: the curves of metric {metric} are missing")
        return text.decode("ascii", "replace")

    def logs(self, run_id: str) -> tuple[Log, ...]:
        """The ends of logs of a run, the most telling first. SptError when they are not as they should be."""
        place, entry = next((place, entry) for place, entry in enumerate(self.head.runs) if entry.run_id == run_id)
        text = _element(self.data, "application/json", f"logs-{place}") if self.page else None
        return entry.logs if text is None else _decoded(self.path, text, tuple[Log, ...])


def read(path: str | Path) -> Exported:
    """The report in the file *path*. Raises SptError, whatever stands there, when it is none that can be read."""
    name = os.fspath(path)
    page = name.lower().endswith(FORMS[:2])
    try:
        with opened(name) as file:
            data = _content(file, name)
    except OSError as error:
        raise SptError(f"{name}: {error.strerror}") from error
    found = _packed(data) if page else data
    if found is None or not found.lstrip().startswith(b"{"):
        raise SptError("no report of `spt export`")
    head = _decoded(name, found, Head)
    if head.schema_version != VERSION:
        raise SptError(f"{name} was made by another version of spt", hint="upgrade spt-cli to read it")
    return Exported(name, data, head, page)


_T = TypeVar("_T")


def _content(file: FileIO, name: str) -> bytes:
    if os.fstat(file.fileno()).st_size > LARGEST:
        raise SptError(f"{name} is too large for a report")
    return file.readall()


def _packed(page: bytes) -> bytes | None:
    """The document in a page; None when there is none."""
    text = _element(page, "application/octet-stream", "report")
    try:
        return None if text is None else unpacked(text, LARGEST)
    except ValueError:
        return None


def _element(data: bytes, kind: str, name: str) -> bytes | None:
    """What stands in a script element of a page, which holds no `<`; None when it is not there."""
    start = f'<script type="{kind}" id="{name}">'.encode()
    begin = data.find(start)
    if begin < 0:
        return None
    end = data.find(b"<", begin + len(start))
    return None if end < 0 else data[begin + len(start) : end]


def _decoded(name: str, text: bytes, kind: type[_T]) -> _T:
    """*text* as JSON of a *kind*."""
    try:
        try:
            return msgspec.json.decode(text, type=kind)
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:  # a lone surrogate: a file name that is not UTF-8
            found = json.loads(text, parse_int=integer, parse_constant=_refused)
            found = json.loads(whole(json.dumps(found, ensure_ascii=False)), parse_int=integer)
            if kind is Head and isinstance(found, dict):
                found["metrics"] = Raw(json.dumps(found.get("metrics")).encode())
            return msgspec.convert(found, kind)
    except (ValueError, RecursionError) as error:  # ValueError: msgspec's errors too
        raise SptError(f"{name} is no report of `spt export`, or a damaged one: {error}") from error


def _refused(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _run(entry: RunEntry) -> Run:
    names = set(Run.__struct_fields__) & set(RunEntry.__struct_fields__) - {"hparams", "summary", "problems"}
    problems = tuple(Problem(one.path, one.message, one.run_id) for one in entry.problems)
    fields = {name: getattr(entry, name) for name in names}
    return Run(**fields, hparams=Values.of(entry.hparams), summary=Values.of(entry.summary), problems=problems)

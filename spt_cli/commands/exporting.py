"""What an export writes, form by form, and when there is nothing to write."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from spt_cli import assets
from spt_cli.commands.output import emit_data
from spt_cli.commands.target import Target
from spt_cli.files import kept
from spt_cli.files.replace import replace_file, replace_folder
from spt_cli.model import Run, Series, Stamp
from spt_cli.report import Options, Report, fingerprint, report
from spt_cli.report.redact import hidden, redacted
from spt_cli.tree.roots import Forest
from spt_cli.words.text import size


class Job(Struct, frozen=True):
    """What is to be exported, and how."""

    target: Target
    forest: Forest
    runs: Sequence[Run]  # of the forest; csv and md have them in this order
    options: Options
    most: int  # bytes of a page


class Said(Struct):
    """What there is to tell of an export."""

    changed: bool = False  # false: what was asked for stood there already
    left_out: list[str] = []
    redacted: list[str] = []
    unread: list[str] = []  # those of what is left out that could not be read


def export(job: Job) -> Said:
    """Writes what *job* asks for. Raises SptError when that cannot be, UsageError for a metric that no run has."""
    said = Said()
    said.changed = _written(job, said)
    return said


def _written(job: Job, said: Said) -> bool:
    """Writes what *job* asks for and notes in *said* what is to be told; false when it stood there already."""
    target = job.target
    if target.form == "parquet":
        from spt_cli.render.report_parquet import owned

        return replace_folder(target.path or "", lambda folder: _write_parquet(folder, job, said), owned=owned)
    if target.form == "split":
        from spt_cli.render import split

        files = _page(job, split.files, said)
        return replace_folder(target.path or "", lambda folder: _write_files(folder, files), owned=split.owned)
    pieces = _pieces(job, said)
    if target.path is None:
        emit_data(pieces)
        return True
    return replace_file(target.path, pieces)


def _pieces(job: Job, said: Said) -> Iterable[bytes]:
    """What is written into one file."""
    form = job.target.form
    if form == "html":
        return _page(job, _one_file, said).values()
    if form == "csv":
        from spt_cli.render.lines import flat, separated

        clean = redacted(job.runs, job.options.redact)
        said.redacted += clean.sentences
        return (line.encode("utf-8", "surrogateescape") for line in separated(*flat(clean.runs)))
    made = report(job.forest, job.runs, job.options)
    _note(said, made)
    if form == "md":
        from spt_cli.render.markdown_report import markdown

        said.left_out.clear()  # of what Markdown does not show anyway
        return [markdown(made, [run.run_id for run in job.runs], job.options.baseline).encode("utf-8", "replace")]
    from spt_cli.render import report_json

    return report_json.document(made) if form == "json" else report_json.lines(made)


def _page(job: Job, show: Callable[[Report], Mapping[str, bytes]], said: Said) -> Mapping[str, bytes]:
    """The files that *show* a page within its limit."""
    from spt_cli.commands.fitting import fitted, total

    made = fitted(lambda options: report(job.forest, job.runs, options), show, job.options, job.most)
    _note(said, made.report)
    if not made.fits:
        here = size(total(made.files))
        said.unread.append(f"the page has {here}, more than {size(job.most)} (--max-size); -n or -w chooses fewer runs")
    return made.files


def _one_file(made: Report) -> dict[str, bytes]:
    from spt_cli.render.html import page

    return {"": b"".join(page(made))}


def _note(said: Said, made: Report) -> None:
    said.left_out += made.left_out
    said.redacted += made.redacted
    said.unread += made.unread


def _write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)


def _write_parquet(folder: Path, job: Job, said: Said) -> None:
    from spt_cli.metrics.points import Pick, picked
    from spt_cli.render.report_parquet import METRICS, RUNS, write_metrics, write_runs

    globs = job.options.redact
    clean = redacted(job.runs, globs)
    said.redacted += clean.sentences

    def metrics() -> Iterator[tuple[str, Mapping[str, Series]]]:
        for run in sorted(job.runs, key=lambda run: run.run_id):
            try:
                found = picked(run, Pick())
            except OSError as error:
                said.unread.append(f"the metrics of {run.run_id} could not be read: {error.strerror}")
                continue
            yield run.run_id, {name: series for name, series in found.items() if not hidden(name, globs)}

    write_runs(clean.runs, folder / RUNS)
    write_metrics(metrics(), folder / METRICS)


def digest(job: Job) -> str:
    """What *job* is made of, in a few bytes; UsageError for a metric that no run has."""
    order = [run.run_id for run in job.runs] if job.target.form in {"csv", "md"} else []
    told = fingerprint(job.forest, job.runs, job.options)
    parts = (told, job.target.form, job.most, order, _program())
    return hashlib.sha256(repr(parts).encode("utf-8", "backslashreplace")).hexdigest()


def stands(job: Job, made_of: str) -> bool:
    """Whether what *job* asks for is there, untouched since it was made of the same."""
    cache, path = job.options.cache, job.target.path
    noted = kept.recall(cache, _key(path), Stamp()) if cache and path else None
    return noted is not None and path is not None and noted == _note_of(path, made_of)


def remember(job: Job, made_of: str) -> None:
    """Notes that what *job* asks for is there."""
    cache, path = job.options.cache, job.target.path
    if cache and path and _stamps(path):
        kept.keep(cache, _key(path), Stamp(), _note_of(path, made_of))


def size_of(path: str) -> int:
    """Bytes of the file *path*, or of all files below it; 0 of what is no file, such as a pipe."""
    return sum(stamp.size for stamp in _stamps(path))


def _key(path: str) -> str:
    return f"export {os.path.realpath(path)}"


def _note_of(path: str, made_of: str) -> bytes:
    return f"{made_of} {_stamps(path)}".encode()


def _stamps(path: str) -> list[Stamp]:
    """The stamps of the file *path*, or of all files below it; none of a pipe or a terminal."""
    files = [path, *sorted(os.path.join(top, name) for top, _, names in os.walk(path) for name in names)]
    found = [os.stat(one) for one in files if os.path.isfile(one)]
    return [Stamp(status.st_mtime_ns, status.st_size, status.st_ino) for status in found]


def _program() -> tuple[int, int]:
    """How many files spt is, and when the newest of them changed: in a checkout its version says too little."""
    times = [
        os.stat(os.path.join(top, name)).st_mtime_ns
        for folder in (Path(__file__).parent.parent, assets.folder("templates"), assets.folder("site"))
        for top, _, names in os.walk(folder)
        for name in names
        if not name.endswith(".pyc")
    ]
    return len(times), max(times)

"""Where an export goes: a file, a folder or stdout; in which form; and never among a trainer's files."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import Struct

from spt_cli.errors import SptError, UsageError
from spt_cli.tree.walk import FILES, META, METRICS, SIDECAR
from spt_cli.words.text import did_you_mean

SUFFIXES = {
    ".html": "html",
    ".htm": "html",
    ".json": "json",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".csv": "csv",
    ".parquet": "parquet",
    ".md": "md",
    ".markdown": "md",
}
FORMS = tuple(dict.fromkeys(SUFFIXES.values()))
_TRAINERS = FILES | {"hparams.yaml", "registry.db"}  # names under which others would take our file for theirs


class Target(Struct, frozen=True):
    """What is to be written."""

    form: str  # one of FORMS, or "split": a page as a folder
    path: str | None  # as typed, `~` expanded; None: stdout

    @property
    def folder(self) -> bool:
        """Whether it is a folder of files."""
        return self.form in {"split", "parquet"}


def target(output: str | None, form: str | None, split: str | None) -> Target:
    """What -o, --format and --split ask for together. UsageError when that is nothing, or not to be done."""
    if split is not None:
        if output is not None or form not in (None, "html"):
            raise UsageError("--split writes a page as a folder, and goes with neither -o nor another --format")
        return _safe(Target("split", _expanded(split)))
    if output is None and form is None:
        raise UsageError("where to?", hint="spt export … -o report.html, or -o - for stdout")
    form = form or ("html" if output == "-" else _by_suffix(output or ""))
    if output in (None, "-"):
        if form == "parquet":
            raise UsageError("parquet is a folder of two files, and no stream", hint="spt export … -o report.parquet")
        return Target(form, None)
    return _safe(Target(form, _expanded(output)))


def _expanded(typed: str) -> str:
    """*typed* with a `~` that no shell has seen: in `--split=~/page`."""
    return os.path.expanduser(typed)  # noqa: PTH111 - Path raises where there is no home


def _by_suffix(output: str) -> str:
    suffix = os.path.splitext(output.rstrip("/"))[1].lower()
    if suffix in SUFFIXES:
        return SUFFIXES[suffix]
    hint = did_you_mean(suffix, SUFFIXES) if suffix else None
    raise UsageError(
        f"{output or 'nothing'} does not say its format by its ending",
        hint=hint or f"end it with .html, or add --format {'|'.join(FORMS)}",
    )


def _safe(wanted: Target) -> Target:
    """*wanted*, unless it is a trainer's file or lies in a run's folder: then SptError."""
    assert wanted.path is not None
    if not wanted.path:
        raise UsageError("where to?", hint="spt export … -o report.html")
    if not wanted.folder and (wanted.path.endswith("/") or os.path.isdir(wanted.path)):
        raise UsageError(f"{wanted.path} is a folder, and {wanted.form} one file", hint="--split DIR writes a folder")
    place = Path(os.path.realpath(wanted.path))
    if not place.parent.is_dir():  # before a long scan
        raise SptError(f"{wanted.path} cannot be written: there is no folder {place.parent}")
    if wanted.folder and place == Path.cwd():  # it is swapped for another: who stands in it would see the old one
        raise UsageError(f"{wanted.path} is the current folder", hint="go to another one, and name it from there")
    if place.name in _TRAINERS:
        raise SptError(f"{wanted.path} is not written: {place.name} is a trainer's file", hint="choose another name")
    for above in (place, *place.parents):
        if any(os.path.lexists(above / mark) for mark in (SIDECAR, META)) or _is_lightnings(above):
            raise SptError(f"{wanted.path} is not written: {above} is a run's folder", hint="write it outside of runs")
    return wanted


def _is_lightnings(folder: Path) -> bool:
    return all(os.path.lexists(folder / name) for name in (METRICS, "hparams.yaml"))

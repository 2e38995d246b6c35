"""Lines for pipes: csv, tsv, markdown and names."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from spt_cli.model import Problem, Run, Scalar
from spt_cli.render.json import row
from spt_cli.render.table import Table
from spt_cli.words.text import one_line

DELIMITERS = {"csv": ",", "tsv": "\t"}


def separated(header: Sequence[str], rows: Iterable[Iterable[Any]], delimiter: str = ",") -> Iterator[str]:
    r"""RFC 4180 with `\n`, a line a piece: the *header*, then *rows*. Bytes of cells are kept as they are.

    None is empty, NaN `nan`, infinities `inf` and `-inf`, booleans `true` and `false`, a tuple its items with commas.
    """
    line = io.StringIO()
    writer = csv.writer(line, delimiter=delimiter, lineterminator="\n")
    for cells in chain([header], rows):
        writer.writerow([_cell(cell) for cell in cells])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def flat(runs: Sequence[Run]) -> tuple[list[str], Iterator[list[Any]]]:
    """Header and rows of *runs* as columns: Run's fields, then all `hparams.*` and `summary.*`, sorted."""
    hparams = sorted({key for run in runs for key in run.hparams.decode()})
    summary = sorted({key for run in runs for key in run.summary.decode()})
    header = [name for name in row(_NO_RUN) if name not in _NESTED]
    names = [*header, *(f"hparams.{key}" for key in hparams), *(f"summary.{key}" for key in summary)]
    return names, (_flat(run, header, hparams, summary) for run in runs)


def markdown(table: Table) -> Iterator[str]:
    """*table* as GitHub's Markdown, a line a piece. Text in cells stays text: what would be markup is escaped."""
    yield _markdown_line([column.title for column in table.columns])
    yield f"|{'|'.join(' --: ' if column.right else ' --- ' for column in table.columns)}|\n"
    for cells in table.rows:
        yield _markdown_line([cell.text for cell in cells])


def terminated(names: Iterable[str], *, null: bool = False) -> Iterator[str]:
    """One name a line; with *null* each ends with a NUL byte instead, for `xargs -0`."""
    return (name + ("\0" if null else "\n") for name in names)


_NO_RUN = Run(run_id="", run_dir="", display_name="", status="", state="", alive=False)
_NESTED = {"hparams", "summary"}
_MARKUP = re.compile(r"([\\|<*`\[~])")


def _flat(run: Run, header: list[str], hparams: list[str], summary: list[str]) -> list[Any]:
    fields, given, last = row(run), run.hparams.decode(), run.summary.decode()
    return [*(fields[name] for name in header), *map(given.get, hparams), *map(last.get, summary)]


def _cell(cell: Any) -> Scalar:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, tuple):
        return ",".join(item.message if isinstance(item, Problem) else str(item) for item in cell)
    return cell  # type: ignore[no-any-return] # the csv module writes None as nothing and floats as they repr


def _markdown_line(cells: Sequence[str]) -> str:
    escaped = (_MARKUP.sub(r"\\\1", one_line(cell)) for cell in cells)
    return f"| {' | '.join(escaped)} |\n"

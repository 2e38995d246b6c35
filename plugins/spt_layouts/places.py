"""Where a run keeps its files beside its own folder, also after the tree was moved."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from operator import eq
from pathlib import Path

from spt_cli import Run
from spt_layouts.files import document, is_folder


def output_folders(run: Run) -> list[Path]:
    """The run's folder and, where it is another one, `hparams.output_dir`: in the moved tree, else as written."""
    own = Path(run.run_dir)
    written = run.hparams.get("output_dir")
    if not isinstance(written, str) or not written.startswith("/"):  # a relative one has no known beginning
        return [own]
    if Path(written) == own:
        return [own]
    here = moved(written, run)
    output = here if is_folder(here) else Path(written)
    return [own] if output == own else [own, output]


def moved(written: str, run: Run) -> Path:
    """Where the absolute path *written* by a run is now, if the tree that holds both was moved or mounted elsewhere.

    The sidecar's run_dir says where the run was: what it does not share with the end of today's path was replaced.
    """
    was, now = document(Path(run.run_dir, "sidecar.json")).get("run_dir"), run.run_dir
    if not isinstance(was, str) or not was.startswith("/"):
        return Path(written)
    old, new = Path(was).parts, Path(now).parts
    shared = len(list(takewhile(bool, map(eq, reversed(old), reversed(new)))))
    top_then, top_now = old[: len(old) - shared], new[: len(new) - shared]
    parts = Path(written).parts
    return Path(*top_now, *parts[len(top_then) :]) if parts[: len(top_then)] == top_then else Path(written)


def upwards(folder: Path, root: Path) -> Iterator[Path]:
    """*folder* and those above it up to *root*; only itself when it is not below *root*."""
    yield folder
    if root in folder.parents:
        yield from folder.parents[: len(folder.parts) - len(root.parts)]

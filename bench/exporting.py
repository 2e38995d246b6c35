"""`spt export` as cron and CI run it: whole processes, against a bare command and against a listing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator

from bench import trees
from bench.measure import Line, interleaved
from tests.trees import unpack

_SPT = [sys.executable, "-m", "spt_cli"]
_BARE = [sys.executable, "-c", "import typer\napp = typer.Typer()\napp.command()(lambda: None)\napp()"]


def export() -> Iterator[Line]:
    """The first page of some runs, with nothing remembered, and the same again when nothing has changed."""
    folder = trees.BUILD / "exported"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    real, many = str(unpack(folder / "runs")), str(trees.runs(1_000))
    page = str(folder / "page.html")

    def first() -> None:
        shutil.rmtree(folder / "cache", ignore_errors=True)
        run([*_SPT, "export", real, "-o", page, "--title", os.urandom(4).hex()])

    def run(command: list[str]) -> None:
        environment = os.environ | {"XDG_CACHE_HOME": str(folder / "cache")}
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=environment)

    def again(*command: str) -> Callable[[], object]:
        return lambda: run([*_SPT, *command])

    yield interleaved("spt export, 30 real runs", first, lambda: run(_BARE), against="bare Typer command", goal=6.0)
    for name, root in (("30 real runs", real), ("1,000 runs", many)):
        words = ("export", root, "-o", page, "--stale-after", "1000d")  # else runs turn stale while it is measured
        run([*_SPT, *words])
        yield interleaved(
            f"spt export, {name}, unchanged", again(*words), again("ls", root), against="spt ls", goal=2.0
        )

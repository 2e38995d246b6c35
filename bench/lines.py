"""The lines of the table, each with what it must show."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench import exporting, pages, peer, serving, trees, watching
from bench.measure import Line, interleaved, line, seconds
from spt_cli.metrics.reading import Cursor, appended, read_metrics
from spt_cli.render.chunks import chunk
from spt_cli.report import Options, report
from spt_cli.tree.roots import gather, resolve
from spt_cli.tree.snapshot import scan

_HERE = Path(__file__).resolve().parent
_RUNS = 10_000


def cold() -> Iterator[Line]:
    """A first scan on the local disk."""
    root = trees.runs(_RUNS)

    def theirs() -> object:
        scanner = peer.scanner(root)
        scanner._scan(initial=True)  # noqa: SLF001 - what its thread calls
        return scanner

    yield interleaved(f"cold scan, {_RUNS:,} runs", lambda: scan(root), theirs, against="peer", goal=0.15, rounds=5)
    bare = ["find", str(root), "-name", "sidecar.json", "-exec", "cat", "{}", "+"]
    yield interleaved(
        f"cold scan, {_RUNS:,} runs",
        lambda: scan(root),
        lambda: subprocess.run(bare, stdout=subprocess.DEVNULL, check=True),
        against="find -exec cat {} +",
        goal=1.0,
        rounds=9,
    )


def slow() -> Iterator[Line]:
    """A first scan where each operation takes 1 ms longer."""
    root = trees.runs(_RUNS)
    pairs = [(_child("cold", "spt", root, delay=1000), _child("cold", "peer", root, delay=1000)) for _ in range(3)]
    yield line(f"cold scan, {_RUNS:,} runs, 1 ms an operation", pairs, unit="s", against="peer", goal=0.08)


def steady() -> Iterator[Line]:
    """Polls one second apart, 5 % of the runs live."""
    root = trees.runs(_RUNS)
    pairs = [(_child("stats", "spt", root), _child("stats", "peer", root)) for _ in range(3)]
    times = [(mine["seconds"], theirs["seconds"]) for mine, theirs in pairs]
    yield line(f"steady poll, {_RUNS:,} runs, 5 % live", times, unit="s", against="peer", goal=0.03)
    counts = [(mine["operations"], float(_RUNS)) for mine, _ in pairs]
    yield line("steady poll, operations on the disk", counts, unit="", against="one a run", goal=0.8)
    slow = [(_child("stats", "spt", root, delay=1000), _child("stats", "peer", root, delay=1000)) for _ in range(1)]
    times = [(mine["seconds"], theirs["seconds"]) for mine, theirs in slow]
    yield line("steady poll, 1 ms an operation", times, unit="s", against="peer", goal=0.03)


def memory() -> Iterator[Line]:
    """What a process grows by."""
    root = trees.runs(_RUNS)
    pairs = [(_child("memory", "spt", root) / 1e6, _child("memory", "peer", root) / 1e6) for _ in range(3)]
    yield line(f"memory after scanning {_RUNS:,} runs", pairs, unit="MB", against="peer", goal=0.35)


def values() -> Iterator[Line]:
    """metrics.csv, whole and after one more row."""
    path = trees.metrics()
    theirs = _metrics_run(path)
    name = "parse of 100,000 rows x 20 metrics"
    yield interleaved(name, lambda: read_metrics(path), theirs, against="peer", goal=0.18, rounds=5)

    grown = trees.BUILD / "grown" / "metrics.csv"
    again = _metrics_run(grown, source=path)
    pairs, cursor = [], appended(grown, Cursor()).cursor
    for row in range(7):
        with grown.open("ab") as file:
            file.write(f"100,{100_000 + row}".encode() + b",0.5" * 20 + b"\r\n")
        began = time.perf_counter()
        cursor = appended(grown, cursor).cursor
        pairs.append((time.perf_counter() - began, seconds(again)))
    yield line("parse after one appended row", pairs, unit="s", against="peer", goal=0.001)


def commands() -> Iterator[Line]:
    """Whole commands, in processes of their own."""
    spt = [sys.executable, "-m", "spt_cli"]
    bare = [sys.executable, "-c", "import typer\napp = typer.Typer()\napp.command()(lambda: None)\napp()"]
    small, large = str(trees.runs(1_000)), str(trees.runs(_RUNS))
    listing = [*spt, "ls", "-o", "json", small]
    yield interleaved("spt ls -o json, 1,000 runs", _run(listing), _run(bare), against="bare Typer command", goal=2.0)
    plain = [*spt, "ls", "-o", "json", large]
    chosen = [*plain, "-w", "val/metric1 > 0.001 and optim.lr < 1 and state == 'completed'"]
    yield interleaved(f"spt ls --where, {_RUNS:,} runs", _run(chosen), _run(plain), against="without", goal=1.3)


def curves() -> Iterator[Line]:
    """What a page shows of runs with long metrics, in proportion to 200 of them."""
    count = 20
    found = gather(resolve([str(trees.curves(count))])[0])
    runs = list(found.runs.values())

    def ours(cache: Path | None = None) -> object:
        return [chunk(metric) for metric in report(found, runs, Options(cache=cache)).metrics]

    def theirs() -> object:
        scanner = peer.scanner(found.roots[0].path)
        scanner._scan(initial=True)  # noqa: SLF001 - what its thread calls
        return [scanner.metrics_json_bytes(run_id) for run_id in found.runs]

    name = f"curves of {count} runs x 24 metrics x 10,000 rows"
    ours()  # what is imported once would count for 200 runs as it does for 20
    yield interleaved(name, ours, theirs, against="peer's metrics_json_bytes", goal=0.15, rounds=5)
    cache = trees.BUILD / "kept"
    shutil.rmtree(cache, ignore_errors=True)
    cache.mkdir(parents=True)
    ours(cache)
    yield interleaved(f"{name}, unchanged", lambda: ours(cache), ours, against="without what was kept", goal=0.2)


ALL: dict[str, Callable[[], Iterator[Line]]] = {
    "cold": cold,
    "slow": slow,
    "steady": steady,
    "memory": memory,
    "values": values,
    "commands": commands,
    "curves": curves,
    "export": exporting.export,
    "watch": watching.watch,
    "pages": pages.pages,
    "serve": serving.serve,
}


def _run(command: list[str]) -> Callable[[], object]:
    return lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


def _metrics_run(path: Path, source: Path | None = None) -> Callable[[], object]:
    """The peer's parse of *path* (a copy of *source*), as it comes after each change of the file: without its cache."""
    if source is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)
    root = trees.BUILD / f"peer-{path.stem}-{bool(source)}"
    root.mkdir(parents=True, exist_ok=True)
    (root / "sidecar.json").write_text('{"run_id": "r", "status": "running"}')
    link = root / "metrics.csv"
    link.unlink(missing_ok=True)
    link.symlink_to(path)
    scanner = peer.scanner(root)
    scanner._scan(initial=True)  # noqa: SLF001 - what its thread calls

    def parse() -> object:
        scanner._metrics_cache.clear()  # noqa: SLF001 - a changed file misses it
        return scanner.metrics_json(root.name)

    return parse


def _child(what: str, who: str, root: Path, delay: int = 0) -> Any:
    """What bench.child measures, with each operation below *root* counted and *delay* microseconds slower."""
    library = trees.BUILD / "slowfs.so"
    if not library.is_file() or library.stat().st_mtime < (_HERE / "slowfs.c").stat().st_mtime:
        command = ["cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(_HERE / "slowfs.c"), "-ldl"]
        subprocess.run(command, check=True)
    slowed = {"SLOWFS_ROOT": str(root), "SLOWFS_US": str(delay), "LD_PRELOAD": str(library)}
    command = [sys.executable, "-m", "bench.child", what, who, str(root)]
    environment = os.environ | slowed if what != "memory" else None
    result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, cwd=_HERE.parent)
    return json.loads(result.stdout)

"""The same points as stable-pretraining's viewer, wherever that one is right.

tests/data/peer_metrics.json holds what its `RunScanner.metrics_json` (0.1.8) gave for every real run: for each metric
the number of points and a digest of them. `python -m tests.test_metrics_peer` writes it anew.
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings

from spt_cli.metrics.reading import read_metrics
from tests.metrics_files import hostile, lists
from tests.trees import Tree, unpack

EXPECTED = Path(__file__).parent / "data" / "peer_metrics.json"

Points = Mapping[str, tuple[list[float | None], ...]]  # (step, epoch, value) by metric, NaN as None


def digests(metrics: Points) -> dict[str, dict[str, Any]]:
    """Number of points and a digest of them, by metric."""
    return {
        name: {"points": len(points[0]), "sha256": hashlib.sha256(json.dumps(points).encode()).hexdigest()[:16]}
        for name, points in metrics.items()
    }


def by_peer(scanner: Any, run_id: str) -> Points:
    """What the viewer reads of a run, in the form of `lists`."""
    scanner._metrics_cache.clear()
    metrics = scanner.metrics_json(run_id)["metrics"]
    return {name: tuple([_nulled(x) for x in points[key]] for key in _KEYS) for name, points in metrics.items()}


_KEYS = ("step", "epoch", "y")


def _nulled(number: float | None) -> float | None:
    return None if number is None or math.isnan(number) else number


@pytest.fixture(scope="module")
def scanner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The viewer's scanner over one run `r`, with the limit on cells lifted that makes it fail."""
    from bench.peer import scanner as peer_scanner  # downloads the wheel the first time

    tree = Tree(tmp_path_factory.mktemp("peer"))
    tree.run("r")
    limit = csv.field_size_limit(sys.maxsize)
    scanner = peer_scanner(tree.root)
    scanner._scan(initial=True)
    yield scanner
    csv.field_size_limit(limit)
    for name in [name for name in sys.modules if name.partition(".")[0] == "stable_pretraining"]:
        del sys.modules[name]  # else other tests take it for installed


def test_every_real_run_reads_as_the_viewer_reads_it(real_runs: Path) -> None:
    ours = {
        path.parent.relative_to(real_runs).as_posix(): digests(lists(read_metrics(path)))
        for path in real_runs.rglob("metrics.csv")
    }
    assert ours == json.loads(EXPECTED.read_text())
    assert len(ours) == 30


def test_metrics_come_in_the_viewers_order(real_runs: Path) -> None:
    expected = json.loads(EXPECTED.read_text())
    assert {run: list(read_metrics(real_runs / run / "metrics.csv")) for run in expected} == {
        run: list(metrics) for run, metrics in expected.items()
    }


@pytest.mark.env
@settings(max_examples=500, deadline=None)
@given(hostile())
def test_hostile_files_read_as_the_viewer_reads_them(scanner: Any, data: bytes) -> None:
    """But for what it cannot read (bytes that are not UTF-8), byte order marks, and what only Python calls a number."""
    text = data.decode("utf-8", "replace")
    assume("\ufffd" not in text and not text.startswith("\ufeff") and "_" not in text)
    assume(all(c.isascii() or not (c.isdecimal() or c.isspace()) for c in text))
    path = scanner.root / "r" / "metrics.csv"
    path.write_bytes(data)
    assert lists(read_metrics(path)) == by_peer(scanner, "r")


def _expected() -> dict[str, dict[str, dict[str, Any]]]:
    from bench.peer import scanner as peer_scanner

    with tempfile.TemporaryDirectory() as folder:
        scanner = peer_scanner(unpack(Path(folder)))
        scanner._scan(initial=True)
        return {run: digests(by_peer(scanner, run)) for run in sorted(scanner._runs)}


if __name__ == "__main__":
    EXPECTED.write_text(json.dumps(_expected(), indent=1) + "\n")

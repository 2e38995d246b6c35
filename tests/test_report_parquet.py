"""Runs and points as Parquet: the types, the order, what is missing, and no more memory than a batch."""

from __future__ import annotations

import math
import resource
from pathlib import Path

import numpy as np
import polars
import pytest

from spt_cli.model import Problem, Series
from spt_cli.render.report_parquet import owned, write_metrics, write_runs
from tests.made import a_run

NAN = math.nan


def series(*points: tuple[float, float]) -> Series:
    """A metric of (step, value)."""
    step, value = (np.array(column, float) for column in zip(*points, strict=True))
    return Series(step, np.full(len(step), NAN), value, np.arange(len(step)))


def written(found: list[tuple[str, dict[str, Series]]], path: Path, **options: int) -> polars.DataFrame:
    write_metrics(found, path / "metrics.parquet", **options)
    assert [each.name for each in path.iterdir()] == ["metrics.parquet"]
    return polars.read_parquet(path / "metrics.parquet")


FOUND = [
    ("a", {"loss": series((0, 3), (2, 2), (1, 9)), "acc": series((0, 1))}),
    ("b", {"acc": series((NAN, NAN), (5, math.inf))}),
    ("c", {}),
    ("d", {"zeta": series((1, 1)), "acc": series((7, 7))}),
]
ROWS = [
    ("a", "acc", 0.0, None, 1.0),
    ("b", "acc", 5.0, None, math.inf),
    ("b", "acc", None, None, NAN),
    ("d", "acc", 7.0, None, 7.0),
    ("a", "loss", 0.0, None, 3.0),
    ("a", "loss", 1.0, None, 9.0),
    ("a", "loss", 2.0, None, 2.0),
    ("d", "zeta", 1.0, None, 1.0),
]


@pytest.mark.parametrize("batch", [1, 3, 1000])
def test_points_are_sorted_by_metric_run_and_step(tmp_path: Path, batch: int) -> None:
    frame = written(FOUND, tmp_path, batch=batch)
    assert repr(frame.rows()) == repr(ROWS)  # NaN equals no NaN
    assert dict(frame.schema) == {
        "run_id": polars.String(),
        "metric": polars.String(),
        "step": polars.Float64(),
        "epoch": polars.Float64(),
        "value": polars.Float64(),
    }


@pytest.mark.parametrize("found", [[], [("a", {})]])
def test_no_points_are_an_empty_table(tmp_path: Path, found: list[tuple[str, dict[str, Series]]]) -> None:
    frame = written(found, tmp_path)
    assert (frame.height, frame.columns) == (0, ["run_id", "metric", "step", "epoch", "value"])


def test_names_that_are_not_utf8_have_replacement_characters(tmp_path: Path) -> None:
    frame = written([("r\udcff", {"m\ud800": series((1, 1))})], tmp_path)
    assert frame.row(0)[:2] == ("r\ufffd", "m\ufffd")


def test_metrics_are_compressed_with_zstd_in_groups_of_rows(tmp_path: Path) -> None:
    x = np.arange(600_000.0)
    written([("a", {"m": Series(x, x, x, x.astype(int))})], tmp_path)
    data = (tmp_path / "metrics.parquet").read_bytes()
    assert len(data) < 600_000 * 8
    assert b"\x28\xb5\x2f\xfd" in data  # the magic number of zstd


def test_the_same_points_are_the_same_bytes(tmp_path: Path) -> None:
    x = np.arange(30_000.0)
    found = [(f"r{n}", {f"m{k}": Series(x, x, x * n, x.astype(int)) for k in range(3)}) for n in range(8)]
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        written(found, tmp_path / name, batch=200_000)
        made.append((tmp_path / name / "metrics.parquet").read_bytes())
    assert made[0] == made[1]


@pytest.mark.big
def test_memory_does_not_grow_with_the_points(tmp_path: Path) -> None:
    """15 million points, 1.4 GB while they are sorted all at once, in batches of half a million."""
    x = np.arange(100_000.0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = ((f"r{n:03}", {f"m{k}": Series(x, x, x * n, x.astype(int)) for k in range(6)}) for n in range(25))
    write_metrics(found, tmp_path / "metrics.parquet", batch=500_000)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert polars.scan_parquet(tmp_path / "metrics.parquet").select(polars.len()).collect().item() == 15_000_000
    assert grown < 500_000  # kB


def test_runs_have_a_column_of_one_type_each(tmp_path: Path) -> None:
    runs = [
        a_run(
            "a",
            hparams={"lr": 1, "big": 2**70, "on": True, "mixed": 1, "none": None},
            summary={"loss": 2},
            tags=("x", "y"),
        ),
        a_run("b\udcff", hparams={"lr": 0.5, "on": None, "mixed": "one"}, summary={"loss": NAN}, created_at=3.5),
        a_run("c", hparams={"n": 3, "mixed": True}, problems=(Problem("p", "odd"),), alive=True, metrics_size=9),
    ]
    write_runs(runs, tmp_path / "runs.parquet")
    frame = polars.read_parquet(tmp_path / "runs.parquet")
    columns = {
        "run_id": (polars.String(), ["a", "b\ufffd", "c"]),
        "alive": (polars.Boolean(), [False, False, True]),
        "created_at": (polars.Float64(), [None, 3.5, None]),
        "ended_at": (polars.Float64(), [None, None, None]),
        "created": (polars.String(), [None, "1970-01-01T00:00:03.500Z", None]),
        "tags": (polars.List(polars.String), [["x", "y"], [], []]),
        "problems": (polars.List(polars.String), [[], [], ["odd"]]),
        "metrics_size": (polars.Int64(), [0, 0, 9]),
        "hparams.lr": (polars.Float64(), [1.0, 0.5, None]),
        "hparams.big": (polars.Float64(), [2.0**70, None, None]),
        "hparams.on": (polars.Boolean(), [True, None, None]),
        "hparams.mixed": (polars.String(), ["1", "one", "true"]),
        "hparams.n": (polars.Int64(), [None, None, 3]),
        "hparams.none": (polars.String(), [None, None, None]),
    }
    assert {name: (frame[name].dtype, frame[name].to_list()) for name in columns} == columns
    assert repr(frame["summary.loss"].to_list()) == "[2.0, nan, None]"


def test_no_runs_are_the_columns_that_all_runs_have(tmp_path: Path) -> None:
    write_runs([], tmp_path / "runs.parquet")
    frame = polars.read_parquet(tmp_path / "runs.parquet")
    assert (frame.height, frame.columns[:3]) == (0, ["run_id", "run_dir", "display_name"])


def test_two_names_that_become_one_both_stay(tmp_path: Path) -> None:
    write_runs([a_run("a", hparams=dict(zip(["k\udcfe", "k\udcff"], [1, 2], strict=True)))], tmp_path / "runs.parquet")
    frame = polars.read_parquet(tmp_path / "runs.parquet")
    assert frame.select(polars.col("^hparams.*$")).row(0, named=True) == {"hparams.k\ufffd": 1, "hparams.k\ufffd'": 2}


def test_what_an_export_wrote_is_known_by_its_columns(tmp_path: Path) -> None:
    write_runs([a_run()], tmp_path / "runs.parquet")
    write_metrics(FOUND, tmp_path / "metrics.parquet")
    assert all(owned(tmp_path, name) for name in ("runs.parquet", "metrics.parquet"))
    polars.DataFrame({"run_id": ["a"]}).write_parquet(tmp_path / "runs.parquet")
    (tmp_path / "metrics.parquet").write_bytes(b"PAR1")
    assert not any(owned(tmp_path, name) for name in ("runs.parquet", "metrics.parquet", "notes.txt"))

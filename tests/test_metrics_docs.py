"""The examples of docs/metrics.md run as they stand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from spt_cli import read_metrics
from tests.metrics_files import bits

PAGE = Path(__file__).parent.parent / "docs" / "metrics.md"


@pytest.fixture
def examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The page's Python blocks, in a folder where the run that they read is there."""
    (tmp_path / "runs/r1").mkdir(parents=True)
    rows = "".join(f"{step},{step}.5\n" for step in [17, 19, 21, 17, 19, 21, 23])
    (tmp_path / "runs/r1/metrics.csv").write_text("step,train/loss\n" + rows)
    monkeypatch.chdir(tmp_path)
    return re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)


def test_the_example_of_reading_gives_a_stitched_curve(examples: list[str]) -> None:
    names: dict[str, Any] = {}
    exec(examples[0], names)
    assert names["loss"].step.tolist() == [17, 19, 21, 23]
    assert names["curve"].mean.tolist() == [17.5, 19.5, 21.5, 23.5]


def test_the_example_of_following_gives_the_whole_file(examples: list[str]) -> None:
    looks = iter([True, True, False])

    class Training:
        def __bool__(self) -> bool:
            return next(looks)

    names: dict[str, Any] = {"training": Training()}
    exec(examples[1], names)
    assert bits(names["metrics"]) == bits(read_metrics("runs/r1/metrics.csv"))

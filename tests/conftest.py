"""Fixtures every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.trees import Tree, unpack


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """An empty tree to build runs in."""
    root = tmp_path / "runs"
    root.mkdir()
    return Tree(root)


@pytest.fixture(scope="session")
def real_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The 30 real runs; shared by all tests, so read only. The run tagged `live` beats at trees.NOW."""
    return unpack(tmp_path_factory.mktemp("real") / "runs")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test fails when it bears a marker that $SPT_TESTS_REQUIRE names: CI has all that they need."""
    report = yield
    required = [name for name in os.environ.get("SPT_TESTS_REQUIRE", "").split(",") if item.get_closest_marker(name)]
    if report.skipped and required and not hasattr(report, "wasxfail"):
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
        report.outcome = "failed"
        report.longrepr = f"{why}, but $SPT_TESTS_REQUIRE says that tests marked {required[0]} run here"
    return report

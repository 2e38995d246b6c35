"""Fixtures every test may ask for."""

from __future__ import annotations

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

"""The screen of `spt watch` as tmux shows it, at three sizes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.shell import PROGRAM, environment
from tests.trees import unpack

LONG = 30.0  # seconds after which something is wrong
LONG_AGO = 1_600_000_000.0  # s since 1970, before all runs
COLUMNS = "state,id,duration,width,val/acc,val/loss"  # nothing that goes on with the clock

pytestmark = pytest.mark.tmux


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real runs; the one that is tagged `live` has been silent for years."""
    return unpack(tmp_path_factory.mktemp("tmux") / "runs", LONG_AGO)


class Tmux:
    """A tmux server of our own."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *words: str, **options: object) -> str:
        """What tmux answers to a command."""
        call = ["tmux", "-L", self._name, "-f", "/dev/null", "-u", *words]
        return subprocess.run(call, capture_output=True, text=True, check=True, timeout=LONG, **options).stdout  # type: ignore[call-overload, no-any-return] # cwd, env

    def shown(self, text: str) -> str:
        """What its terminal shows once *text* is there, without the clock."""
        end = time.monotonic() + LONG
        while text not in (captured := self("capture-pane", "-p")):
            assert time.monotonic() < end, captured
        return re.sub(r"\d\d:\d\dZ\n", "HH:MMZ\n", captured)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    """A tmux server, for a while."""
    if shutil.which("tmux") is None:
        pytest.skip("there is no tmux")
    name = f"spt-{os.getpid()}-{tmp_path.name}"  # two suites may run at once
    yield Tmux(name)
    subprocess.run(["tmux", "-L", name, "kill-server"], capture_output=True, check=False)


@pytest.mark.parametrize(("width", "lines", "last"), [(40, 12, "▸"), (80, 24, "▁"), (200, 50, "▁")])
def test_a_tree_in_tmux(width: int, lines: int, last: str, runs: Path, tmux: Tmux, snapshot: SnapshotAssertion) -> None:
    """*last* comes on the screen after all else: curves, where there is room for them."""
    call = [*PROGRAM, "watch", "runs", "--utc", "--sort", "run_id", "-c", COLUMNS, "-m", "val/acc"]
    size = ["-x", str(width), "-y", str(lines)]
    tmux("new-session", "-d", *size, " ".join(call), cwd=runs.parent, env=environment({"TERM": "xterm-256color"}))
    assert tmux.shown(last) == snapshot

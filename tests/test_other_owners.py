"""Trees in which not everything is ours to read: the logger leaves sidecars with mode 0600."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from spt_cli import read_run, scan
from spt_cli.errors import SptError
from spt_cli.model import Problem
from tests.trees import NOW, Tree

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")


@pytest.fixture
def shared() -> Iterator[Tree]:
    """A tree that every user may enter, as on a cluster's disk."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        root = Path(folder).resolve() / "runs"
        root.mkdir(mode=0o755)
        yield Tree(root)


@contextmanager
def another_user() -> Iterator[None]:
    """This process is somebody who owns nothing; root would read everything."""
    os.seteuid(54_321)
    try:
        yield
    finally:
        os.seteuid(0)


DENIED = "permission denied: ask its owner to `chmod {}` it (the logger writes sidecars with mode 0600)"


def test_a_sidecar_of_mode_0600_is_a_problem_that_says_what_to_do(shared: Tree) -> None:
    shared.run("open")
    path = shared.run("closed") / "sidecar.json"
    path.chmod(0o600)
    with another_user():
        found = scan(shared.root, now=NOW)
    assert set(found.runs) == {"open"}
    assert found.problems == (Problem(str(path), DENIED.format("a+r"), "closed"),)


def test_a_sidecar_made_readable_is_a_row_within_five_seconds_though_no_mtime_changed(shared: Tree) -> None:
    path = shared.run("r") / "sidecar.json"
    path.chmod(0o600)
    shared.settle()
    with another_user():
        before = scan(shared.root, now=NOW)
    path.chmod(0o644)
    with another_user():
        after = scan(shared.root, before, now=NOW + 5)
    assert (set(after.runs), after.problems) == ({"r"}, ())


def test_a_closed_folder_is_a_problem_and_keeps_its_runs(shared: Tree) -> None:
    shared.run("g/r")
    shared.settle()
    with another_user():
        before = scan(shared.root, now=NOW)
    (shared.root / "g").chmod(0o700)
    with another_user():
        fresh = scan(shared.root, now=NOW)
        later = scan(shared.root, before, now=NOW + 60, sweep=0)
    assert fresh.problems == (Problem(str(shared.root / "g"), DENIED.format("a+rx"), None),)
    assert (fresh.runs, later.runs) == ({}, before.runs)
    assert later.problems != ()


def test_a_folder_opened_again_is_listed_though_no_mtime_changed(shared: Tree) -> None:
    shared.run("g/r")
    shared.settle()
    (shared.root / "g").chmod(0o700)
    with another_user():
        before = scan(shared.root, now=NOW)
    (shared.root / "g").chmod(0o755)
    shared.settle()
    with another_user():
        after = scan(shared.root, before, now=NOW + 5)
    assert (set(after.runs), after.problems) == ({"g/r"}, ())


def test_a_heavy_folder_of_a_run_is_not_even_opened(shared: Tree) -> None:
    shared.run("r")
    (shared.root / "r/checkpoints/last.ckpt").mkdir(parents=True)
    (shared.root / "r/checkpoints").chmod(0)
    with another_user():
        assert scan(shared.root, now=NOW).problems == ()


def test_a_closed_root_is_an_error_at_first_and_a_problem_later(shared: Tree) -> None:
    shared.run("r")
    shared.settle()
    before = scan(shared.root, now=NOW)
    shared.root.chmod(0o700)
    os.utime(shared.root, (NOW, NOW))
    with another_user():
        with pytest.raises(SptError, match="permission denied"):
            scan(shared.root, now=NOW)
        kept = scan(shared.root, before, now=NOW + 60)
        with pytest.raises(SptError, match="permission denied"):
            read_run(shared.root / "r", now=NOW)
    assert (kept.runs, [problem.path for problem in kept.problems]) == (before.runs, [str(shared.root)])


def test_a_flawed_row_keeps_its_problem_through_a_moment_without_access(shared: Tree) -> None:
    shared.write("r/sidecar.json", b'{"status": "completed", "notes": 3}')
    shared.settle()
    before = scan(shared.root, now=NOW)
    (shared.root / "r").chmod(0o700)
    os.utime(shared.root / "r", (NOW, NOW))
    with another_user():
        shut = scan(shared.root, before, now=NOW + 60, sweep=0)
    (shared.root / "r").chmod(0o755)
    after = scan(shared.root, shut, now=NOW + 120, sweep=0)
    assert (after.runs, after.problems) == (before.runs, before.problems)


def test_a_folder_whose_files_give_no_stat_keeps_what_they_said(shared: Tree) -> None:
    """Readable and not enterable: it lists, and every other answer is "permission denied"."""
    shared.run("r", status="running", heartbeat=NOW - 5)
    shared.write("r/metrics.csv", "epoch,step\r\n")
    before = scan(shared.root, now=NOW)
    (shared.root / "r").chmod(0o744)
    with another_user():
        kept = scan(shared.root, before, now=NOW + 60, sweep=0)
    now, then = kept.runs["r"], before.runs["r"]
    assert (now.heartbeat_at, now.metrics_size, now.state) == (then.heartbeat_at, then.metrics_size, "running")
    assert {problem.path for problem in now.problems} == {
        f"{shared.root}/r/{name}" for name in ("sidecar.json", "metrics.csv", "heartbeat")
    }
    (shared.root / "r").chmod(0o755)
    healed = scan(shared.root, kept, now=NOW + 61)
    assert (healed.runs, healed.problems) == (before.runs, ())


def test_a_heartbeat_that_was_never_seen_is_none_and_not_a_beat_of_1970(shared: Tree) -> None:
    shared.run("r", status="running", at=NOW - 10)
    closed = shared.write("closed/heartbeat", b"", at=NOW - 5).parent
    closed.chmod(0o700)
    (shared.root / "r/heartbeat").symlink_to(closed / "heartbeat")
    with another_user():
        run = scan(shared.root, now=NOW).runs["r"]
    assert (run.heartbeat_at, run.state, len(run.problems)) == (None, "running", 1)

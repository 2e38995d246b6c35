"""A disk that fails, injected for real by a FUSE file system: no exception, and no run taken away."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from spt_cli import apply, diff, poll, scan
from spt_cli.model import Snapshot
from tests.faulty_fs import FUSE, mounted
from tests.trees import Tree

SEEDS = [1, 2, 3]

pytestmark = FUSE


class Disk:
    """A tree, the folder at which the failing file system shows it, and how often that fails."""

    def __init__(self, top: Path) -> None:
        self.tree = Tree(top / "source")
        self.shown = top / "shown"
        self.rate = top / "rate"
        self.began = time.time()
        for folder in (self.tree.root, self.shown):
            folder.mkdir()
        for number in range(30):
            self.write(f"g{number % 3}/{number:02}", number)
        self.tree.write("g0/never/run_meta.json", "{}")
        self.tree.write("g1/flawed/sidecar.json", b'{"status": "completed", "notes": 3}')

    def fail(self, share: float) -> None:
        """From now on this share of all operations goes wrong."""
        self.rate.write_text(str(share))

    def write(self, run_id: str, number: int) -> None:
        """A run at its *number*-th write; every third is live."""
        live = number % 3 == 0
        at = self.began + number / 100
        status = "running" if live else "completed"
        self.tree.run(run_id, status=status, at=at, heartbeat=at if live else None, notes=f"write {number}")
        self.tree.write(f"{run_id}/metrics.csv", "epoch,step\r\n" + "0,1\r\n" * number, at=at)

    def go_on(self) -> Iterator[float]:
        """The trainers' next writes, and the clock, for ever: a run is rewritten each time, and now and then added."""
        for number in itertools.count(30):
            self.write(f"g{number % 3}/{number % 30:02}" if number % 5 else f"g{number % 3}/{number:02}", number)
            yield self.began + number


@pytest.fixture(params=SEEDS)
def disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Disk]:
    disk = Disk(tmp_path)
    with mounted(disk.tree.root, disk.shown, disk.rate, request.param):
        yield disk


def test_after_many_failing_scans_a_clean_one_equals_a_fresh_one_and_no_run_was_removed(disk: Disk) -> None:
    last = folded = scan(disk.shown)
    messages: set[str] = set()
    kinds: set[str] = set()
    clock = disk.go_on()
    for share in [0.02] * 15 + [0.2] * 10 + [0.7] * 5 + [0.02] * 10:
        disk.fail(share)
        new = scan(disk.shown, last, now=next(clock), sweep=5)
        event = diff(last, new)
        kinds |= {change.kind for change in event.changes}
        messages |= {problem.message.partition(":")[0] for problem in new.problems}
        folded, last = apply(folded, event), new
    disk.fail(0)
    now = next(clock) + 600
    clean, fresh = scan(disk.shown, last, now=now, sweep=0), scan(disk.shown, now=now)
    assert (clean.runs, clean.problems, clean.other) == (fresh.runs, fresh.problems, fresh.other)
    assert set(clean.folders) == set(fresh.folders)
    assert apply(folded, diff(last, clean)).runs == fresh.runs
    assert "removed" not in kinds
    assert messages >= {"Input/output error", "Stale file handle", "permission denied", "Interrupted system call"}


def test_poll_starts_on_a_failing_disk_and_never_ends(disk: Disk) -> None:
    disk.fail(0.3)
    clock = disk.go_on()
    snapshots = poll(disk.shown, sweep=5, clock=lambda: next(clock), wait=lambda _: None)
    old = Snapshot(str(disk.shown))
    for new in itertools.islice(snapshots, 30):
        assert "removed" not in {change.kind for change in diff(old, new).changes}
        old = new
    disk.fail(0)
    healed = next(snapshot for snapshot in itertools.islice(snapshots, 40) if len(snapshot.problems) == 1)
    assert set(healed.runs) >= {f"g{number % 3}/{number:02}" for number in range(30)}


def test_a_disk_on_which_everything_fails_keeps_all_runs(disk: Disk) -> None:
    first = last = scan(disk.shown)
    disk.fail(1)
    failed: set[str] = set()  # of five scans: one operation in five only dawdles
    for second in range(5):
        last = scan(disk.shown, last, now=disk.began + second, sweep=0)
        failed |= {problem.path for problem in last.problems}
    assert set(last.runs) == set(first.runs)
    assert str(disk.shown) in failed

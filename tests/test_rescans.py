"""What a later scan looks at again, how soon it sees a change, and what it costs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from spt_cli import diff, scan
from spt_cli.model import Snapshot
from tests.trees import NOW, Tree


def test_what_did_not_change_is_the_same_object(tree: Tree) -> None:
    tree.run("ended")
    tree.run("live", status="running", heartbeat=NOW - 10)
    tree.run("stale", status="running", heartbeat=NOW - 900)
    tree.write("flawed/sidecar.json", b'{"status": "completed", "notes": 3}')
    tree.settle()
    first = scan(tree.root, now=NOW)
    later = scan(tree.root, first, now=NOW + 100, sweep=0)
    assert [later.runs[run_id] is run for run_id, run in first.runs.items()] == [True] * 4


def test_what_did_not_change_is_the_same_object_though_the_servers_clock_is_ahead(tree: Tree) -> None:
    tree.run("now", status="running", heartbeat=NOW + 1_000)
    tree.run("dead", status="running", heartbeat=NOW + 100)
    tree.settle()
    first = scan(tree.root, now=NOW)
    later = scan(tree.root, first, now=NOW + 10, sweep=0)
    assert [later.runs[run_id] is run for run_id, run in first.runs.items()] == [True] * 2


def test_a_heartbeat_that_moves_shows_that_the_servers_clock_is_behind(tree: Tree) -> None:
    """The server is 600 s behind: `live` beats between two looks and is dated long before the first."""
    tree.run("live", status="running", heartbeat=NOW - 610)
    tree.run("dead", status="running", heartbeat=NOW - 900)
    first = scan(tree.root, now=NOW)
    assert {run.state for run in first.runs.values()} == {"stale"}
    tree.write("live/heartbeat", b"", at=NOW - 595)
    second = scan(tree.root, first, now=NOW + 6)
    third = scan(tree.root, second, now=NOW + 100)
    later = scan(tree.root, third, now=NOW + 300)
    assert [round(snapshot.skew) for snapshot in (first, second, third, later)] == [0, -595, -595, -595]
    assert [snapshot.runs["live"].state for snapshot in (second, third, later)] == ["running", "running", "stale"]
    assert [snapshot.runs["dead"].state for snapshot in (second, third, later)] == ["stale"] * 3


def test_a_copied_tree_that_keeps_its_mtimes_is_believed_to_be_an_hour_behind_at_most(tree: Tree) -> None:
    tree.run("copied", status="running", heartbeat=NOW - 90_000)
    first = scan(tree.root, now=NOW)
    tree.write("copied/heartbeat", b"", at=NOW - 80_000)
    second = scan(tree.root, first, now=NOW + 6)
    assert (second.skew, second.runs["copied"].state) == (-3_600.0, "stale")


def test_a_sidecar_rewritten_with_the_same_words_is_the_same_object(tree: Tree) -> None:
    sidecar = tree.run("r") / "sidecar.json"
    first = scan(tree.root, now=NOW)
    sidecar.write_bytes(sidecar.read_bytes())
    assert scan(tree.root, first, now=NOW + 60, sweep=0).runs["r"] is first.runs["r"]


def test_time_alone_makes_a_run_stale_and_that_is_a_change(tree: Tree) -> None:
    tree.run("r", status="running", heartbeat=NOW - 10)
    first = scan(tree.root, now=NOW)
    later = scan(tree.root, first, now=NOW + 171)
    assert (first.runs["r"].state, later.runs["r"].state) == ("running", "stale")
    assert [(change.kind, change.fields) for change in diff(first, later).changes] == [("stale", ("state", "alive"))]


def test_a_run_added_while_its_folder_was_listed_is_found_though_no_mtime_tells(tree: Tree) -> None:
    """The listing was read within two seconds of the folder's mtime, in which a coarse clock may not move."""
    tree.run("a", at=NOW - 100)
    tree.settle(at=NOW - 1)
    first = scan(tree.root, now=NOW)
    tree.run("b")
    tree.settle(at=NOW - 1)
    assert set(scan(tree.root, first, now=NOW + 0.5).runs) == {"a", "b"}


def test_a_listing_read_well_after_the_folders_mtime_is_trusted(tree: Tree) -> None:
    """Else every folder would be listed at every scan: that it is trusted shows in what nobody can hide on a disk."""
    tree.run("a")
    tree.settle(at=NOW - 2)
    first = scan(tree.root, now=NOW)
    tree.run("b")
    tree.settle(at=NOW - 2)
    assert set(scan(tree.root, first, now=NOW + 1).runs) == {"a"}


@pytest.mark.parametrize("name", ["sidecar.json", "annotations.json"])
def test_a_write_with_the_stamp_of_the_one_before_is_seen(tree: Tree, name: str) -> None:
    """Same tick, same size, same inode: in place, or because a file system gives an inode out again."""
    tree.run("r", notes="aa", at=NOW)
    tree.write("r/annotations.json", '{"tags": []}', at=NOW)
    path = tree.write(f"r/{name}", '{"status": "completed", "notes": "aa"}', at=NOW)
    tree.settle()
    first = scan(tree.root, now=NOW + 0.2)
    path.write_bytes(path.read_bytes().replace(b"aa", b"bb"))
    os.utime(path, (NOW, NOW))
    tree.settle()
    assert scan(tree.root, first, now=NOW + 60, sweep=0).runs["r"].notes == "bb"


def test_a_new_sidecar_is_seen_by_inode_alone(tree: Tree) -> None:
    sidecar = tree.run("r", notes="aa") / "sidecar.json"
    tree.settle()
    first = scan(tree.root, now=NOW)
    other = sidecar.with_name(".sidecar.json.x.tmp")
    other.write_bytes(sidecar.read_bytes().replace(b"aa", b"bb"))
    os.utime(other, (NOW - 100, NOW - 100))
    other.replace(sidecar)
    tree.settle()
    assert scan(tree.root, first, now=NOW + 60, sweep=0).runs["r"].notes == "bb"


@pytest.mark.parametrize("name", ["metrics.csv", "media.jsonl", "heartbeat"])
def test_a_live_run_shows_what_its_other_files_say_at_every_scan(tree: Tree, name: str) -> None:
    tree.run("r", status="running", heartbeat=NOW - 10)
    tree.write("r/metrics.csv", "")
    tree.write("r/media.jsonl", "")
    tree.settle()
    first = scan(tree.root, now=NOW)
    tree.write(f"r/{name}", "xy\n", at=NOW + 0.5)
    tree.settle()
    fields = {"metrics.csv": "metrics_size", "media.jsonl": "has_media", "heartbeat": "heartbeat_at"}
    changes = diff(first, scan(tree.root, first, now=NOW + 1)).changes
    assert [change.fields for change in changes] == [(fields[name],)]


@pytest.mark.parametrize("place", ["", "g", "20260101/120000"])
def test_a_new_run_is_found_by_the_next_scan(tree: Tree, place: str) -> None:
    for run_id in ("g/a", "g/b", "20260101/120000/a", "20260101/120000/b"):
        tree.run(run_id)
    tree.settle()
    first = scan(tree.root, now=NOW)
    tree.run(f"{place}/new".strip("/"))
    assert len(scan(tree.root, first, now=NOW + 1).runs) == 5


def test_a_second_run_beside_a_single_ended_one_is_found_within_five_seconds(tree: Tree) -> None:
    """A launch has an HHMMSS folder of its own around one run: there are as many of them as runs."""
    tree.run("20260101/120000/a")
    tree.settle()
    last = scan(tree.root, now=NOW)
    tree.run("20260101/120000/b")
    for second in range(1, 6):
        last = scan(tree.root, last, now=NOW + second)
    assert set(last.runs) == {"20260101/120000/a", "20260101/120000/b"}


def test_every_ended_run_is_looked_at_within_thirty_seconds(tree: Tree) -> None:
    """And in slices: no scan of the thirty looks at more than a tenth of them."""
    ids = [f"g/{number}" for number in range(600)]
    for run_id in ids:
        tree.run(run_id)
    tree.settle()
    last = scan(tree.root, now=NOW)
    for run_id in ids:
        tree.run(run_id, notes="edited", at=NOW - 50)
    seen = [0]
    for second in range(1, 31):
        last = scan(tree.root, last, now=NOW + second)
        seen.append(sum(run.notes == "edited" for run in last.runs.values()))
    assert seen[-1] == 600
    assert max(later - before for before, later in pairwise(seen)) < 60


def test_a_clock_that_is_set_back_hides_no_change_for_longer(tree: Tree) -> None:
    for number in range(50):
        tree.run(f"g/{number}")
    tree.settle()
    last = scan(tree.root, now=NOW)
    for number in range(50):
        tree.run(f"g/{number}", notes="edited", at=NOW - 4_000)
    for second in range(31):
        last = scan(tree.root, last, now=NOW - 3_600 + second)
    assert {run.notes for run in last.runs.values()} == {"edited"}


@pytest.mark.parametrize("gone", ["g/r", "g", "g/r/sidecar.json"])
def test_what_is_deleted_is_gone_with_all_that_it_held(tree: Tree, gone: str) -> None:
    for run_id in ("g/r", "g/r/inner/most", "other"):
        tree.run(run_id)
    tree.settle()
    first = scan(tree.root, now=NOW)
    path = tree.root / gone
    path.unlink() if path.is_file() else shutil.rmtree(path)
    later = scan(tree.root, first, now=NOW + 60, sweep=0)
    fresh = scan(tree.root, now=NOW + 60)
    assert (later.runs, set(later.folders), later.problems) == (fresh.runs, set(fresh.folders), ())


def test_a_folder_replaced_by_a_file_and_by_a_link_is_gone(tree: Tree) -> None:
    for run_id in ("a/r", "b/r", "other"):
        tree.run(run_id)
    first = scan(tree.root, now=NOW)
    shutil.rmtree(tree.root / "a")
    (tree.root / "a").touch()
    (tree.root / "b").rename(tree.root.parent / "b")
    (tree.root / "b").symlink_to(tree.root.parent / "b")
    assert set(scan(tree.root, first, now=NOW + 60, sweep=0).runs) == {"other"}


def test_a_folder_that_becomes_a_run_is_left_alone_below_its_heavy_names(tree: Tree) -> None:
    tree.run("r/checkpoints/x")
    first = scan(tree.root, now=NOW)
    tree.run("r")
    assert (set(first.runs), set(scan(tree.root, first, now=NOW + 60).runs)) == ({"r/checkpoints/x"}, {"r"})


def test_a_root_that_vanishes_and_comes_back_keeps_its_runs(tree: Tree) -> None:
    tree.run("r")
    first = scan(tree.root, now=NOW)
    away = tree.root.rename(tree.root.parent / "away")
    gone = scan(tree.root, first, now=NOW + 60)
    away.rename(tree.root)
    back = scan(tree.root, gone, now=NOW + 61)
    assert [len(gone.problems), len(back.problems)] == [1, 0]
    assert first.runs["r"] is gone.runs["r"] is back.runs["r"]


def test_runs_of_a_vanished_root_still_turn_stale(tree: Tree) -> None:
    tree.run("r", status="running", heartbeat=NOW)
    first = scan(tree.root, now=NOW)
    tree.root.rename(tree.root.parent / "away")
    assert scan(tree.root, first, now=NOW + 180).runs["r"].state == "stale"


POLLS = """
import os, sys
from spt_cli import scan
root, now, polls = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
last = scan(root, now=now)
os.path.exists("/begin")
for second in range(1, polls + 1):
    last = scan(root, last, now=now + second)
os.path.exists("/end")
assert len(last.runs) == 200, last
"""


def test_a_poll_costs_at_most_four_fifths_of_a_stat_a_run_and_opens_nothing(tree: Tree, tmp_path: Path) -> None:
    """Counted by the kernel's own word, with 5 % live runs, over a full sweep of 30 s."""
    strace = shutil.which("strace")
    if (
        strace is None
        or subprocess.run([strace, "-f", "--seccomp-bpf", "-qq", "-o", os.devnull, "true"], check=False).returncode != 0
    ):
        pytest.skip("no strace that may trace here")
    for number in range(200):
        live = number % 20 == 0
        tree.run(f"202601{number % 9:02}/{number:06}/r", status="running" if live else "completed", heartbeat=NOW - 5)
        tree.write(f"202601{number % 9:02}/{number:06}/r/metrics.csv", "")
    tree.settle()
    log = tmp_path / "calls"
    command = [
        strace,
        "-f",
        "--seccomp-bpf",
        "-qq",
        "-e",
        "trace=file,getdents64",
        "-o",
        str(log),
        sys.executable,
        "-c",
        POLLS,
    ]
    subprocess.run([*command, str(tree.root), str(NOW), "30"], check=True)
    calls = log.read_text().partition('"/begin"')[2].partition('"/end"')[0]
    below = [line for line in calls.splitlines() if str(tree.root) in line]
    stats = [line for line in below if re.search(r" (stat|lstat|newfstatat|statx)\(", line)]
    assert 0.2 < len(stats) / 30 / 200 <= 0.8
    assert len(below) - len(stats) <= 2 * 30  # the root's realpath


def test_a_partial_snapshot_can_be_the_previous_one(tree: Tree) -> None:
    """Whoever stopped the first scan goes on with what it found."""
    for run_id in ("a/1", "a/2", "b/1"):
        tree.run(run_id)
    whole = scan(tree.root, now=NOW)
    part = Snapshot(root=whole.root, folders={"": whole.folders[""], "a": whole.folders["a"]}, taken_at=NOW)
    assert scan(tree.root, part, now=NOW + 1).runs == whole.runs

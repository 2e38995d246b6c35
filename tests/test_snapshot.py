"""What is a run, what it is called and in what state it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from spt_cli import read_run, scan
from spt_cli.errors import NotFoundError, SptError
from spt_cli.model import Other, Problem, Progress, Run, Values
from tests.trees import NOW, Tree


def test_a_run_with_all_its_files_is_one_row(tree: Tree) -> None:
    folder = tree.run(
        "g0/r1",
        status="running",
        run_id="31337_4",
        created_at=NOW - 500,
        tags=["sweep:31337"],
        notes="n",
        hparams={"lr": 0.1},
        summary={"acc": 1.0},
        checkpoint_path="/x/last.ckpt",
        heartbeat=NOW - 5.5,
    )
    tree.write("g0/r1/metrics.csv", "epoch,step\r\n")
    tree.write("g0/r1/media.jsonl", "{}\n")
    assert scan(tree.root, now=NOW).runs == {
        "g0/r1": Run(
            run_id="g0/r1",
            run_dir=str(folder),
            display_name="r1",
            status="running",
            state="running",
            alive=True,
            created_at=NOW - 500,
            heartbeat_at=NOW - 5.5,
            tags=("sweep:31337",),
            notes="n",
            hparams=Values.of({"lr": 0.1}),
            summary=Values.of({"acc": 1.0}),
            checkpoint_path="/x/last.ckpt",
            metrics_size=12,
            has_media=True,
            logger_run_id="31337_4",
        )
    }


def test_the_real_runs_are_listed_without_a_problem(real_runs: Path) -> None:
    found = scan(real_runs, now=NOW)
    assert (len(found.runs), found.problems) == (30, ())
    assert found.progress == Progress("idle", total=30, done=30, initial_done=True)


def test_an_empty_root_has_no_runs(tree: Tree) -> None:
    found = scan(tree.root, now=NOW)
    assert (found.runs, found.problems, found.other) == ({}, (), ())


def test_runs_lie_at_any_depth_under_any_names(tree: Tree) -> None:
    ids = {"r", "20260101/120000/abc", "a b/c,d/e\nf/{g}", "-x", "~", "größe", "a/" * 30 + "deep"}
    for run_id in ids:
        tree.run(run_id)
    assert set(scan(tree.root, now=NOW).runs) == ids


def test_a_run_may_hold_runs(tree: Tree) -> None:
    for run_id in ("r", "r/inner", "r/code/inner"):
        tree.run(run_id)
    assert set(scan(tree.root, now=NOW).runs) == {"r", "r/inner", "r/code/inner"}


def test_the_root_may_be_a_run_and_is_called_by_its_name(tree: Tree) -> None:
    tree.run(".")
    tree.run("inner")
    found = scan(tree.root, now=NOW).runs
    assert {run_id: run.run_dir for run_id, run in found.items()} == {
        "runs": str(tree.root),
        "inner": str(tree.root / "inner"),
    }


def test_of_a_root_and_a_run_of_one_name_the_root_is_shown(tree: Tree) -> None:
    tree.run(".")
    tree.run("runs", notes="hidden")
    found = scan(tree.root, now=NOW)
    assert {run_id: run.notes for run_id, run in found.runs.items()} == {"runs": ""}
    message = "a second run has the id runs: this one is not shown"
    assert found.problems == (Problem(str(tree.root / "runs"), message, "runs"),)


def test_a_run_hidden_in_a_heavy_folder_of_a_run_is_not_looked_for(tree: Tree) -> None:
    tree.run("r")
    tree.run("r/checkpoints/hidden")
    tree.run("r/wandb/deep/hidden")
    tree.run("checkpoints/shown")
    assert set(scan(tree.root, now=NOW).runs) == {"r", "checkpoints/shown"}


def test_folders_that_never_became_runs_are_told_apart(tree: Tree) -> None:
    tree.write("never/run_meta.json", '{"run_id": "x"}')
    tree.write("lightning_logs/version_0/metrics.csv", "epoch,step\r\n")
    tree.write("neither/notes.txt", "")
    tree.run("started")
    tree.write("started/run_meta.json", "{}")
    found = scan(tree.root, now=NOW)
    assert found.other == (Other("lightning_logs/version_0", "lightning"), Other("never", "never started"))
    assert (set(found.runs), found.problems) == ({"started"}, ())


def test_a_linked_sidecar_counts(tree: Tree) -> None:
    tree.run("r")
    (tree.root / "linked").mkdir()
    (tree.root / "linked/sidecar.json").symlink_to("../r/sidecar.json")
    assert set(scan(tree.root, now=NOW).runs) == {"r", "linked"}


def test_a_linked_folder_is_not_followed(tree: Tree, tmp_path: Path) -> None:
    Tree(tmp_path / "elsewhere").run("r")
    (tree.root / "link").symlink_to(tmp_path / "elsewhere")
    (tree.root / "loop").symlink_to(tree.root)
    assert scan(tree.root, now=NOW).runs == {}


def test_a_linked_root_is_followed_and_resolved(tree: Tree, tmp_path: Path) -> None:
    tree.run("r")
    (tmp_path / "link").symlink_to(tree.root)
    assert scan(tmp_path / "link", now=NOW) == scan(tree.root, now=NOW)


@pytest.mark.parametrize("typed", ["{root}/", "{root}//", "{root}/./", "{root}/r/..", "runs", "./runs/", "~/runs"])
def test_one_root_typed_in_many_ways_is_one_root(tree: Tree, monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    tree.run("r")
    monkeypatch.chdir(tree.root.parent)
    monkeypatch.setenv("HOME", str(tree.root.parent))
    assert scan(typed.format(root=tree.root), now=NOW) == scan(tree.root, now=NOW)


@pytest.mark.parametrize("name", ["with space", "~nobody-of-this-name", "$HOME", os.fsdecode(b"caf\xe9"), "new\nline"])
def test_a_root_of_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    Tree(tmp_path / name).run(f"r/{name}")
    monkeypatch.chdir(tmp_path)
    found = scan(name, now=NOW)
    assert (found.root, set(found.runs)) == (str(tmp_path / name), {f"r/{name}"})


@pytest.mark.parametrize("kind", ["missing", "file", "loop", "dangling"])
def test_what_is_no_folder_is_an_error_that_names_it(tmp_path: Path, kind: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("nothing")
    with pytest.raises(NotFoundError, match="no such folder: "):
        scan(tmp_path / kind, now=NOW)


@pytest.mark.parametrize(
    ("status", "age", "state", "alive"),
    [
        ("running", 0, "running", True),
        ("running", 179, "running", True),
        ("running", 180, "stale", False),
        ("completed", 0, "completed", False),
        ("failed", 9_999, "failed", False),
        ("queued", 10, "queued", True),
        ("queued", 9_999, "queued", False),
        ("Completed", 10, "Completed", True),
        ("", 10, "running", True),
    ],
)
def test_the_state_is_the_status_and_the_age_of_the_heartbeat(
    tree: Tree, status: str, age: float, state: str, alive: bool
) -> None:
    tree.run("r", status=status, at=NOW - 10_000, heartbeat=NOW - age)
    run = scan(tree.root, now=NOW).runs["r"]
    assert (run.status, run.state, run.alive) == (status, state, alive)


def test_without_a_heartbeat_the_sidecar_is_the_sign_of_life(tree: Tree) -> None:
    tree.run("young", status="running", at=NOW - 179)
    tree.run("old", status="running", at=NOW - 180)
    states = {run_id: run.state for run_id, run in scan(tree.root, now=NOW).runs.items()}
    assert states == {"young": "running", "old": "stale"}


def test_a_killed_run_is_stale_for_ever_though_its_status_says_running(tree: Tree) -> None:
    tree.run("r", status="running", heartbeat=NOW - 10)
    run = scan(tree.root, now=NOW + 10**8).runs["r"]
    assert (run.status, run.state, run.live) == ("running", "stale", True)


def test_stale_after_is_the_callers_choice(tree: Tree) -> None:
    tree.run("r", status="running", heartbeat=NOW - 200)
    assert scan(tree.root, now=NOW, stale_after=300).runs["r"].state == "running"


def test_ages_are_counted_from_the_file_servers_clock_when_it_is_ahead(tree: Tree) -> None:
    """The server is 1,000 s ahead: what beat 900 s before its newest mtime is stale, though it is in our future."""
    tree.run("now", status="running", heartbeat=NOW + 1_000)
    tree.run("dead", status="running", heartbeat=NOW + 100)
    states = {run_id: run.state for run_id, run in scan(tree.root, now=NOW).runs.items()}
    assert states == {"now": "running", "dead": "stale"}


def test_an_mtime_a_day_ahead_is_wrong_and_makes_no_other_run_stale(tree: Tree) -> None:
    tree.run("wrong", status="running", heartbeat=NOW + 86_400)
    tree.run("right", status="running", heartbeat=NOW - 10)
    states = {run_id: run.state for run_id, run in scan(tree.root, now=NOW).runs.items()}
    assert states == {"wrong": "running", "right": "running"}


def test_a_requeue_makes_an_ended_run_live_again(tree: Tree) -> None:
    tree.run("r", status="failed", created_at=NOW - 5_000, ended_at=NOW - 4_000, at=NOW - 4_000)
    before = scan(tree.root, now=NOW - 3_000)
    tree.run("r", status="running", created_at=NOW - 50, ended_at=None, at=NOW - 20)
    run = scan(tree.root, before, now=NOW, sweep=0).runs["r"]
    assert (run.state, run.created_at, run.ended_at) == ("running", NOW - 50, None)


def test_an_empty_media_file_is_no_media(tree: Tree) -> None:
    tree.run("r")
    tree.write("r/media.jsonl", "")
    assert not scan(tree.root, now=NOW).runs["r"].has_media


def test_a_persons_edit_wins_over_the_sidecar_and_the_sidecar_over_the_folder(tree: Tree) -> None:
    tree.run("folder")
    tree.run("sidecar", display_name="from the sidecar")
    tree.run("person", display_name="from the sidecar", notes="trainer's", tags=["a"])
    tree.write("person/annotations.json", '{"display_name": "from a person", "tags": ["b"], "archived": true}')
    runs = scan(tree.root, now=NOW).runs
    assert {run.display_name for run in runs.values()} == {"folder", "from the sidecar", "from a person"}
    edited = runs["person"]
    assert (edited.notes, edited.tags, edited.archived) == ("trainer's", ("b",), True)


def test_a_name_edited_to_null_is_the_folders_again(tree: Tree) -> None:
    tree.run("g/r", display_name="from the sidecar", notes="n")
    tree.write("g/r/annotations.json", '{"display_name": null, "notes": null}')
    run = scan(tree.root, now=NOW).runs["g/r"]
    assert (run.display_name, run.notes) == ("r", "")


def test_read_run_gives_the_row_that_scan_gives(tree: Tree) -> None:
    folder = tree.run("g/r", status="running", heartbeat=NOW - 5)
    assert read_run(folder, tree.root, now=NOW) == scan(tree.root, now=NOW).runs["g/r"]


def test_read_run_without_a_root_calls_the_run_by_its_folder(tree: Tree) -> None:
    assert read_run(tree.run("g/r"), now=NOW).run_id == "r"
    assert read_run(tree.root / "g/r", tree.root / "g/r", now=NOW).run_id == "r"
    assert read_run(tree.root / "g/r", tree.root.parent / "elsewhere", now=NOW).run_id == "r"


def test_read_run_of_no_run_says_where_to_look(tree: Tree) -> None:
    tree.run("g/r")
    with pytest.raises(NotFoundError, match=r"no sidecar.json in .*/g") as caught:
        read_run(tree.root / "g", now=NOW)
    assert caught.value.hint == f"try `spt ls {tree.root}/g` to see the runs below it"
    with pytest.raises(NotFoundError):
        read_run(tree.root / "missing", now=NOW)


def test_read_run_of_a_torn_sidecar_says_what_is_wrong(tree: Tree) -> None:
    tree.write("r/sidecar.json", '{"status": "runn')
    with pytest.raises(SptError) as caught:
        read_run(tree.root / "r", now=NOW)
    assert str(caught.value) == f"{tree.root}/r/sidecar.json: it ends in the middle (half-written?)"

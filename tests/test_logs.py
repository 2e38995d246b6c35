"""The logs of a run: which are found where, and their last bytes and lines."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from spt_cli import read_run, scan
from spt_cli.files.regular import opened
from spt_cli.logs.files import Logs, _name, _unique, chunks, find_logs, last_lines, mount_point, streams, tail
from spt_cli.logs.layouts import plugins
from spt_cli.logs.text import MAX_LINE
from spt_cli.model import LogFile
from tests.trees import Tree

HYDRA = """hydra:
  sweep:
    dir: {sweep}
    subdir: ${{hydra.job.num}}
  job:
    name: {name}
    id: {id}
    num: ???
    env_copy: []
  runtime:
    cwd: {cwd}
"""


def found(tree: Tree, run_id: str) -> Logs:
    return find_logs(scan(tree.root).runs[run_id], tree.root)


def shown(tree: Tree, run_id: str) -> list[tuple[str, str, int | None, str, str]]:
    """(name, kind, rank, layout, path below the root) of each stream."""
    return [
        (each.name, each.kind, each.rank, each.layout, os.path.relpath(each.path, tree.root))
        for each in found(tree, run_id).streams
    ]


def hydra(tree: Tree, folder: str, *, name: str = "train", job: str = "???", sweep: str = "multirun") -> None:
    tree.write(f"{folder}/.hydra/hydra.yaml", HYDRA.format(name=name, id=job, sweep=sweep, cwd=tree.root))


# ------------------------------------------------------------------------------------------------------- real runs


def test_logs_of_the_real_runs(real_runs: Path, snapshot: SnapshotAssertion) -> None:
    """Slurm's below the root or in the run, Hydra's and submitit's in the output folder or the sweep's."""
    everything = {
        run_id: [
            (each.name, each.kind, each.rank, each.layout, os.path.relpath(each.path, real_runs))
            for each in streams(run, real_runs)
        ]
        for run_id, run in sorted(scan(real_runs).runs.items())
    }
    assert everything == snapshot


def test_a_moved_tree_keeps_its_logs(real_runs: Path, tmp_path: Path) -> None:
    """Output folders outside the run, and submit folders, are found again below the new place."""
    original = {run_id: len(streams(run, real_runs)) for run_id, run in scan(real_runs).runs.items()}
    here = tmp_path / "elsewhere"
    subprocess.run(["cp", "-r", real_runs, here], check=True)
    real_runs.rename(real_runs.with_name("away"))
    try:
        found = {run_id: streams(run, here) for run_id, run in scan(here).runs.items()}
    finally:
        real_runs.with_name("away").rename(real_runs)
    assert {run_id: len(each) for run_id, each in found.items()} == original
    assert all(stream.path.is_relative_to(here) for each in found.values() for stream in each)


# ------------------------------------------------------------------------------------------------- plain and Hydra


def test_plain_takes_out_err_and_log_of_the_run_folder_alone(tree: Tree) -> None:
    tree.run("r1")
    for name in ("b.out", "a.log", "a.err", "notes.txt", "sub/c.log"):
        tree.write(f"r1/{name}", "x")
    assert shown(tree, "r1") == [
        ("a.log", "out", None, "plain", "r1/a.log"),
        ("b.out", "out", None, "plain", "r1/b.out"),
        ("a.err", "err", None, "plain", "r1/a.err"),
    ]


def test_any_log_directly_in_the_output_folder_counts(tree: Tree) -> None:
    tree.run("r1", hparams={"output_dir": str(tree.root / "outputs/7")})
    tree.write("outputs/7/main.log", "x")
    tree.write("outputs/7/deeper/other.log", "x")
    assert shown(tree, "r1") == [("main.log", "out", None, "plain", "outputs/7/main.log")]


def test_hydra_names_the_job_log_and_knows_ddp_ranks(tree: Tree) -> None:
    tree.run("r1", hparams={"output_dir": str(tree.root / "outputs/7")})
    hydra(tree, "outputs/7", name="finetune")
    for name in ("finetune.log", "train_ddp_process_2.log", "train_ddp_process_1.log", "extra.log"):
        tree.write(f"outputs/7/{name}", "x")
    assert shown(tree, "r1") == [
        ("rank 1 .out", "out", 1, "hydra", "outputs/7/train_ddp_process_1.log"),
        ("rank 2 .out", "out", 2, "hydra", "outputs/7/train_ddp_process_2.log"),
        ("extra.log", "out", None, "plain", "outputs/7/extra.log"),
        ("finetune.log", "out", None, "hydra", "outputs/7/finetune.log"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[" * 200_000,
        b"{a: " * 50_000,
        b"- " * 50_000,
        b"? " * 50_000,
        b"hydra: &a {job: &b {<<: [*b, *b], name: train}, <<: *a}",
        b"\xff\xfe",
        b"hydra: {job: {name: '../../etc/passwd'}}",
        b"hydra: {job: {name: ['train']}}",
        b"hydra: [job, name]\n---\nhydra: {job: {name: train}}",
        b"? {hydra: 1}\n: {job: {name: train}}",
        b"hydra: {job: {name: ???, id: ???}}",
        b"hydra: {job: {name: train}}\n" + b"# long\n" * 100_000,
    ],
)
def test_a_hostile_hydra_yaml_costs_only_what_it_would_have_said(tree: Tree, text: bytes) -> None:
    tree.run("r1")
    tree.write("r1/.hydra/hydra.yaml", text)
    tree.write("r1/train.log", "x")
    logs = found(tree, "r1")
    assert [(each.name, each.path.parent) for each in logs.streams] == [("train.log", tree.root / "r1")]
    assert logs.problems == ()


def test_a_job_name_leads_to_no_other_folder(tree: Tree) -> None:
    tree.run("r1")
    hydra(tree, "r1", name="../private")
    tree.write("private.log", "x")
    assert shown(tree, "r1") == []


def test_a_hydra_yaml_of_more_than_256_kib_is_not_read(tree: Tree) -> None:
    tree.run("r1")
    tree.write("r1/train.log", "x")
    for padding, layout in ((1 << 10, "hydra"), (1 << 18, "plain")):
        tree.write("r1/.hydra/hydra.yaml", "hydra: {job: {name: train}}\n" + "#" * padding)
        assert shown(tree, "r1") == [("train.log", "out", None, layout, "r1/train.log")]


@pytest.mark.parametrize(
    "output", ["", ".", "relative/out", 7, None, "/nul\0", "/lone\ud800", "/x" * 5000, "/dev/null"]
)
def test_an_output_dir_may_be_anything(tree: Tree, output: Any) -> None:
    tree.run("r1", hparams={"output_dir": output})
    tree.write("r1/train.log", "x")
    logs = found(tree, "r1")
    assert ([each.name for each in logs.streams], logs.problems) == (["train.log"], ())


# -------------------------------------------------------------------------------------------------------- submitit


def test_hydras_submitit_launcher_keeps_its_files_in_the_sweep_folder(tree: Tree) -> None:
    tree.run("sweep/0/deep")
    hydra(tree, "sweep/0/deep", job="303", sweep="sweep")
    tree.write("sweep/.submitit/303/303_10_log.out", "x")
    tree.write("sweep/.submitit/303/303_2_log.err", "x")
    tree.write("sweep/.submitit/304/304_0_log.out", "another job's")
    tree.write("sweep/.submitit/303/303_0_result.pkl", "x")
    assert shown(tree, "sweep/0/deep") == [
        ("rank 10 .out", "out", 10, "submitit", "sweep/.submitit/303/303_10_log.out"),
        ("rank 2 .err", "err", 2, "submitit", "sweep/.submitit/303/303_2_log.err"),
    ]


def test_a_sweep_folder_outside_the_root_is_found_by_hydra_yaml(tree: Tree, tmp_path: Path) -> None:
    tree.run("r1", hparams={"output_dir": f"{tmp_path}/scratch/sweep/a/0"})
    tree.write(
        "../scratch/sweep/a/0/.hydra/hydra.yaml",
        HYDRA.format(name="x", id="9_1", sweep="sweep", cwd=f"{tmp_path}/scratch"),
    )
    tree.write("../scratch/sweep/.submitit/9_1/9_1_0_log.out", "x")
    assert shown(tree, "r1") == [("rank 0 .out", "out", 0, "submitit", "../scratch/sweep/.submitit/9_1/9_1_0_log.out")]


@pytest.mark.parametrize(
    ("tags", "hparams", "meta", "run_id"),
    [
        (["sweep:70"], {"slurm.task_id": 3}, {}, "x"),
        (["sweep:70"], {"slurm": {"task_id": "3"}}, {}, "x"),
        (["sweep:70"], {}, {"slurm_array_task_id": "3"}, "x"),
        (["sweep:70"], {}, {"slurm_array_task_id": 3}, "x_9"),
        (["sweep:70"], {}, {}, "anything_3"),
        ([None, "sweep:", "sweep:a", "sweep:70"], {}, {}, "anything_3"),
        ([], {}, {}, "70_3"),
    ],
)
def test_an_arrays_own_folder_lies_beside_the_output_folder(
    tree: Tree, tags: list[Any], hparams: dict[str, Any], meta: dict[str, Any], run_id: str
) -> None:
    hparams["output_dir"] = str(tree.root / "out/some")
    tree.run(run_id, tags=tags, hparams=hparams)
    tree.write(f"{run_id}/run_meta.json", json.dumps(meta))
    tree.write("out/some/keep", "")
    tree.write("out/70_3/.submitit/70_3_1_log.err", "x")
    tree.write("out/70_3/.submitit/70_4_0_log.out", "another task's")
    assert shown(tree, run_id) == [("rank 1 .err", "err", 1, "submitit", "out/70_3/.submitit/70_3_1_log.err")]


def test_plain_submitit_writes_into_the_run_folder(tree: Tree) -> None:
    tree.run("r1")
    for name in ("42_0_log.out", "42_0_log.err", "43_7_12_log.out", "log.out"):
        tree.write(f"r1/{name}", "x")
    assert shown(tree, "r1") == [
        ("rank 0 .out", "out", 0, "submitit", "r1/42_0_log.out"),
        ("rank 12 .out", "out", 12, "submitit", "r1/43_7_12_log.out"),
        ("log.out", "out", None, "plain", "r1/log.out"),
        ("rank 0 .err", "err", 0, "submitit", "r1/42_0_log.err"),
    ]


# ----------------------------------------------------------------------------------------------------------- Slurm


@pytest.mark.parametrize(
    ("sidecar", "meta", "run_id", "name"),
    [
        ({"run_id": "881201"}, {}, "x", "slurm-881201.out"),
        ({"run_id": "3_1"}, {}, "x", "slurm-3_1.out"),
        ({"tags": ["sweep:3"], "hparams": {"slurm.task_id": 1}}, {}, "x", "slurm-3_1.out"),
        ({"tags": ["sweep:3"]}, {"slurm_array_task_id": 1, "slurm_job_id": 77}, "x", "slurm-3_1.out"),
        ({"tags": ["sweep:3"]}, {"slurm_array_task_id": 1, "slurm_job_id": 77}, "x", "slurm-77.out"),
        ({"run_id": "a-uuid"}, {"slurm_job_id": "881201"}, "x", "slurm-881201.out"),
        ({"run_id": "a-uuid"}, {}, "3_1", "slurm-3_1.out"),
        ({"run_id": "a-uuid"}, {}, "881201", "slurm-881201.out"),
    ],
)
def test_a_slurm_file_is_found_by_every_name_of_its_job(
    tree: Tree, sidecar: dict[str, Any], meta: dict[str, Any], run_id: str, name: str
) -> None:
    tree.run(f"cache/runs/{run_id}", **sidecar)
    tree.write(f"cache/runs/{run_id}/run_meta.json", json.dumps(meta))
    tree.write(f"cache/{name}", "x")
    tree.write("cache/slurm-5.out", "another job's")
    assert shown(tree, f"cache/runs/{run_id}") == [(name, "out", None, "slurm", f"cache/{name}")]


def test_runs_that_share_an_output_folder_do_not_get_each_others_jobs(tree: Tree) -> None:
    for run_id in ("3_1", "3_10", "uuid"):
        tree.run(f"runs/{run_id}", run_id=run_id, hparams={"output_dir": str(tree.root / "out")})
    for name in ("slurm-3_1.out", "slurm-3_10.out", "3_1_0_log.out", "3_10_0_log.err", "3_0_log.out", "train.log"):
        tree.write(f"out/{name}", "x")
    found = {run_id: [path for *_, path in shown(tree, f"runs/{run_id}")] for run_id in ("3_1", "3_10")}
    assert found == {
        "3_1": ["out/3_1_0_log.out", "out/slurm-3_1.out", "out/train.log"],
        "3_10": ["out/slurm-3_10.out", "out/train.log", "out/3_10_0_log.err"],
    }
    assert len(shown(tree, "runs/uuid")) == 6  # no file says which job it was


def test_a_number_as_a_tag_is_no_array(tree: Tree) -> None:
    tree.run("x_1", run_id="a-uuid", tags=["3", "sweep:x", "sweep:4"])
    for array in (3, 4):
        tree.write(f"slurm-{array}_1.out", "x")
    assert [path for *_, path in shown(tree, "x_1")] == ["slurm-4_1.out"]


def test_a_person_who_edits_the_tags_does_not_change_which_array_it_was(tree: Tree) -> None:
    tree.run("x_1", run_id="a-uuid", tags=["sweep:4"])
    tree.write("x_1/annotations.json", '{"tags": ["best", "sweep:3"]}')
    for array in (3, 4):
        tree.write(f"slurm-{array}_1.out", "x")
    assert [path for *_, path in shown(tree, "x_1")] == ["slurm-4_1.out"]


def test_a_folder_that_hydra_numbered_is_no_slurm_job(tree: Tree) -> None:
    tree.run("multirun/4", run_id="a-uuid")
    hydra(tree, "multirun/4")
    tree.write("slurm-4.out", "another job's")
    assert shown(tree, "multirun/4") == []


def test_the_submit_folder_comes_first_and_may_lie_outside_the_root(tree: Tree, tmp_path: Path) -> None:
    tree.run("r1", run_id="7")
    tree.write(
        "r1/environment.json", json.dumps({"slurm": {"SLURM_JOB_ID": "7", "SLURM_SUBMIT_DIR": f"{tmp_path}/sub"}})
    )
    tree.write("../sub/slurm-7.out", "x")
    tree.write("slurm-7.out", "another cluster's")
    assert shown(tree, "r1") == [("slurm-7.out", "out", None, "slurm", "../sub/slurm-7.out")]


def test_a_run_requeued_under_another_job_has_both_files(tree: Tree) -> None:
    """Each process that dumps its environment leaves environment.json, environment_v1.json and so on."""
    tree.run("r1", run_id="12")
    tree.write("r1/environment.json", json.dumps({"slurm": {"SLURM_JOB_ID": "11"}}))
    tree.write("r1/environment_v1.json", json.dumps({"slurm": {"SLURM_JOB_ID": "12"}}))
    for job in ("11", "12", "13"):
        tree.write(f"slurm-{job}.out", "x")
    assert [path for *_, path in shown(tree, "r1")] == ["slurm-11.out", "slurm-12.out"]


def test_the_submit_and_sweep_folders_of_a_moved_tree_are_found(tree: Tree) -> None:
    """All was below /old, the run in /old/runs/r1; now it is elsewhere."""
    tree.run("r1", run_id="7", run_dir="/old/runs/r1", hparams={"output_dir": "/old/scratch/sweep/a/0"})
    tree.write(
        "../scratch/sweep/a/0/.hydra/hydra.yaml", HYDRA.format(name="x", id="9", sweep="sweep", cwd="/old/scratch")
    )
    tree.write("../scratch/sweep/.submitit/9/9_0_log.out", "x")
    tree.write("r1/environment.json", json.dumps({"slurm": {"SLURM_JOB_ID": "7", "SLURM_SUBMIT_DIR": "/old/sub"}}))
    tree.write("../sub/slurm-7.out", "x")
    assert [path for *_, path in shown(tree, "r1")] == [
        "../scratch/sweep/.submitit/9/9_0_log.out",
        "../sub/slurm-7.out",
    ]


def test_a_relative_submit_folder_is_not_ours(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.run("r1", run_id="7")
    tree.write("r1/environment.json", json.dumps({"slurm": {"SLURM_SUBMIT_DIR": "sub"}}))
    tree.write("../sub/slurm-7.out", "another's")
    tree.write("slurm-7.out", "x")
    monkeypatch.chdir(tree.root.parent)
    assert [path for *_, path in shown(tree, "r1")] == ["slurm-7.out"]


@pytest.mark.parametrize("name", ["run_meta.json", "environment.json", ".hydra/hydra.yaml", "../out/.hydra/hydra.yaml"])
def test_a_pipe_that_is_named_like_a_file_we_read_makes_nobody_wait(tree: Tree, name: str) -> None:
    folder = tree.run("r1", run_id="7", hparams={"output_dir": str(tree.root / "out")})
    (folder / name).parent.mkdir(exist_ok=True, parents=True)
    os.mkfifo(folder / name)
    tree.write("r1/a.log", "x")
    assert [each.name for each in found(tree, "r1").streams] == ["a.log"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"slurm": 7}', '{"slurm": {"SLURM_SUBMIT_DIR": ["/"]}}', "[" * 100_000]
)
def test_a_damaged_environment_says_nothing(tree: Tree, text: str) -> None:
    tree.run("r1", run_id="7")
    tree.write("r1/environment.json", text)
    tree.write("r1/run_meta.json", text)
    tree.write("slurm-7.out", "x")
    assert shown(tree, "r1") == [("slurm-7.out", "out", None, "slurm", "slurm-7.out")]


def test_stderr_beside_it_counts_and_no_folder_above_the_root_is_looked_at(tree: Tree) -> None:
    tree.run("a/b/r1", run_id="7")
    tree.write("a/slurm-7.out", "x")
    tree.write("a/slurm-7.err", "x")
    tree.write("../slurm-7.out", "above the root")
    assert shown(tree, "a/b/r1") == [
        ("slurm-7.out", "out", None, "slurm", "a/slurm-7.out"),
        ("slurm-7.err", "err", None, "slurm", "a/slurm-7.err"),
    ]


def test_a_run_outside_every_root_is_searched_for_up_to_its_mount_point(tree: Tree) -> None:
    folder = tree.run("a/r1", run_id="7")
    tree.write("slurm-7.out", "x")
    assert [each.path for each in streams(read_run(folder))] == [tree.root / "slurm-7.out"]


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="looks into /proc")
def test_a_mount_point_is_above_its_folders() -> None:
    assert (mount_point("/proc/self"), mount_point("/")) == (Path("/proc"), Path("/"))


# --------------------------------------------------------------------------------------------- streams in general


def test_no_logs_says_where_it_looked(tree: Tree) -> None:
    tree.run("g/r1", run_id="7", hparams={"output_dir": "/gone/out"})
    logs = found(tree, "g/r1")
    looked = [str(path).replace(str(tree.root), "ROOT") for path in logs.looked]
    assert (logs.streams, looked) == (
        (),
        [
            "ROOT/g/r1/slurm-7.out",
            "/gone/out/slurm-7.out",
            "ROOT/g/slurm-7.out",
            "ROOT/slurm-7.out",
            "ROOT/g/r1/*.out",
            "ROOT/g/r1/*.err",
            "ROOT/g/r1/*.log",
            "/gone/out/*.out",
            "/gone/out/*.err",
            "/gone/out/*.log",
        ],
    )


def test_ids_are_safe_in_a_url_unique_and_the_same_tomorrow(tree: Tree) -> None:
    tree.run("r1", hparams={"output_dir": str(tree.root / "out")})
    for name in ("r1/a b.log", "r1/a_b.log", "r1/a?b.log", "r1/é.log", "out/a_b.log", "r1/a_b.log-2.log"):
        tree.write(name, "x")
    ids = [each.stream_id for each in found(tree, "r1").streams]
    assert ids == ["a_b.log", "a_b.log-2", "a_b.log-3", "a_b.log-4", "a_b.log-2.log", "_.log"]
    assert ids == [each.stream_id for each in found(tree, "r1").streams]


def test_an_id_with_a_number_is_not_given_twice() -> None:
    assert _unique(["a", "a", "a-2", "a", "a-2"]) == ["a", "a-3", "a-2", "a-4", "a-2-2"]


def test_names_of_any_bytes_are_shown_as_text(tree: Tree) -> None:
    folder = os.fsencode(tree.run("r1"))
    for name in (b"two\nlines.log", b"\xff.log", b"\x1b[2J.log"):
        Path(os.fsdecode(folder + b"/" + name)).write_bytes(b"x")
    every = found(tree, "r1").streams
    assert [(each.name, each.stream_id) for each in every] == [
        ("\x1b[2J.log", "__2J.log"),
        ("two\nlines.log", "two_lines.log"),
        ("\ufffd.log", "_.log"),
    ]
    assert [tail(each.path) for each in every] == [b"x"] * 3


def test_halves_of_characters_in_a_layouts_name_are_replaced() -> None:
    assert _name(LogFile(Path("a.log"), name="a\ud800b")) == "a\ufffdb"


def test_a_file_found_by_two_layouts_is_one_stream_of_the_one_that_knows_its_rank(tree: Tree) -> None:
    """A file of submitit's, the same by a link and by a hard link: plain finds all three names."""
    folder = tree.run("r1")
    tree.write("r1/42_3_log.out", "x")
    (folder / "a.out").symlink_to("42_3_log.out")
    os.link(folder / "42_3_log.out", folder / "b.out")
    assert shown(tree, "r1") == [("rank 3 .out", "out", 3, "submitit", "r1/42_3_log.out")]


def test_a_later_find_that_knows_the_rank_names_the_stream(tree: Tree) -> None:
    """The log of a DDP process is, by its hydra.yaml, also the job's."""
    tree.run("r1")
    hydra(tree, "r1", name="train_ddp_process_1")
    tree.write("r1/train_ddp_process_1.log", "x")
    assert shown(tree, "r1") == [("rank 1 .out", "out", 1, "hydra", "r1/train_ddp_process_1.log")]


def test_only_regular_files_are_streams(tree: Tree) -> None:
    folder = tree.run("r1")
    (folder / "folder.log").mkdir()
    os.mkfifo(folder / "pipe.log")
    (folder / "broken.log").symlink_to("nowhere")
    (folder / "loop.log").symlink_to("loop.log")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(folder / "socket.log"))
    tree.write("r1/real.log", "x")
    assert [each.name for each in found(tree, "r1").streams] == ["real.log"]


def test_a_folder_that_is_gone_has_no_logs(tree: Tree) -> None:
    tree.run("r1")
    run = scan(tree.root).runs["r1"]
    (tree.root / "r1/sidecar.json").unlink()
    (tree.root / "r1").rmdir()
    logs = find_logs(run, tree.root)
    assert (logs.streams, logs.problems) == ((), ())


@pytest.mark.big
def test_a_folder_of_12000_logs_is_cut_off_and_says_so(tree: Tree) -> None:
    folder = tree.run("r1")
    for number in range(12_000):
        os.close(os.open(folder / f"{number}.log", os.O_CREAT))
    logs = found(tree, "r1")
    assert len(logs.streams) == 10_000
    assert [each.message for each in logs.problems] == [
        f"layout plain of spt-cli {plugins()[-1].version}: yields more than 10,000 files; the rest is left out"
    ]


# --------------------------------------------------------------------------------------------------------- reading


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "a.log"


@pytest.mark.parametrize(
    ("text", "max_bytes", "expected"),
    [
        (b"", 4, b""),
        (b"one\ntwo\n", 8, b"one\ntwo\n"),
        (b"one\ntwo\n", 7, b"two\n"),
        (b"one\ntwo\n", 4, b"two\n"),
        (b"one\ntwo\n", 3, b"wo\n"),
        (b"one\ntwo", 4, b"two"),
        (b"no newline", 4, b"line"),
    ],
)
def test_tail_begins_at_a_line_where_one_is_in_reach(log: Path, text: bytes, max_bytes: int, expected: bytes) -> None:
    log.write_bytes(text)
    assert tail(log, max_bytes) == expected


@pytest.mark.parametrize(("max_bytes", "expected"), [(None, b"one\ntwo\n"), (9, b"one\ntwo\n"), (3, b"wo\n"), (0, b"")])
def test_chunks_are_all_bytes_or_the_last(log: Path, max_bytes: int | None, expected: bytes) -> None:
    log.write_bytes(b"one\ntwo\n")
    assert b"".join(chunks(log, max_bytes)) == expected


@pytest.mark.parametrize("read", [tail, lambda path: list(chunks(path)), lambda path: list(last_lines(path, 3))])
def test_opening_never_waits_for_the_writer_of_a_pipe(tmp_path: Path, read: Any) -> None:
    os.mkfifo(tmp_path / "pipe.log")
    with pytest.raises(OSError, match="not a regular file"):
        read(tmp_path / "pipe.log")


@pytest.mark.parametrize(
    ("text", "count", "expected"),
    [
        (b"", 2, b""),
        (b"\n", 1, b"\n"),
        (b"\n\n\n", 2, b"\n\n"),
        (b"a\nb\nc\n", 2, b"b\nc\n"),
        (b"a\nb\nc", 2, b"b\nc"),
        (b"a\nb\nc\n", 9, b"a\nb\nc\n"),
        (b"a\nb\nc\n", 0, b""),
        (b"a\nb\nc\n", -1, b""),
    ],
)
def test_last_lines(log: Path, text: bytes, count: int, expected: bytes) -> None:
    log.write_bytes(text)
    assert b"".join(last_lines(log, count)) == expected


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 50_000), max_size=12), st.booleans(), st.integers(1, 14))
def test_last_lines_are_those_of_splitlines(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], ended: bool, count: int
) -> None:
    """Also where lines and blocks end at different places."""
    path = tmp_path_factory.mktemp("lines") / "a.log"
    text = b"\n".join(bytes([97 + place % 26]) * length for place, length in enumerate(lengths)) + b"\n" * ended
    path.write_bytes(text)
    assert b"".join(last_lines(path, count)) == b"".join(text.splitlines(keepends=True)[-count:])


def test_a_line_without_end_is_read_back_only_so_far(log: Path) -> None:
    with log.open("wb") as file:
        file.write(b"first\n")
        file.truncate(10 * MAX_LINE)
        file.seek(0, os.SEEK_END)
        file.write(b"\nlast\n")
    length = sum(map(len, last_lines(log, 2)))
    assert MAX_LINE <= length <= 2 * MAX_LINE


def test_a_log_that_grows_while_it_is_read_ends_where_it_ended(log: Path) -> None:
    log.write_bytes(b"a\nb\n")
    reading = last_lines(log, 1)
    with opened(log):
        first = next(reading)
        log.write_bytes(b"a\nb\nc\n")
    assert [first, *reading] == [b"b\n"]


@pytest.mark.big
def test_the_last_lines_of_a_50_gb_file_take_no_memory(log: Path) -> None:
    """`tail -n 100` and the start of following it, of holes alone and of holes with lines at the end."""
    try:
        with log.open("wb") as file:
            file.truncate(50 << 30)
    except OSError:
        pytest.skip("no sparse files of 50 GB here")
    code = textwrap.dedent(
        """
        import re, sys
        from pathlib import Path
        from spt_cli.logs.following import follow
        from spt_cli.logs.files import last_lines, tail
        from spt_cli.logs.text import lines
        path = Path(sys.argv[1])
        holes = [len(line) for line in lines(last_lines(path, 100))]
        with path.open("ab") as file:
            file.write(b"\\n" + b"one line\\n" * 200)
        assert list(lines(last_lines(path, 100))) == [b"one line"] * 100
        assert sum(len(piece.data) for piece in follow(lambda: [path], last=100, wait=lambda: False)) == 900
        assert len(tail(path)) == 1800
        peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
        print(holes, peak)  # not ru_maxrss, which a child begins with that of its parent: pytest's
        """
    )
    done = subprocess.run([sys.executable, "-c", code, log], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    holes, _, peak = done.stdout.rpartition(" ")
    assert holes == f"[{MAX_LINE}]"
    assert int(peak) < 100_000  # KiB

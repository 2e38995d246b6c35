"""spt metrics: what of what was logged is printed, and in which form."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import polars
import pytest

from tests.shell import PROGRAM, environment, spt
from tests.trees import NOW, Tree

HEADER = "epoch,step,loss,val/acc"


@pytest.fixture
def root(tree: Tree) -> Path:
    """Two runs with metrics, the first requeued at step 1, and one that has logged nothing."""
    for number, rows in enumerate((["0,0,3.0,", "0,1,9.0,0.5", "0,2,8.0,", "0,1,2.0,", "0,2,nan,0.7"], ["0,0,4.0,"])):
        tree.run(f"g/r{number}", at=NOW - number, summary={"loss": number, "val/acc": 0.5})
        tree.write(f"g/r{number}/metrics.csv", "\r\n".join([HEADER, *rows, ""]))
    tree.run("none", at=NOW - 500)
    return tree.root


def metrics(root: Path, *words: str, **options: Any) -> str:
    """What a call prints that goes well and says nothing."""
    done = spt("metrics", "--root", root, *words, **options)
    assert (done.code, done.err) == (0, "")
    return done.out


def table(root: Path, *words: str) -> list[list[str]]:
    return [line.split() for line in metrics(root, *words).splitlines()]


def test_without_a_metric_there_is_a_summary_of_each(root: Path) -> None:
    assert metrics(root, "r0", "-o", "csv").splitlines() == [
        "run_id,metric,count,nan,first,last,min,min_step,max,max_step",
        "g/r0,loss,3,1,3.0,nan,2.0,1,3.0,0",
        "g/r0,val/acc,1,0,0.7,0.7,0.7,2,0.7,2",
    ]


def test_with_a_metric_there_are_its_points(root: Path) -> None:
    assert metrics(root, "r0", "-m", "loss", "-o", "csv").splitlines() == [
        "run_id,metric,step,epoch,value",
        "g/r0,loss,0,0,3.0",
        "g/r0,loss,1,0,2.0",
        "g/r0,loss,2,0,nan",
    ]


def test_raw_has_what_a_requeue_logged_again(root: Path) -> None:
    points = [(row[1], row[3]) for row in table(root, "r0", "-m", "loss", "--raw")[1:]]
    assert points == [("0", "3"), ("1", "9"), ("2", "8"), ("1", "2"), ("2", "nan")]


def test_a_pivot_has_a_column_a_metric(root: Path) -> None:
    assert metrics(root, "r0", "--pivot", "-m", "*", "-o", "tsv").splitlines() == [
        "run_id\tstep\tepoch\tloss\tval/acc",
        "g/r0\t0\t0\t3.0\t",
        "g/r0\t1\t0\t2.0\t",
        "g/r0\t2\t0\tnan\t0.7",
    ]


def test_several_runs_are_told_apart_in_a_table(root: Path) -> None:
    assert table(root, "r0", "r1", "-m", "loss", "--last", "1") == [
        ["run_id", "metric", "step", "epoch", "value"],
        ["g/r0", "loss", "2", "0", "nan"],
        ["g/r1", "loss", "0", "0", "4"],
    ]


def test_thinned_points_say_so(root: Path) -> None:
    done = spt("metrics", "--root", root, "r0", "-m", "loss", "--points", "2", "-o", "csv")
    assert done.out.splitlines() == [
        "run_id,metric,step,count,mean,min,max",
        "g/r0,loss,0.5,1,3.0,3.0,3.0",
        "g/r0,loss,1.5,1,2.0,2.0,2.0",
    ]
    assert done.err == "spt: thinned: a value is the mean of one of at most 2 equal parts of the steps\n"
    assert metrics(root, "r0", "-m", "loss", "--points", "2", "-q") != ""
    assert spt("metrics", "--root", root, "r0", "-m", "loss", "--points", "3").err == ""


def test_points_from_a_step_on(root: Path) -> None:
    assert [row[1] for row in table(root, "r0", "-m", "loss", "--since-step", "1")[1:]] == ["1", "2"]


def test_json_has_lists_and_null_for_nan(root: Path) -> None:
    found = json.loads(metrics(root, "r0", "-m", "loss", "--json"))
    lists = {"step": [0.0, 1.0, 2.0], "epoch": [0.0, 0.0, 0.0], "y": [3.0, 2.0, None]}
    assert found == {"schema_version": 1, "runs": [{"run_id": "g/r0", "metrics": {"loss": lists}}], "problems": []}


def test_ndjson_is_a_line_a_row(root: Path) -> None:
    (line,) = metrics(root, "r1", "-m", "loss", "-o", "ndjson").splitlines()
    row = {"run_id": "g/r1", "metric": "loss", "step": 0, "epoch": 0, "value": 4.0}
    assert json.loads(line) == {"schema_version": 1} | row


def test_parquet_goes_through_a_pipe(root: Path) -> None:
    out = metrics(root, "r0", "-m", "loss", "-o", "parquet").encode(errors="surrogateescape")
    assert polars.read_parquet(io.BytesIO(out))["step"].to_list() == [0.0, 1.0, 2.0]


def test_plots_have_a_title_and_several_runs_a_legend(root: Path) -> None:
    one, both = metrics(root, "r0", "-m", "loss", "--plot"), metrics(root, "r0", "r1", "-m", "loss", "--plot")
    assert one.startswith("loss\n  3 ┤")
    assert both.splitlines()[-2:] == ["  ● g/r0", "  ○ g/r1"]


def test_runs_are_chosen_as_in_ls(root: Path) -> None:
    lines = metrics(root, "-w", "loss >= 0", "-m", "loss", "--last", "1", "-o", "csv").splitlines()
    assert lines[1:] == ["g/r0,loss,2,0,nan", "g/r1,loss,0,0,4.0"]
    assert metrics(root, "@latest", "-o", "csv").splitlines()[1].startswith("g/r0,")


def test_ids_come_from_stdin(root: Path) -> None:
    for stdin, words in ((b"r1\nr0\n", ["-"]), (b"r1\0r0\0", ["-", "-0"])):
        out = metrics(root, *words, "-m", "loss", "--last", "1", "-o", "csv", stdin=stdin)
        assert [line.split(",")[0] for line in out.splitlines()] == ["run_id", "g/r1", "g/r0"]


def test_a_metric_that_no_run_has_is_exit_code_4_with_a_suggestion(root: Path) -> None:
    done = spt("metrics", "--root", root, "r0", "-m", "val/akk", "-o", "csv")
    assert done == (4, "", "spt: no metric val/akk\n     did you mean val/acc?\n")


def test_a_metric_that_only_some_runs_lack_is_named_and_is_no_failure(root: Path) -> None:
    done = spt("metrics", "--root", root, "r0", "r1", "-m", "val/acc", "-o", "csv")
    assert (done.code, done.err) == (0, "spt: g/r1 has no metric val/acc\n")
    assert spt("metrics", "--root", root, "r0", "r1", "-m", "val/acc", "-q").err == ""


def test_one_of_two_metrics_that_no_run_has_is_exit_code_4_after_the_other(root: Path) -> None:
    done = spt("metrics", "--root", root, "r0", "-m", "loss", "-m", "x", "-o", "csv")
    assert (done.code, len(done.out.splitlines()), done.err) == (4, 4, "spt: no metric x\n")


def test_a_run_that_has_logged_nothing_is_an_empty_result(root: Path) -> None:
    assert metrics(root, "none", "-o", "csv") == "run_id,metric,count,nan,first,last,min,min_step,max,max_step\n"
    assert json.loads(metrics(root, "none", "--json"))["runs"] == []


def test_an_unknown_run_is_exit_code_4(root: Path) -> None:
    done = spt("metrics", "--root", root, "r9")
    assert (done.code, done.out, done.err.splitlines()[0]) == (4, "", "spt: no run r9")


def test_an_ambiguous_run_is_exit_code_2_with_the_candidates(root: Path) -> None:
    assert spt("metrics", "--root", root, "r") == (2, "", "spt: r could be 2 runs\n     g/r0\n     g/r1\n")


def test_metrics_that_cannot_be_read_cost_one_run(root: Path) -> None:
    (root / "g/r1/metrics.csv").unlink()
    (root / "g/r1/metrics.csv").mkdir()
    done = spt("metrics", "--root", root, "r0", "r1", "--json", "--strict")
    found = json.loads(done.out)
    assert [run["run_id"] for run in found["runs"]] == ["g/r0"]
    assert [problem["run_id"] for problem in found["problems"]] == ["g/r1"]
    assert (done.code, done.err) == (3, f"spt: {root}/g/r1/metrics.csv: Is a directory\n")


def test_metrics_of_which_none_can_be_read_are_exit_code_1(root: Path) -> None:
    (root / "g/r1/metrics.csv").unlink()
    (root / "g/r1/metrics.csv").mkdir()
    done = spt("metrics", root / "g/r1", "-m", "loss")
    assert done.code == 1
    assert done.err == f"spt: {root}/g/r1/metrics.csv: Is a directory\nspt: no metrics could be read\n"


def test_a_parquet_file_holds_names_that_are_not_utf8(tree: Tree) -> None:
    name = os.fsdecode(b"r\xff")
    tree.run(name)
    tree.write(f"{name}/metrics.csv", "step,loss\r\n0,1.0\r\n")
    out = spt("metrics", tree.root / name, "-o", "parquet").out.encode(errors="surrogateescape")
    assert polars.read_parquet(io.BytesIO(out))["run_id"].to_list() == ["r\ufffd"]


def test_unreadable_runs_are_counted_when_the_tree_was_scanned(root: Path, tree: Tree) -> None:
    tree.write("bad/sidecar.json", "{")
    assert spt("metrics", "--root", root, "r0").err == "spt: 1 run could not be read (spt ls --problems)\n"
    assert spt("metrics", root / "g/r0").err == ""


def test_a_folder_needs_no_spt_root(root: Path) -> None:
    words = ["metrics", str(root / "g/r0"), "-m", "loss", "--last", "1", "-o", "csv"]
    for elsewhere in ("/nowhere", f"/nowhere:{root}/g"):
        done = spt(*words, env={"SPT_ROOT": elsewhere})
        assert (done.code, done.out.splitlines()[1].endswith("r0,loss,2,0,nan"), done.err) == (0, True, "")
    done = spt("metrics", "r0", env={"SPT_ROOT": "/nowhere"})
    assert done == (1, "", "spt: no such folder (from $SPT_ROOT): /nowhere\n")
    assert spt(*words, "--root", "/nowhere") == (1, "", "spt: no such folder: /nowhere\n")


def test_the_requeued_real_run_is_stitched(real_runs: Path) -> None:
    out = metrics(real_runs, "slurm/requeued", "-m", "train/loss", "-o", "csv")
    steps = [int(line.split(",")[2]) for line in out.splitlines()[1:]]
    assert steps == sorted(set(steps))


def test_follow_goes_on_with_points_as_they_come(root: Path, tree: Tree) -> None:
    tree.run("live", status="running", ended_at=None)
    path = tree.write("live/metrics.csv", f"{HEADER}\r\n0,0,1.0,\r\n0,1,2.0,\r\n")
    words = [*PROGRAM, "metrics", str(root / "live"), "-m", "loss", "--follow", "--last", "1", "-o", "csv"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(None)) as running:
        assert running.stdout
        assert running.stderr
        assert running.stdout.readline() == b"run_id,metric,step,epoch,value\n"
        assert running.stdout.readline() == b"live,loss,1,0,2.0\n"
        with path.open("a") as file:
            file.write("0,2,3.0,0.5\r\n0,3,4.")
        assert running.stdout.readline() == b"live,loss,2,0,3.0\n"
        os.kill(running.pid, signal.SIGINT)
        assert (running.wait(), running.stderr.read()) == (130, b"")

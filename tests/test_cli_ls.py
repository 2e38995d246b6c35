"""spt ls: what is listed, in which form, with which exit code."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.shell import spt
from tests.trees import NOW, Tree

EVIL = "[/] \x1b[2J <b>\x9b31m"


@pytest.fixture
def root(tree: Tree) -> Path:
    """Three runs, the newest last by name; one is archived."""
    tree.run("g0/r1", at=NOW - 300, hparams={"lr": 0.1}, summary={"loss": 3.0}, tags=["a"])
    tree.run("g0/r2", at=NOW - 200, status="failed", hparams={"lr": 0.2}, notes=EVIL)
    tree.run("r3", at=NOW - 100, hparams={"lr": 0.3}, summary={"loss": 1.0}, tags=["a", "b"])
    tree.run("old", at=NOW - 900, archived=True)
    return tree.root


def document(*words: str | Path, **options: Any) -> Any:
    done = spt("ls", *words, "-o", "json", **options)
    assert done.code == 0, done.err
    return json.loads(done.out)


def ids(*words: str | Path, **options: Any) -> list[str]:
    return [run["run_id"] for run in document(*words, **options)["runs"]]


def test_runs_are_listed_newest_first_without_the_archived(root: Path) -> None:
    assert ids(root) == ["r3", "g0/r2", "g0/r1"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--archived"], ["r3", "g0/r2", "g0/r1", "old"]),
        (["-w", "archived"], ["old"]),
        (["-w", "lr > 0.1"], ["r3", "g0/r2"]),
        (["--state", "failed"], ["g0/r2"]),
        (["--state", "failed", "--state", "completed", "--tag", "b"], ["r3"]),
        (["--tag", "a"], ["r3", "g0/r1"]),
        (["--alive"], []),
        (["--sort", "loss"], ["r3", "g0/r1", "g0/r2"]),
        (["--sort", "-loss", "-n", "1"], ["g0/r1"]),
        (["-n", "0"], []),
        (["--since", "2027-01-15T07:56:00Z"], ["r3"]),
        (["--before", "2027-01-15T07:56:00Z"], ["g0/r2", "g0/r1"]),
    ],
)
def test_runs_are_chosen_and_sorted(root: Path, options: list[str], expected: list[str]) -> None:
    assert ids(root, *options) == expected


def test_several_roots_have_labels_and_one_inside_another_counts_once(root: Path, tmp_path: Path) -> None:
    other = Tree(tmp_path / "more" / "runs")
    other.run("x", at=NOW)
    assert ids(root, root / "g0", other.root) == ["runs-2/x", "runs/r3", "runs/g0/r2", "runs/g0/r1"]


def test_roots_come_from_the_environment(root: Path) -> None:
    assert ids(env={"SPT_ROOT": f"{root}/g0:{root}/r3"}) == ["r3/r3", "g0/r2", "g0/r1"]
    assert ids(env={"SPT_CACHE_DIR": str(root.parent)}) == ["r3", "g0/r2", "g0/r1"]


def test_a_missing_root_costs_the_exit_code_and_not_the_others(root: Path) -> None:
    done = spt("ls", root, root / "nope", "-o", "name")
    assert (done.code, done.err) == (1, f"spt: no such folder: {root}/nope\n")
    assert len(done.out.splitlines()) == 3


def test_without_any_root_there_is_an_error(root: Path) -> None:
    assert spt("ls", root / "nope") == (1, "", f"spt: no such folder: {root}/nope\n")


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("table", "state  id  age  duration\n"),
        ("wide", "state  id  age  duration  tags  notes\n"),
        ("md", "| state | id | age | duration |\n| --- | --- | --- | --- |\n"),
        ("ndjson", ""),
        ("name", ""),
        ("json", '{"schema_version":1,\n"runs":[],\n"problems":[]}\n'),
    ],
)
def test_an_empty_result_is_a_header_or_nothing(tree: Tree, form: str, expected: str) -> None:
    assert spt("ls", tree.root, "-o", form) == (0, expected, "")


@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_csv_of_nothing_has_a_header(tree: Tree, form: str) -> None:
    assert spt("ls", tree.root, "-o", form).out.startswith("run_id")


def test_csv_has_fields_then_hparams_then_summary(root: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(spt("ls", root, "-o", "csv").out)))
    assert list(rows[0])[-2:] == ["hparams.lr", "summary.loss"]
    assert [(row["run_id"], row["hparams.lr"], row["summary.loss"]) for row in rows] == [
        ("r3", "0.3", "1.0"),
        ("g0/r2", "0.2", ""),
        ("g0/r1", "0.1", "3.0"),
    ]


def test_chosen_columns_hold_the_values_as_they_are(root: Path) -> None:
    done = spt("ls", root, "-c", "id,lr,loss,created", "-o", "tsv", "-n", "1")
    assert done.out == f"id\tlr\tloss\tcreated\nr3\t0.3\t1.0\t{NOW - 160}\n"


def test_a_column_is_named_as_in_a_selection(tree: Tree) -> None:
    tree.run("r", hparams={"state": 1, "a,b": 2, "layers.0": 3, "": 4}, summary={"m": 5})
    names = 'hparams["state"], hparams["a,b"],layers.0,hparams[""],summary["m"]'
    rows = list(csv.reader(spt("ls", tree.root, "-c", names, "-o", "csv").out.splitlines()))
    assert rows == [['hparams["state"]', 'hparams["a,b"]', "layers.0", 'hparams[""]', 'summary["m"]'], list("12345")]


@pytest.mark.parametrize("option", ["-c", "--sort", "-w"])
def test_an_empty_value_is_refused(tree: Tree, option: str) -> None:
    assert spt("ls", tree.root, option, "").code == 2


def test_names_are_the_root_as_typed_joined_with_the_id(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root.parent)
    assert spt("ls", "runs/", "-o", "name").out == "runs/r3\nruns/g0/r2\nruns/g0/r1\n"
    monkeypatch.chdir(root)
    assert spt("ls", "-o", "name", "-n", "1").out == "./r3\n"


def test_names_may_end_with_a_nul(root: Path) -> None:
    assert spt("ls", root, "-o", "name", "-0", "-n", "2").out == f"{root}/r3\0{root}/g0/r2\0"


def test_names_that_are_not_utf8_go_through_a_pipe_as_they_are(tree: Tree) -> None:
    name = os.fsdecode(b"r\xff\n")
    tree.run(name)
    assert spt("ls", tree.root, "-o", "name", "-0").out == f"{tree.root}/{name}\0"
    assert ids(tree.root) == [name]
    assert spt("ls", tree.root).out.splitlines()[1].split()[1] == r"r\xff"


def test_all_also_lists_what_has_no_sidecar(root: Path, tree: Tree) -> None:
    tree.write("never/run_meta.json", "{}")
    tree.write("logs/lightning_logs/version_0/metrics.csv", "step\n")
    runs = document(root, "--all")["runs"][3:]
    assert [(run["run_id"], run["state"], run["run_dir"]) for run in runs] == [
        ("logs/lightning_logs/version_0", "lightning", f"{root}/logs/lightning_logs/version_0"),
        ("never", "never started", f"{root}/never"),
    ]
    assert spt("ls", root, "--all", "-o", "name").out.splitlines()[3:] == [run["run_dir"] for run in runs]


@pytest.fixture
def damaged(root: Path, tree: Tree) -> Path:
    """*root* with two runs that cannot be read and one that can in part."""
    tree.write("bad1/sidecar.json", "{")
    tree.write("bad2/sidecar.json", "[]")
    tree.run("odd", tags="not a list", at=NOW - 50)
    return root


def test_what_could_not_be_read_is_counted_on_stderr(damaged: Path) -> None:
    said = "spt: 2 runs could not be read, 1 run could be read only in part (spt ls --problems)\n"
    assert [spt("ls", damaged, *quiet).err for quiet in ([], ["-q"])] == [said, said]


def test_under_strict_problems_are_exit_code_3(damaged: Path) -> None:
    assert [spt("ls", damaged, *strict).code for strict in ([], ["--strict"])] == [0, 3]
    assert spt("ls", damaged / "g0", "--strict").code == 0


def test_problems_are_in_the_document_and_can_be_listed(damaged: Path) -> None:
    paths = [f"{damaged}/{name}/sidecar.json" for name in ("bad1", "bad2", "odd")]
    assert [problem["path"] for problem in document(damaged)["problems"]] == paths
    assert spt("ls", damaged, "--problems", "-o", "name").out.splitlines() == paths
    rows = list(csv.reader(io.StringIO(spt("ls", damaged, "--problems", "-o", "csv").out)))
    assert [rows[0], rows[1][0], rows[1][2]] == [["path", "message", "run_id"], paths[0], "bad1"]
    assert [line.split()[0] for line in spt("ls", damaged, "--problems").out.splitlines()] == ["path", *paths]


@pytest.mark.parametrize("form", ["table", "wide", "md", "csv", "tsv", "json", "ndjson"])
def test_a_hostile_note_reaches_no_table_raw_and_every_pipe_exactly(root: Path, form: str) -> None:
    out = spt("ls", root, "-o", form).out
    if form in ("csv", "tsv"):
        assert EVIL in out
    else:
        assert not {"\x1b", "\x9b"}.intersection(out)
    if form == "ndjson":
        assert [json.loads(line)["notes"] for line in out.splitlines()] == ["", EVIL, ""]


def test_the_json_of_real_runs(real_runs: Path, snapshot: SnapshotAssertion) -> None:
    where = real_runs / "cache" / "runs"
    out = spt("ls", where, "-o", "json", "-w", 'run_id.matches("88129[013]")').out
    assert out.replace(str(real_runs), "ROOT") == snapshot


def test_the_real_runs_have_no_problem(real_runs: Path) -> None:
    found = document(real_runs, "--strict")
    assert (len(found["runs"]), found["problems"]) == (30, [])

"""spt export: where it writes and where not, what it leaves alone, which forms there are, and what it says."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars
import pytest

from tests.shell import PROGRAM, Done, environment, spt
from tests.trees import NOW, Tree

CLOCK = {"SOURCE_DATE_EPOCH": str(int(NOW))}
FORMS = ("html", "json", "ndjson", "csv", "md", "parquet")


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A clock that stands, and a cache."""
    return CLOCK | {"XDG_CACHE_HOME": str(tmp_path / "cache")}


@pytest.fixture
def root(tree: Tree) -> Path:
    """Three runs with metrics, a log and an archived one."""
    for name, at, state, acc in (("a", 300, "completed", 0.5), ("b", 200, "failed", 0.75), ("c", 100, "running", 0.25)):
        tree.run(
            name,
            at=NOW - at,
            status=state,
            hparams={"lr": at, "api_token": "s3cretvalue"},
            summary={"val/acc": acc, "val/loss": 1},
        )
        tree.write(f"{name}/metrics.csv", f"step,val/acc,val/loss\r\n1,0.1,2\r\n2,{acc},1\r\n")
    tree.write("b/train.err", "Traceback (most recent call last):\n  x\nValueError: s3cretvalue\n")
    tree.run("old", archived=True)
    return tree.root


def export(*words: str | Path, env: dict[str, str] = CLOCK, **options: Any) -> Done:
    return spt("export", *words, env=env, **options)


def content(path: Path) -> dict[str, bytes]:
    """All files below *path*, or the one file."""
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return {str(each.relative_to(path)): each.read_bytes() for each in files}


@pytest.mark.parametrize("form", [*FORMS, "split"])
def test_every_form_is_written_silently(root: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"out.{form}"
    done = export(root, "--split" if form == "split" else "-o", out)
    assert done == (0, "", "")
    assert content(out)


@pytest.mark.parametrize("form", [*FORMS, "split"])
def test_what_did_not_change_is_left_alone(root: Path, tmp_path: Path, env: dict[str, str], form: str) -> None:
    """The cache says so, and without one the same bytes do."""
    out = tmp_path / f"out.{form}"
    words = [root, "--split" if form == "split" else "-o", out, "-v"]
    said = [export(*words, env=each).err.splitlines()[0].split(":")[1] for each in (env, env, CLOCK)]
    assert said == [f" wrote {out}", f" {out} is unchanged", f" {out} is unchanged"]


def test_bytes_are_the_same_in_another_place_and_time(root: Path, tmp_path: Path) -> None:
    """Another locale, time zone, hash seed and encoding, each in a process of its own."""
    code = (
        "import sys; from spt_cli.commands import main; sys.exit(max(main(each.split('|')) for each in sys.argv[1:]))"
    )
    calls = [f"export|{root}|-o|out.{form}" for form in FORMS] + [f"export|{root}|--split|split"]
    made = []
    for place, env in (
        ("one", {"LC_ALL": "C", "TZ": "UTC", "PYTHONHASHSEED": "1", "PYTHONUTF8": "0"}),
        ("two", {"LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "2", "PYTHONUTF8": "1"}),
    ):
        (tmp_path / place).mkdir()
        subprocess.run(
            [sys.executable, "-c", code, *calls], env=environment(CLOCK | env), cwd=tmp_path / place, check=True
        )
        made.append(content(tmp_path / place))
    assert len(made[0]) >= len(FORMS) + 4
    assert {name for name in made[0] | made[1] if made[0].get(name) != made[1].get(name)} == set()


@pytest.mark.parametrize(
    "change",
    [
        lambda tree: tree.write("c/metrics.csv", "step,val/acc\n1,2\n", at=NOW - 1),
        lambda tree: tree.write("b/train.err", "Traceback (most recent call last):\n  y\nKeyError\n", at=NOW - 1),
        lambda tree: tree.run("d", at=NOW - 50),
        lambda tree: tree.run("a", at=NOW - 300, notes="better"),
        lambda tree: tree.write("c/annotations.json", '{"notes": "look"}'),
        lambda tree: os.truncate(tree.root.parent / "out.html", 10),
        lambda tree: (tree.root.parent / "out.html").unlink(),
    ],
)
def test_what_changed_is_written(root: Path, tree: Tree, tmp_path: Path, env: dict[str, str], change: Any) -> None:
    out = tmp_path / "out.html"
    assert export(root, "-o", out, env=env).code == 0
    change(tree)
    assert export(root, "-o", out, "-v", env=env).err.startswith(f"spt: wrote {out}: ")
    fresh = tmp_path / "fresh.html"
    assert export(root, "-o", fresh).code == 0
    assert fresh.read_bytes() == out.read_bytes()


@pytest.mark.parametrize(
    "option", [["--points", "9"], ["--title", "x"], ["--redact", "lr"], ["-n", "1"], ["--metric", "val/loss"]]
)
def test_other_options_are_another_page(root: Path, tmp_path: Path, env: dict[str, str], option: list[str]) -> None:
    out = tmp_path / "out.html"
    export(root, "-o", out, env=env)
    assert "wrote" in export(root, "-o", out, "-v", *option, env=env).err


def test_a_run_that_turns_stale_changes_the_page_once(root: Path, tmp_path: Path, env: dict[str, str]) -> None:
    out = tmp_path / "out.json"
    states, changed = [], []
    for later in (0, 60, 120, 180):
        done = export(root, "-o", out, "-v", env=env | {"SOURCE_DATE_EPOCH": str(int(NOW) + later)})
        states.append(json.loads(out.read_bytes())["runs"][0]["state"])
        changed.append("wrote" in done.err)
    assert states == ["running", "running", "stale", "stale"]
    assert changed == [True, False, True, False]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "where to?\n     spt export … -o report.html, or -o - for stdout"),
        (["-o", ""], 2, "nothing does not say its format by its ending"),
        (["-o", "report"], 2, "report does not say its format by its ending"),
        (["-o", "report.html/"], 2, "report.html/ is a folder, and html one file\n     --split DIR writes a folder"),
        (["-o", "runs", "--format", "html"], 2, "runs is a folder, and html one file"),
        (["-o", "report.htlm"], 2, "report.htlm does not say its format by its ending\n     did you mean .htm, .html?"),
        (["-o", "r.html", "--format", "hmtl"], 2, "--format cannot be hmtl\n     did you mean html?"),
        (["--format", "parquet"], 2, "parquet is a folder of two files, and no stream"),
        (["--split", "d", "-o", "r.html"], 2, "--split writes a page as a folder"),
        (["-o", "r.csv", "--points", "9"], 2, "--points says nothing about csv"),
        (["-o", "r.html", "--baseline", "a"], 2, "--baseline says nothing about html"),
        (["-o", "r.html", "--max-size", "big"], 2, "big is no size"),
        (["-o", "r.html", "--metric", "nope"], 2, "no run has nope"),
        (["-o", "r.html", "--metric", "lr"], 2, "lr is no metric"),
        (["-o", "r.md", "--baseline", "nope"], 4, "no run nope"),
        (["-o", "r.html", "--logs-from", "nope"], 1, "--logs-from: no such folder: nope"),
        (["-o", "gone/r.html"], 1, "gone/r.html cannot be written: there is no folder"),
        (["-o", "runs/a/r.html"], 1, "runs/a/r.html is not written: "),
        (["-o", "runs/a/deeper/r.html"], 1, "runs/a/deeper/r.html is not written: "),
        (["-o", "runs/a/metrics.csv"], 1, "metrics.csv is a trainer's file"),
        (["-o", "sidecar.json"], 1, "sidecar.json is a trainer's file"),
        (["-o", "link"], 2, "link does not say its format"),
        (["-o", "link", "--format", "csv"], 1, "link is not written: metrics.csv is a trainer's file"),
        (["-o", "lightning/r.html"], 1, "lightning is a run's folder"),
        (["--split", "."], 2, ". is the current folder"),
        (["--split", "runs/a"], 1, "runs/a is not written: "),
        (["--split", "runs"], 1, "runs is not replaced: no export wrote a"),
        (["-o", "runs", "--format", "parquet"], 1, "runs is not replaced: no export wrote a"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_in_words(
    root: Path, tree: Tree, words: list[str], code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root.parent)
    (root / "a" / "deeper").mkdir()
    Path("link").symlink_to("runs/a/metrics.csv")
    for name in ("metrics.csv", "hparams.yaml"):
        tree.write(f"../lightning/{name}", "")
    before = content(root.parent)
    done = export("runs", *words)
    assert (done.code, done.out) == (code, "")
    assert said in done.err.removeprefix("spt: ")
    assert content(root.parent) == before


def test_a_folder_that_only_looks_like_an_export_is_left_alone(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "page.js").write_text("alert('mine')")
    done = export(root, "--split", folder)
    assert (done.code, content(folder)) == (1, {"page.js": b"alert('mine')"})
    assert done.err.startswith(f"spt: {folder} is not replaced: no export wrote page.js\n")


@pytest.mark.parametrize("form", [form for form in FORMS if form != "parquet"])
def test_stdout_takes_every_form_that_is_one_file(root: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"out.{form}"
    export(root, "-o", out)
    for words in (["--format", form], ["-o", "-", "--format", form], *([["-o", "-"]] if form == "html" else [])):
        assert export(root, *words) == (0, out.read_text("utf-8"), "")


def test_csv_is_that_of_ls_without_secrets(root: Path) -> None:
    done = export(root, "--format", "csv", "--sort", "lr", "-w", "lr > 100")
    listed = spt("ls", root, "-o", "csv", "--sort", "lr", "-w", "lr > 100").out
    rows = [list(csv.DictReader(io.StringIO(out))) for out in (done.out, listed)]
    assert [row["hparams.api_token"] for row in rows[0]] == ["[removed]", "[removed]"]
    for row in (*rows[0], *rows[1]):
        del row["hparams.api_token"]
    assert rows[0] == rows[1]


def test_parquet_holds_the_runs_and_all_that_counts_of_their_metrics(root: Path, tree: Tree, tmp_path: Path) -> None:
    tree.write("a/metrics.csv", "step,val/acc\n1,5\n2,6\n1,7\n")  # requeued
    assert export(root, "-o", tmp_path / "out.parquet", "--redact", "*loss").code == 0
    runs = polars.read_parquet(tmp_path / "out.parquet" / "runs.parquet")
    points = polars.read_parquet(tmp_path / "out.parquet" / "metrics.parquet")
    assert runs["run_id"].to_list() == ["c", "b", "a"]
    assert runs["hparams.api_token"].unique().to_list() == ["[removed]"]
    assert points.rows() == [
        ("a", "val/acc", 1.0, None, 7.0),
        ("b", "val/acc", 1.0, None, 0.1),
        ("b", "val/acc", 2.0, None, 0.75),
        ("c", "val/acc", 1.0, None, 0.1),
        ("c", "val/acc", 2.0, None, 0.25),
    ]


def test_a_folder_may_be_named_with_a_slash(root: Path, tmp_path: Path) -> None:
    assert export(root, "-o", f"{tmp_path}/out.parquet/").code == 0
    assert sorted(content(tmp_path / "out.parquet")) == ["metrics.parquet", "runs.parquet"]


def test_a_tilde_that_no_shell_has_seen_is_the_home(root: Path, tmp_path: Path) -> None:
    assert export(root, "--output=~/out.csv", env=CLOCK | {"HOME": str(tmp_path)}).code == 0
    assert (tmp_path / "out.csv").exists()


def test_a_baseline_may_stand_outside_of_the_choice(root: Path) -> None:
    done = export(root, "--format", "md", "-w", "run_id == 'b'", "--baseline", "a")
    assert "`b`, +0.25 to the baseline `a`" in done.out


def test_a_secret_is_nowhere(root: Path, tmp_path: Path) -> None:
    for form in (*FORMS, "split"):
        out = tmp_path / f"out.{form}"
        export(root, "--split" if form == "split" else "-o", out)
        assert not any(b"s3cretvalue" in data for data in content(out).values())


def test_what_was_left_out_and_removed_is_said_with_v(root: Path, tmp_path: Path) -> None:
    done = export(root, "-o", tmp_path / "out.json", "--limit", "1", "-v")
    head, *rest = done.err.splitlines()
    assert head.startswith(f"spt: wrote {tmp_path}/out.json: 3 runs, ")
    assert rest == [
        "     left out: curves of 2 runs that are neither among the best nor among the newest 0 (--limit 1)",
        "     removed: hparam api_token of 3 runs",
    ]


def test_only_chosen_runs_are_there(root: Path) -> None:
    ids = {
        tuple(words): [run["run_id"] for run in json.loads(export(root, "--format", "json", *words).out)["runs"]]
        for words in ([], ["-n", "2"], ["--state", "failed"], ["--archived"], ["--sort", "val/acc", "-n", "2"])
    }
    assert [*ids.values()] == [["c", "b", "a"], ["c", "b"], ["b"], ["c", "old", "b", "a"], ["c", "a"]]


def test_an_empty_tree_is_an_empty_report(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    for form in (*FORMS, "split"):
        out = tmp_path / f"out.{form}"
        assert export(tmp_path / "runs", "--split" if form == "split" else "-o", out) == (0, "", "")
        assert content(out)


def test_problems_are_counted_and_strict_ends_with_3(
    root: Path, tree: Tree, tmp_path: Path, env: dict[str, str]
) -> None:
    tree.write("bad/sidecar.json", "{")
    for words, code in (([], 0), (["--strict"], 3), (["--strict", "-q"], 3)):
        done = export(root, "-o", tmp_path / "out.html", *words, env=env)
        assert done == (code, "", "spt: 1 run could not be read (spt ls --problems)\n")


@pytest.mark.parametrize("form", ["html", "json", "parquet"])
def test_metrics_that_cannot_be_read_are_a_problem(
    root: Path, tree: Tree, tmp_path: Path, env: dict[str, str], form: str
) -> None:
    (root / "c" / "metrics.csv").unlink()
    (root / "c" / "metrics.csv").mkdir()
    for words, code in (([], 0), (["--strict"], 3)):  # not remembered: the next export tries again
        done = export(root, "-o", tmp_path / f"out.{form}", *words, env=env)
        assert done.code == code
        assert "could not be read" in done.err


def test_a_media_jsonl_that_cannot_be_read_is_a_problem(root: Path, tmp_path: Path) -> None:
    (root / "c" / "media.jsonl").mkdir()
    done = export(root, "-o", tmp_path / "out.html", "--strict")
    assert (done.code, done.err) == (3, "spt: pictures of 1 run whose media.jsonl could not be read: is a directory\n")


def test_a_broken_sidecar_makes_no_page_anew_each_night(
    root: Path, tree: Tree, tmp_path: Path, env: dict[str, str]
) -> None:
    """The next scan looks at it again anyway. Other bytes under the old stamps show that nobody compared."""
    tree.write("bad/sidecar.json", "{")
    out = tmp_path / "out.html"
    export(root, "-o", out, env=env)
    before = out.stat()
    out.write_bytes(b"x" * before.st_size)
    os.utime(out, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert "unchanged" in export(root, "-o", out, "-v", env=env).err
    assert out.read_bytes()[:1] == b"x"
    tree.run("bad", at=NOW - 50)
    assert "wrote" in export(root, "-o", out, "-v", env=env).err


def test_a_missing_root_costs_the_exit_code_and_not_the_others(root: Path, tmp_path: Path) -> None:
    done = export(root, tmp_path / "nope", "-o", tmp_path / "out.html")
    assert (done.code, done.err) == (1, f"spt: no such folder: {tmp_path}/nope\n")
    assert (tmp_path / "out.html").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
def test_a_disk_that_is_full_is_an_error(root: Path) -> None:
    done = export(root, "-o", "/dev/full", "--format", "html")
    assert (done.code, done.err) == (1, "spt: cannot write /dev/full: No space left on device\n")


def test_the_clock_of_builds_is_a_number(root: Path, tmp_path: Path) -> None:
    done = export(root, "-o", tmp_path / "out.html", env={"SOURCE_DATE_EPOCH": "today"})
    assert (done.code, done.err) == (2, "spt: $SOURCE_DATE_EPOCH is today, and should be seconds since 1970\n")


def test_several_roots_are_one_report(root: Path, tmp_path: Path) -> None:
    other = Tree(tmp_path / "other")
    other.run("a", at=NOW - 10)
    out = tmp_path / "out.json"
    assert export(root, tmp_path / "other", "-o", out).code == 0
    made = json.loads(out.read_bytes())
    assert made["roots"] == ["runs", "other"]
    assert [run["run_id"] for run in made["runs"]] == ["other/a", "runs/c", "runs/b", "runs/a"]


def test_a_page_is_no_larger_than_it_may_be(real_runs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.html"
    export(real_runs, "-o", out)
    most = out.stat().st_size - 10_000
    done = export(real_runs, "-o", out, "--max-size", str(most), "-v")
    assert most - 10_000 < out.stat().st_size <= most
    assert "pictures beyond" in done.err


def test_a_page_that_cannot_be_small_enough_is_written_and_told(root: Path, tmp_path: Path) -> None:
    done = export(root, "-o", tmp_path / "out.html", "--max-size", "1k", "--strict")
    assert done.code == 3
    assert "more than 1.0 kB (--max-size); -n or -w chooses fewer runs" in done.err
    assert (tmp_path / "out.html").exists()


def test_a_page_can_be_read_back(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.html"
    export(root, "-o", out)
    assert spt("ls", out, "-q", "-o", "name").out.split() == ["c", "b", "a"]
    assert spt("metrics", "--root", out, "b", "-m", "val/acc", "-q", "-o", "csv").out == (
        "run_id,metric,step,epoch,value\nb,val/acc,1,,0.100006103515625\nb,val/acc,2,,0.75\n"
    )


def test_a_kill_while_exporting_leaves_the_old_page_or_the_new(root: Path, tmp_path: Path) -> None:
    """A few kills of the whole program; test_replace.py has one between any two calls."""
    out = tmp_path / "out.json"
    export(root, "-o", out)
    states = {out.read_bytes()}
    for number in range(4):
        env = environment(CLOCK)
        process = subprocess.Popen([*PROGRAM, "export", root, "-o", out, "--title", str(number)], env=env)
        try:
            process.wait(0.1 + 0.15 * number)
        except subprocess.TimeoutExpired:
            process.kill()
        process.wait()
        data = out.read_bytes()
        assert data in states or json.loads(data)["title"] == str(number)
        states.add(data)


def test_an_export_loads_nothing_heavy_when_nothing_changed(root: Path, tmp_path: Path, env: dict[str, str]) -> None:
    out = tmp_path / "out.html"
    export(root, "-o", out, env=env)
    code = (
        "import sys; from spt_cli.commands import main; assert main(['export', *sys.argv[1:]]) == 0;"
        "print(sorted({'numpy', 'polars', 'jinja2', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, root, "-o", out], env=environment(env), capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"

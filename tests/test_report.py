"""A report as a whole: which runs it shows, by what they are judged, and that nothing but its input decides it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from spt_cli.errors import UsageError
from spt_cli.metrics.reduce import reduce
from spt_cli.metrics.table import table
from spt_cli.model import Run
from spt_cli.render.chunks import chunk, read_chunk
from spt_cli.render.report_json import document
from spt_cli.report import Options, Primary, Report, fingerprint, report
from spt_cli.report.charts import charts
from spt_cli.report.choice import best_first
from spt_cli.tree.roots import Forest, gather, resolve
from tests.images import image
from tests.metrics_files import hostile
from tests.trees import NOW, Tree

LONG_AGO = 1_700_000_000.0  # s since 1970; what just changed is not kept


def forest(*roots: Path) -> Forest:
    return gather(resolve([str(root) for root in roots])[0], now=NOW)


def made(root: Path, **options: Any) -> Report:
    found = forest(root)
    return report(found, list(found.runs.values()), Options(**options))


def plain(found: Report) -> Any:
    """All of a report in a form whose equality is that of every bit."""

    def of(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return value.dtype.str, value.shape, value.tobytes()
        if isinstance(value, Run):
            return repr(value)
        if hasattr(value, "__struct_fields__"):
            return {name: of(getattr(value, name)) for name in value.__struct_fields__}
        if isinstance(value, dict):
            return {key: of(item) for key, item in value.items()}
        if isinstance(value, tuple):
            return [of(item) for item in value]
        return repr(value)

    return of(found)


def metrics(tree: Tree, run: str, values: list[float], name: str = "val/acc", at: float = LONG_AGO) -> None:
    rows = "".join(f"{step // 2},{step},{value}\r\n" for step, value in enumerate(values))
    tree.write(f"{run}/metrics.csv", f"epoch,step,{name}\r\n{rows}", at=at)


def sweep(tree: Tree, count: int, **fields: Any) -> list[str]:
    """*count* runs, the newest last; of each `val/acc` is as its number, and the best is the first."""
    for number in range(count):
        tree.run(
            f"r{number:02}",
            created_at=LONG_AGO + number,
            summary={"val/acc": -float(number)},
            hparams={"lr": number, "seed": 0},
            **fields,
        )
        metrics(tree, f"r{number:02}", [number, -number])
    return [f"r{number:02}" for number in range(count)]


def test_the_real_runs(real_runs: Path) -> None:
    found = made(real_runs)
    assert (found.title, found.roots, found.points) == ("runs", ("runs",), 200)
    assert found.primary == Primary("val/acc", "max")
    assert [metric.name for metric in found.metrics] == [
        "val/acc",
        "lr",
        "probe/late_metric",
        "train/acc",
        "train/loss",
        "val/loss",
    ]
    assert len(found.rows) == len(found.epochs) == 30
    assert all(row.shown and row.spark and row.attempts for row in found.rows)
    assert found.differing[:3] == ("seed", "optim.lr", "model.width")
    assert (found.left_out, found.redacted) == ((), ())
    assert {found.rows[place].run.state for place in found.logs} == {"completed", "failed"}
    failed = next(place for place, row in enumerate(found.rows) if row.run.state == "failed")
    log = found.logs[failed][0]
    assert log.text.split("\n")[log.traceback or 0] == "Traceback (most recent call last):"
    assert "\nRuntimeError: CUDA error" in log.text
    assert sum(len(some) for some in found.media.values()) == 8


def test_a_curve_of_the_real_runs_is_what_their_file_says(real_runs: Path) -> None:
    found = made(real_runs)
    (loss,) = [metric for metric in found.metrics if metric.name == "train/loss"]
    for curve, mean, count in zip(loss.of, loss.table.mean, loss.table.count, strict=True):
        row = found.rows[curve.run]
        assert curve.count == count.sum() + curve.nonfinite
        if curve.last is not None:
            assert row.run.summary["train/loss"] == curve.last
        filled = count > 0
        assert curve.min is not None
        assert curve.max is not None
        assert (mean[filled] >= curve.min).all()
        assert (mean[filled] <= curve.max).all()


def test_runs_stand_newest_first_whatever_their_order(tree: Tree) -> None:
    sweep(tree, 3)
    found = forest(tree.root)
    runs = list(found.runs.values())
    one, other = report(found, runs, Options()), report(found, runs[::-1], Options())
    assert [row.run.run_id for row in one.rows] == ["r02", "r01", "r00"]
    assert plain(one) == plain(other)


def test_half_of_the_curves_go_to_the_best_the_others_to_the_newest(tree: Tree) -> None:
    sweep(tree, 40)
    found = made(tree.root, limit=20)
    shown = [row.run.run_id for row in found.rows if row.shown]
    assert shown == [f"r{number:02}" for number in (*range(39, 29, -1), *range(9, -1, -1))]
    assert found.left_out == ("curves of 20 runs that are neither among the best nor among the newest 10 (--limit 20)",)
    assert [curve.run for curve in found.metrics[0].of] == [*range(10), *range(30, 40)]
    assert len(found.epochs) == 20


def test_the_best_eight_have_curves_however_few_there_are(tree: Tree) -> None:
    sweep(tree, 20)
    assert [row.run.run_id for row in made(tree.root, limit=9).rows if row.shown] == [
        *["r19"],
        *(f"r{number:02}" for number in range(7, -1, -1)),
    ]
    assert [row.run.run_id for row in made(tree.root, limit=2).rows if row.shown] == ["r01", "r00"]


def test_a_baseline_has_curves_whatever_the_limit(tree: Tree) -> None:
    for number in range(12):
        tree.run(f"r{number}", created_at=LONG_AGO + number, summary={"val/acc": number})
    assert [row.run.run_id for row in made(tree.root, limit=2, baseline="r3").rows if row.shown] == ["r11", "r10", "r3"]


def test_runs_without_curves_have_sparks(tree: Tree) -> None:
    sweep(tree, 3)
    for row in made(tree.root, limit=1).rows:
        number = int(row.run.run_id[1:])
        assert row.spark == (number, -number)
        assert row.attempts == ((0,) if row.shown else ())
    assert all(row.spark for row in made(tree.root, limit=0).rows)
    assert made(tree.root, limit=0).metrics == ()


def test_a_spark_is_the_same_with_and_without_curves(tree: Tree) -> None:
    """As far as its four digits tell."""
    for run in "ab":
        tree.run(run, created_at=LONG_AGO, summary={"val/acc": 1.0})
        metrics(tree, run, [step % 7 / 10 for step in range(5000)])
    one, other = made(tree.root, limit=1).rows
    assert (one.shown, other.shown) == (True, False)
    assert one.spark == other.spark


def test_the_metric_may_be_chosen(tree: Tree) -> None:
    tree.run("r", summary={"val/acc": 1.0, "train/loss": 2.0})
    assert made(tree.root, metric="loss").primary == Primary("train/loss", "min")
    with pytest.raises(UsageError, match="no run has nothing"):
        made(tree.root, metric="nothing")
    with pytest.raises(UsageError, match="state is no metric"):
        made(tree.root, metric="state")


def test_a_metric_that_only_some_metrics_csv_has_may_be_chosen(tree: Tree) -> None:
    """By its whole name; an hparam of that name does not hide it."""
    tree.run("a", summary={"val/acc": 1.0}, hparams={"probe": 1})
    tree.run("b", summary={"val/acc": 2.0})
    metrics(tree, "a", [3, 4], "probe")
    found = made(tree.root, metric="probe")
    assert found.primary == Primary("probe", "max")
    assert [row.spark for row in found.rows if row.run.run_id == "a"] == [(3.0, 4.0)]
    (tree.root / "a" / "metrics.csv").unlink()
    with pytest.raises(UsageError, match="probe is no metric"):
        made(tree.root, metric="probe")


def test_without_a_summary_the_metric_comes_from_the_curves(tree: Tree) -> None:
    tree.run("r")
    metrics(tree, "r", [1, 2], "val/loss")
    found = made(tree.root)
    assert found.primary == Primary("val/loss", "min")
    assert found.rows[0].spark == (1, 2)


def test_no_runs_at_all(tree: Tree) -> None:
    found = made(tree.root, metric="val/acc")
    assert (found.rows, found.metrics, found.primary, found.as_of, found.left_out) == ((), (), None, None, ())


def test_runs_without_metrics(tree: Tree) -> None:
    tree.run("r")
    tree.write("r/metrics.csv", "epoch,step\r\n")
    tree.run("s")
    found = made(tree.root)
    assert [(row.shown, row.attempts, row.spark) for row in found.rows] == [(True, (), ()), (True, (), ())]
    assert found.epochs == ((), ())


def test_a_metrics_csv_that_cannot_be_read_is_told(tree: Tree) -> None:
    tree.run("r", summary={"val/acc": 1.0})
    os.mkfifo(tree.root / "r" / "metrics.csv")
    assert made(tree.root).left_out == ("curves of 1 run whose metrics.csv could not be read: not a regular file",)


def test_the_newest_sign_of_life_is_told(tree: Tree) -> None:
    tree.run("a", created_at=10.0, ended_at=30.0)
    tree.run("b", created_at=20.0, status="running", heartbeat=50.0)
    tree.run("c", created_at=1e30, ended_at=None)
    assert made(tree.root).as_of == 50.0


def test_ids_of_several_roots_bear_their_labels(tmp_path: Path) -> None:
    for name in ("one", "two"):
        Tree(tmp_path / name).run("r", summary={"val/acc": 1.0})
        metrics(Tree(tmp_path / name), "r", [1])
        Tree(tmp_path / name).write("r/a.out", name)
    found = forest(tmp_path / "one", tmp_path / "two")
    two = report(found, list(found.runs.values()), Options())
    assert (two.title, two.roots) == ("one, two", ("one", "two"))
    assert [row.run.run_id for row in two.rows] == ["one/r", "two/r"]
    assert [log.text for place in (0, 1) for log in two.logs[place]] == ["one", "two"]


def test_what_is_hidden_is_nowhere(tree: Tree) -> None:
    tree.run("r", summary={"val/acc": 0.25, "train/loss": 4.0}, hparams={"api_token": "abc-123-xyz", "lr": 1})
    tree.run("s", summary={"val/acc": 0.75, "train/loss": 4.0}, hparams={"api_token": "other-1234", "lr": 2})
    for run in "rs":
        rows = "0,0,0.5,3.0\r\n"
        tree.write(f"{run}/metrics.csv", f"epoch,step,val/acc,train/loss\r\n{rows}", at=LONG_AGO)
        tree.write(f"{run}/a.out", "with abc-123-xyz and other-1234\n")
    found = made(tree.root, redact=("val/*",))
    assert found.primary == Primary("train/loss", "min")
    assert [metric.name for metric in found.metrics] == ["train/loss"]
    assert found.differing == ("lr",)
    assert found.redacted == ("hparam api_token of 2 runs", "metric val/acc of 2 runs")
    assert found.logs[0][0].text == "with [removed] and other-1234"
    assert "val/acc" not in repr((found.rows, found.metrics))


def test_failed_and_stale_runs_and_the_best_have_logs(tree: Tree) -> None:
    for number, status in enumerate(["completed", "failed", "running", "completed"]):
        summary = {"val/acc": 1.0} if number == 3 else {}
        tree.run(f"r{number}", at=LONG_AGO, created_at=LONG_AGO + number, status=status, summary=summary)
        tree.write(f"r{number}/a.out", "text\n")
    found = made(tree.root)
    assert [found.rows[place].run.run_id for place in found.logs] == ["r3", "r2", "r1"]
    assert made(tree.root, logs=0).logs == {}


def test_many_failed_runs_do_not_all_have_logs(tree: Tree) -> None:
    for number in range(202):
        tree.run(f"r{number:03}", created_at=LONG_AGO + number, status="failed")
        tree.write(f"r{number:03}/a.out", "text\n")
    found = made(tree.root)
    assert sorted(found.logs) == list(range(200))
    assert "logs of failed and stale runs but for the newest 200" in found.left_out


@pytest.mark.parametrize("cached", [True, False])
def test_a_hostile_run_is_reported_like_any_other(tree: Tree, tmp_path: Path, *, cached: bool) -> None:
    run = os.fsdecode(b"g/\xff<!--<script>")
    folder = tree.root / run
    folder.mkdir(parents=True)
    text = (
        '{"status": "failed", "created_at": 1e400, "notes": "\\ud800", "tags": ["</script>", null],'
        ' "hparams": {"token": "\\udfff secret 1", "x": NaN, "y": 1%s, "output_dir": "\\u0000"},'
        ' "summary": {"val/acc": -Infinity, "a": "text", "b": 1%s}}'
    )
    (folder / "sidecar.json").write_text(text % ("0" * 400, "0" * 5000))
    (folder / "metrics.csv").write_bytes(
        b'\xef\xbb\xbfstep,<b>,val/acc,"\n"\n1e308,inf,nan,1\n-1e308,1e308,-1e308,\x00\nnan,1,1,1'
    )
    (folder / "media.jsonl").write_bytes(
        b'{"step": 1, "tag": "\x00", "type": "image", "path": "media/\\u0000"}\n\xff\n[]\n'
    )
    (folder / "a.out").write_bytes(bytes(range(256)) * 3)
    for path in folder.iterdir():
        os.utime(path, (LONG_AGO, LONG_AGO))
    options = {"cache": tmp_path} if cached else {}
    found = made(tree.root, **options)
    assert [row.run.run_id for row in found.rows] == [run]
    assert found.rows[0].run.hparams["token"] == "[removed]"
    assert [metric.name for metric in found.metrics] == ["val/acc", "\n", "<b>"]
    assert json.loads(b"".join(document(found)))["runs"][0]["run_id"] == run
    assert all(chunk(metric) for metric in found.metrics)
    assert plain(made(tree.root, **options)) == plain(found)


@given(hostile())
@settings(max_examples=100, deadline=None)
def test_any_metrics_can_be_drawn(data: bytes) -> None:
    read = table(data, live=False)
    for metric in charts({0: reduce(read.points if read else {}, 4)}, 4, None):
        rows, buckets = metric.table.mean.shape
        flags = {name: getattr(metric, name) for name in ("exact", "band", "counts", "nonfinites")}
        again = read_chunk(chunk(metric), rows, buckets, **flags)
        assert (again.count == metric.table.count).all()
        assert (np.isnan(again.mean) == (metric.table.count == 0)).all()
        assert np.isfinite(metric.table.x).all()


def test_the_best_are_the_highest_or_the_lowest() -> None:
    summaries: list[dict[str, Any]] = [
        {"x": 1},
        {"x": float("nan")},
        {},
        {"x": 3.0},
        {"x": "text"},
        {"x": 2},
        {"x": 10**400},
    ]
    assert best_first(summaries, "x") == [3, 5, 0]
    assert best_first([{"val/loss": value} for value in (1.0, 3.0, 2.0, 1.0)], "val/loss") == [0, 3, 2, 1]
    assert best_first(summaries, None) == []


def test_a_report_from_the_cache_is_the_same(real_runs: Path, tmp_path: Path) -> None:
    fresh = plain(made(real_runs))
    cache = tmp_path / "cache"
    cache.mkdir()
    first, second = (plain(made(real_runs, cache=cache)) for _ in range(2))
    assert fresh == first == second
    for file in cache.iterdir():
        file.write_bytes(file.read_bytes()[:-7])
    assert plain(made(real_runs, cache=cache)) == fresh


def test_what_is_kept_is_of_these_options_and_this_state(tree: Tree, tmp_path: Path) -> None:
    """The last line of a live run counts once it has its newline, that of an ended one always."""
    text = "step,val/acc\n" + "".join(f"{step},{step}\n" for step in range(50)) + "50,77"
    for status, points, last in (("running", 4, 49), ("running", 8, 49), ("completed", 8, 77)):
        tree.run("r", status=status)
        tree.write("r/metrics.csv", text, at=LONG_AGO)
        found = made(tree.root, cache=tmp_path, points=points)
        assert plain(found) == plain(made(tree.root, points=points))
        assert found.metrics[0].of[0].last == last


def test_pictures_of_the_best_run_go_first(tree: Tree) -> None:
    for number, accuracy in enumerate((0.9, 0.1)):
        tree.run(f"r{number}", created_at=LONG_AGO + number, summary={"val/acc": accuracy})
        tree.write(f"r{number}/media/a.png", image(300, 300, color=(number, 0, 0)))
        tree.write(f"r{number}/media.jsonl", '{"step": 0, "tag": "x", "type": "image", "path": "media/a.png"}\n')
    enough = len(made(tree.root).media[1][0].src or "")
    shown = {place: some[0].src is not None for place, some in made(tree.root, media=enough).media.items()}
    assert shown == {0: False, 1: True}  # the best stands second, since it is the older one


COUNT = """
import json, os, sys
opened = []
def hook(event, arguments):
    if event == "open" and arguments[1] is None and str(arguments[0]).endswith("metrics.csv"):  # os.open tells no mode
        opened.append(os.path.basename(os.path.dirname(arguments[0])))
sys.addaudithook(hook)
from pathlib import Path
from spt_cli.report import Options, report
from spt_cli.tree.roots import gather, resolve
forest = gather(resolve([sys.argv[1]])[0], now=1.8e9)
report(forest, list(forest.runs.values()), Options(limit=60, cache=Path(sys.argv[2])))
print(json.dumps(sorted(opened)))
"""


def test_only_what_changed_is_read_again(tree: Tree, tmp_path: Path) -> None:
    """Of 60 runs with curves and 40 with sparks."""
    everything = sweep(tree, 100)
    cache = tmp_path / "cache"
    cache.mkdir()

    def opened() -> list[str]:
        command = [sys.executable, "-c", COUNT, str(tree.root), str(cache)]
        found: list[str] = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
        return found

    assert opened() == everything
    assert opened() == []
    metrics(tree, "r70", [1, 2, 3])
    metrics(tree, "r35", [1, 2], at=LONG_AGO + 5)  # one without curves
    assert opened() == ["r35", "r70"]
    assert opened() == []


BYTES = """
import hashlib, sys
from spt_cli.render.chunks import chunk
from spt_cli.render.report_json import document
from spt_cli.report import Options, report
from spt_cli.tree.roots import gather, resolve
forest = gather(resolve([sys.argv[1]])[0], now=1.8e9)
found = report(forest, list(forest.runs.values()), Options())
text = b"".join(document(found)) + "".join(map(chunk, found.metrics)).encode()
print(hashlib.sha256(text).hexdigest())
"""


def test_locale_time_zone_and_hash_seed_decide_nothing(real_runs: Path) -> None:
    environments = [
        {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "2", "TZ": "Asia/Kolkata", "LC_ALL": "tr_TR.UTF-8", "PYTHONUTF8": "0", "COLUMNS": "40"},
    ]
    digests = {
        subprocess.run(
            [sys.executable, "-c", BYTES, str(real_runs)],
            env=os.environ | environment,
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
        for environment in environments
    }
    assert len(digests) == 1


def test_the_fingerprint_of_an_unchanged_tree_is_the_same(real_runs: Path, tmp_path: Path) -> None:
    def look(**options: Any) -> str:
        found = forest(real_runs)
        return fingerprint(found, list(found.runs.values()), Options(**options))

    assert look() == look(cache=tmp_path)
    assert len({look(), look(points=100), look(title="x"), look(redact=("lr",)), look(logs=0)}) == 5


def test_whatever_a_report_is_made_of_changes_the_fingerprint(tree: Tree) -> None:
    tree.run("r", status="failed", summary={"val/acc": 1.0})
    metrics(tree, "r", [1, 2])
    tree.write("r/media.jsonl", "{}\n")
    tree.write("r/a.out", "text\n")

    def look(now: float = NOW) -> str:
        found = gather(resolve([str(tree.root)])[0], now=now)
        return fingerprint(found, list(found.runs.values()), Options())

    seen = [look()]
    assert look(NOW + 1) == seen[0]
    tree.write("r/a.out", "more text\n")
    seen.append(look())
    metrics(tree, "r", [1, 3], at=LONG_AGO + 1)
    seen.append(look())
    tree.write("r/media.jsonl", "{}\n{}\n")
    seen.append(look())
    tree.run("r", status="failed", summary={"val/acc": 2.0})
    seen.append(look())
    tree.run("s", status="running", heartbeat=NOW - 1)
    seen += [look(), look(NOW + 1000)]  # it turns stale by time alone
    assert len(set(seen)) == len(seen)


def test_a_fingerprint_needs_no_numbers(real_runs: Path) -> None:
    code = (
        "import sys\nfrom spt_cli.report import Options, fingerprint\nfrom spt_cli.tree.roots import gather, resolve\n"
        "forest = gather(resolve([sys.argv[1]])[0])\nfingerprint(forest, list(forest.runs.values()), Options())\n"
        "print(sorted({'numpy', 'polars', 'PIL', 'rich'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, str(real_runs)]
    assert subprocess.run(command, capture_output=True, check=True, timeout=60).stdout == b"[]\n"

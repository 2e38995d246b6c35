"""Reports read back: the runs, the curves, and files that are none or that somebody made up."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spt_cli.errors import SptError
from spt_cli.exported import reading as exported
from spt_cli.exported.packing import packed, unpacked
from spt_cli.exported.series import thinned
from spt_cli.model import Values
from spt_cli.render import json as plain
from spt_cli.render import report_json
from spt_cli.render.chunks import chunk
from spt_cli.report import Options, Report, report
from spt_cli.tree.roots import gather, resolve
from tests.shell import spt
from tests.trees import NOW, Tree

Write = Callable[[Report], Path]


def rewrite(path: Path, change: Callable[[Any], object]) -> None:
    """Has *change* change the JSON of the report in *path*."""
    text = path.read_text("utf-8")
    if path.suffix == ".html":
        whole = re.compile('(?<=id="report">)[^<]*')
        head = json.loads(unpacked(whole.findall(text)[0], exported.LARGEST))
        change(head)
        path.write_text(whole.sub(packed(json.dumps(head).encode()), text, count=1), "utf-8")
    else:
        head = json.loads(text)
        change(head)
        path.write_text(json.dumps(head), "utf-8")


def made(root: Path, **options: Any) -> Report:
    forest = gather(resolve([str(root)])[0], now=NOW)
    return report(forest, list(forest.runs.values()), Options(**options))


def page(content: Report) -> bytes:
    """As little of a page as makes one."""
    blocks = [("application/octet-stream", "report", packed(plain.encode(report_json.head(content))).encode())]
    blocks += [("application/octet-stream", f"curves-{m}", chunk(x).encode()) for m, x in enumerate(content.metrics)]
    blocks += [("application/json", f"logs-{r}", plain.encode(logs)) for r, logs in content.logs.items()]
    return b"<!DOCTYPE html>\n" + b"".join(
        b'<script type="%s" id="%s">%s</script>\n' % (kind.encode(), name.encode(), text.replace(b"<", b"\\u003c"))
        for kind, name, text in blocks
    )


def encoded(form: str, content: Report) -> bytes:
    return page(content) if form == "html" else b"".join(report_json.document(content))


@pytest.fixture(scope="module", params=["html", "json"])
def form(request: pytest.FixtureRequest) -> str:
    """A page or a document."""
    found: str = request.param
    return found


@pytest.fixture
def write(form: str, tmp_path: Path) -> Write:
    """Writes a report as a page or as a document."""

    def to_file(content: Report) -> Path:
        path = tmp_path / f"report.{form}"
        path.write_bytes(encoded(form, content))
        return path

    return to_file


@pytest.fixture(scope="module")
def data_of_real(real_runs: Path, form: str) -> bytes:
    return encoded(form, made(real_runs))


@pytest.fixture
def real(data_of_real: bytes, form: str, tmp_path: Path) -> Path:
    """A report of the real runs."""
    path = tmp_path / f"report.{form}"
    path.write_bytes(data_of_real)
    return path


def test_the_runs_of_a_report_are_those_that_went_in(real: Path, real_runs: Path) -> None:
    back = exported.read(real).snapshot(NOW)
    runs = gather(resolve([str(real_runs)])[0], now=NOW).runs
    assert {run_id: plain.encode(plain.row(run)) for run_id, run in back.runs.items()} == {
        run_id: plain.encode(plain.row(run)) for run_id, run in runs.items()
    }


def test_names_that_are_not_utf8_come_back(tree: Tree, write: Write) -> None:
    tree.run("r\udcff", notes="<!--<script>", hparams={"n": 10**30})
    (run,) = exported.read(write(made(tree.root))).snapshot(NOW).runs.values()
    assert (run.run_id, run.notes, run.hparams) == ("r\udcff", "<!--<script>", Values.of({"n": 10**30}))


def test_halves_of_characters_that_somebody_put_into_a_report_are_replaced(tree: Tree, write: Write) -> None:
    """No encoding can say them, so nothing could be written of such a run."""
    tree.run("r")
    path = write(made(tree.root))
    rewrite(path, lambda head: head["runs"][0].update(run_id="a\ud800b\udcff", hparams={"\udfff": 1}))
    (run,) = exported.read(path).snapshot(NOW).runs.values()
    assert (run.run_id, run.hparams) == ("a\ufffdb\udcff", Values.of({"\ufffd": 1}))


def test_curves_come_back_as_means_with_what_is_known_of_all_points(tree: Tree, write: Write) -> None:
    tree.run("a")
    rows = "".join(f"{step},{step // 100},{'nan' if step == 999 else step % 7}\n" for step in range(1000))
    tree.write("a/metrics.csv", "step,epoch,loss\n" + rows)
    tree.run("b")
    content = made(tree.root, points=10)
    back = thinned(exported.read(write(content)), ["a"])
    loss = back["a"]["loss"]
    table = content.metrics[0].table
    assert back.keys() == {"a"}
    assert loss.summary == (1000, 1, None, None, 0.0, 0, 6.0, 6)
    assert loss.step.tolist() == table.x.tolist()
    assert loss.epoch.tolist() == [x // 100 for x in loss.step]
    assert np.allclose(loss.value, table.mean[0], rtol=2**-13)


def test_points_that_are_few_come_back_one_by_one(tree: Tree, write: Write) -> None:
    tree.run("a")
    tree.write("a/metrics.csv", "epoch,acc\n1,0.5\n2,inf\n3,0.75\n")
    acc = thinned(exported.read(write(made(tree.root))), ["a"])["a"]["acc"]
    assert (acc.summary, acc.epoch.tolist()) == ((3, 1, None, 0.75, 0.5, 1, 0.75, 3), [1, 2, 3])
    assert np.array_equal(acc.value, [0.5, np.nan, 0.75], equal_nan=True)
    assert np.isnan(acc.step).all()


def test_every_curve_of_the_real_runs_comes_back(real: Path, real_runs: Path) -> None:
    content = made(real_runs)
    back = thinned(exported.read(real), [row.run.run_id for row in content.rows])
    assert {(run, name) for run, metrics in back.items() for name in metrics} == {
        (content.rows[curve.run].run.run_id, metric.name) for metric in content.metrics for curve in metric.of
    }
    for metric in content.metrics:
        for row, curve in enumerate(metric.of):
            found = back[content.rows[curve.run].run.run_id][metric.name]
            held = metric.table.count[row] + metric.table.nonfinite[row] > 0
            assert np.allclose(found.value, metric.table.mean[row][held], rtol=2**-12, equal_nan=True)


def test_a_run_without_curves_is_not_there(tree: Tree, write: Write) -> None:
    for name in "abc":
        tree.run(name)
        tree.write(f"{name}/metrics.csv", "step,loss\n1,2\n")
    back = thinned(exported.read(write(made(tree.root, limit=1))), ["a", "b", "c"])
    assert list(back) == ["a"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b""),
        ("page.html", b"<!DOCTYPE html><title>something else</title>"),
        ("page.html", b'<script type="application/octet-stream" id="report">H4sI'),
        ("page.html", b'<script type="application/octet-stream" id="report">H4sI</script>'),
        ("page.htm", b'<script type="application/octet-stream" id="report"></script>'),
        ("report.json", b""),
        ("report.json", b"[1, 2]"),
    ],
)
def test_what_is_no_report_is_said_to_be_none(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    for command in (["ls"], ["metrics", "@latest", "--root"]):
        done = spt(*command, tmp_path / name)
        assert (done.code, done.out, done.err) == (1, "", f"spt: no report of `spt export`: {tmp_path}/{name}\n")


def test_a_file_that_does_not_even_look_like_one_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "metrics.csv").write_bytes(b"step,loss\n")
    assert spt("ls", tmp_path / "metrics.csv").err == f"spt: not a folder: {tmp_path}/metrics.csv\n"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda head: head.update(schema_version=2), "made by another version of spt"),
        (lambda head: head.pop("runs"), "missing required field `runs`"),
        (lambda head: head["runs"][0].update(run_id=7), "Expected `str`, got `int`"),
        (lambda head: head["runs"][0].update(created_at="x"), "Expected `float | null`, got `str`"),
        (lambda head: head["runs"][0].update(hparams=[[]]), "Expected `object`, got `array`"),
        (lambda head: head["runs"][0].update(tags={"a": 1}), "Expected `array`, got `object`"),
        (lambda head: head.update(epochs=[["x"]]), "Expected `float`, got `str`"),
    ],
)
def test_a_damaged_head_is_said_to_be_one(real: Path, change: Callable[[Any], object], why: str) -> None:
    rewrite(real, change)
    with pytest.raises(SptError, match=re.escape(why)):
        exported.read(real)


@pytest.mark.parametrize(
    ("page", "document"),
    [
        (lambda chart: chart.update(buckets=10**12), lambda chart: chart.update(buckets=10**12)),
        (lambda chart: chart.update(buckets=-1), lambda chart: chart.update(buckets=-1)),
        (lambda chart: chart.update(buckets=4), lambda chart: chart["x"].pop()),
        (lambda chart: chart.update(of=chart["of"][1:]), lambda chart: chart["start"].pop()),
        (lambda chart: chart.update(of=chart["of"] * 2), lambda chart: chart["of"][0]["curve"]["mean"].pop()),
        (lambda chart: chart.update(band=False), lambda chart: chart["of"][1]["curve"]["min"].append(1)),
        (lambda chart: chart.update(counts=False), lambda chart: chart["of"][0]["curve"].pop("count")),
        (lambda chart: chart.update(nonfinites=False), lambda chart: chart["of"][0].pop("curve")),
    ],
)
def test_curves_that_do_not_fit_what_is_said_of_them_are_refused(
    tree: Tree, write: Write, page: Callable[[Any], object], document: Callable[[Any], object]
) -> None:
    for name, value in (("a", "nan"), ("b", "3")):
        tree.run(name)
        tree.write(f"{name}/metrics.csv", f"step,loss\n1,1\n1,2\n2,4\n3,{value}\n")
    path = write(made(tree.root))
    change = page if path.suffix == ".html" else document
    rewrite(path, lambda head: change(head["metrics"][0]))
    back = exported.read(path)
    with pytest.raises(SptError, match="damaged"):
        thinned(back, ["a", "b"])


def test_a_chunk_that_would_fill_the_memory_is_not_unpacked(real_runs: Path, tmp_path: Path) -> None:
    """A gzip bomb: 64 MB of zeros in 64 kB."""
    bomb = base64.b64encode(gzip.compress(bytes(1 << 26)))
    path = tmp_path / "bomb.html"
    path.write_bytes(re.sub(rb'(id="curves-\d+">)[^<]*', rb"\g<1>" + bomb, page(made(real_runs))))
    report_ = exported.read(path)
    with pytest.raises(SptError, match="damaged"):
        thinned(report_, [entry.run_id for entry in report_.head.runs])


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    for text in ("[" * 10**6, '{"a":' * 10**6, '{"x":' + "[" * 10**6 + "]" * 10**6 + "}"):
        path = tmp_path / "report.json"
        path.write_text(text)
        with pytest.raises(SptError):
            exported.read(path)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    with path.open("wb") as file:
        file.truncate(exported.LARGEST + 1)
    with pytest.raises(SptError, match="too large for a report"):
        exported.read(path)


@given(st.binary(max_size=200))
def test_no_content_makes_reading_fail_in_another_way(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    for name, before in (("x.json", b""), ("x.json", b'{"schema_version":1,'), ("x.html", HEAD)):
        path = tmp_path_factory.getbasetemp() / name
        path.write_bytes(before + data)
        with pytest.raises(SptError):
            exported.read(path)


HEAD = b'<script type="application/octet-stream" id="report">'


def test_ls_lists_a_report_as_it_listed_the_runs(real: Path, real_runs: Path) -> None:
    for form in ("json", "csv", "name"):
        done = spt("ls", real, "-o", form, "--utc", "-w", "val/acc > 0.5")
        assert (done.code, done.err) == (0, f"spt: {real} shows runs as of 2027-01-15 08:00:00Z\n")
        listed = spt("ls", real_runs, "-o", form, "-w", "val/acc > 0.5").out
        assert done.out == listed.replace(f"{real_runs}/", "" if form == "name" else f"{real_runs}/")


def test_a_run_of_a_report_is_named_by_its_id(real: Path) -> None:
    names = spt("ls", real, "-o", "name", "-n", "2", "-q")
    assert names.err == ""
    done = spt("metrics", "--root", real, "-", "-m", "val/acc", "-o", "csv", "-q", stdin=names.out.encode())
    assert (done.code, done.err) == (0, "")
    assert {line.split(",")[0] for line in done.out.splitlines()[1:]} == set(names.out.split())


def test_metrics_of_a_report_are_said_to_be_means(real: Path) -> None:
    done = spt("metrics", "--root", real, "requeued", "-m", "val/acc")
    assert done.err == f"spt: {real} holds rounded means of at most 200 buckets a curve, not the points themselves\n"
    assert spt("metrics", "--root", real, "requeued", "-m", "val/acc", "-q").err == ""


def test_a_summary_of_a_report_is_that_of_the_run(real: Path, real_runs: Path) -> None:
    """All but the first value, which a report does not hold: means of its curves are rounded."""
    of = [spt("metrics", "--root", root, "requeued", "-o", "csv") for root in (real, real_runs)]
    assert [done.err for done in of] == ["", ""]
    back, logged = ([line.split(",") for line in done.out.splitlines()] for done in of)
    first = logged[0].index("first")
    for row in logged[1:]:
        row[first] = ""
    assert sorted(back) == sorted(logged)


@pytest.mark.parametrize("option", ["--follow", "--raw"])
def test_what_needs_the_runs_themselves_is_refused(real: Path, option: str) -> None:
    done = spt("metrics", "--root", real, "requeued", "-m", "val/acc", option)
    assert (done.code, done.err) == (2, f"spt: {option} needs the runs themselves, and not a report of them\n")


def test_a_run_without_curves_is_told(tree: Tree, write: Write) -> None:
    for name in "ab":
        tree.run(name)
        tree.write(f"{name}/metrics.csv", "step,loss\n1,2\n")
    path = write(made(tree.root, limit=1))
    done = spt("metrics", "--root", path, "b", "-m", "loss", "-q")
    assert (done.code, done.err.splitlines()[0]) == (1, f"spt: {path}: holds no curves of b")


def test_a_report_and_a_folder_are_roots_beside_each_other(real: Path, tree: Tree) -> None:
    tree.run("r1", at=NOW)
    done = spt("ls", tree.root, real, "-n", "2", "-o", "name", "-q")
    assert done.out.splitlines() == [f"{tree.root}/r1", f"{real.name}/slurm/requeued"]


def test_commands_that_watch_take_no_report(real: Path) -> None:
    done = spt("watch", real, "-o", "ndjson")
    assert (done.code, done.err) == (1, f"spt: not a folder: {real}\n")


def test_the_ends_of_logs_are_read_from_a_report(real: Path, real_runs: Path) -> None:
    words = ["logs", "881291", "--root"]
    back, logged = (spt(*words, root, "-n", "3") for root in (real, real_runs))
    assert (back.code, back.out) == (0, logged.out)
    assert back.err == "spt: a report holds only the ends of logs, of failed, stale and best runs\n"
    traces = [spt(*words, root, "--traceback", "-q") for root in (real, real_runs)]
    assert traces[0] == traces[1]
    found = spt(*words, real, "--grep", "simulated", "-q").out.splitlines()
    assert found
    assert all("simulated" in line for line in found)


def test_logs_of_a_report_are_listed(real: Path, real_runs: Path) -> None:
    streams = [
        json.loads(spt("logs", "881291", "--list", "--json", "-q", "--root", root).out)["streams"]
        for root in (real, real_runs)
    ]
    for stream in (*streams[0], *streams[1]):
        del stream["path"], stream["layout"]
    assert streams[0]
    assert all(stream in streams[1] for stream in streams[0])


def test_logs_of_a_report_cannot_be_followed(real: Path) -> None:
    done = spt("logs", "881291", "-f", "--root", real)
    assert (done.code, done.err) == (2, "spt: -f needs the runs themselves, and not a report of them\n")


def test_a_report_leads_to_no_other_file(tree: Tree, write: Write) -> None:
    """Whatever it says of paths: of a run's folder, of a log."""
    secret = tree.write("../secret", "s3cret\n")
    tree.run("a", status="failed")
    tree.write("a/train.err", "Traceback (most recent call last):\n  x\nE\n")
    tree.write("a/metrics.csv", "step,loss\n1,2\n")
    path = write(made(tree.root))
    where = str(secret.parent)
    rewrite(path, lambda head: head["runs"][0].update(run_dir=where, run_id="../secret", checkpoint_path=str(secret)))
    for command in (["logs", "../secret"], ["logs", "../secret", "-n", "1"], ["metrics", "../secret", "-m", "loss"]):
        done = spt(*command, "--root", path)
        assert done.code == 0, done.err
        assert "s3cret\n" not in done.out

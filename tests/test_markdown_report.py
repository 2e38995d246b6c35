"""The report as Markdown: who is best, deltas against whom, what failed, and nothing of a run that acts on GitHub."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from syrupy.assertion import SnapshotAssertion

from spt_cli.render.markdown_report import LARGEST, ROWS, markdown
from spt_cli.report import Log, Metric, Options, Primary, Report, Row, RunCurve, Table, report
from spt_cli.tree.roots import gather, resolve
from tests.made import a_run
from tests.trees import NOW

GITHUB = MarkdownIt("commonmark", {"html": True}).enable("table")
HOSTILE = "@all #1 http://x.example `a` ```b``` |c| \\|d [e](f) ![g](h) <img src=x> **i** &lt; :+1:\n\n# j\x1b[31m"


def made(*runs: tuple[dict[str, Any], dict[str, float]], metric: str = "acc", **fields: Any) -> Report:
    """A report of runs, given as their fields and the best values of their metrics."""
    rows = tuple(Row(a_run(**{"run_id": f"r{place}"} | given), shown=True) for place, (given, _) in enumerate(runs))
    names = dict.fromkeys(name for _, values in runs for name in values)
    metrics = tuple(
        Metric(
            name, "", "min" if "loss" in name else "max", "step", True, 0.0, 1, False, False, False,
            tuple(RunCurve(1, run=place, min=v[name], max=v[name]) for place, (_, v) in enumerate(runs) if name in v),
            Table(*(None for _ in range(7))),  # type: ignore[arg-type] # Markdown shows no curve
        )
        for name in names
    )  # fmt: skip
    primary = Primary(metric, "min" if "loss" in metric else "max") if names else None
    every: dict[str, Any] = {"title": "runs", "roots": ("runs",), "as_of": NOW, "stale_after": 180.0, "points": 2}
    every |= {"epochs": (), "differing": (), "rows": rows, "metrics": metrics, "primary": primary}
    return Report(**every | fields)


def text(content: Report, **options: Any) -> str:
    return markdown(content, [row.run.run_id for row in content.rows], **options)


def table(content: str) -> list[list[str]]:
    """The cells of the table in Markdown, as GitHub would show them."""
    tokens = GITHUB.parse(content)
    cells: list[list[str]] = []
    for token, after in pairwise(tokens):
        if token.type == "tr_open":
            cells.append([])
        elif token.type in {"td_open", "th_open"}:
            cells[-1].append("".join(child.content for child in after.children or ()))
    return cells


def test_runs_are_compared_with_the_best(snapshot: SnapshotAssertion) -> None:
    content = made(
        ({"hparams": {"lr": 0.1}, "summary": {"acc": 0, "val/loss": 0}}, {"acc": 0.75, "val/loss": 0.5}),
        ({"hparams": {"lr": 0.2}, "display_name": "baseline"}, {"acc": 0.875, "val/loss": 0.75}),
        ({"hparams": {"lr": 0.2}, "state": "failed"}, {"acc": 0.875}),
        ({"state": "stale"}, {}),
        differing=("lr",),
        logs={2: (Log("err", "err", 0, "i", 9, 0, TRACE, 1),)},
    )
    assert text(content) == snapshot


def test_runs_are_compared_with_a_baseline(snapshot: SnapshotAssertion) -> None:
    content = made(({}, {"acc": 0.75}), ({}, {"acc": 0.875}), ({}, {"acc": 0.5}))
    assert text(content, baseline="r0") == snapshot


def test_the_best_other_run_is_set_against_the_baseline(snapshot: SnapshotAssertion) -> None:
    """Every metric that one of them has; a norm is neither better nor worse."""
    content = made(
        (
            {"hparams": {"lr": 0.1, "depth": 2, "|": "`"}},
            {"acc": 0.75, "loss": 0.5, "norm": 3.0, "f1": 0.5, "old": 1.0},
        ),
        ({}, {"acc": 0.5, "loss": 0.25}),
        (
            {"hparams": {"lr": 0.2, "depth": 2, "|": "|"}},
            {"acc": 1.0, "loss": 0.75, "norm": 1.0, "f1": 0.5, "val/x|y": 0.0, "val/z": 1.0},
        ),
        differing=("lr", "depth", "|", "x"),
    )
    assert text(content, baseline="r0") == snapshot


def test_a_baseline_alone_is_set_against_nothing() -> None:
    assert "<details>" not in text(made(({}, {"acc": 0.75})), baseline="r0")


def test_the_lowest_is_best_where_lower_is_better() -> None:
    content = made(({}, {"loss": 3.0}), ({}, {"loss": 1.0}), metric="loss")
    assert "best `loss` **1** by `r1`, -2 to the next, `r0`" in text(content)
    assert [row[1:] for row in table(text(content))[1:]] == [["r1 best", "1"], ["r0", "3 (▼ +2)"]]


@pytest.mark.parametrize(
    ("values", "baseline", "said"),
    [
        ([], None, "no runs\n"),
        ([{}], None, "1 run: 1 completed\n\n|  | run |\n| --- | --- |\n| ✓ completed | `r0` |\n"),
        ([{"acc": 1.0}], None, "best `acc` **1** by `r0`\n"),
        ([{"acc": 1.0}], "r0", "best `acc` **1** by `r0`, the baseline\n"),
        ([{"acc": 1.0}, {"acc": 1.0}], None, "best `acc` **1** by `r0`, as good as `r1`\n"),
        ([{"acc": 1.0}, {}], "r1", "best `acc` **1** by `r0`; the baseline `r1` has none\n"),
        ([{"acc": 1.0}, {"acc": 1.0}], None, "| ✓ completed | `r1` | 1 (=) |"),
    ],
)
def test_what_is_missing_is_left_out(values: list[dict[str, float]], baseline: str | None, said: str) -> None:
    assert said in text(made(*(({}, of) for of in values)), baseline=baseline)


def test_runs_stand_in_the_order_that_is_asked_for_below_the_one_they_are_compared_with() -> None:
    content = made(({}, {"acc": 1.0}), ({}, {"acc": 3.0}), ({}, {"acc": 2.0}))
    shown = table(markdown(content, ["r2", "r0", "r1"]))
    assert [row[1] for row in shown[1:]] == ["r1 best", "r2", "r0"]


def test_nothing_of_a_run_is_markup() -> None:
    """Every foreign word is in a code span, each on its line, and the table keeps its cells."""
    fields = {"run_id": HOSTILE, "display_name": f"{HOSTILE}2", "state": HOSTILE, "hparams": {HOSTILE: HOSTILE}}
    log = Log("err", "err", 0, "i", 9, 0, f"Traceback (most recent call last)\n  x\n{HOSTILE}", 0)
    content = made(
        (fields, {HOSTILE: 1.0}),
        (fields | {"run_id": f"{HOSTILE}|", "state": "failed"}, {HOSTILE: 2.0}),
        metric=HOSTILE,
        title=HOSTILE,
        differing=(HOSTILE,),
        logs={1: (log,)},
    )
    shown = text(content)
    assert {len(row) for row in table(shown)} == {4}
    assert "\x1b" not in shown
    inline = [child for token in GITHUB.parse(shown) for child in token.children or ()]
    assert {child.type for child in inline} == {"text", "code_inline", "strong_open", "strong_close"}
    plain = "".join(child.content for child in inline if child.type == "text")
    assert not {"@", "#", "/", "<", "[", "!", "&", ":+"}.intersection(plain)
    assert [token.content.split(">")[0] for token in GITHUB.parse(shown) if token.type == "html_block"] == [
        "<details",
        "</details",
    ]
    assert HOSTILE[:30] in {child.content[:30] for child in inline if child.type == "code_inline"}


@given(st.text(max_size=30))
def test_any_text_keeps_to_its_cell(name: str) -> None:
    content = made(({"run_id": f"x{name}", "hparams": {"k": name}}, {"acc": 1.0}), differing=("k",))
    assert [len(row) for row in table(text(content))] == [4, 4]


def test_it_fits_into_a_comment() -> None:
    wide = {"hparams": {f"{'漢' * 90}{n}": "n\u0301" * 500 for n in range(9)}, "display_name": "n\u0301" * 500}
    names = {f"{'m' * 80}{n}": 1.0 for n in range(9)}
    content = made(
        *((wide | {"run_id": f"{place}{'x' * 300}", "state": "failed"}, names) for place in range(200)),
        metric=next(iter(names)),
        differing=tuple(wide["hparams"]),
    )
    shown = text(content)
    assert len(shown.encode()) <= LARGEST
    rows = len(table(shown)) - 1
    assert 0 < rows < ROWS
    assert f"\nand {200 - rows} more runs\n" in shown


def test_runs_without_curves_are_counted() -> None:
    content = made(({}, {"acc": 1.0}), ({}, {}))
    hidden = Row(content.rows[1].run)
    assert "\nand 1 more run\n" in text(made(({}, {"acc": 1.0}), rows=(content.rows[0], hidden)))


def test_the_markdown_of_real_runs(real_runs: Path, snapshot: SnapshotAssertion) -> None:
    forest = gather(resolve([str(real_runs)])[0], now=NOW)
    content = report(forest, list(forest.runs.values()), Options(points=2))
    assert markdown(content, sorted(forest.runs)) == snapshot


TRACE = """Epoch 3
Traceback (most recent call last):
  File "train.py", line 3, in <module>
    main()
\x1b[31mRuntimeError: out of memory | `x`\x1b[0m
  with a hint
srun: error"""

"""The charts of a page: what they draw is what was logged, and everything about them can be reached."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from spt_cli import read_metrics
from spt_cli.exported import reading
from spt_cli.metrics.requeues import stitch
from tests.browser.exports import exported
from tests.trees import Tree

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    Visit = Callable[..., Page]

pytestmark = pytest.mark.browser

BITS = 2.0**-12  # what rounding to 12 mantissa bits may change, as a share


def rows(steps: list[int], **columns: Any) -> str:
    """A metrics.csv."""
    lines = [f"{step}," + ",".join(str(values[at]) for values in columns.values()) for at, step in enumerate(steps)]
    return "\n".join([f"step,{','.join(columns)}", *lines, ""])


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs: one of 4,000 steps, one that logs NaN from step 2,000 on, one that was requeued."""
    tree = Tree(tmp_path_factory.mktemp("long") / "runs")
    rng = np.random.default_rng(3)
    for name in ("fine", "broken", "requeued"):
        tree.run(name, hparams={"lr": {"fine": 0.1, "broken": 1.0, "requeued": 0.01}[name]})
        steps = list(range(4000))
        values = [float(f"{value:.6g}") for value in np.exp(rng.normal(0, 0.5, 4000)) + 1]
        loss: list[object] = [*values]
        if name == "broken":
            loss[2000:] = ["nan"] * 2000
        if name == "requeued":
            steps = [*range(2500), *range(1500, 4000)]
            loss = [*loss[:2500], *loss[1500:]]
        accuracy = ["" if step % 400 else 0.1 + step / 5000 for step in steps]
        tree.write(f"{name}/metrics.csv", rows(steps, **{"train/loss": loss, "val/acc": accuracy}))
    return exported(tree.root, tmp_path_factory.mktemp("page"))


def card(page: Page, metric: str) -> Locator:
    """The chart of *metric*, in view and drawn."""
    found = page.locator(f'.curve-card[aria-label="{metric}"]')
    found.scroll_into_view_if_needed()
    found.locator(".curve-plot canvas").first.wait_for()
    return found


def address(page: Page) -> str:
    """What the page says where it is; Playwright hears of that a little later."""
    found: str = page.evaluate("location.href")
    return found


def ink(page: Page, chart: Locator) -> int:
    """How many pixels of a chart's canvas are coloured, neither transparent nor grey."""
    count: int = chart.locator("canvas").first.evaluate(
        """canvas => {
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let found = 0;
          for (let at = 0; at < data.length; at += 4) {
            const colour = data.slice(at, at + 3);
            if (data[at + 3] > 128 && Math.max(...colour) - Math.min(...colour) > 60) found += 1;
          }
          return found;
        }"""
    )
    return count


def table_of(chart: Locator) -> dict[str, dict[float, float]]:
    """What the table of a chart shows: values by x, by run."""
    chart.get_by_role("button", name="table of").click()
    cells: list[list[str]] = chart.locator(".curve-points tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    head, *body = cells
    return {
        run: {float(row[0]): float(row[column]) for row in body if row[column]}
        for column, run in enumerate(head)
        if column
    }


def downloaded(page: Page, chart: Locator) -> dict[str, list[dict[str, str]]]:
    """The rows of the CSV that a chart hands out, by run id."""
    with page.expect_download() as event:
        chart.get_by_role("button", name="CSV of").click()
    found: dict[str, list[dict[str, str]]] = {}
    with open(event.value.path(), newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["run_id"], []).append(row)
    return found


@pytest.mark.parametrize("metric", ["val/acc", "val/loss"])
def test_the_values_of_a_chart_are_those_that_were_logged(
    visit: Visit, real_runs: Path, tmp_path: Path, metric: str
) -> None:
    page = visit(exported(real_runs, tmp_path))
    shown = downloaded(page, card(page, metric))
    assert len(shown) == 8
    for run_id, points in shown.items():
        series = stitch(read_metrics(str(real_runs / run_id / "metrics.csv")))[metric]
        assert [float(row["step"]) for row in points] == series.step.tolist(), run_id
        assert np.allclose([float(row["mean"]) for row in points], series.value, rtol=BITS), run_id


def test_means_of_buckets_are_the_means_of_what_they_stand_for(visit: Visit, long: Path) -> None:
    page = visit(long)
    chart = card(page, "train/loss")
    assert "means of 125 buckets of 32 steps, 12,000 points" in chart.locator(".curve-note").inner_text()
    shown = table_of(chart)["fine"]
    values = read_metrics(str(long_tree(long) / "fine" / "metrics.csv"))["train/loss"].value
    means = values.reshape(125, 32).mean(axis=1)
    assert np.allclose(list(shown), np.arange(125) * 32 + 16)
    assert np.allclose(list(shown.values()), means, rtol=BITS)


def long_tree(page: Path) -> Path:
    """The runs that the page of `long` was made of."""
    return Path(reading.read(page).head.runs[0].run_dir).parent


def test_a_chart_is_drawn_in_the_colours_of_its_runs(visit: Visit, long: Path) -> None:
    page = visit(long)
    assert ink(page, card(page, "train/loss")) > 1000
    page.get_by_role("button", name="None").click()
    page.get_by_text("Select runs in the table to see their curves.").wait_for()
    assert page.locator(".curve-card").count() == 0


def test_nan_and_requeues_are_said_and_marked(visit: Visit, long: Path) -> None:
    note = card(visit(long), "train/loss").locator(".curve-note").inner_text()
    assert "✕ NaN or infinity in 1 run" in note
    assert "▾ requeued" in note


def test_the_curves_of_a_broken_run_end_where_it_broke(visit: Visit, long: Path) -> None:
    shown = table_of(card(visit(long), "train/loss"))
    assert (max(shown["broken"]), max(shown["fine"])) == (2000 // 32 * 32 + 16, 3984)


def test_a_csv_holds_the_points_of_the_chart(visit: Visit, long: Path) -> None:
    page = visit(long)
    chart = card(page, "train/loss")
    fine = downloaded(page, chart)["fine"]
    assert list(fine[0]) == ["run_id", "metric", "step", "count", "mean", "min", "max"]
    values = read_metrics(str(long_tree(long) / "fine" / "metrics.csv"))["train/loss"].value.reshape(125, 32)
    assert [int(row["count"]) for row in fine] == [32] * 125
    assert np.allclose([float(row["mean"]) for row in fine], values.mean(axis=1), rtol=BITS)
    assert all(float(row["min"]) <= low for row, low in zip(fine, values.min(axis=1), strict=True))
    assert all(float(row["max"]) >= high for row, high in zip(fine, values.max(axis=1), strict=True))


def test_a_picture_holds_the_chart_and_its_legend(visit: Visit, long: Path) -> None:
    page = visit(long)
    chart = card(page, "train/loss")
    with page.expect_download() as event:
        chart.get_by_role("button", name="PNG of").click()
    data = Path(event.value.path()).read_bytes()
    box = chart.locator("canvas").first.bounding_box()
    assert box
    width, height = (int.from_bytes(data[at : at + 4]) for at in (16, 20))
    assert (data[:8], width > box["width"], height > box["height"] + 50) == (b"\x89PNG\r\n\x1a\n", True, True)


def test_the_cursor_reads_all_runs_the_best_first(visit: Visit, long: Path) -> None:
    page = visit(long)
    chart = card(page, "val/acc").locator(".curve-plot")
    box = chart.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] - 60, box["y"] + 80)
    tip = chart.locator(".tip")
    tip.wait_for()
    numbers = [float(text) for text in tip.locator("tr:visible .tip-value").all_inner_texts()]
    assert (len(numbers), numbers) == (3, sorted(numbers, reverse=True))
    assert re.match(r"step \d", tip.locator(".tip-title").inner_text())
    assert card(page, "train/loss").locator(".u-cursor-x").is_visible()


def test_dragging_zooms_all_charts_along_x_and_a_double_click_shows_all(visit: Visit, long: Path) -> None:
    page = visit(long)
    chart = card(page, "val/acc").locator(".u-over")
    box = chart.bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.25, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, middle + 2, steps=4)
    page.mouse.up()
    (zoom,) = re.findall(r"z=x:(\d+\.?\d*):(\d+\.?\d*)$", address(page))
    assert [round(float(end), -2) for end in zoom] == [900, 2700]  # of 0 to 3,600
    assert {x for points in table_of(card(page, "train/loss")).values() for x in points if not 850 < x < 2750} == set()
    page.mouse.dblclick(box["x"] + 100, middle)
    assert "z=" not in address(page)


def test_a_link_restores_axes_smoothing_zoom_and_combination(visit: Visit, long: Path) -> None:
    page = visit(long, "#ly&sm=0.5&z=x:1000:2000&cm=val/acc,train/loss&mf=loss")
    assert page.get_by_label("log y").is_checked()
    assert page.locator(".curve-card").evaluate_all("all => all.map(one => one.ariaLabel)") == [
        "val/acc + train/loss",
        "train/loss",
    ]
    note = card(page, "train/loss").locator(".curve-note").inner_text()
    assert "smoothed 0.50" in note
    assert "zoomed" in note


def test_a_wrong_filter_is_explained_and_hides_nothing(visit: Visit, long: Path) -> None:
    page = visit(long)
    page.get_by_placeholder("filter metrics").fill("val/(")
    assert "not a regular expression" in page.get_by_role("alert").inner_text()
    assert page.locator(".curve-card").count() == 2


def test_metrics_can_be_combined_and_separated(visit: Visit, long: Path) -> None:
    page = visit(long)
    card(page, "val/acc").get_by_role("button", name="combine").click()
    assert "val/acc is drawn with the next metric that you combine" in page.locator(".curve-toolbar").inner_text()
    card(page, "train/loss").get_by_role("button", name="combine").click()
    assert len(table_of(card(page, "val/acc + train/loss"))) == 6
    page.get_by_role("button", name="separate").click()
    assert page.locator(".curve-card").count() == 2


def test_the_keyboard_reads_values_zooms_and_leaves(visit: Visit, long: Path) -> None:
    page = visit(long)
    chart = card(page, "val/acc").locator(".curve-plot")
    chart.focus()
    page.keyboard.press("End")
    voice = page.locator("p.voice")
    assert re.match(r"step 3,600: \w+ 0\.82, \w+ 0\.82, \w+ 0\.82$", voice.inner_text())
    page.keyboard.press("ArrowLeft")
    assert voice.inner_text().startswith("step 3,200: ")
    page.keyboard.press("+")
    assert "z=x:" in address(page)
    page.keyboard.press("0")
    assert "z=" not in address(page)
    page.keyboard.press("Escape")
    assert chart.locator(".tip").is_hidden()


def test_charts_out_of_view_hold_no_canvas(visit: Visit, long: Path) -> None:
    """What is drawn is let go when it scrolls away, or 500 metrics would fill the memory."""
    page = visit(long, height=260)
    card(page, "val/acc")
    assert page.locator(".curve-plot canvas").count() == 2  # one for what follows the mouse
    page.locator(".view").evaluate("view => view.scrollTo(0, view.scrollHeight)")
    page.locator('.curve-card[aria-label="val/acc"] canvas').first.wait_for(state="detached")
    assert page.locator(".curve-plot canvas").count() == 2


def test_epochs_stand_along_x_where_they_are_known(visit: Visit, tree: Tree, tmp_path: Path) -> None:
    lines = [f"{step // 10},{step},{step / 100}" for step in range(30)]
    tree.run("with")
    tree.write("with/metrics.csv", "\n".join(["epoch,step,loss", *lines, ""]))
    tree.run("without")
    tree.write("without/metrics.csv", rows(list(range(30)), loss=[1] * 30))
    page = visit(exported(tree.root, tmp_path), "#x=epoch")
    chart = card(page, "loss")
    assert "1 run not shown, epoch unknown" in chart.locator(".curve-note").inner_text()
    shown = table_of(chart)
    assert list(shown) == ["with"]
    assert np.allclose(list(shown["with"]), np.arange(30) / 10)


def test_a_chart_of_one_point_and_one_of_nan_alone_are_no_error(visit: Visit, tree: Tree, tmp_path: Path) -> None:
    tree.run("one")
    tree.write("one/metrics.csv", rows([7], loss=[0.5], broken=["nan"]))
    page = visit(exported(tree.root, tmp_path))
    chart = card(page, "loss")
    assert chart.locator(".curve-note").inner_text() == "the only point"
    assert ink(page, chart) > 10
    broken = card(page, "broken")
    assert "✕ NaN or infinity in 1 run" in broken.locator(".curve-note").inner_text()
    assert "no finite value" in broken.inner_text()
    assert ink(page, broken) > 5


def test_values_that_a_log_axis_cannot_hold_are_counted(visit: Visit, tree: Tree, tmp_path: Path) -> None:
    tree.run("one")
    tree.write("one/metrics.csv", rows([1, 2, 3, 4], loss=[-1, 0, 1, 10]))
    note = card(visit(exported(tree.root, tmp_path), "#ly"), "loss").locator(".curve-note").inner_text()
    assert "2 values at or below 0 not shown on a log axis" in note


def test_the_ends_of_runs_stand_below_their_chart(visit: Visit, long: Path) -> None:
    chart = card(visit(long), "val/acc")
    chart.locator("summary").click()
    cells = chart.locator(".curve-ends tbody tr").evaluate_all(
        "all => all.map(row => [...row.cells].map(c => c.textContent.trim()))"
    )
    assert sorted(cells) == [[name, "0.82", "0.82", "step 3,600"] for name in ("broken", "fine", "requeued")]

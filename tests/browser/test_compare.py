"""The view Compare: points and lines that stand for runs, chosen by mouse and by keys."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.exports import exported
from tests.trees import Tree

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Visit = Callable[..., Page]

pytestmark = pytest.mark.browser

WIDTHS = [32, 64, 128, 256]


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve runs of four widths and three learning rates, one of them without its metric."""
    tree = Tree(tmp_path_factory.mktemp("sweep") / "runs")
    for place in range(12):
        width, lr = WIDTHS[place % 4], 10.0 ** -(place // 4 + 1)
        arch = "vit" if place % 2 else "resnet"
        tree.run(f"r{place:02}", hparams={"model.width": width, "lr": lr, "arch": arch})
        if place:
            tree.write(f"r{place:02}/metrics.csv", f"step,val/acc\n1,0.1\n2,{0.5 + place / 100}\n")
    return exported(tree.root, tmp_path_factory.mktemp("page"))


def selected(page: Page) -> list[str]:
    """The selected runs."""
    ticked: list[str] = page.locator("tr:has(input:checked) th, [role=row]:has(input:checked)").all_inner_texts()
    return sorted(set(re.findall(r"\br\d\d\b", " ".join(ticked))))


def test_the_plots_say_what_they_show(visit: Visit, sweep: Path) -> None:
    page = visit(sweep, "#v=compare")
    assert page.get_by_label("to the right").input_value() == "hparam:model.width"
    assert page.get_by_label("upwards").input_value() == "best:val/acc"
    assert page.get_by_label("log x").is_checked()  # widths double
    note = page.locator(".scatter .curve-note").inner_text()
    assert re.match(r"11 runs · 1 run without a place here · rank correlation", note)
    axes = page.locator(".axis-name").all_inner_texts()
    assert axes == ["model.width (log)", "lr (log)", "arch", "max val/acc"]


def test_words_and_colours_can_be_chosen_and_a_link_keeps_them(visit: Visit, sweep: Path) -> None:
    page = visit(sweep, "#v=compare")
    page.get_by_label("to the right").select_option("hparam:arch")
    page.get_by_label("colour").select_option("hparam:lr")
    assert page.get_by_label("log x").is_disabled()
    again = visit(sweep, page.evaluate("location.hash"))
    assert [again.get_by_label(label).input_value() for label in ("to the right", "upwards", "colour")] == [
        "hparam:arch",
        "best:val/acc",
        "hparam:lr",
    ]
    assert again.locator(".scatter .shade-key").inner_text().startswith("lr 0.001")


def test_points_are_read_and_selected_by_keys(visit: Visit, sweep: Path) -> None:
    page = visit(sweep, "#v=compare&s=r01")
    page.locator(".scatter-plot").focus()
    page.keyboard.press("End")
    assert page.locator("p.voice").inner_text() == "r11, model.width 256, max val/acc 0.61"
    page.keyboard.press("Enter")
    assert selected(page) == ["r01", "r11"]
    page.keyboard.press("Enter")
    assert selected(page) == ["r01"]


def test_a_click_selects_the_run_under_the_mouse(visit: Visit, sweep: Path) -> None:
    page = visit(sweep, "#v=compare&s=r01")
    page.locator(".scatter-plot").focus()
    page.keyboard.press("End")
    box = page.locator(".scatter-plot .tip").bounding_box()  # it stands to the left of the last point
    assert box
    page.mouse.click(box["x"] + box["width"] + 14, box["y"])
    assert selected(page) == ["r01", "r11"]


def test_a_dragged_range_selects_and_filters(visit: Visit, sweep: Path) -> None:
    page = visit(sweep, "#v=compare&s=r01")
    strip = page.locator(".axis-strip").first
    strip.scroll_into_view_if_needed()
    box = strip.bounding_box()
    assert box
    page.mouse.move(box["x"] + 12, box["y"] + 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 12, box["y"] + box["height"] * 0.25, steps=4)
    page.mouse.up()
    page.get_by_text("3 of 12 runs in the marked ranges", exact=True).wait_for()
    page.get_by_role("button", name="select these").click()
    assert selected(page) == ["r03", "r07", "r11"]
    page.get_by_role("button", name="filter the table").click()
    text = page.get_by_label("Filter runs").input_value()
    assert re.fullmatch(r"\d+ <= model.width <= \d+", text)
    page.get_by_text("3 of 3 runs in the marked ranges", exact=True).wait_for()


def test_keys_mark_ranges_too(visit: Visit, sweep: Path) -> None:
    page = visit(sweep, "#v=compare")
    strip = page.locator(".axis-strip").nth(1)
    strip.focus()
    page.keyboard.press("ArrowUp")
    assert page.locator("p.voice").inner_text() == "lr (log) marked from 0.01 to 0.1"
    page.get_by_text("8 of 12 runs in the marked ranges", exact=True).wait_for()
    page.keyboard.press("Delete")
    page.get_by_text("Drag along an axis to mark a range.", exact=True).wait_for()


def test_axes_are_added_moved_and_removed(visit: Visit, sweep: Path) -> None:
    page = visit(sweep, "#v=compare")
    page.get_by_label("add an axis").select_option("last:val/acc")
    page.get_by_role("button", name="remove arch").click()
    page.get_by_role("button", name="move to the left lr (log)").click()
    assert page.locator(".axis-name").all_inner_texts() == ["val/acc", "lr (log)", "model.width (log)", "max val/acc"]


def test_a_page_without_hparams_or_metrics_says_so(visit: Visit, tree: Tree, tmp_path: Path) -> None:
    tree.run("alone")
    page = visit(exported(tree.root, tmp_path), "#v=compare")
    assert page.locator(".compare").inner_text().startswith("Nothing to compare")
